// The group log family: entries made by compare-and-swap, the right to append and to read shown by tokens. The home
// orders the entries and knows nothing else: which of them is valid, only the group's clients can tell.

#include "crypto/hash.h"
#include "crypto/proof_of_work.h"
#include "home/admission.h"
#include "home/core.h"

namespace godwit::home {
namespace {

// What an entry takes in an answer beside its bytes: entries may be empty, the answer is bounded all the same.
constexpr size_t kEntryOverhead = 16;
// Entries read at once: each may have 128 KiB.
constexpr uint32_t kEntriesAtOnce = 4;

bool fits(const wire::Token& token, const wire::TokenHash& hash) {
  return crypto::equal_constant_time(crypto::sha256(token.view()), hash.view());
}

// True if `size` more go where `used` are and `most` may be.
bool has_room(uint64_t used, uint64_t size, uint64_t most) { return size <= most && used <= most - size; }

uint32_t use_day(Instant now) { return now.day() - now.day() % kLogUseDays; }

wire::Reply conflict(const wire::LogAppend& request, EntryRecord winner) {
  return wire::Conflict{{request.epoch, request.attempt, std::move(winner.entry)}};
}

// Where an entry stands, out of its key; nothing if that is no entry's.
struct Place {
  uint64_t epoch = 0;
  uint8_t attempt = 0;
  GODWIT_WIRE_FIELDS(self.epoch, self.attempt)
};
Result<Place> place_of(ByteView key) {
  constexpr size_t kPrefix = 1 + wire::LogId::kSize;
  REQUIRE(key.size() > kPrefix, kBadRecord, "home: the key of a log entry");
  return codec::decoded<Place>(key.subspan(kPrefix));
}

// The largest key before all entries for `epoch`; the log's prefix if there is none.
Bytes key_before(const wire::LogId& log, uint64_t epoch) {
  if (epoch == 0) return {};
  Bytes key = epoch_prefix(log, epoch - 1);
  key.push_back(0xff);
  return key;
}

// Where a full log is to begin, so that enough of it goes: after an epoch that one entry alone has ended, since from then on it is as if
// it had been opened for the next one. The last epoch of the log stays. Nor does it begin behind an epoch with several entries: one of them may
// be of somebody who was removed, with tokens of his own, and whose epochs follow the home cannot tell.
class Beginning {
 public:
  // At least `needed` bytes are to go, and `wanted` if there are so many.
  Beginning(const LogRecord& record, uint64_t needed, uint64_t wanted)
      : opened_(record), needed_(needed), wanted_(wanted) {}

  // Takes the next entry of the log. False: no more are needed. kBadRecord.
  Result<bool> take(const Bytes& key, const Bytes& value) {
    if (branches_) return false;
    const Place place = TRY(place_of(key));
    if (place.epoch < opened_.epoch) {  // a crash has left it
      passed_.push_back(key);
      return true;
    }
    if (last_ && last_->place.epoch != place.epoch && freed_ >= needed_) begin_after(*last_);
    if (begins_ && freed_ >= wanted_) return false;
    branches_ = place.attempt > 0;
    if (branches_) return false;
    passed_.push_back(key);
    freed_ += key.size() + value.size();
    last_ = Last{place, TRY(decode_record<EntryRecord>(value))};
    return true;
  }
  // How the log begins then; nothing if it cannot.
  const std::optional<LogRecord>& begins() const { return begins_; }
  // What goes.
  std::vector<Bytes> gone() const { return {passed_.begin(), passed_.begin() + static_cast<ptrdiff_t>(gone_)}; }

 private:
  struct Last {
    Place place;
    EntryRecord entry;
  };
  void begin_after(const Last& last) {
    begins_ = opened_;
    begins_->epoch = last.place.epoch + 1;
    begins_->epoch_token_hash = last.entry.next_epoch_token_hash;
    begins_->read_token_hash = last.entry.read_token_hash;
    begins_->bytes -= std::min(opened_.bytes, freed_);
    gone_ = passed_.size();
  }

  const LogRecord opened_;
  const uint64_t needed_;
  const uint64_t wanted_;
  uint64_t freed_ = 0;
  std::vector<Bytes> passed_;
  size_t gone_ = 0;        // of these
  bool branches_ = false;  // the last one stands for an epoch that has another
  std::optional<Last> last_;
  std::optional<LogRecord> begins_;
};

}  // namespace

uint8_t Core::log_work() const { return work_bits(options_.log_work_bits, logs_, options_.limits.logs_max); }

Core::Answer Core::handle(const Caller&, const wire::LogOpen& request) {
  const uint8_t wanted = log_work();
  if (!crypto::work_is_done(wire::kWorkLabel, request.log.view(), request.work.nonce, wanted)) {
    co_return wire::Refused{wire::kProofOfWorkRefused.number, 0, wanted};
  }
  const auto lane = co_await lanes_.exclusive(log_key(request.log));
  CO_TRY(found, co_await storing_.get(log_key(request.log)));
  if (found.value) {
    CO_TRY(record, decode_record<LogRecord>(*found.value));
    const bool same = record.epoch == request.epoch && record.epoch_token_hash == request.epoch_token_hash &&
                      record.read_token_hash == request.read_token_hash && !record.ended;
    CO_REQUIRE(same, wire::kIdTaken, "home: the log id is taken");
    co_return wire::Done{};
  }
  CO_REQUIRE(logs_ < options_.limits.logs_max, wire::kQuotaFull, "home: logs_max");
  ++logs_;  // before it is written, so that those on their way count
  const LogRecord record{request.epoch, request.epoch_token_hash, request.read_token_hash, 0, use_day(now_), false};
  const Bytes value = codec::encoded(record);
  const auto swapped = co_await storing_.swap(log_key(request.log), std::nullopt, value);
  if (!swapped || !swapped->swapped) --logs_;
  CO_CHECK(swapped);
  CO_REQUIRE(swapped->swapped, wire::kUnavailable, "home: another node opened it meanwhile");
  co_return wire::Done{};
}

// How the log was opened; kLogRefused if it was not.
Task<Result<LogRecord>> Core::load_log(const wire::LogId& log) {
  CO_TRY(found, co_await storing_.get(log_key(log)));
  CO_REQUIRE(found.value.has_value(), wire::kLogRefused, "home: no such log");
  CO_TRY(record, decode_record<LogRecord>(*found.value));
  CO_REQUIRE(!record.ended, wire::kLogRefused, "home: the log is being removed");
  co_return std::move(record);
}

// ---- appending ------------------------------------------------------------------------------------------------------

Core::Answer Core::handle(const Caller&, const wire::LogAppend& request) {
  const auto lane = co_await lanes_.exclusive(log_key(request.log));
  CO_TRY(log, co_await load_log(request.log));
  CO_CHECK(co_await check_append_right(log, request));
  CO_REQUIRE(request.epoch - log.epoch < options_.limits.log_epochs_max, wire::kQuotaFull, "home: log_epochs_max");
  if (request.attempt > 0) {
    const auto attempt = static_cast<uint8_t>(request.attempt - 1);
    CO_TRY(before, co_await storing_.get(entry_key(request.log, request.epoch, attempt)));
    CO_REQUIRE(before.value.has_value(), wire::kMalformed, "home: attempt n needs attempt n-1");
  }
  const Bytes value =
      codec::encoded(EntryRecord{request.next_epoch_token_hash, request.read_token_hash, request.entry});
  const Bytes key = entry_key(request.log, request.epoch, request.attempt);
  CO_TRY(there, co_await storing_.get(key));
  if (there.value == value) co_return wire::Done{};
  if (there.value) {
    CO_TRY(winner, decode_record<EntryRecord>(*there.value));
    co_return conflict(request, std::move(winner));
  }
  // Whoever fills an epoch with rubbish goes on slowly, so that a good entry comes in between.
  const Duration wait = request.attempt >= wire::kAttemptsFree
                            ? attempt_rate_.take(epoch_prefix(request.log, request.epoch), now_)
                            : append_rate_.take(log_key(request.log), now_);
  if (wait > Duration{}) {
    co_return wire::Refused{wire::kTooManyRequests.number, static_cast<uint32_t>(wait.ms), 0};
  }
  CO_CHECK(co_await charge_log(request.log, log, key.size() + value.size()));
  CO_TRY(swapped, co_await storing_.swap(key, std::nullopt, value));
  if (swapped.swapped || swapped.found == value) co_return wire::Done{};
  CO_REQUIRE(swapped.found.has_value(), wire::kUnavailable, "home: the store neither wrote nor found");
  CO_TRY(winner, decode_record<EntryRecord>(*swapped.found));
  co_return conflict(request, std::move(winner));
}

// Counts an entry in the log's record, before it is written: a crash in between counts too much, never too little. Under the
// lane of the log. A log that is full begins later from then on: its oldest entries go.
Task<Status> Core::charge_log(const wire::LogId& log, const LogRecord& record, uint64_t size) {
  const Limits& limits = options_.limits;
  CO_REQUIRE(has_room(0, size, limits.log_bytes_max), wire::kQuotaFull, "home: log_bytes_max");
  LogRecord charged = record;
  std::vector<Bytes> gone;
  if (!has_room(record.bytes, size, limits.log_bytes_max)) {
    const uint64_t needed = record.bytes - (limits.log_bytes_max - size);
    Beginning beginning(record, needed, needed + limits.log_bytes_max / 8);
    Bytes after;
    for (bool more = true; more;) {
      CO_TRY(page, co_await storing_.scan(entries_prefix(log), after, kEntriesAtOnce));
      more = page.more && !page.records.empty();
      for (auto& [key, value] : page.records) {
        CO_TRY(wants_more, beginning.take(key, value));
        more = more && wants_more;
        after = key;
      }
    }
    CO_REQUIRE(beginning.begins().has_value(), wire::kQuotaFull, "home: log_bytes_max");
    charged = *beginning.begins();
    gone = beginning.gone();
  }
  const uint64_t kept = charged.bytes;
  const bool sure = has_room(charged.bytes, size, limits.log_bytes_sure);
  CO_REQUIRE(sure || has_room(logs_bytes_, size, limits.logs_bytes_max), wire::kQuotaFull, "home: logs_bytes_max");
  charged.bytes += size;
  charged.used_day = std::max(record.used_day, use_day(now_));
  logs_bytes_ += size;
  const auto swapped = co_await storing_.swap(log_key(log), codec::encoded(record), codec::encoded(charged));
  if (!swapped || !swapped->swapped) logs_bytes_ -= size;
  CO_CHECK(swapped);
  CO_REQUIRE(swapped->swapped, wire::kUnavailable, "home: another node appended meanwhile");
  logs_bytes_ -= record.bytes - kept;
  // Those that a crash leaves here are before the beginning: nobody is given them, and the next time takes them along.
  for (const Bytes& key : gone) CO_CHECK(co_await storing_.erase(key));
  co_return Status{};
}

// Notes that somebody who may reads the log: also a group that only talks keeps it alive.
Task<Status> Core::see_log(wire::LogId log) {
  const auto lane = co_await lanes_.exclusive(log_key(log));
  CO_TRY(record, co_await load_log(log));
  LogRecord seen = record;
  seen.used_day = std::max(record.used_day, use_day(now_));
  if (seen.used_day == record.used_day) co_return Status{};
  CO_CHECK(co_await storing_.swap(log_key(log), codec::encoded(record), codec::encoded(seen)));
  co_return Status{};
}

// The token of an epoch is what the log's opening fixed (its first epoch), or any entry that ended the epoch before: which
// of those is valid, the home cannot tell.
Task<Status> Core::check_append_right(const LogRecord& log, const wire::LogAppend& request) {
  CO_REQUIRE(request.epoch >= log.epoch, wire::kLogRefused, "home: an epoch before the log's first");
  bool allowed = false;
  if (request.epoch == log.epoch) {
    allowed = fits(request.epoch_token, log.epoch_token_hash);
  } else {
    Bytes after;
    for (bool more = true; more && !allowed;) {
      CO_TRY(page, co_await storing_.scan(epoch_prefix(request.log, request.epoch - 1), after, kEntriesAtOnce));
      for (const auto& [key, value] : page.records) {
        const auto record = decode_record<EntryRecord>(value);
        if (record && fits(request.epoch_token, record->next_epoch_token_hash)) allowed = true;
        after = key;
      }
      more = page.more && !page.records.empty();
    }
  }
  CO_REQUIRE(allowed, wire::kLogRefused, "home: the epoch's token");
  co_return Status{};
}

// ---- reading --------------------------------------------------------------------------------------------------------

// The read tokens in force before the entries for `epoch`: so a removed member reads up to and including the entry that
// removed him.
Task<Result<std::vector<wire::TokenHash>>> Core::read_hashes(const LogRecord& record, wire::LogId log, uint64_t epoch) {
  std::vector<wire::TokenHash> hashes;
  if (epoch == record.epoch) {
    hashes.push_back(record.read_token_hash);
  } else if (epoch > record.epoch) {
    Bytes after;
    for (bool more = true; more;) {
      CO_TRY(page, co_await storing_.scan(epoch_prefix(log, epoch - 1), after, kEntriesAtOnce));
      for (const auto& [key, value] : page.records) {
        const auto entry = decode_record<EntryRecord>(value);
        if (entry) hashes.push_back(entry->read_token_hash);
        after = key;
      }
      more = page.more && !page.records.empty();
    }
  }
  co_return std::move(hashes);
}

Core::Answer Core::handle(const Caller&, const wire::LogRead& request) {
  CO_TRY(log, co_await load_log(request.log));
  CO_TRY(hashes, co_await read_hashes(log, request.log, request.from_epoch));
  const auto reaches = [&](const std::vector<wire::TokenHash>& in_force) {
    bool any = false;
    for (const wire::TokenHash& hash : in_force) any = fits(request.read_token, hash) || any;
    return any;
  };
  CO_REQUIRE(reaches(hashes), wire::kLogRefused, "home: the read token");
  if (log.used_day < use_day(now_)) tasks_.start(see_log(request.log));
  const uint32_t bytes_max = std::min(request.bytes_max, options_.limits.fetch_bytes_max);
  wire::LogEntries out;
  size_t bytes = 0;
  uint64_t epoch = request.from_epoch;
  std::vector<wire::TokenHash> next;  // set by the entries of `epoch`
  Bytes after = key_before(request.log, request.from_epoch);
  if (request.from_attempt > 0) {
    after = entry_key(request.log, request.from_epoch, static_cast<uint8_t>(request.from_attempt - 1));
    CO_TRY(skipped, co_await read_hashes(log, request.log, request.from_epoch + 1));
    next = std::move(skipped);
  }
  while (true) {
    CO_TRY(page, co_await storing_.scan(entries_prefix(request.log), after, kEntriesAtOnce));
    for (auto& [key, value] : page.records) {
      CO_TRY(place, place_of(key));
      CO_TRY(record, decode_record<EntryRecord>(value));
      if (place.epoch != epoch) {
        if (place.epoch != epoch + 1 || !reaches(next)) co_return std::move(out);
        epoch = place.epoch;
        next.clear();
      }
      next.push_back(record.read_token_hash);
      const size_t size = record.entry.size() + kEntryOverhead;
      if (!out.entries.empty() && bytes + size > bytes_max) {
        out.more = true;
        co_return std::move(out);
      }
      bytes += size;
      out.entries.push_back({place.epoch, place.attempt, std::move(record.entry)});
    }
    if (!page.more || page.records.empty()) co_return std::move(out);
    after = page.records.back().first;
  }
}

}  // namespace godwit::home
