#pragma once
// What a client asks of whatever keeps its profile: ordered records, written in batches that happen whole or not at
// all.
//
// Values arrive sealed by the engine. Synchronous, because a client has one user; not thread-safe.

#include <optional>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace godwit::store {

/// One change; no value removes the record.
struct Change {
  Bytes key;
  std::optional<Bytes> value;
};

/// Keeps a client's records.
class ClientStore {
 public:
  virtual ~ClientStore() = default;
  /// Writes all of `changes`, durable when it returns. kDiskFull: nothing was written, free space and try again.
  /// kCorrupted: stop.
  virtual Status write(const std::vector<Change>& changes) = 0;
  /// The value of one record, nothing if absent. kCorrupted: stop.
  virtual Result<std::optional<Bytes>> read(ByteView key) = 0;
  /// At most `count_max` records in [first, last), in key order, or from the end if `backwards`. kCorrupted: stop.
  virtual Result<std::vector<std::pair<Bytes, Bytes>>> range(ByteView first, ByteView last, uint32_t count_max,
                                                             bool backwards) = 0;
  /// When it returns, what was removed or overwritten before stands in no file of the store any more. Used keys are among
  /// it: call it when things are quiet, and now and then when they never are. kDiskFull, kUnavailable: call it again later.
  virtual Status erase_leftovers() = 0;
};

}  // namespace godwit::store
