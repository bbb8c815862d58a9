#pragma once
// A disk in memory: what outlives a store object, and what a crash takes back.

#include <map>
#include <vector>

#include "store/table.h"

namespace godwit::store {

/// Records that survive the stores which use them, one after the other, and changes that do not survive a crash until
/// sync(). Copying it takes a snapshot, unsynced changes included. get() and visit() never fail.
class MemoryDisk final : public Table {
 public:
  Result<std::optional<Bytes>> get(ByteView key, size_t count_max = SIZE_MAX) override;
  Status visit(ByteView first, ByteView last, const Visitor& visitor) override;
  void put(ByteView key, Bytes value) override;
  void erase(ByteView key) override;

  /// Makes every change so far durable.
  void sync() { undo_.clear(); }
  /// Takes back every change since the last sync(), as the loss of power would.
  void crash();
  /// True if a crash would take something back.
  bool has_unsynced() const { return !undo_.empty(); }
  /// Everything on the disk, in key order; valid until the next change.
  const std::map<Bytes, Bytes>& records() const { return records_; }
  /// True if `bytes` stand anywhere on the disk, in a key or a value: for tests of what must be gone.
  bool holds(ByteView bytes) const;

 private:
  struct Undo {
    Bytes key;
    std::optional<Bytes> before;
  };
  void remember(const Bytes& key);

  std::map<Bytes, Bytes> records_;
  std::vector<Undo> undo_;  // of the changes since the last sync, oldest first
};

}  // namespace godwit::store
