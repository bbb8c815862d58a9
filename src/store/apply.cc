#include "store/apply.h"

#include <algorithm>

#include "store/errors.h"
#include "store/layout.h"

namespace godwit::store {
namespace {

constexpr const char* kMalformed = "store: a record is as this program wrote it";

/// The value at `key`, or its first `count_max` bytes, read by `read`; nothing if absent, kCorrupted if it is not what `read` knows.
template <typename Read>
auto get_as(Table& table, ByteView key, Read read, size_t count_max = SIZE_MAX) -> Result<decltype(read(ByteView{}))> {
  const std::optional<Bytes> value = TRY(table.get(key, count_max));
  if (!value) return decltype(read(ByteView{})){};
  auto parsed = read(*value);
  REQUIRE(parsed.has_value(), kCorrupted, kMalformed);
  return parsed;
}

void note_expiry(Table& table, Instant time, ByteView target) {
  if (time != kNever) table.put_new(layout::expiry(time, target), {});
}
void forget_expiry(Table& table, Instant time, ByteView target) {
  if (time != kNever) table.erase(layout::expiry(time, target));
}

// Remembered ids end with days, and share one expiry for each day and queue: one of their own would be as much to write as the id.
void note_id_expiry(Table& table, const Append& append, ByteView counter_key, ByteView id_key, layout::CounterValue& counter) {
  const auto day = layout::day_beginning(append.remember_until);
  if (day && counter.has(*day)) return;
  if (day && counter.add(*day)) {
    // Over the one of a sweep that is under way, if there is one: it begins anew.
    table.put(layout::expiry(append.remember_until, counter_key), {});
  } else {
    note_expiry(table, append.remember_until, id_key);
  }
}

// ---- records --------------------------------------------------------------------------------------------------------

Result<Outcome> run(Table& table, const Get& get) { return Outcome{Found{TRY(table.get(layout::record(get.key)))}}; }

Result<Outcome> run(Table& table, const Put& put) {
  table.put(layout::record(put.key), put.value);
  return Outcome{Stored{}};
}

Result<Outcome> run(Table& table, const Erase& erase) {
  table.erase(layout::record(erase.key));
  return Outcome{Stored{}};
}

Result<Outcome> run(Table& table, const CompareAndSwap& swap) {
  const Bytes key = layout::record(swap.key);
  std::optional<Bytes> found = TRY(table.get(key));
  if (found != swap.expected) return Outcome{Swapped{false, std::move(found)}};
  if (swap.value) {
    table.put(key, *swap.value);
  } else {
    table.erase(key);
  }
  return Outcome{Swapped{true, std::move(found)}};
}

Result<Outcome> run(Table& table, const Scan& scan) {
  layout::Range range = layout::starting_with(layout::record(scan.prefix));
  if (!scan.after.empty()) {
    Bytes after = layout::record(scan.after);
    after.push_back(0);  // the least key above it
    range.first = std::max(range.first, after);
  }
  Scanned out{{}, false};
  if (range.first >= range.last) return Outcome{std::move(out)};
  TRY(table.visit(range.first, range.last, [&](ByteView key, ByteView value) {
    out.more = out.records.size() == scan.count_max;
    if (out.more) return false;
    out.records.emplace_back(to_bytes(key.subspan(1)), to_bytes(value));
    return true;
  }));
  return Outcome{std::move(out)};
}

// ---- queues ---------------------------------------------------------------------------------------------------------

Result<Outcome> run(Table& table, const Append& append) {
  const Bytes id_key = layout::id(append.queue, append.id);
  const auto known = TRY(get_as(table, id_key, layout::read_id));
  if (known && append.now < *known) return Outcome{Appended{0, true}};
  const Bytes counter_key = layout::counter(append.queue);
  layout::CounterValue counter = TRY(get_as(table, counter_key, layout::read_counter)).value_or(layout::CounterValue{});
  const uint64_t sequence = std::max(counter.last, table.sequence_floor()) + 1;
  const Bytes item_key = layout::item(append.queue, sequence);
  if (known) forget_expiry(table, *known, id_key);
  table.put_new(item_key, layout::write_item(append.expires, append.item));
  if (known) {
    table.put(id_key, layout::write_id(append.remember_until));
  } else {
    table.put_new(id_key, layout::write_id(append.remember_until));
  }
  note_expiry(table, append.expires, item_key);
  note_id_expiry(table, append, counter_key, id_key, counter);
  counter.last = sequence;
  table.put(counter_key, layout::write_counter(counter));
  return Outcome{Appended{sequence, false}};
}

Result<Outcome> run(Table& table, const ReadQueue& read) {
  QueueItems out{{}, false};
  if (read.after == UINT64_MAX) return Outcome{std::move(out)};
  size_t size = 0;
  bool malformed = false;
  const Bytes last = layout::starting_with(layout::items_of(read.queue)).last;
  TRY(table.visit(layout::item(read.queue, read.after + 1), last, [&](ByteView key, ByteView value) {
    const auto sequence = layout::item_sequence(key);
    const auto kept = layout::read_item(value);
    malformed = !sequence || !kept;
    if (malformed) return false;
    if (kept->expires <= read.now) return true;
    out.more = !out.items.empty() && size + kept->item.size() > read.bytes_max;
    if (out.more) return false;
    size += kept->item.size();
    out.items.push_back({*sequence, to_bytes(kept->item)});
    return true;
  }));
  REQUIRE(!malformed, kCorrupted, kMalformed);
  return Outcome{std::move(out)};
}

/// One record to remove, with its expiry.
struct Removal {
  Bytes key;
  Instant expires;
};

/// Adds what stands in `range` to `out`, up to kRemoveCountMax in all; `read_time` finds the expiry in a value. True: there
/// is more.
template <typename ReadTime>
Result<bool> collect(Table& table, const layout::Range& range, ReadTime read_time, std::vector<Removal>& out) {
  bool malformed = false;
  bool more = false;
  TRY(table.visit(range.first, range.last, [&](ByteView key, ByteView value) {
    more = out.size() == kRemoveCountMax;
    if (more) return false;
    const std::optional<Instant> time = read_time(value);
    malformed = !time;
    if (time) out.push_back({to_bytes(key), *time});
    return !malformed;
  }));
  REQUIRE(!malformed, kCorrupted, kMalformed);
  return more;
}

// The start of the value is enough.
std::optional<Instant> item_time(ByteView value) {
  const auto item = layout::read_item(value);
  return item ? std::optional(item->expires) : std::nullopt;
}

void remove(Table& table, const std::vector<Removal>& removals) {
  for (const Removal& removal : removals) {
    table.erase(removal.key);
    forget_expiry(table, removal.expires, removal.key);
  }
}

// The sequence of the last item among `removals`. Not what a client named: he may name items to come.
uint64_t last_of(const std::vector<Removal>& removals, uint64_t otherwise) {
  return removals.empty() ? otherwise : layout::item_sequence(removals.back().key).value_or(otherwise);
}

// A client that listens acknowledges what came one by one: looking these up costs less than an iterator does.
constexpr uint64_t kLookedUpMax = 32;

Result<Outcome> trim_one_by_one(Table& table, const TrimQueue& trim) {
  std::vector<Removal> removals;
  for (uint64_t sequence = trim.gone + 1; sequence <= trim.through; ++sequence) {
    Bytes key = layout::item(trim.queue, sequence);
    const auto expires = TRY(get_as(table, key, item_time, layout::kItemTimeSize));
    if (expires) removals.push_back({std::move(key), *expires});
  }
  remove(table, removals);
  return Outcome{Stored{false, last_of(removals, trim.gone)}};
}

Result<Outcome> run(Table& table, const TrimQueue& trim) {
  if (trim.through <= trim.gone) return Outcome{Stored{false, trim.gone}};
  if (trim.gone > 0 && trim.through - trim.gone <= kLookedUpMax) return trim_one_by_one(table, trim);
  layout::Range range = layout::starting_with(layout::items_of(trim.queue));
  // Not from the start: an engine may have to step over each item that was there.
  if (trim.gone > 0) range.first = layout::item(trim.queue, trim.gone + 1);
  if (trim.through != UINT64_MAX) range.last = layout::item(trim.queue, trim.through + 1);
  std::vector<Removal> removals;
  const bool more = TRY(collect(table, range, item_time, removals));
  remove(table, removals);
  return Outcome{Stored{more, last_of(removals, trim.gone)}};
}

Result<Outcome> run(Table& table, const DropQueue& drop) {
  std::vector<Removal> removals;
  bool more = TRY(collect(table, layout::starting_with(layout::items_of(drop.queue)), item_time, removals));
  if (!more) more = TRY(collect(table, layout::starting_with(layout::ids_of(drop.queue)), layout::read_id, removals));
  remove(table, removals);
  if (more) return Outcome{Stored{true}};
  const Bytes counter_key = layout::counter(drop.queue);
  const auto counter = TRY(get_as(table, counter_key, layout::read_counter)).value_or(layout::CounterValue{});
  for (layout::CounterValue left = counter; left.days != 0; left.remove(left.first_day)) {
    forget_expiry(table, layout::begin_of(left.first_day), counter_key);
  }
  table.erase(counter_key);
  return Outcome{Stored{false}};
}

// ---- everything -----------------------------------------------------------------------------------------------------

// Whether the key that an expiry names stands for remembered ids of a queue.
bool of_ids(ByteView target) { return !target.empty() && target[0] == layout::kCounters; }

// What one entry of the table is, out of its key and value alone.
Entry entry_of(ByteView key, ByteView value) {
  Entry entry{EntryKind::kUnknown, to_bytes(key), {}, key.size() + value.size(), true, {}, {}};
  const auto of_queue = [&](EntryKind kind, ByteView names_queue, bool sound) {
    const auto queue = layout::queue_of(names_queue);
    entry.kind = kind;
    entry.key = to_bytes(queue.value_or(ByteView{}));
    entry.sound = sound && queue.has_value();
  };
  if (key[0] == layout::kRecords) {
    entry.kind = EntryKind::kRecord;
    entry.key = to_bytes(key.subspan(1));
    entry.value = to_bytes(value);
  } else if (key[0] == layout::kItems) {
    const auto item = layout::read_item(value);
    of_queue(EntryKind::kItem, key, item.has_value());
    if (item) entry.value = to_bytes(item->item);
  } else if (key[0] == layout::kIds) {
    of_queue(EntryKind::kRememberedId, key, layout::read_id(value).has_value());
  } else if (key[0] == layout::kCounters) {
    of_queue(EntryKind::kCounter, key, layout::read_counter(value).has_value());
  } else if (key[0] == layout::kExpiries) {
    const ByteView target = layout::expiry_target(key);
    of_queue(EntryKind::kExpiry, target, value.empty() || of_ids(target));
  } else if (equal(key, as_bytes(layout::kFormatKey)) || equal(key, as_bytes(layout::kJournalKey)) ||
             equal(key, as_bytes(layout::kFloorKey))) {
    entry.kind = EntryKind::kFormat;
    entry.sound = layout::read_number(value).has_value();
  }
  return entry;
}

Result<Outcome> run(Table& table, const Survey& survey) {
  Bytes first = survey.after;
  first.push_back(0);  // the least key above it; no key is empty
  const Bytes last(64, 0xff);
  Surveyed out;
  size_t size = 0;
  TRY(table.visit(first, last, [&](ByteView key, ByteView value) {
    if (!out.entries.empty() && size + key.size() + value.size() > survey.bytes_max) return false;
    size += key.size() + value.size();
    out.entries.push_back(entry_of(key, value));
    if (survey.whole) {
      out.entries.back().stored_key = to_bytes(key);
      out.entries.back().stored_value = to_bytes(value);
    }
    out.next = to_bytes(key);
    return true;
  }));
  return Outcome{std::move(out)};
}

// Ids that one sweep looks through at most, of all queues, whether their time has come or not.
constexpr size_t kIdsSeenMax = 4'096;

// Removes the ids of a queue for which `expiry_key` stands, beginning behind `done`, `count_max` of them at most, and looks at `looks` at most, which
// is then so much less; gives how many, or `count_max` if there may be more.
Result<size_t> forget_ids(Table& table, ByteView expiry_key, ByteView done, Instant now, size_t count_max, size_t& looks) {
  const Bytes counter_key = to_bytes(layout::expiry_target(expiry_key));
  const auto queue = layout::queue_of(counter_key);
  REQUIRE(queue.has_value(), kCorrupted, kMalformed);
  // First, so that an id of that day that comes before the end brings an expiry of its own, with which the looking through begins anew.
  auto counter = TRY(get_as(table, counter_key, layout::read_counter));
  const auto day = layout::day_beginning(layout::expiry_time(expiry_key));
  if (counter && day && counter->has(*day)) {
    counter->remove(*day);
    table.put(counter_key, layout::write_counter(*counter));
  }
  layout::Range range = layout::starting_with(layout::ids_of(*queue));
  if (!done.empty()) {
    append(range.first, done);
    range.first.push_back(0);  // the least key above it
  }
  std::vector<Bytes> due;
  Bytes last;
  bool malformed = false;
  bool more = false;
  TRY(table.visit(range.first, range.last, [&](ByteView key, ByteView value) {
    more = due.size() == count_max || looks == 0;
    if (more) return false;
    const auto until = layout::read_id(value);
    malformed = !until;
    if (malformed) return false;
    if (*until <= now) due.push_back(to_bytes(key));
    last = to_bytes(layout::id_in(key));
    --looks;
    return true;
  }));
  REQUIRE(!malformed, kCorrupted, kMalformed);
  for (const Bytes& key : due) table.erase(key);
  if (more) {
    table.put(expiry_key, std::move(last));
    return count_max;
  }
  table.erase(expiry_key);
  return std::min(due.size() + 1, count_max);
}

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

}  // namespace

Result<Outcome> apply_operation(Table& table, const Operation& operation) {
  return std::visit([&](const auto& one) { return run(table, one); }, operation);
}

Result<size_t> sweep(Table& table, Instant now, size_t count_max) {
  const layout::Range range = layout::expired(now);
  std::vector<std::pair<Bytes, Bytes>> due;
  TRY(table.visit(range.first, range.last, [&](ByteView key, ByteView value) {
    if (due.size() == count_max) return false;
    due.emplace_back(to_bytes(key), to_bytes(value));
    return true;
  }));
  size_t count = 0;
  size_t looks = kIdsSeenMax;
  for (const auto& [key, value] : due) {
    if (count == count_max || looks == 0) return count_max;
    const ByteView target = layout::expiry_target(key);
    REQUIRE(layout::queue_of(target).has_value(), kCorrupted, kMalformed);
    if (of_ids(target)) {
      count += TRY(forget_ids(table, key, value, now, count_max - count, looks));
    } else {
      table.erase(target);
      table.erase(key);
      ++count;
    }
  }
  return count;
}

bool only_reads(const Operation& operation) {
  return std::holds_alternative<Get>(operation) || std::holds_alternative<Scan>(operation) ||
         std::holds_alternative<ReadQueue>(operation) || std::holds_alternative<Survey>(operation);
}

bool may_be_undone(const Operation& operation) { return std::holds_alternative<TrimQueue>(operation); }

std::optional<Instant> time_of(const Operation& operation) {
  if (const auto* one = std::get_if<Append>(&operation)) return one->now;
  if (const auto* one = std::get_if<ReadQueue>(&operation)) return one->now;
  return std::nullopt;
}

Bytes subject_of(const Operation& operation) {
  return std::visit(Overloaded{
                        [](const Get& one) { return layout::record(one.key); },
                        [](const Put& one) { return layout::record(one.key); },
                        [](const Erase& one) { return layout::record(one.key); },
                        [](const CompareAndSwap& one) { return layout::record(one.key); },
                        [](const Scan& one) { return layout::record(one.prefix); },
                        [](const Survey&) { return Bytes{}; },
                        [](const auto& one) { return layout::counter(one.queue); },
                    },
                    operation);
}

size_t size_of(const Operation& operation) {
  const size_t contents = std::visit(Overloaded{
                                         [](const Put& one) { return one.key.size() + one.value.size(); },
                                         [](const CompareAndSwap& one) {
                                           return one.key.size() + (one.expected ? one.expected->size() : 0) +
                                                  (one.value ? one.value->size() : 0);
                                         },
                                         [](const Append& one) { return one.queue.size() + one.item.size(); },
                                         [](const auto&) { return size_t{0}; },
                                     },
                                     operation);
  return sizeof(Operation) + contents;
}

}  // namespace godwit::store
