#include "store/rocksdb_erasure.h"

#include <rocksdb/db.h>

#include <algorithm>

namespace godwit::store {
namespace {

/// Places with less than this between them are rewritten together: two target files.
constexpr uint64_t kSpanBytes = uint64_t{32} << 20;
constexpr size_t kQueueLengthSize = 4;

/// What is noted of `key`: all of a record's, kind and queue of an item's or id's, the kind of an expiry's.
Bytes place_of(ByteView key) {
  const bool of_queue = key[0] == layout::kItems || key[0] == layout::kIds || key[0] == layout::kCounters;
  if (!of_queue || key.size() < 1 + kQueueLengthSize) {
    return to_bytes(Traces::of_records(key) ? key : key.first(1));
  }
  size_t size = 0;
  for (const uint8_t byte : key.subspan(1, kQueueLengthSize)) size = size << 8 | byte;
  return to_bytes(key.first(std::min(key.size(), 1 + kQueueLengthSize + size)));
}

layout::Range range_of(const Bytes& place) {
  if (!Traces::of_records(place)) return layout::starting_with(place);
  Bytes last = place;
  last.push_back(0);
  return {place, std::move(last)};
}

rocksdb::Slice slice(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

/// The ranges of `places`, those joined that are close together in the files.
std::vector<layout::Range> ranges_of(rocksdb::DB& db, const std::set<Bytes>& places) {
  std::vector<layout::Range> ranges;
  for (const Bytes& place : places) ranges.push_back(range_of(place));
  std::vector<rocksdb::Range> gaps;
  for (size_t i = 1; i < ranges.size(); ++i) gaps.emplace_back(slice(ranges[i - 1].last), slice(ranges[i].first));
  std::vector<uint64_t> sizes(gaps.size(), 0);
  if (!gaps.empty()) {
    rocksdb::SizeApproximationOptions options;
    const auto status = db.GetApproximateSizes(options, db.DefaultColumnFamily(), gaps.data(),
                                               static_cast<int>(gaps.size()), sizes.data());
    if (!status.ok()) return {{ranges.front().first, ranges.back().last}};
  }
  std::vector<layout::Range> joined;
  for (size_t i = 0; i < ranges.size(); ++i) {
    if (i > 0 && sizes[i - 1] < kSpanBytes) {
      joined.back().last = std::max(joined.back().last, ranges[i].last);
    } else {
      joined.push_back(ranges[i]);
    }
  }
  return joined;
}

}  // namespace

void Traces::note(ByteView key) {
  const std::lock_guard hold(mutex_);
  if (round_.everything || key.empty()) return;
  round_.places.insert(place_of(key));
  bound();
}

void Traces::note_everything() {
  const std::lock_guard hold(mutex_);
  round_ = {true, {}};
}

Traces::Round Traces::take() {
  const std::lock_guard hold(mutex_);
  return std::exchange(round_, {});
}

void Traces::put_back(const Round& round) {
  const std::lock_guard hold(mutex_);
  round_.everything = round_.everything || round.everything;
  round_.places.insert(round.places.begin(), round.places.end());
  bound();
}

void Traces::bound() {
  if (round_.places.size() > kTracesMax) round_.everything = true;
  if (round_.everything) round_.places.clear();
}

bool Traces::empty() const {
  const std::lock_guard hold(mutex_);
  return !round_.everything && round_.places.empty();
}

Status erase_from_files(Database& database, const Traces::Round& round, std::atomic<bool>& stop) {
  rocksdb::DB& db = database.db();
  rocksdb::FlushOptions flush;
  flush.wait = true;
  flush.allow_write_stall = true;
  if (const auto status = db.Flush(flush); !status.ok()) return error_of(status);
  rocksdb::CompactRangeOptions options;
  options.exclusive_manual_compaction = false;
  options.canceled = &stop;
  if (round.everything) {
    // Every file that has something above another is merged into it; what lies alone at the bottom is left.
    if (const auto status = db.CompactRange(options, nullptr, nullptr); !status.ok()) return error_of(status);
    return {};
  }
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  for (const layout::Range& range : ranges_of(db, round.places)) {
    const rocksdb::Slice first = slice(range.first);
    const rocksdb::Slice last = slice(range.last);
    if (const auto status = db.CompactRange(options, &first, &last); !status.ok()) return error_of(status);
  }
  return {};
}

}  // namespace godwit::store
