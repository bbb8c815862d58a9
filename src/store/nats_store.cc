#include "store/nats_store.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <shared_mutex>
#include <thread>

#include "store/apply.h"
#include "store/boot_clock.h"
#include "store/errors.h"
#include "store/layout.h"
#include "store/log_table.h"
#include "store/nats_log.h"

namespace godwit::store {
namespace {

using Clock = BootClock;
using Done = std::function<void(Result<Outcome>)>;

// 2: an expiry may stand for the ids of a day (layout.h); a program that knows 1 would remove the queue's counter with it.
constexpr uint64_t kFormatVersion = 2;
/// Operations that may wait, and their bytes; kUnavailable above.
constexpr size_t kWaitingCountMax = 65'536;
constexpr size_t kWaitingBytesMax = size_t{64} << 20;
/// Operations that one message carries at most.
constexpr size_t kGroupCountMax = 1'024;
/// Bytes of one message, if it is not a single large operation: several replicas take long over large ones.
constexpr size_t kGroupBytesMax = size_t{256} << 10;
/// What an owner's clock and another's may differ by over a lease.
constexpr Duration kLeaseMargin = seconds(1);
/// One try of an append, and how long the next one waits.
constexpr Duration kAppendTry = seconds(2);
constexpr Duration kAppendPause = milliseconds(100);
/// Messages that one step of a round of cleaning takes out of the log.
constexpr size_t kCleanCountMax = 16;
/// How often they are cleaned while the servers' disks are full.
constexpr Duration kCleanFullEvery = seconds(1);
/// What the headers of a message take of its room.
constexpr size_t kHeadersMax = 512;

constexpr const char* kNoAnswer = "store: most of the NATS servers answer";
constexpr const char* kAlone = "store: nobody else appends to the log";

std::chrono::milliseconds span_of(Duration duration) { return std::chrono::milliseconds(duration.ms); }

class NatsStore final : public HomeStore {
 public:
  NatsStore(std::unique_ptr<NatsLog> log, const NatsOptions& options, WriterId writer)
      : log_(std::move(log)),
        room_(log_->message_bytes_max() - kBatchHeadSize - kHeadersMax),
        options_(options),
        writer_(writer),
        swept_(Clock::now()),
        cleaned_(Clock::now()) {}
  ~NatsStore() override;
  NatsStore(const NatsStore&) = delete;
  NatsStore& operator=(const NatsStore&) = delete;

  /// Waits for the lease of the one before, reads the log, takes it over and starts the thread. Errors as of open_nats().
  Status start();

  void submit(Operation operation, Done done) override;
  std::optional<Found> known(const Get& get) override;
  size_t poll() override;
  void on_ready(std::function<void()> wake) override;

  std::optional<Error> stopped();

 private:
  struct Waiting {
    Operation operation;
    Done done;
    Bytes subject;  // of a change: counted in pending_ until it is answered
    size_t size = 0;
  };
  struct Finished {
    Done done;
    Result<Outcome> outcome;
    Bytes subject;  // empty: a read
    size_t size = 0;
  };

  Status wait_for_lease(uint64_t last);
  Status read_log();
  Status take_over(uint64_t last);

  bool meets_pending(const Operation& operation) const;
  Result<Outcome> read(const Operation& operation);
  bool is_sure() const;
  void finish(std::vector<Finished> finished);
  std::optional<Instant> estimated_now() const;

  bool is_stopping() const;
  void write_loop();
  Clock::time_point next_turn() const;
  std::vector<Waiting> take_group();
  void put_back(std::vector<Waiting>& group, size_t from);
  void carry_out(std::vector<Waiting> group);
  Result<Outcome> carry_out_one(OverlayTable& group, const Operation& operation, bool& full);
  void answer_without_writing(std::vector<Waiting> group, const Error& error);
  Status commit(std::vector<LogChange> changes, BatchKind kind = BatchKind::kChanges);
  Status append_pending(Clock::time_point until);
  Status look_who_appended();
  void appended(uint64_t sequence, Clock::time_point asked);
  void renew_if_due();
  void sweep_if_due();
  std::chrono::milliseconds clean_every() const;
  void clean_if_due();
  Status clean_some();
  Result<std::vector<LogChange>> needed_of(uint64_t sequence);

  const std::unique_ptr<NatsLog> log_;
  const size_t room_;  // bytes of changes in one message
  const NatsOptions options_;
  const WriterId writer_;

  // Of the thread that submits and polls.
  std::map<Bytes, size_t> pending_;  // subjects of changes that are not answered, and how many
  size_t in_flight_count_ = 0;
  size_t in_flight_bytes_ = 0;

  // Of the writer.
  uint64_t last_ = 0;          // the sequence of the last message
  uint64_t next_number_ = 1;   // of this writer's messages
  std::optional<Batch> doubtful_;  // appended or not: nobody has said; nothing else is appended before that is known
  Bytes doubtful_bytes_;
  Clock::time_point doubtful_since_;  // before the first try
  std::optional<Error> stopped_;  // overtaken
  Clock::time_point swept_;
  Clock::time_point cleaned_;
  bool sweep_again_ = false;
  std::vector<uint64_t> round_;  // of cleaning: what is left of it, the oldest last
  bool full_ = false;            // the servers' disks took nothing more when they were asked last
  Clock::time_point rests_until_{};  // after a renewal that was refused

  // The table: changed by the writer, which alone may read it without a lock.
  std::shared_mutex table_mutex_;
  LogTable table_;
  Clock::time_point confirmed_;  // when the last append that succeeded was asked for; under table_mutex_ as well
  bool overtaken_ = false;       // the same

  // Under mutex_.
  mutable std::mutex mutex_;
  std::condition_variable to_write_;
  std::deque<Waiting> waiting_;
  std::vector<Finished> finished_;
  std::function<void()> wake_;
  std::optional<Instant> last_now_;  // what the last operation that knew the time said
  Clock::time_point last_now_at_;
  bool stopping_ = false;

  std::thread writer_thread_;
};

// ---- opening and closing --------------------------------------------------------------------------------------------

// Whoever has the log appends to it more often than once in a lease.
Status NatsStore::wait_for_lease(uint64_t last) {
  const auto until = Clock::now() + span_of(options_.lease);
  while (Clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    REQUIRE(!options_.gives_up || !options_.gives_up(), kLocked, "store: one home at a time has the stream");
    const uint64_t now = TRY(log_->last_sequence());
    REQUIRE(now == last, kLocked, "store: one home at a time has the stream");
  }
  return {};
}

Status NatsStore::read_log() {
  const Status read = log_->read_all([&](uint64_t sequence, ByteView message) -> Status {
    REQUIRE(!options_.gives_up || !options_.gives_up(), kLocked, "store: it is still wanted");
    const auto batch = decode_batch(message);
    REQUIRE(batch.has_value(), kCorrupted, "store: the log holds what this program wrote");
    table_.apply(sequence, batch->changes);
    last_ = sequence;
    REQUIRE(table_.bytes() <= 2 * options_.bytes_max, kDiskFull, "store: what is kept fits into memory");
    return {};
  });
  if (!read) return read;
  const auto format = TRY(table_.get(as_bytes(layout::kFormatKey)));
  // Written with the very first message and kept since: without it somebody has emptied the stream.
  REQUIRE(format.has_value(), kCorrupted, "store: the log has its beginning");
  const auto version = layout::read_number(*format);
  REQUIRE(version.has_value(), kCorrupted, "store: the format's record is a number");
  REQUIRE(*version <= kFormatVersion, kNewerVersion, "store: this program knows the format");
  return {};
}

Status NatsStore::take_over(uint64_t last) {
  last_ = last;
  std::vector<LogChange> changes;
  const Bytes format = layout::write_number(kFormatVersion);
  if (TRY(table_.get(as_bytes(layout::kFormatKey))) != format) changes.push_back({to_bytes(as_bytes(layout::kFormatKey)), format});
  const Status taken = commit(std::move(changes), BatchKind::kTaken);
  if (taken || taken.error().code != kOvertaken) return taken;
  return Error{kLocked, "store: one home at a time has the stream"};
}

Status NatsStore::start() {
  const uint64_t last = TRY(log_->last_sequence());
  if (last > 0) {
    const auto message = TRY(log_->at(last));
    const auto batch = message ? decode_batch(*message) : std::nullopt;
    if (!batch || batch->kind != BatchKind::kReleased) TRY(wait_for_lease(last));
    TRY(read_log());
  }
  TRY(take_over(last));
  writer_thread_ = std::thread([this] { write_loop(); });
  return {};
}

NatsStore::~NatsStore() {
  if (!writer_thread_.joinable()) return;
  {
    const std::lock_guard hold(mutex_);
    stopping_ = true;
  }
  to_write_.notify_all();
  writer_thread_.join();
  // The next one need not wait then; if it cannot be said it does.
  if (!stopped_ && !doubtful_) (void)commit({}, BatchKind::kReleased);
}

// ---- the caller's thread --------------------------------------------------------------------------------------------

bool NatsStore::meets_pending(const Operation& operation) const {
  if (std::holds_alternative<Survey>(operation)) return false;
  const Bytes subject = subject_of(operation);
  const auto at = pending_.lower_bound(subject);
  if (at == pending_.end()) return false;
  if (!std::holds_alternative<Scan>(operation)) return at->first == subject;
  return at->first.size() >= subject.size() && equal(ByteView(at->first).first(subject.size()), subject);
}

// False: another home may have taken over without this one's knowing. Under table_mutex_, or of the writer.
bool NatsStore::is_sure() const {
  return Clock::now() < confirmed_ + span_of(options_.lease) - span_of(kLeaseMargin);
}

Result<Outcome> NatsStore::read(const Operation& operation) {
  const std::shared_lock hold(table_mutex_);
  REQUIRE(!overtaken_, kOvertaken, kAlone);
  REQUIRE(is_sure(), kUnavailable, kNoAnswer);
  return apply_operation(table_, operation);
}

std::optional<Error> NatsStore::stopped() {
  const std::shared_lock hold(table_mutex_);
  return overtaken_ ? std::optional(Error{kOvertaken, kAlone}) : std::nullopt;
}

void NatsStore::submit(Operation operation, Done done) {
  const size_t size = size_of(operation);
  ++in_flight_count_;
  if (in_flight_count_ > kWaitingCountMax || in_flight_bytes_ + size > kWaitingBytesMax) {
    std::vector<Finished> refused;
    refused.push_back({std::move(done), Error{kUnavailable, "store: fewer operations wait than its bound"}, {}, 0});
    return finish(std::move(refused));
  }
  in_flight_bytes_ += size;
  const bool reads = only_reads(operation);
  if (reads && !meets_pending(operation)) {
    std::vector<Finished> answered;
    answered.push_back({std::move(done), read(operation), {}, size});
    return finish(std::move(answered));
  }
  Bytes subject = reads ? Bytes{} : subject_of(operation);
  if (!reads) ++pending_[subject];
  {
    const std::lock_guard hold(mutex_);
    if (const auto now = time_of(operation)) {
      last_now_ = now;
      last_now_at_ = Clock::now();
    }
    waiting_.push_back({std::move(operation), std::move(done), std::move(subject), size});
  }
  to_write_.notify_one();
}

std::optional<Found> NatsStore::known(const Get& get) {
  const Operation operation = get;
  if (meets_pending(operation)) return std::nullopt;
  Result<Outcome> outcome = read(operation);
  return outcome ? std::optional(std::get<Found>(std::move(*outcome))) : std::nullopt;
}

size_t NatsStore::poll() {
  std::vector<Finished> finished;
  {
    const std::lock_guard hold(mutex_);
    finished.swap(finished_);
  }
  for (const Finished& one : finished) {
    --in_flight_count_;
    in_flight_bytes_ -= one.size;
    if (one.subject.empty()) continue;
    const auto at = pending_.find(one.subject);
    if (--at->second == 0) pending_.erase(at);
  }
  for (Finished& one : finished) one.done(std::move(one.outcome));
  return finished.size();
}

void NatsStore::on_ready(std::function<void()> wake) {
  const std::lock_guard hold(mutex_);
  wake_ = std::move(wake);
}

void NatsStore::finish(std::vector<Finished> finished) {
  const std::lock_guard hold(mutex_);
  const bool first = finished_.empty() && !finished.empty();
  for (Finished& one : finished) finished_.push_back(std::move(one));
  if (first && wake_) wake_();  // inside the lock: once on_ready() has returned, the old one is not called any more
}

// ---- the writer -----------------------------------------------------------------------------------------------------

// Only of the writer: nobody else changes confirmed_.
Clock::time_point NatsStore::next_turn() const {
  if (stopped_) return Clock::now() + std::chrono::seconds(1);
  if (doubtful_) return Clock::now() + span_of(kAppendPause);
  if (sweep_again_ || !round_.empty()) return Clock::now();
  return std::min({std::max(confirmed_ + span_of(options_.renew_every), rests_until_), swept_ + span_of(options_.sweep_every),
                   cleaned_ + clean_every()});
}

bool NatsStore::is_stopping() const {
  const std::lock_guard hold(mutex_);
  return stopping_;
}

void NatsStore::write_loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    to_write_.wait_until(lock, next_turn(), [&] { return stopping_ || !waiting_.empty(); });
    if (stopping_) break;
    std::vector<Waiting> group = take_group();
    lock.unlock();
    if (doubtful_ && !stopped_) (void)append_pending(Clock::now());
    if (!group.empty()) carry_out(std::move(group));
    if (!stopped_ && !doubtful_) {
      renew_if_due();
      sweep_if_due();
    }
    clean_if_due();
    lock.lock();
  }
}

// Under mutex_. As many as surely fit into one message; carry_out() looks at what is left to chance.
std::vector<NatsStore::Waiting> NatsStore::take_group() {
  std::vector<Waiting> group;
  size_t bytes = 0;
  while (!waiting_.empty() && group.size() < kGroupCountMax) {
    bytes += waiting_.front().size;
    if (bytes > kGroupBytesMax && !group.empty()) break;
    group.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return group;
}

// What stands in `group` from `from` on waits again, before all others.
void NatsStore::put_back(std::vector<Waiting>& group, size_t from) {
  const std::lock_guard hold(mutex_);
  for (; group.size() > from; group.pop_back()) waiting_.push_front(std::move(group.back()));
}

// `full`: it was not carried out, since its changes do not fit beside those that are there.
Result<Outcome> NatsStore::carry_out_one(OverlayTable& group, const Operation& operation, bool& full) {
  Table& below = group;  // on top of it, not a copy of it
  OverlayTable own(below);
  Result<Outcome> outcome = apply_operation(own, operation);
  if (!outcome || own.changes().empty()) return outcome;
  const size_t wanted = own.encoded_bytes();
  full = !group.changes().empty() && group.encoded_bytes() + wanted > std::min(kGroupBytesMax, room_);
  if (full) return outcome;
  REQUIRE(wanted <= room_, kUnavailable, "store: an operation fits into a message of NATS");
  const bool adds = std::holds_alternative<Put>(operation) || std::holds_alternative<CompareAndSwap>(operation) ||
                    std::holds_alternative<Append>(operation);
  REQUIRE(!adds || table_.bytes() < options_.bytes_max, kDiskFull, "store: what is kept fits into memory");
  for (const auto& [key, value] : own.changes()) {
    value ? group.put(key, *value) : group.erase(key);
  }
  return outcome;
}

void NatsStore::carry_out(std::vector<Waiting> group) {
  if (stopped_) return answer_without_writing(std::move(group), *stopped_);
  if (doubtful_) return answer_without_writing(std::move(group), {kUnavailable, kNoAnswer});
  OverlayTable changed(table_);
  std::vector<Result<Outcome>> outcomes;
  for (const Waiting& one : group) {
    bool full = false;
    Result<Outcome> outcome = carry_out_one(changed, one.operation, full);
    if (full) break;
    outcomes.push_back(std::move(outcome));
  }
  const size_t count = outcomes.size();
  put_back(group, count);
  // Also what changes nothing tells what stands there.
  Status committed;
  if (!changed.changes().empty()) {
    committed = commit(changed.take());
  } else if (!is_sure()) {
    committed = Error{kUnavailable, kNoAnswer};
  }
  if (!committed) return answer_without_writing(std::move(group), committed.error());
  if (!is_sure()) renew_if_due();  // it took long: whoever is told that it is done may read at once
  std::vector<Finished> finished;
  finished.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    finished.push_back({std::move(group[i].done), std::move(outcomes[i]), std::move(group[i].subject), group[i].size});
  }
  finish(std::move(finished));
}

void NatsStore::answer_without_writing(std::vector<Waiting> group, const Error& error) {
  std::vector<Finished> finished;
  finished.reserve(group.size());
  for (Waiting& one : group) {
    Result<Outcome> outcome = only_reads(one.operation) ? read(one.operation) : Result<Outcome>(error);
    finished.push_back({std::move(one.done), std::move(outcome), std::move(one.subject), one.size});
  }
  finish(std::move(finished));
}

// ---- the log --------------------------------------------------------------------------------------------------------

// On kUnavailable the changes are in doubt: they may still be carried out, before anything else is.
Status NatsStore::commit(std::vector<LogChange> changes, BatchKind kind) {
  ASSERT(!doubtful_);
  doubtful_ = Batch{kind, writer_, next_number_++, std::move(changes)};
  doubtful_bytes_ = encode_batch(*doubtful_);
  doubtful_since_ = Clock::now();
  return append_pending(Clock::now() + span_of(options_.answer_within));
}

// Tries at least once. The same bytes each time, on the same condition: so they are appended once at most.
Status NatsStore::append_pending(Clock::time_point until) {
  for (bool first = true;; first = false) {
    const auto asked = Clock::now();
    const auto sequence = log_->append(doubtful_bytes_, last_, kAppendTry);
    if (sequence) {
      appended(*sequence, asked);
      return {};
    }
    const Error error = sequence.error();
    if (error.code == kOvertaken) {
      const Status looked = look_who_appended();
      if (looked) {
        // Any of the tries may have done it; since then another home may have waited for the lease and taken over.
        appended(last_ + 1, doubtful_since_);
        return {};
      }
      if (looked.error().code == kOvertaken) return looked;
    }
    full_ = error.code == kDiskFull;
    if (full_ && first && asked < until) {
      doubtful_.reset();  // it was the first try, so no earlier one can still arrive
      return error;
    }
    if (Clock::now() >= until) return Error{kUnavailable, kNoAnswer};
    std::unique_lock lock(mutex_);
    to_write_.wait_for(lock, span_of(kAppendPause), [&] { return stopping_; });
    if (stopping_) return Error{kUnavailable, "store: it is not being closed"};
  }
}

// Somebody appended after what this store saw last: itself, in a try whose answer was lost, or another home.
Status NatsStore::look_who_appended() {
  const auto message = TRY(log_->at(last_ + 1));
  if (message && *message == doubtful_bytes_) return {};
  stopped_ = Error{kOvertaken, kAlone};
  doubtful_.reset();
  const std::unique_lock hold(table_mutex_);
  overtaken_ = true;
  return *stopped_;
}

void NatsStore::appended(uint64_t sequence, Clock::time_point asked) {
  full_ = false;
  const Batch batch = std::move(*doubtful_);
  doubtful_.reset();
  last_ = sequence;
  const std::unique_lock hold(table_mutex_);
  table_.apply(sequence, batch.changes);
  confirmed_ = asked;
}

void NatsStore::renew_if_due() {
  const auto now = Clock::now();
  if (now < confirmed_ + span_of(options_.renew_every) || now < rests_until_) return;
  if (!commit({})) rests_until_ = Clock::now() + span_of(kAppendPause);
}

// ---- what has expired and what is gone ------------------------------------------------------------------------------

std::optional<Instant> NatsStore::estimated_now() const {
  const std::lock_guard hold(mutex_);
  if (!last_now_) return std::nullopt;
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - last_now_at_);
  return *last_now_ + milliseconds(since.count());
}

void NatsStore::sweep_if_due() {
  if (stopped_ || doubtful_) return;
  if (!sweep_again_ && Clock::now() < swept_ + span_of(options_.sweep_every)) return;
  swept_ = Clock::now();
  sweep_again_ = false;
  const std::optional<Instant> now = estimated_now();
  if (!now) return;
  OverlayTable changed(table_);
  const Result<size_t> swept = sweep(changed, *now, kSweepCountMax);
  if (!swept || *swept == 0) return;  // who reads the damaged record learns of it
  sweep_again_ = commit(changed.take()).has_value() && *swept == kSweepCountMax;
}

// Full disks take nothing, neither what is to be said again nor that this home is there: so room is made first.
std::chrono::milliseconds NatsStore::clean_every() const {
  return span_of(full_ ? std::min(options_.clean_every, kCleanFullEvery) : options_.clean_every);
}

void NatsStore::clean_if_due() {
  if (stopped_ || (doubtful_ && !full_)) return;
  if (round_.empty()) {
    if (Clock::now() < cleaned_ + clean_every() && !table_.wants_round()) return;
    cleaned_ = Clock::now();
    // Not the last one: it says whether the store was closed.
    const std::unique_lock hold(table_mutex_);
    round_ = table_.begin_round(last_);
    std::reverse(round_.begin(), round_.end());
  }
  if (!clean_some()) round_.clear();  // what is left is found again by the next round
}

// What is still needed of the message at `sequence`, which is to go.
Result<std::vector<LogChange>> NatsStore::needed_of(uint64_t sequence) {
  if (table_.is_empty(sequence)) return std::vector<LogChange>();
  const auto message = TRY(log_->at(sequence));
  auto batch = message ? decode_batch(*message) : std::nullopt;
  if (!batch) return table_.all_of(sequence);  // somebody has removed it by hand
  return table_.needed_of(sequence, std::move(batch->changes));
}

// First what is needed is said again, then the messages go in their order: a log that ends in between says the same.
Status NatsStore::clean_some() {
  std::vector<uint64_t> going;
  std::vector<LogChange> again;
  size_t bytes = 0;
  while (!round_.empty() && going.size() < kCleanCountMax && bytes < kGroupBytesMax) {
    if (full_ && !table_.is_empty(round_.back())) {
      round_.pop_back();
      continue;
    }
    std::vector<LogChange> needed = TRY(needed_of(round_.back()));
    size_t more = 0;
    for (const LogChange& change : needed) more += encoded_size(change);
    if (!again.empty() && bytes + more > kGroupBytesMax) break;
    bytes += more;
    std::move(needed.begin(), needed.end(), std::back_inserter(again));
    going.push_back(round_.back());
    round_.pop_back();
  }
  if (!again.empty()) TRY(commit(std::move(again)));
  for (const uint64_t sequence : going) {
    TRY(log_->remove(sequence));
    {
      const std::unique_lock hold(table_mutex_);
      table_.removed(sequence);
    }
    // Slow servers must not cost the lease, nor keep it from ending.
    if (!full_) renew_if_due();
    REQUIRE(!stopped_ && !(doubtful_ && !full_) && !is_stopping(), kUnavailable, kNoAnswer);
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<HomeStore>> open_nats(const NatsOptions& options, Random& random) {
  auto log = TRY(NatsLog::open(options));
  auto store = std::make_unique<NatsStore>(std::move(log), options, WriterId{random.bytes<16>()});
  TRY(store->start());
  return std::unique_ptr<HomeStore>(std::move(store));
}

std::optional<Error> stopped_nats(HomeStore& store) { return static_cast<NatsStore&>(store).stopped(); }

}  // namespace godwit::store
