#include <rocksdb/write_batch.h>

#include "store/errors.h"
#include "store/layout.h"
#include "store/rocksdb_layers.h"

namespace godwit::store {
namespace {

/// Counters that are written at once.
constexpr uint32_t kBatchCount = 10'000;

rocksdb::Slice slice(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

}  // namespace

Status skip_sequences(const std::string& path, uint64_t by) {
  auto database = TRY(Database::open(path, {}, nullptr));
  const auto layers = TRY(Layers::open(*database, path));  // nothing is young: what the journal had is settled
  LayeredTable table(*database, layers->newest(), nullptr);
  const layout::Range counters = layout::starting_with(Bytes{layout::kCounters});
  rocksdb::WriteBatch batch;
  Status outcome;
  TRY(table.visit(counters.first, counters.last, [&](ByteView key, ByteView value) {
    const auto last = layout::read_number(value);
    if (!last || *last > UINT64_MAX - by) {
      outcome = Error{kCorrupted, "store: a sequence is a number"};
      return false;
    }
    const auto added = batch.Put(slice(key), slice(layout::write_number(*last + by)));
    if (!added.ok()) outcome = error_of(added);
    if (outcome && batch.Count() == kBatchCount) {
      outcome = database->commit(batch);
      batch.Clear();
    }
    return outcome.has_value();
  }));
  TRY(std::move(outcome));
  if (batch.Count() == 0) return {};
  return database->commit(batch);
}

}  // namespace godwit::store
