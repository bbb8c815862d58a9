#pragma once
// RocksDB as the Table that operations are carried out on. Inside store/ only.

#include "store/rocksdb_database.h"
#include "store/rocksdb_erasure.h"
#include "store/table.h"

namespace rocksdb {
class Snapshot;
}  // namespace rocksdb

namespace godwit::store {

/// The database with the changes of one batch on top: what is written is read back, and stays in the batch.
class BatchTable final : public Table {
 public:
  /// All three must outlive it; what it makes erasable is noted in `traces`.
  BatchTable(Database& database, rocksdb::WriteBatchWithIndex& batch, Traces& traces)
      : database_(database), batch_(batch), traces_(traces) {}
  Result<std::optional<Bytes>> get(ByteView key) override;
  Status visit(ByteView first, ByteView last, const Visitor& visitor) override;
  void put(ByteView key, ByteView value) override;
  void erase(ByteView key) override;

 private:
  Database& database_;
  rocksdb::WriteBatchWithIndex& batch_;
  Traces& traces_;
};

/// The database as it was at a snapshot. Only for operations that read.
class SnapshotTable final : public Table {
 public:
  /// Both must outlive it; no snapshot: as it is.
  SnapshotTable(Database& database, const rocksdb::Snapshot* snapshot) : database_(database), snapshot_(snapshot) {}
  Result<std::optional<Bytes>> get(ByteView key) override;
  Status visit(ByteView first, ByteView last, const Visitor& visitor) override;
  void put(ByteView key, ByteView value) override;
  void erase(ByteView key) override;

 private:
  Database& database_;
  const rocksdb::Snapshot* snapshot_;
};

}  // namespace godwit::store
