// Random operations on apply_operation() and on a model that is too simple to be wrong: the outcomes are the same.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "store/apply.h"
#include "store/errors.h"
#include "store/layout.h"
#include "store/memory_disk.h"
#include "store/seeded_random_test.h"

namespace godwit::store {
namespace {

/// Queues and records as one would write them down on paper; nothing is ever removed for having expired.
struct Model {
  struct Item {
    uint64_t sequence;
    Bytes item;
    Instant expires;
  };
  struct Queue {
    uint64_t last = 0;
    std::vector<Item> items;
    std::map<AppendId, Instant> ids;  // until when
  };
  std::map<Bytes, Bytes> records;
  std::map<Bytes, Queue> queues;

  std::string run(const Append& append) {
    Queue& queue = queues[append.queue];
    const auto known = queue.ids.find(append.id);
    if (known != queue.ids.end() && append.now < known->second) {
      return "duplicate";
    }
    queue.items.push_back({++queue.last, append.item, append.expires});
    queue.ids[append.id] = append.remember_until;
    return "appended " + std::to_string(queue.last);
  }
  std::string run(const ReadQueue& read) {
    std::string out;
    for (const Item& item : queues[read.queue].items) {
      if (item.sequence > read.after && item.expires > read.now) {
        out += std::to_string(item.sequence) + to_hex(item.item) + " ";
      }
    }
    return out;
  }
  std::string run(const TrimQueue& trim) {
    std::erase_if(queues[trim.queue].items, [&](const Item& item) { return item.sequence <= trim.through; });
    return "stored";
  }
  std::string run(const DropQueue& drop) {
    queues.erase(drop.queue);
    return "stored";
  }
  std::string run(const Put& put) {
    records[put.key] = put.value;
    return "stored";
  }
  std::string run(const Erase& erase) {
    records.erase(erase.key);
    return "stored";
  }
  std::string run(const CompareAndSwap& swap) {
    const auto at = records.find(swap.key);
    const auto found = at == records.end() ? std::nullopt : std::optional(at->second);
    if (found != swap.expected) return "kept";
    records.erase(swap.key);
    if (swap.value) records[swap.key] = *swap.value;
    return "swapped";
  }
  std::string run(const Get& get) { return records.contains(get.key) ? to_hex(records[get.key]) : "absent"; }
  std::string run(const Scan& scan) {
    std::string out;
    uint32_t left = scan.count_max;
    for (const auto& [key, value] : records) {
      const bool inside = key.size() >= scan.prefix.size() &&
                          std::equal(scan.prefix.begin(), scan.prefix.end(), key.begin());
      if (inside && (scan.after.empty() || key > scan.after) && left > 0) {
        out += to_hex(key) + "=" + to_hex(value) + " ";
        --left;
      }
    }
    return out;
  }
  // Shows what the model does not have (what is expired and not swept); its cases are in store_conformance.h.
  static std::string run(const Survey&) { return {}; }
};

/// A disk that is watched: what is said to be new is, and how much is looked at.
class WatchedDisk final : public Table {
 public:
  explicit WatchedDisk(MemoryDisk& disk) : disk_(disk) {}
  Result<std::optional<Bytes>> get(ByteView key, size_t count_max = SIZE_MAX) override { return disk_.get(key, count_max); }
  Status visit(ByteView first, ByteView last, const Visitor& visitor) override {
    return disk_.visit(first, last, [&](ByteView key, ByteView value) {
      ++looked_at;
      return visitor(key, value);
    });
  }
  void put(ByteView key, Bytes value) override { disk_.put(key, std::move(value)); }
  void put_new(ByteView key, Bytes value) override {
    EXPECT_FALSE(disk_.records().contains(to_bytes(key))) << to_hex(key);
    disk_.put(key, std::move(value));
  }
  void erase(ByteView key) override { disk_.erase(key); }
  size_t looked_at = 0;

 private:
  MemoryDisk& disk_;
};

std::string text_of(const Outcome& outcome) {
  if (const auto* one = std::get_if<Found>(&outcome)) return one->value ? to_hex(*one->value) : "absent";
  if (const auto* one = std::get_if<Swapped>(&outcome)) return one->swapped ? "swapped" : "kept";
  if (const auto* one = std::get_if<Appended>(&outcome)) {
    return one->duplicate ? "duplicate" : "appended " + std::to_string(one->sequence);
  }
  std::string out;
  if (const auto* one = std::get_if<Scanned>(&outcome)) {
    for (const auto& [key, value] : one->records) out += to_hex(key) + "=" + to_hex(value) + " ";
    return out;
  }
  if (const auto* one = std::get_if<QueueItems>(&outcome)) {
    for (const auto& item : one->items) out += std::to_string(item.sequence) + to_hex(item.item) + " ";
    return out;
  }
  return "stored";
}

/// A few keys, so that operations meet: 0 to 3 bytes of 0x00, 0x61 or 0xff.
Bytes some_key(Random& random) {
  Bytes key(random.below(4));
  for (uint8_t& byte : key) byte = ByteArray<3>{0x00, 0x61, 0xff}[random.below(3)];
  return key;
}
std::optional<Bytes> some_value(Random& random) {
  if (random.below(3) == 0) return std::nullopt;
  return Bytes(random.below(3), static_cast<uint8_t>(random.below(2)));
}
Instant some_time(Random& random, Instant now, Duration unit) {
  return random.below(8) == 0 ? kNever : now + unit * (static_cast<int64_t>(random.below(40)) - 2);
}

/// How far apart two moments of a run are, and how long it is remembered what came.
struct Pace {
  Duration step;
  Duration unit;  // of which some_time() takes a few
  bool days;      // ids end with days, as a home's do
};
constexpr Pace kQuick{milliseconds(2), milliseconds(1), false};
constexpr Pace kSlow{hours(20), hours(6), true};

Instant some_end(Random& random, Instant now, const Pace& pace) {
  const Instant end = some_time(random, now, pace.unit);
  return pace.days && end != kNever ? Instant{end.ms - end.ms % days(1).ms} : end;
}

Operation some_operation(Random& random, Instant now, const Pace& pace) {
  const Bytes key = some_key(random);
  switch (random.below(12)) {
    case 0: return Get{key};
    case 1: return Put{key, some_value(random).value_or(Bytes{5})};
    case 2: return Erase{key};
    case 3: return CompareAndSwap{key, some_value(random), some_value(random)};
    case 4: return Scan{key, some_key(random), static_cast<uint32_t>(random.below(20))};
    case 5:
    case 6: return ReadQueue{key, random.below(6), 1 << 20, now};
    case 7: return TrimQueue{key, random.below(12)};
    case 8: return random.below(4) == 0 ? Operation(DropQueue{key}) : Operation(Get{key});
    default: {
      AppendId id;
      id.value[0] = static_cast<uint8_t>(random.below(5));
      const Bytes item{static_cast<uint8_t>(random.below(250))};
      return Append{key, id, item, some_time(random, now, pace.unit), some_end(random, now, pace), now};
    }
  }
}

void compare(uint64_t seed, const Pace& pace) {
  SeededRandom random(seed);
  MemoryDisk memory;
  WatchedDisk disk(memory);
  Model model;
  Instant now{1'000};
  for (int step = 0; step < 600; ++step) {
    now = now + Duration{static_cast<int64_t>(random.below(static_cast<uint64_t>(pace.step.ms) + 1))};
    const Operation operation = some_operation(random, now, pace);
    const std::string expected = std::visit([&](const auto& one) { return model.run(one); }, operation);
    ASSERT_EQ(text_of(*apply_operation(disk, operation)), expected) << "seed " << seed << " step " << step;
    const size_t swept_max = random.below(4) == 0 ? 1 + random.below(4) : 0;
    ASSERT_TRUE(sweep(disk, now, swept_max).has_value());
  }
}

TEST(ApplyModel, random_operations_and_sweeps_have_the_outcomes_of_the_model) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    compare(seed, kQuick);
    compare(seed, kSlow);
  }
}

TEST(ApplyModel, a_dropped_queue_leaves_nothing_and_a_sweep_leaves_no_expiry) {
  for (const Pace& pace : {kQuick, kSlow}) {
    SeededRandom random(3);
    MemoryDisk disk;
    Instant now{1'000};
    for (int step = 0; step < 2'000; ++step) {
      now = now + Duration{pace.step.ms / 2};
      ASSERT_TRUE(apply_operation(disk, some_operation(random, now, pace)).has_value());
    }
    MemoryDisk dropped = disk;
    for (int i = 0; i < 2'000; ++i) ASSERT_TRUE(apply_operation(dropped, DropQueue{some_key(random)}).has_value());
    for (const auto& [key, value] : dropped.records()) EXPECT_EQ(key[0], layout::kRecords);
    ASSERT_TRUE(sweep(disk, kNever - milliseconds(1), 100'000).has_value());
    for (const auto& [key, value] : disk.records()) {
      EXPECT_NE(key[0], layout::kExpiries);
      const auto until = key[0] == layout::kIds ? layout::read_id(value) : std::nullopt;
      if (until) EXPECT_EQ(*until, kNever);
    }
  }
}

// ---- ids that end with a day ----------------------------------------------------------------------------------------

AppendId numbered(uint32_t number) {
  AppendId id;
  for (size_t i = 0; i < 4; ++i) id.value[i] = static_cast<uint8_t>(number >> (8 * i));
  return id;
}

void append_ids(Table& disk, const Bytes& queue, uint32_t first, uint32_t count, uint32_t day, Instant now) {
  for (uint32_t i = first; i < first + count; ++i) {
    ASSERT_TRUE(apply_operation(disk, Append{queue, numbered(i), Bytes{1}, kNever, layout::begin_of(day), now}).has_value());
  }
}

size_t count_of(const MemoryDisk& disk, uint8_t kind) {
  size_t count = 0;
  for (const auto& [key, value] : disk.records()) count += key[0] == kind ? 1 : 0;
  return count;
}

TEST(ApplyModel, ids_of_a_day_and_queue_share_one_expiry) {
  MemoryDisk disk;
  append_ids(disk, Bytes{7}, 0, 50, 20, Instant{0});
  append_ids(disk, Bytes{7}, 50, 50, 21, Instant{0});
  append_ids(disk, Bytes{8}, 0, 50, 20, Instant{0});
  EXPECT_EQ(count_of(disk, layout::kIds), 150U);
  EXPECT_EQ(count_of(disk, layout::kExpiries), 3U);
  ASSERT_TRUE(sweep(disk, layout::begin_of(20), 1'000).has_value());
  EXPECT_EQ(count_of(disk, layout::kIds), 50U);
  EXPECT_EQ(count_of(disk, layout::kExpiries), 1U);
}

TEST(ApplyModel, days_too_far_apart_for_one_counter_have_expiries_of_their_own_and_end_as_well) {
  MemoryDisk disk;
  for (const uint32_t day : {200U, 100U, 300U, 137U, 136U, 199U}) append_ids(disk, Bytes{7}, 2 * day, 2, day, Instant{0});
  EXPECT_EQ(count_of(disk, layout::kIds), 12U);
  ASSERT_TRUE(sweep(disk, layout::begin_of(250), 1'000).has_value());
  EXPECT_EQ(count_of(disk, layout::kIds), 2U);
  MemoryDisk dropped = disk;
  ASSERT_TRUE(apply_operation(dropped, DropQueue{Bytes{7}}).has_value());
  EXPECT_TRUE(dropped.records().empty());
  ASSERT_TRUE(sweep(disk, layout::begin_of(300), 1'000).has_value());
  EXPECT_EQ(count_of(disk, layout::kIds), 0U);
  EXPECT_EQ(count_of(disk, layout::kExpiries), 0U);
}

TEST(ApplyModel, a_sweep_of_many_ids_goes_on_where_it_was_and_one_that_comes_meanwhile_ends_too) {
  MemoryDisk memory;
  WatchedDisk disk(memory);
  const uint32_t many = 10'000;
  append_ids(disk, Bytes{7}, 0, many, 30, Instant{0});  // not due: they are only looked through
  append_ids(disk, Bytes{7}, many, many, 20, Instant{0});
  size_t rounds = 0;
  while (*sweep(disk, layout::begin_of(20), kSweepCountMax) == kSweepCountMax) {
    if (++rounds == 3) append_ids(disk, Bytes{7}, 5 * many, 1, 20, Instant{0});  // as by a clock that was put back
    ASSERT_LT(rounds, 1'000U);
  }
  EXPECT_GE(rounds, many / kSweepCountMax);
  EXPECT_EQ(count_of(memory, layout::kIds), many);
  EXPECT_EQ(count_of(memory, layout::kExpiries), 1U);
}

TEST(ApplyModel, a_sweep_looks_at_no_more_ids_for_being_those_of_many_queues) {
  MemoryDisk memory;
  WatchedDisk disk(memory);
  for (uint8_t queue = 0; queue < 50; ++queue) {
    append_ids(disk, Bytes{queue}, 0, 500, 30, Instant{0});  // not due
    append_ids(disk, Bytes{queue}, 500, 1, 20, Instant{0});
  }
  size_t most = 0;
  size_t rounds = 0;
  for (bool more = true; more; ++rounds) {
    disk.looked_at = 0;
    more = *sweep(disk, layout::begin_of(20), kSweepCountMax) == kSweepCountMax;
    most = std::max(most, disk.looked_at);
  }
  EXPECT_LE(most, 5'000U);
  EXPECT_LE(rounds, 10U);
  EXPECT_EQ(count_of(memory, layout::kIds), 50U * 500);
  EXPECT_EQ(count_of(memory, layout::kExpiries), 50U);
}

TEST(ApplyModel, what_a_version_before_wrote_of_counters_and_expiries_is_read_and_ends) {
  MemoryDisk disk;
  const Bytes queue{7};
  disk.put(layout::counter(queue), layout::write_number(41));
  disk.put(layout::id(queue, numbered(1)), layout::write_id(layout::begin_of(20)));
  disk.put(layout::expiry(layout::begin_of(20), layout::id(queue, numbered(1))), {});
  const Append again{queue, numbered(1), Bytes{1}, kNever, layout::begin_of(20), Instant{0}};
  EXPECT_EQ(text_of(*apply_operation(disk, again)), "duplicate");
  const Append next{queue, numbered(2), Bytes{1}, kNever, layout::begin_of(20), Instant{0}};
  EXPECT_EQ(text_of(*apply_operation(disk, next)), "appended 42");
  ASSERT_TRUE(sweep(disk, layout::begin_of(20), 100).has_value());
  EXPECT_EQ(count_of(disk, layout::kIds), 0U);
  EXPECT_EQ(count_of(disk, layout::kExpiries), 0U);
}

TEST(ApplyModel, a_counter_that_is_none_is_damage) {
  for (const size_t size : {0U, 7U, 9U, 12U, 19U, 21U}) EXPECT_FALSE(layout::read_counter(Bytes(size)).has_value());
  MemoryDisk disk;
  const Bytes key = layout::counter(Bytes{7});
  // The first day is one of those that it says, and there are days until the last one that a number has.
  disk.put(key, layout::write_counter({41, 20, 0b10}));
  const auto dropped = apply_operation(disk, DropQueue{Bytes{7}});
  ASSERT_FALSE(dropped.has_value());
  EXPECT_EQ(dropped.error().code, kCorrupted);
  EXPECT_FALSE(layout::read_counter(layout::write_counter({41, UINT32_MAX, 0b11})).has_value());
  EXPECT_TRUE(layout::read_counter(layout::write_counter({41, UINT32_MAX, 0b1})).has_value());
  EXPECT_TRUE(layout::read_counter(layout::write_counter({41, UINT32_MAX - 63, UINT64_MAX})).has_value());
  disk.put(key, Bytes(9));
  const auto appended = apply_operation(disk, Append{Bytes{7}, numbered(1), Bytes{1}, kNever, kNever, Instant{0}});
  ASSERT_FALSE(appended.has_value());
  EXPECT_EQ(appended.error().code, kCorrupted);
}

TEST(ApplyModel, an_expiry_of_what_is_neither_item_nor_id_is_damage) {
  for (const Bytes& target : {layout::record(Bytes{7}), to_bytes(as_bytes(layout::kFormatKey)), Bytes{}, Bytes{layout::kItems}, Bytes{layout::kCounters}}) {
    MemoryDisk disk;
    disk.put(target, Bytes{1});
    disk.put(layout::expiry(Instant{1}, target), {});
    const auto swept = sweep(disk, Instant{2}, 100);
    ASSERT_FALSE(swept.has_value()) << to_hex(target);
    EXPECT_EQ(swept.error().code, kCorrupted);
    EXPECT_TRUE(disk.records().contains(target));
  }
}

}  // namespace
}  // namespace godwit::store
