#include "store/memory_client_store.h"

#include "store/errors.h"

namespace godwit::store {
namespace {

constexpr const char* kDead = "store: the client has crashed";

}  // namespace

bool MemoryClientStore::crashes(uint64_t batch, BatchCrashPoint point) {
  if (faults_.crash_at == batch && faults_.crash_point == point) crashed_ = true;
  return crashed_;
}

Status MemoryClientStore::write(const std::vector<Change>& changes) {
  REQUIRE(!crashed_, kUnavailable, kDead);
  const uint64_t batch = batches_++;
  REQUIRE(!crashes(batch, BatchCrashPoint::kBeforeBatch), kUnavailable, kDead);
  REQUIRE(!disk_full_ && faults_.disk_full_at != batch, kDiskFull, "store: a fault was asked for");
  for (const Change& change : changes) {
    if (change.value) {
      disk_.put(change.key, *change.value);
    } else {
      disk_.erase(change.key);
    }
  }
  disk_.sync();
  REQUIRE(!crashes(batch, BatchCrashPoint::kAfterBatch), kUnavailable, kDead);
  return {};
}

Result<std::optional<Bytes>> MemoryClientStore::read(ByteView key) {
  REQUIRE(!crashed_, kUnavailable, kDead);
  return disk_.get(key);
}

Result<std::vector<std::pair<Bytes, Bytes>>> MemoryClientStore::range(ByteView first, ByteView last,
                                                                      uint32_t count_max, bool backwards) {
  REQUIRE(!crashed_, kUnavailable, kDead);
  const auto& records = disk_.records();
  std::vector<std::pair<Bytes, Bytes>> out;
  auto begin = records.lower_bound(to_bytes(first));
  auto end = records.lower_bound(to_bytes(last));
  if (to_bytes(last) <= to_bytes(first)) return out;
  while (begin != end && out.size() < count_max) {
    if (backwards) {
      out.emplace_back(*--end);
    } else {
      out.emplace_back(*begin++);
    }
  }
  return out;
}

}  // namespace godwit::store
