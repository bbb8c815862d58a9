#pragma once
// What the meaning of the operations (apply.h) is written against: one ordered table of byte strings.
//
// RocksDB and the memory twin are both such tables, so the simulator runs the code that runs in earnest.
// Not here: durability and order of operations, which are the stores' own.

#include <algorithm>
#include <cstring>
#include <functional>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"

namespace godwit::store {

/// Bytes in the order of a table.
struct KeyOrder {
  using is_transparent = void;
  bool operator()(ByteView a, ByteView b) const {
    const size_t shorter = std::min(a.size(), b.size());
    const int order = shorter == 0 ? 0 : std::memcmp(a.data(), b.data(), shorter);
    return order != 0 ? order < 0 : a.size() < b.size();
  }
};

/// An ordered table; keys are compared byte by byte, a prefix comes first. Used from one thread at a time.
class Table {
 public:
  /// Sees one record; both views end with the call. Returns whether to go on. Must not change the table.
  using Visitor = std::function<bool(ByteView key, ByteView value)>;

  virtual ~Table() = default;
  /// The value at `key` with every change made so far, or its first `count_max` bytes; nothing if absent. kCorrupted, kUnavailable: give
  /// the operation up.
  virtual Result<std::optional<Bytes>> get(ByteView key, size_t count_max = SIZE_MAX) = 0;
  /// Shows the records of [first, last) in key order until `visitor` has enough. kCorrupted, kUnavailable: as get().
  virtual Status visit(ByteView first, ByteView last, const Visitor& visitor) = 0;
  /// Writes a record, whatever stood there.
  virtual void put(ByteView key, Bytes value) = 0;
  /// Writes a record where none stands, as the caller has made sure. A table may make less of a record that comes and goes soon.
  virtual void put_new(ByteView key, Bytes value) { put(key, std::move(value)); }
  /// Removes a record; absent is fine.
  virtual void erase(ByteView key) = 0;
  /// The numbers of items begin above it; it stays what it is while the table is open.
  virtual uint64_t sequence_floor() const { return 0; }
};

}  // namespace godwit::store
