#pragma once
// One message of the log that a home keeps in a cluster: what one group of operations changed, as bytes. Inside store/ only.
//
//   'G' 'L' version kind writer(16) number(8) count(4), then `count` changes: 0 key, or 1 key value
//
// Keys and values have their length (uint32) in front. Numbers are big-endian. Keys are those of layout.h.

#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/strong_id.h"

namespace godwit::store {

/// One store object in one process, from opening to closing: made at random.
using WriterId = OpaqueId<struct WriterIdTag, 16>;

/// What a message says.
enum class BatchKind : uint8_t {
  kChanges = 1,   ///< these records changed; none: the writer is still there
  kTaken = 2,     ///< from here on the log is this writer's
  kReleased = 3,  ///< the writer has ended and said so
};

/// One record of the table, as it is from then on.
struct LogChange {
  Bytes key;
  std::optional<Bytes> value;  ///< nothing: it is gone
};

/// One message. Changed as a whole or not at all, since a message is stored as a whole or not at all.
struct Batch {
  BatchKind kind = BatchKind::kChanges;
  WriterId writer;
  uint64_t number = 0;  ///< counts the messages of one writer, so that no two have the same bytes
  std::vector<LogChange> changes;
};

/// Bytes of a batch without changes.
constexpr size_t kBatchHeadSize = 32;
/// Bytes that a change adds to a batch.
size_t encoded_size(const LogChange& change);
/// The bytes of `batch`.
Bytes encode_batch(const Batch& batch);
/// Reads what encode_batch() made; nothing if it is not exactly that.
std::optional<Batch> decode_batch(ByteView bytes);

}  // namespace godwit::store
