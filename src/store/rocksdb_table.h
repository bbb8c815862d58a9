#pragma once
// Database, what is young, and the changes of one group, as the one Table that operations are carried out on. Inside store/ only.

#include <map>
#include <memory>

#include "store/rocksdb_database.h"
#include "store/table.h"
#include "store/young.h"

namespace rocksdb {
class Snapshot;
}  // namespace rocksdb

namespace godwit::store {

/// Some of the database's records, as they stand there.
using KnownRecords = std::map<Bytes, Bytes, KeyOrder>;

/// What somebody sees of the store.
struct View {
  std::shared_ptr<Young> young;
  uint64_t version = Young::kNewest;
  const rocksdb::Snapshot* snapshot = nullptr;  ///< null: the database as it is
  const KnownRecords* known = nullptr;          ///< of the database as it is; null: not for this one
};

/// The store as a View shows it, with the changes of one group on top: what is written is read back, and stays in the group.
class LayeredTable final : public Table {
 public:
  /// Both must outlive it. No group: only for operations that read.
  LayeredTable(Database& database, View view, Changes* group)
      : database_(database), view_(std::move(view)), group_(group) {}
  Result<std::optional<Bytes>> get(ByteView key, size_t count_max = SIZE_MAX) override;
  Status visit(ByteView first, ByteView last, const Visitor& visitor) override;
  void put(ByteView key, Bytes value) override;
  void put_new(ByteView key, Bytes value) override;
  void erase(ByteView key) override;
  uint64_t sequence_floor() const override { return database_.sequence_floor(); }

 private:
  Database& database_;
  View view_;
  Changes* group_;
};

}  // namespace godwit::store
