#pragma once
// The client's store in memory, and its faulty twin. Deterministic, no file, no clock.

#include <optional>

#include "store/client_store.h"
#include "store/memory_disk.h"

namespace godwit::store {

/// Where in the life of a batch the client dies.
enum class BatchCrashPoint : uint8_t {
  kBeforeBatch,  ///< nothing of it is on the disk
  kAfterBatch,   ///< all of it is on the disk; who asked does not learn it
};

/// What goes wrong, and when. As it stands: nothing.
struct ClientStoreFaults {
  /// The batch, counted from 0 in the order of write() on this store object.
  std::optional<uint64_t> crash_at = std::nullopt;
  BatchCrashPoint crash_point = BatchCrashPoint::kBeforeBatch;
  std::optional<uint64_t> disk_full_at = std::nullopt;  ///< this batch gets kDiskFull and is not written
};

/// Keeps a client's records on a MemoryDisk and obeys `ClientStoreFaults`. After a crash every call answers
/// kUnavailable and changes nothing: drop the client with the store, and open another on the same disk.
class MemoryClientStore final : public ClientStore {
 public:
  /// A store on `disk`, which must outlive it; what another store left there goes on.
  explicit MemoryClientStore(MemoryDisk& disk, ClientStoreFaults faults = {}) : disk_(disk), faults_(faults) {}

  Status write(const std::vector<Change>& changes) override;
  Result<std::optional<Bytes>> read(ByteView key) override;
  Result<std::vector<std::pair<Bytes, Bytes>>> range(ByteView first, ByteView last, uint32_t count_max,
                                                     bool backwards) override;
  Status erase_leftovers() override { return {}; }

  /// The client dies now, between two batches.
  void crash() { crashed_ = true; }
  /// True after a crash.
  bool crashed() const { return crashed_; }
  /// From now on every batch gets kDiskFull, or no more.
  void set_disk_full(bool full) { disk_full_ = full; }
  /// Batches asked for so far: the bound of useful values for `crash_at`.
  uint64_t batches() const { return batches_; }

 private:
  bool crashes(uint64_t batch, BatchCrashPoint point);

  MemoryDisk& disk_;
  ClientStoreFaults faults_;
  uint64_t batches_ = 0;
  bool crashed_ = false;
  bool disk_full_ = false;
};

}  // namespace godwit::store
