#include "store/rocksdb_store.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>

#include "store/apply.h"
#include "store/changes_under_way.h"
#include "store/errors.h"
#include "store/record_cache.h"
#include "store/rocksdb_layers.h"
#include "store/trimmed_queues.h"

namespace godwit::store {
namespace {

using Clock = std::chrono::steady_clock;
using Done = std::function<void(Result<Outcome>)>;

/// A broken database is not reopened more often, as that closes all files.
constexpr Duration kMendEvery = milliseconds(500);
/// A round of erasing that could not be is tried again after this time.
constexpr Duration kEraseAgain = minutes(1);
/// How long what need not be durable at once waits for something that must be; then it goes to the disk by itself.
constexpr auto kWaitsForOthers = std::chrono::milliseconds(2);
constexpr auto kHeldMost = std::chrono::milliseconds(20);  // while nothing but acknowledgements comes

std::chrono::milliseconds span_of(Duration duration) { return std::chrono::milliseconds(duration.ms); }

class RocksdbStore final : public HomeStore {
 public:
  RocksdbStore(std::unique_ptr<Database> database, std::unique_ptr<Layers> layers, const RocksdbOptions& options);
  ~RocksdbStore() override;
  RocksdbStore(const RocksdbStore&) = delete;
  RocksdbStore& operator=(const RocksdbStore&) = delete;

  /// Starts the threads. kNoAccess: the machine has none to give.
  Status start();

  void submit(Operation operation, Done done) override;
  std::optional<Found> known(const Get& get) override;
  size_t poll() override;
  void on_ready(std::function<void()> wake) override;
  /// See gather_rocksdb().
  void gather(bool gathering);
  /// See snapshot_rocksdb().
  Status snapshot(const std::string& path);
  /// See sizes_of_rocksdb().
  std::optional<RocksdbSizes> sizes();

 private:
  struct Waiting {
    Operation operation;
    Done done;
    std::optional<uint32_t> slot;  // of a change, in changes_
    size_t size = 0;
  };
  struct Reading {
    Operation operation;
    Done done;
    View view{};
    uint64_t ticket = 0;
    uint64_t caching = 0;  // of a Get: its number in records_
  };
  struct Finished {
    Done done;
    Result<Outcome> outcome;
    std::optional<uint32_t> slot;
    size_t size = 0;
    Bytes cached{};        // of a Get that was read aside: the record,
    uint64_t caching = 0;  // and its number in records_
  };

  bool meets_pending(const Operation& operation) const;
  void note_records(const Finished& one);
  void finish(std::vector<Finished> finished);
  std::optional<Instant> estimated_now() const;

  void write_loop();
  void wait_for_work(std::unique_lock<std::mutex>& lock);
  void write_held();
  Clock::time_point next_duty() const;
  std::vector<Waiting> take_group(std::unique_lock<std::mutex>& lock);
  void carry_out(std::vector<Waiting> group);
  void answer_without_writing(std::vector<Waiting> group, const Error& error);
  bool broken() const { return database_->broken() || layers_->broken(); }
  void note_broken(const Error& error);
  void mend();
  void sweep_if_due();
  void settle_if_due();
  Status settle(bool all, bool anew);
  Status wait_until_settled(bool anew = false);
  Result<Outcome> read(Reading& one);
  void read_loop();
  void erase_loop();
  void wait_for_older_reads(std::unique_lock<std::mutex>& lock);

  const std::unique_ptr<Database> database_;
  const std::unique_ptr<Layers> layers_;
  const RocksdbOptions options_;
  Traces traces_;

  // Of the thread that submits and polls.
  ChangesUnderWay changes_;
  size_t in_flight_count_ = 0;
  size_t in_flight_bytes_ = 0;
  RecordCache records_;
  bool gathering_ = false;
  bool gathered_ = false;  // the writer is still to be woken

  // Of the writer.
  Clock::time_point swept_;
  Clock::time_point settled_at_;  // or when the first change after it came
  bool sweep_again_ = false;
  TrimmedQueues trimmed_;
  Error broken_by_{kUnavailable, "store: the disk takes what is written"};  // why it is broken, if it is
  Clock::time_point mended_;

  // Under mutex_.
  mutable std::mutex mutex_;
  std::condition_variable to_write_;
  std::condition_variable to_read_;
  std::condition_variable to_erase_;
  std::condition_variable settled_;
  uint64_t settlings_wanted_ = 0;
  uint64_t settlings_done_ = 0;
  bool settling_anew_ = false;  // the next one leaves nothing old in the journal's files
  Status last_settling_;
  std::deque<Waiting> waiting_;
  std::deque<Reading> reading_;
  std::map<uint64_t, size_t> reads_under_way_;  // by ticket
  uint64_t next_ticket_ = 0;
  size_t pressing_ = 0;       // of waiting_, those for which the writer is woken
  Clock::time_point held_since_ = Clock::now();  // something stands in no journal yet; by the writer
  bool writer_rests_ = false;  // nothing came for a while: it is woken for anything
  std::vector<Finished> finished_;
  std::function<void()> wake_;
  std::optional<Instant> last_now_;  // what the last operation that knew the time said
  Clock::time_point last_now_at_;
  bool stopping_ = false;
  bool reads_aside_ = true;  // false while the database is broken: then the writer reads too

  std::mutex erase_mutex_;  // held by whoever rewrites files or reopens them; taken before mutex_, never inside it
  std::atomic<bool> corrupted_ = false;  // some page was damaged: nothing is written any more
  std::atomic<bool> stop_erasing_ = false;
  std::atomic<size_t> snapshots_ = 0;  // under way: the database alone must then have each change as a whole
  std::vector<std::thread> threads_;
};

RocksdbStore::RocksdbStore(std::unique_ptr<Database> database, std::unique_ptr<Layers> layers,
                           const RocksdbOptions& options)
    : database_(std::move(database)),
      layers_(std::move(layers)),
      options_(options),
      swept_(Clock::now()),
      settled_at_(Clock::now()) {
  // What the last run left behind is not known any more.
  traces_.note_everything();
}

Status RocksdbStore::start() {
  try {
    threads_.emplace_back([this] { write_loop(); });
    threads_.emplace_back([this] { erase_loop(); });
    for (size_t i = 0; i < std::max<size_t>(options_.reader_threads, 1); ++i) {
      threads_.emplace_back([this] { read_loop(); });
    }
  } catch (const std::system_error&) {
    return Error{kNoAccess, "store: the machine has threads to give"};
  }
  return {};
}

RocksdbStore::~RocksdbStore() {
  {
    const std::lock_guard hold(mutex_);
    stopping_ = true;
  }
  stop_erasing_ = true;
  to_write_.notify_all();
  to_read_.notify_all();
  to_erase_.notify_all();
  settled_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  for (const Reading& one : reading_) layers_->release(one.view);
}

// ---- the caller's thread --------------------------------------------------------------------------------------------

bool RocksdbStore::meets_pending(const Operation& operation) const {
  if (std::holds_alternative<Survey>(operation)) return false;
  if (std::holds_alternative<Scan>(operation)) return changes_.of_records();
  return changes_.meet(subject_of(operation));
}

void RocksdbStore::submit(Operation operation, Done done) {
  const size_t size = size_of(operation);
  const bool reads = only_reads(operation);
  bool read_aside = reads && !meets_pending(operation);
  if (in_flight_count_ >= kWaitingCountMax || in_flight_bytes_ + size > kWaitingBytesMax) {
    std::vector<Finished> refused;
    ++in_flight_count_;
    refused.push_back({std::move(done), Error{kUnavailable, "store: fewer operations wait than its bound"}, {}, 0});
    finish(std::move(refused));
    return;
  }
  ++in_flight_count_;
  in_flight_bytes_ += size;
  std::optional<uint32_t> slot;
  if (!reads) {
    const Bytes subject = subject_of(operation);
    slot = changes_.begun(subject);
    if (subject[0] == layout::kRecords) records_.changing(subject);
  }
  bool wakes = true;
  uint64_t caching = 0;
  if (const auto* get = std::get_if<Get>(&operation); get != nullptr && read_aside) {
    caching = records_.reading(layout::record(get->key));
  }
  {
    const std::lock_guard hold(mutex_);
    if (const auto now = time_of(operation)) {
      last_now_ = now;
      last_now_at_ = Clock::now();
    }
    read_aside = read_aside && reads_aside_;
    if (!read_aside && caching != 0) {
      // The database is broken: opened again, it may hold what it does not show now.
      records_.read_failed(layout::record(std::get<Get>(operation).key), caching);
      caching = 0;
    }
    if (read_aside) {
      ++reads_under_way_[next_ticket_];
      // Inside the lock: not older than its ticket.
      reading_.push_back({std::move(operation), std::move(done), layers_->capture(), next_ticket_, caching});
    } else {
      wakes = may_be_undone(operation) ? writer_rests_ : true;
      if (!may_be_undone(operation)) ++pressing_;
      waiting_.push_back({std::move(operation), std::move(done), slot, size});
    }
  }
  if (wakes && gathering_ && !read_aside) {
    gathered_ = true;
  } else if (wakes) {
    (read_aside ? to_read_ : to_write_).notify_one();
  }
}

void RocksdbStore::gather(bool gathering) {
  gathering_ = gathering;
  if (!gathering && std::exchange(gathered_, false)) to_write_.notify_one();
}

std::optional<Found> RocksdbStore::known(const Get& get) {
  const Bytes subject = layout::record(get.key);
  if (changes_.meet(subject)) return std::nullopt;
  const std::optional<Bytes>* record = records_.find(subject);
  return record == nullptr ? std::nullopt : std::optional(Found{*record});
}

void RocksdbStore::note_records(const Finished& one) {
  if (one.caching == 0) return;
  if (!one.outcome) return records_.read_failed(one.cached, one.caching);
  records_.read(one.cached, one.caching, std::get<Found>(*one.outcome).value);
}

size_t RocksdbStore::poll() {
  std::vector<Finished> finished;
  {
    const std::lock_guard hold(mutex_);
    finished.swap(finished_);
  }
  for (Finished& one : finished) {
    --in_flight_count_;
    in_flight_bytes_ -= one.size;
    note_records(one);
    if (one.slot) changes_.ended(*one.slot);
  }
  for (Finished& one : finished) one.done(std::move(one.outcome));
  return finished.size();
}

void RocksdbStore::on_ready(std::function<void()> wake) {
  const std::lock_guard hold(mutex_);
  wake_ = std::move(wake);
}

void RocksdbStore::finish(std::vector<Finished> finished) {
  const std::lock_guard hold(mutex_);
  const bool first = finished_.empty() && !finished.empty();
  std::move(finished.begin(), finished.end(), std::back_inserter(finished_));
  if (first && wake_) wake_();  // inside the lock: once on_ready() has returned, the old one is not called any more
}

// ---- the writer -----------------------------------------------------------------------------------------------------

void RocksdbStore::write_loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    wait_for_work(lock);
    if (stopping_) break;
    std::vector<Waiting> group = take_group(lock);
    lock.unlock();
    if (!layers_->holds()) held_since_ = Clock::now();
    if (!group.empty()) carry_out(std::move(group));
    if (layers_->holds() && Clock::now() - held_since_ > kHeldMost) write_held();
    settle_if_due();
    sweep_if_due();
    lock.lock();
  }
  lock.unlock();
  write_held();
}

void RocksdbStore::write_held() {
  if (broken() || corrupted_) return;
  const Status written = layers_->write_held();
  if (!written) note_broken(written.error());
}

void RocksdbStore::wait_for_work(std::unique_lock<std::mutex>& lock) {
  const auto wanted = [&] { return stopping_ || pressing_ > 0 || settlings_wanted_ > settlings_done_; };
  if (to_write_.wait_for(lock, kWaitsForOthers, wanted) || !waiting_.empty()) return;
  if (layers_->holds() && !broken() && !corrupted_) {
    lock.unlock();
    write_held();
    lock.lock();
    return;
  }
  writer_rests_ = true;
  to_write_.wait_until(lock, next_duty(), [&] { return wanted() || !waiting_.empty(); });
  writer_rests_ = false;
}

Clock::time_point RocksdbStore::next_duty() const {
  if (sweep_again_) return Clock::now();
  const auto sweep = swept_ + span_of(options_.sweep_every);
  return layers_->settled() ? sweep : std::min(sweep, settled_at_ + span_of(options_.settle_every));
}

std::vector<RocksdbStore::Waiting> RocksdbStore::take_group(std::unique_lock<std::mutex>&) {
  std::vector<Waiting> group;
  size_t bytes = 0;
  while (!waiting_.empty() && group.size() < kGroupCountMax && bytes < kGroupBytesMax) {
    bytes += waiting_.front().size;
    if (!may_be_undone(waiting_.front().operation)) --pressing_;
    const bool last = std::holds_alternative<DropQueue>(waiting_.front().operation);
    group.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
    if (last) break;  // it may remove kRemoveCountMax records: others wait for one of them, not for hundreds
  }
  return group;
}

void RocksdbStore::carry_out(std::vector<Waiting> group) {
  if (broken()) mend();
  if (broken()) return answer_without_writing(std::move(group), broken_by_);
  Changes changes;
  LayeredTable table(*database_, layers_->newest(), &changes);
  const Error stopped{kCorrupted, "store: nothing is written once damage was seen"};
  std::vector<Result<Outcome>> outcomes;
  outcomes.reserve(group.size());
  bool durable = false;
  for (Waiting& one : group) {
    durable = durable || !(may_be_undone(one.operation) || only_reads(one.operation));
    trimmed_.hint(one.operation);
    const bool refused = corrupted_ && !only_reads(one.operation);
    outcomes.push_back(refused ? Result<Outcome>(stopped) : apply_operation(table, one.operation));
    if (!outcomes.back() && outcomes.back().error().code == kCorrupted) corrupted_ = true;
  }
  if (layers_->settled()) settled_at_ = Clock::now();  // whoever comes after a pause shall not wait for a settling at once
  const Status committed = layers_->commit(std::move(changes), durable, traces_);
  if (!committed) {
    note_broken(committed.error());
    return answer_without_writing(std::move(group), committed.error());
  }
  std::vector<Finished> finished;
  finished.reserve(group.size());
  for (size_t i = 0; i < group.size(); ++i) {
    Waiting& one = group[i];
    trimmed_.note(one.operation, outcomes[i]);
    finished.push_back({std::move(one.done), std::move(outcomes[i]), one.slot, one.size});
  }
  finish(std::move(finished));
}

void RocksdbStore::answer_without_writing(std::vector<Waiting> group, const Error& error) {
  LayeredTable as_it_is(*database_, layers_->newest(), nullptr);
  std::vector<Finished> finished;
  finished.reserve(group.size());
  for (Waiting& one : group) {
    const bool reads = only_reads(one.operation) && database_->usable();
    Result<Outcome> outcome = reads ? apply_operation(as_it_is, one.operation) : Result<Outcome>(error);
    finished.push_back({std::move(one.done), std::move(outcome), one.slot, one.size});
  }
  finish(std::move(finished));
}

void RocksdbStore::note_broken(const Error& error) {
  if (error.code == kCorrupted) corrupted_ = true;
  if (!broken()) return;
  broken_by_ = error;
  if (!database_->broken()) return;
  const std::lock_guard hold(mutex_);
  reads_aside_ = false;  // so that soon nobody but the writer uses the database
}

void RocksdbStore::mend() {
  if (corrupted_ || Clock::now() < mended_ + span_of(kMendEvery)) return;
  mended_ = Clock::now();
  if (database_->broken()) {
    std::unique_lock lock(mutex_);
    to_erase_.wait(lock, [&] { return stopping_ || reads_under_way_.empty(); });
    if (stopping_) return;
    lock.unlock();
    const std::lock_guard no_erasing(erase_mutex_);
    const Status reopened = database_->reopen();
    if (!reopened) return note_broken(reopened.error());
    lock.lock();
    reads_aside_ = true;
  }
  if (layers_->broken()) (void)settle(true, false);  // it notes why not
}

// What was asked for by another thread counts as well.
void RocksdbStore::settle_if_due() {
  uint64_t wanted = 0;
  bool anew = false;
  bool all = Clock::now() >= settled_at_ + span_of(options_.settle_every);
  {
    const std::lock_guard hold(mutex_);
    wanted = settlings_wanted_;
    anew = settling_anew_;
    all = all || wanted != settlings_done_;
    if (!all && layers_->newest_journal_bytes() < options_.journal_bytes) return;
    all = all || snapshots_ > 0;
  }
  if (all) settled_at_ = Clock::now();
  if (broken()) mend();
  Status outcome = broken() ? Status(broken_by_) : settle(all, anew);
  if (!all) return;
  const std::lock_guard hold(mutex_);
  settlings_done_ = wanted;
  if (settlings_wanted_ == wanted) settling_anew_ = false;
  last_settling_ = outcome;
  settled_.notify_all();
}

// By the writer.
Status RocksdbStore::settle(bool all, bool anew) {
  if (layers_->settled() && !(anew && layers_->keeps_old())) return {};
  REQUIRE(!corrupted_, kCorrupted, "store: nothing is written once damage was seen");
  Status settled = all ? layers_->settle(traces_, anew) : layers_->settle_older(traces_);
  if (!settled) note_broken(settled.error());
  return settled;
}

// By any other thread.
Status RocksdbStore::wait_until_settled(bool anew) {
  std::unique_lock lock(mutex_);
  settling_anew_ = settling_anew_ || anew;
  const uint64_t wanted = ++settlings_wanted_;
  to_write_.notify_one();
  settled_.wait(lock, [&] { return stopping_ || settlings_done_ >= wanted; });
  REQUIRE(!stopping_, kUnavailable, "store: it stays open");
  return last_settling_;
}

std::optional<Instant> RocksdbStore::estimated_now() const {
  const std::lock_guard hold(mutex_);
  if (!last_now_) return std::nullopt;
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - last_now_at_);
  return *last_now_ + milliseconds(since.count());
}

void RocksdbStore::sweep_if_due() {
  if (!sweep_again_ && Clock::now() < swept_ + span_of(options_.sweep_every)) return;
  swept_ = Clock::now();
  sweep_again_ = false;
  const std::optional<Instant> now = estimated_now();
  if (!now || corrupted_ || broken()) return;
  Changes changes;
  LayeredTable table(*database_, layers_->newest(), &changes);
  const Result<size_t> swept = sweep(table, *now, kSweepCountMax);
  if (!swept || *swept == 0) return;  // who reads the damaged page learns of it
  const Status committed = layers_->commit(std::move(changes), true, traces_);
  if (!committed) note_broken(committed.error());
  sweep_again_ = committed.has_value() && *swept == kSweepCountMax;
}

// ---- the readers ----------------------------------------------------------------------------------------------------

Result<Outcome> RocksdbStore::read(Reading& one) {
  const View view = std::exchange(one.view, {});  // the last one of what is young frees it: not inside the lock
  LayeredTable table(*database_, view, nullptr);
  Result<Outcome> outcome = apply_operation(table, one.operation);
  if (!outcome && outcome.error().code == kCorrupted) corrupted_ = true;
  layers_->release(view);
  return outcome;
}

void RocksdbStore::read_loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    to_read_.wait(lock, [&] { return stopping_ || !reading_.empty(); });
    if (stopping_) return;
    Reading one = std::move(reading_.front());
    reading_.pop_front();
    lock.unlock();
    Result<Outcome> outcome = read(one);
    std::vector<Finished> finished;
    Bytes cached = one.caching == 0 ? Bytes{} : layout::record(std::get<Get>(one.operation).key);
    finished.push_back(
        {std::move(one.done), std::move(outcome), {}, size_of(one.operation), std::move(cached), one.caching});
    finish(std::move(finished));
    lock.lock();
    if (const auto at = reads_under_way_.find(one.ticket); --at->second == 0) reads_under_way_.erase(at);
    to_erase_.notify_all();
  }
}

// ---- getting what is gone out of the files --------------------------------------------------------------------------

void RocksdbStore::wait_for_older_reads(std::unique_lock<std::mutex>& lock) {
  const uint64_t older = next_ticket_++;
  to_erase_.wait(lock,
                 [&] { return stopping_ || reads_under_way_.empty() || reads_under_way_.begin()->first > older; });
}

void RocksdbStore::erase_loop() {
  bool settled = true;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    to_erase_.wait_for(lock, span_of(settled ? options_.erase_every : std::min(options_.erase_every, kEraseAgain)), [&] { return stopping_; });
    if (stopping_) break;
    lock.unlock();
    settled = wait_until_settled(true).has_value();  // what is gone is told to the database, and the journal goes
    lock.lock();
    if (stopping_ || !settled || traces_.empty()) continue;
    const Traces::Round round = traces_.take();
    wait_for_older_reads(lock);
    if (stopping_) break;
    lock.unlock();
    {
      const std::lock_guard no_reopening(erase_mutex_);
      const bool erased = !database_->broken() && erase_from_files(*database_, round, stop_erasing_).has_value();
      if (!erased) traces_.put_back(round);
    }
    lock.lock();
  }
}

Status RocksdbStore::snapshot(const std::string& path) {
  ++snapshots_;
  Status taken = wait_until_settled();
  const std::lock_guard no_reopening(erase_mutex_);
  if (taken) taken = corrupted_ ? Status(Error{kCorrupted, "store: what is copied is whole"}) : database_->snapshot(path);
  --snapshots_;
  return taken;
}

std::optional<RocksdbSizes> RocksdbStore::sizes() {
  const std::unique_lock no_reopening(erase_mutex_, std::try_to_lock);
  if (!no_reopening || corrupted_) return std::nullopt;
  auto sizes = database_->sizes();
  if (sizes) sizes->journal = layers_->journal_bytes();
  return sizes;
}

}  // namespace

void gather_rocksdb(HomeStore& store, bool gathering) { static_cast<RocksdbStore&>(store).gather(gathering); }

std::optional<RocksdbSizes> sizes_of_rocksdb(HomeStore& store) { return static_cast<RocksdbStore&>(store).sizes(); }

Status snapshot_rocksdb(HomeStore& store, const std::string& path) {
  return static_cast<RocksdbStore&>(store).snapshot(path);
}

Result<std::unique_ptr<HomeStore>> open_rocksdb_on(const std::string& path, const RocksdbOptions& options,
                                                   std::shared_ptr<rocksdb::FileSystem> file_system) {
  auto database = TRY(Database::open(path, options, std::move(file_system)));
  auto layers = TRY(Layers::open(*database, path));
  auto store = std::make_unique<RocksdbStore>(std::move(database), std::move(layers), options);
  TRY(store->start());
  return std::unique_ptr<HomeStore>(std::move(store));
}

Result<std::unique_ptr<HomeStore>> open_rocksdb(const std::string& path, const RocksdbOptions& options) {
  return open_rocksdb_on(path, options, nullptr);
}

}  // namespace godwit::store
