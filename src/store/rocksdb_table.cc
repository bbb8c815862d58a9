#include "store/rocksdb_table.h"

#include <rocksdb/db.h>
#include <rocksdb/utilities/write_batch_with_index.h>

#include "base/assert.h"

namespace godwit::store {
namespace {

rocksdb::Slice slice(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
ByteView view(const rocksdb::Slice& bytes) { return as_bytes({bytes.data(), bytes.size()}); }

Result<std::optional<Bytes>> found(const rocksdb::Status& status, const rocksdb::PinnableSlice& value) {
  if (status.IsNotFound()) return std::optional<Bytes>();
  if (!status.ok()) return error_of(status);
  return std::optional(to_bytes(view(value)));
}

Status visit_all(rocksdb::Iterator& at, ByteView first, ByteView last, const Table::Visitor& visitor) {
  for (at.Seek(slice(first)); at.Valid() && at.key().compare(slice(last)) < 0; at.Next()) {
    if (!visitor(view(at.key()), view(at.value()))) return {};
  }
  if (!at.status().ok()) return error_of(at.status());
  return {};
}

}  // namespace

// ---- BatchTable -----------------------------------------------------------------------------------------------------

Result<std::optional<Bytes>> BatchTable::get(ByteView key) {
  rocksdb::PinnableSlice value;
  return found(batch_.GetFromBatchAndDB(&database_.db(), {}, slice(key), &value), value);
}

Status BatchTable::visit(ByteView first, ByteView last, const Visitor& visitor) {
  const rocksdb::Slice end = slice(last);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &end;
  const std::unique_ptr<rocksdb::Iterator> at(batch_.NewIteratorWithBase(database_.db().NewIterator(options)));
  return visit_all(*at, first, last, visitor);
}

void BatchTable::put(ByteView key, ByteView value) {
  if (Traces::of_records(key)) {
    // Answered out of memory and bloom filters; a false alarm costs one rewriting of a file.
    std::string unused;
    if (database_.db().KeyMayExist({}, slice(key), &unused)) traces_.note(key);
  }
  const rocksdb::Status status = batch_.Put(slice(key), slice(value));
  ASSERT(status.ok());  // the batch has no bound of its own
}

void BatchTable::erase(ByteView key) {
  traces_.note(key);
  const rocksdb::Status status = batch_.Delete(slice(key));
  ASSERT(status.ok());
}

// ---- SnapshotTable --------------------------------------------------------------------------------------------------

Result<std::optional<Bytes>> SnapshotTable::get(ByteView key) {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot_;
  rocksdb::PinnableSlice value;
  rocksdb::DB& db = database_.db();
  return found(db.Get(options, db.DefaultColumnFamily(), slice(key), &value), value);
}

Status SnapshotTable::visit(ByteView first, ByteView last, const Visitor& visitor) {
  const rocksdb::Slice end = slice(last);
  rocksdb::ReadOptions options;
  options.snapshot = snapshot_;
  options.iterate_upper_bound = &end;
  const std::unique_ptr<rocksdb::Iterator> at(database_.db().NewIterator(options));
  return visit_all(*at, first, last, visitor);
}

void SnapshotTable::put(ByteView, ByteView) { ASSERT(false); }
void SnapshotTable::erase(ByteView) { ASSERT(false); }

}  // namespace godwit::store
