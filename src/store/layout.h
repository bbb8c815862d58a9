#pragma once
// Where records, queue items, remembered ids and expiries stand in the one ordered table.
//
//   'R' key                         -> value
//   'I' queue' sequence             -> expires, item
//   'D' queue' id                   -> remember_until
//   'C' queue'                      -> the last sequence given out; then, if there are any, on which days ids are to be removed
//   'X' time, key of an 'I' or 'D'  -> nothing: what a sweep has to remove from that time on
//   'X' time, key of a 'C'          -> nothing, or how far a sweep has come: that ids of the queue are to be removed from that time on
//   0xff "format"                   -> the version of this layout; only on a disk
//   0xff "journal"                  -> the last file of the journal that the database has all of; only on a disk
//
// queue' is its length (uint32) and its bytes, so that no queue is a prefix of another. Numbers are big-endian, times
// with the sign bit turned, so that the order of bytes is the order of numbers.

#include <optional>

#include "base/bytes.h"
#include "base/time.h"
#include "store/home_store.h"

namespace godwit::store::layout {

constexpr uint8_t kRecords = 'R';
constexpr uint8_t kItems = 'I';
constexpr uint8_t kIds = 'D';
constexpr uint8_t kCounters = 'C';
constexpr uint8_t kExpiries = 'X';

/// Above every other key, so that no range of theirs meets it.
constexpr const char* kFormatKey = "\xff" "format";
/// The same.
constexpr const char* kJournalKey = "\xff" "journal";
/// The same: above which number every queue goes on (begin_sequences_anew()); none: 0.
constexpr const char* kFloorKey = "\xff" "floor";

/// A half-open range of keys.
struct Range {
  Bytes first;
  Bytes last;
};

/// Every key that starts with `prefix`, which must hold a byte below 0xff.
Range starting_with(Bytes prefix);

/// Where the record `key` of the interface stands.
Bytes record(ByteView key);
/// What every item key of `queue` starts with.
Bytes items_of(ByteView queue);
/// Where one item of `queue` stands.
Bytes item(ByteView queue, uint64_t sequence);
/// What every id key of `queue` starts with.
Bytes ids_of(ByteView queue);
/// Where one remembered id of `queue` stands.
Bytes id(ByteView queue, const AppendId& id);
/// Where the last sequence of `queue` stands.
Bytes counter(ByteView queue);
/// Where it is noted that the record at `target` is to be removed from `time` on.
Bytes expiry(Instant time, ByteView target);
/// Every expiry up to and including `now`.
Range expired(Instant now);
/// The key that an expiry's key names; empty if it is not one.
ByteView expiry_target(ByteView expiry_key);
/// The time in the key of an expiry that has a target.
Instant expiry_time(ByteView expiry_key);

/// The queue in a key that items_of(), ids_of() or counter() begins; nothing if it is none of these.
std::optional<ByteView> queue_of(ByteView key);
/// The sequence at the end of an item's key; nothing if it is too short.
std::optional<uint64_t> item_sequence(ByteView item_key);

/// How much of an item, as it is kept, says when it expires.
constexpr size_t kItemTimeSize = 8;
/// A queue item as it is kept.
struct ItemValue {
  Instant expires;
  ByteView item;  ///< views what it was read from
};
/// The bytes to keep.
Bytes write_item(Instant expires, ByteView item);
/// Reads what write_item() made; nothing if it is not that.
std::optional<ItemValue> read_item(ByteView value);

/// A remembered id as it is kept: until when. Not which item it was: whoever seizes the disk would have its order.
Bytes write_id(Instant remember_until);
/// Reads what write_id() made; nothing if it is not that.
std::optional<Instant> read_id(ByteView value);
/// The id in an id's key.
ByteView id_in(ByteView id_key);

/// The counter of a queue as it is kept: 8 bytes, and 12 more if an expiry stands for ids of a day.
struct CounterValue {
  uint64_t last = 0;       ///< the last sequence given out
  uint32_t first_day = 0;  ///< since 1970
  uint64_t days = 0;       ///< bit i: of first_day + i there is an expiry with the counter's key

  /// True if there is one of `day`.
  bool has(uint32_t day) const;
  /// Adds `day`; false if it is too far from the others to be kept beside them.
  bool add(uint32_t day);
  /// Takes `day` out.
  void remove(uint32_t day);
};
/// The bytes to keep.
Bytes write_counter(const CounterValue& counter);
/// Reads what write_counter() made, or a version before it; nothing if it is neither.
std::optional<CounterValue> read_counter(ByteView value);
/// The day that begins at `time`; nothing if none does.
std::optional<uint32_t> day_beginning(Instant time);
/// When it begins.
Instant begin_of(uint32_t day);

/// A sequence as it is kept: 8 bytes.
Bytes write_number(uint64_t number);
/// Reads what write_number() made; nothing if it is not that.
std::optional<uint64_t> read_number(ByteView value);

}  // namespace godwit::store::layout
