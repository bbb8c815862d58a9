#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <algorithm>

#include "store/errors.h"
#include "store/layout.h"
#include "store/rocksdb_database.h"

namespace godwit::store {
namespace {

/// More items than come to a queue between a copy and the loss of what was copied.
constexpr uint64_t kAhead = uint64_t{1} << 32;
/// The same, for each millisecond between two times that one copy is put back.
constexpr unsigned kAheadOfMillisecond = 20;

}  // namespace

Status begin_sequences_anew(const std::string& path, Instant now) {
  auto database = TRY(Database::open(path, {}, nullptr));
  const uint64_t of_now = static_cast<uint64_t>(std::max<int64_t>(now.ms, 0)) << kAheadOfMillisecond;
  const Bytes floor = layout::write_number(std::max(database->sequence_floor() + kAhead, of_now));
  rocksdb::WriteBatch batch;
  const auto added = batch.Put(layout::kFloorKey, rocksdb::Slice(reinterpret_cast<const char*>(floor.data()), floor.size()));
  if (!added.ok()) return error_of(added);
  return database->commit(batch);
}

}  // namespace godwit::store
