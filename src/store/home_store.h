#pragma once
// What a home asks of whatever keeps its bytes: single-key operations only, because every distributed engine can do
// these.
//
// Asynchronous: submit() returns at once, the outcome comes through `done`, later, on the thread that calls poll(). An
// operation that changes something is durable (survives the loss of power) before its outcome says that it succeeded; but for
// TrimQueue, which is durable soon after it, or when the store is closed: when the power goes before, all of the items are there
// again, which whoever reads on from his place does not see.
// Operations on the same key take effect in the order of their submission; on different keys in any order.
// Not here: what keys and values mean (home/).

#include <functional>
#include <optional>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/strong_id.h"
#include "base/time.h"

namespace godwit::store {

/// Names one append to a queue for deduplication.
using AppendId = OpaqueId<struct AppendIdTag, 16>;

// ---- operations -----------------------------------------------------------------------------------------------------

/// Reads one record.
struct Get {
  Bytes key;
};
/// Writes one record, whatever stood there.
struct Put {
  Bytes key;
  Bytes value;
};
/// Removes one record; absent is fine.
struct Erase {
  Bytes key;
};
/// Writes `value` (nothing: removes the record) if the record is now exactly `expected` (nothing: absent).
struct CompareAndSwap {
  Bytes key;
  std::optional<Bytes> expected;
  std::optional<Bytes> value;
};
/// All records whose key starts with `prefix` and is greater than `after` (empty: from the start), in key order.
struct Scan {
  Bytes prefix;
  Bytes after;
  uint32_t count_max;
};
/// Adds `item` to the end of `queue` unless `id` was appended there before and `remember_until` of then has not passed:
/// also across trimming and restart. Item and id are written as one.
struct Append {
  Bytes queue;
  AppendId id;
  Bytes item;
  Instant expires;         ///< from then on the item is not read any more and may be removed
  Instant remember_until;  ///< the id is deduplicated until then
  Instant now;
};
/// Reads items of `queue` after `after`, oldest first, until `bytes_max` is passed (at least one if there is one).
struct ReadQueue {
  Bytes queue;
  uint64_t after;
  uint32_t bytes_max;
  Instant now;  ///< expired items are left out
};
/// How many records one TrimQueue or DropQueue removes at most: what it may cost in memory, and those behind it in time.
constexpr size_t kRemoveCountMax = 4'096;
/// Removes the items of `queue` up to and including `through`, oldest first, at most kRemoveCountMax of them; ask again
/// while Stored says `more`. Sequences go on counting.
struct TrimQueue {
  Bytes queue;
  uint64_t through;
  uint64_t gone = 0;  ///< a hint: nothing up to and including it is there any more; 0: nothing is known
};
/// Removes `queue` with its items and remembered ids, at most kRemoveCountMax of them; ask again while Stored says `more`.
/// Until then the queue is there with what is left of it.
struct DropQueue {
  Bytes queue;
};
/// Everything that the store keeps, its own book-keeping included, a piece at a time: for an audit of what is there.
/// Not ordered with other operations: each piece is as it was at some moment.
struct Survey {
  Bytes after;         ///< `next` of the piece before; empty: from the start
  uint32_t bytes_max;  ///< of one piece, but for a single larger entry
  bool whole = false;  ///< entries come with what stands in the store as it stands
};

using Operation = std::variant<Get, Put, Erase, CompareAndSwap, Scan, Append, ReadQueue, TrimQueue, DropQueue, Survey>;

// ---- outcomes -------------------------------------------------------------------------------------------------------

/// Of Put, Erase, TrimQueue, DropQueue.
struct Stored {
  bool more = false;  ///< of the last two: something is left to remove
  uint64_t gone = 0;  ///< of TrimQueue: nothing up to and including it is left; a hint for the next one, 0: none
};
/// Of Get; nothing if there is no such record.
struct Found {
  std::optional<Bytes> value;
};
/// Of CompareAndSwap: whether it was written, and what stood there before.
struct Swapped {
  bool swapped;
  std::optional<Bytes> found;
};
/// Of Scan.
struct Scanned {
  std::vector<std::pair<Bytes, Bytes>> records;
  bool more;
};
/// Of Append. `sequence` counts from 1 in each queue; 0 of a duplicate: which item the first one became is not kept.
struct Appended {
  uint64_t sequence;
  bool duplicate;
};
/// One item of a queue.
struct QueueItem {
  uint64_t sequence;
  Bytes item;
};
/// Of ReadQueue.
struct QueueItems {
  std::vector<QueueItem> items;
  bool more;
};
/// What an entry of the store is.
enum class EntryKind : uint8_t {
  kRecord,
  kItem,          ///< of a queue
  kRememberedId,  ///< of an append
  kCounter,       ///< the last sequence of a queue, and on which days ids are to be removed
  kExpiry,        ///< when an item, an id or the ids of a day are to be removed
  kFormat,        ///< the version of the store's layout, or how far its journal was taken up
  kUnknown,       ///< nothing that the store makes
};
/// One entry.
struct Entry {
  EntryKind kind;
  Bytes key;       ///< of a record its key; the queue, of what belongs to one; else as it stands
  Bytes value;     ///< of a record or an item
  uint64_t bytes;  ///< of key and value as they stand
  bool sound;      ///< false: not what its key says; of records and items only `home/` can tell all
  Bytes stored_key = {};    ///< as it stands, if the Survey wanted the whole
  Bytes stored_value = {};  ///< the same
};
/// Of Survey.
struct Surveyed {
  std::vector<Entry> entries;
  Bytes next;  ///< empty: there was nothing more
};

using Outcome = std::variant<Stored, Found, Swapped, Scanned, Appended, QueueItems, Surveyed>;

/// Keeps a home's bytes. Used from one thread; works on others where it likes.
class HomeStore {
 public:
  virtual ~HomeStore() = default;
  /// Starts `operation`. `done` is called exactly once, from poll(), never from inside submit(). Errors: kDiskFull
  /// (reads go on), kUnavailable (may succeed later; whether it took effect is unknown, so repeat only what is
  /// idempotent), kCorrupted.
  virtual void submit(Operation operation, std::function<void(Result<Outcome>)> done) = 0;
  /// What a Get submitted now would be answered with, if that is known without waiting; nothing: submit() it.
  virtual std::optional<Found> known(const Get& /*get*/) { return std::nullopt; }
  /// Calls `done` of everything that has finished; returns how many.
  virtual size_t poll() = 0;
  /// A callback, from any thread, when poll() would find something; for an event loop to wake itself; it must
  /// only wake, not call the store. May be empty.
  virtual void on_ready(std::function<void()> wake) = 0;
};

}  // namespace godwit::store
