#include "store/faulty_store.h"

#include <algorithm>

#include "store/apply.h"
#include "store/errors.h"

namespace godwit::store {
namespace {

bool changes(const Operation& operation, const Bytes& key) {
  if (const auto* put = std::get_if<Put>(&operation)) return put->key == key;
  if (const auto* erase = std::get_if<Erase>(&operation)) return erase->key == key;
  const auto* swap = std::get_if<CompareAndSwap>(&operation);
  return swap != nullptr && swap->key == key;
}

}  // namespace

FaultyStore::FaultyStore(MemoryDisk& disk, Random& random, StoreFaults faults)
    : disk_(disk), random_(random), faults_(faults) {
  disk_.crash();
}

FaultyStore::~FaultyStore() {
  if (!crashed_) disk_.crash();
}

void FaultyStore::submit(Operation operation, std::function<void(Result<Outcome>)> done) {
  if (crashed_) return;
  const bool first = waiting_.empty();
  size_t waiting = size_of(operation);
  for (const Entry& entry : waiting_) waiting += size_of(entry.operation);
  if (waiting > faults_.waiting_bytes_max) {
    ready_.push_back({submitted_++, std::move(operation), std::move(done),
                      Error{kUnavailable, "store: fewer operations wait than its bound"}});
    return;
  }
  waiting_.push_back({submitted_++, std::move(operation), std::move(done), std::nullopt});
  if (first && wake_) wake_();
}

std::optional<Found> FaultyStore::known(const Get& get) {
  if (crashed_ || unavailable_ || random_.below(2) == 0) return std::nullopt;
  for (const auto* entries : {&waiting_, &applied_, &ready_}) {
    for (const Entry& each : *entries) {
      if (changes(each.operation, get.key)) return std::nullopt;
    }
  }
  auto read = apply_operation(disk_, get);
  if (!read) return std::nullopt;
  return std::get<Found>(std::move(*read));
}

bool FaultyStore::chance(uint32_t per_million) { return per_million != 0 && random_.below(1'000'000) < per_million; }

bool FaultyStore::crashes(const Entry& entry, CrashPoint point) {
  if (faults_.crash_at != entry.index || faults_.crash_point != point) return false;
  crash();
  return true;
}

void FaultyStore::crash() {
  if (crashed_) return;
  crashed_ = true;
  disk_.crash();
  waiting_.clear();
  applied_.clear();
  ready_.clear();
}

Result<Outcome> FaultyStore::carry_out(const Operation& operation) {
  constexpr const char* kRule = "store: a fault was asked for";
  if (unavailable_) return Error{kUnavailable, kRule};
  const bool lost = chance(faults_.unavailable_per_million);
  if (lost && random_.below(2) == 0) return Error{kUnavailable, kRule};
  const bool full = disk_full_ || chance(faults_.disk_full_per_million);
  if (full && !only_reads(operation)) return Error{kDiskFull, kRule};
  Result<Outcome> outcome = apply_operation(disk_, operation);
  if (lost) return Error{kUnavailable, kRule};
  if (const auto now = time_of(operation); now && !full) TRY(sweep(disk_, *now, kSweepCountMax));
  return outcome;
}

void FaultyStore::apply_waiting(size_t count) {
  for (; count > 0 && !waiting_.empty(); --count) {
    Entry entry = std::move(waiting_.front());
    waiting_.pop_front();
    if (crashes(entry, CrashPoint::kBeforeApply)) return;
    entry.outcome.emplace(carry_out(entry.operation));
    if (crashes(entry, CrashPoint::kBeforeSync)) return;
    applied_.push_back(std::move(entry));
  }
}

void FaultyStore::sync() {
  apply_waiting(waiting_.size());
  if (crashed_) return;
  const bool undone_by_a_crash =
      std::all_of(applied_.begin(), applied_.end(), [](const Entry& entry) { return may_be_undone(entry.operation); });
  if (!undone_by_a_crash) disk_.sync();
  for (Entry& entry : applied_) ready_.push_back(std::move(entry));
  applied_.clear();
  if (!faults_.sync_at_poll && !ready_.empty() && wake_) wake_();
}

size_t FaultyStore::poll() {
  if (faults_.sync_at_poll && !crashed_) sync();
  size_t answered = 0;
  for (size_t left = ready_.size(); left > 0 && !ready_.empty(); --left) {
    Entry entry = std::move(ready_.front());
    ready_.pop_front();
    if (crashes(entry, CrashPoint::kBeforeAnswer)) break;
    ++answered;
    entry.done(std::move(*entry.outcome));
  }
  return answered;
}

}  // namespace godwit::store
