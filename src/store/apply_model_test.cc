// Random operations on apply_operation() and on a model that is too simple to be wrong: the outcomes are the same.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "store/apply.h"
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
Instant some_time(Random& random, Instant now) {
  return random.below(8) == 0 ? kNever : now + milliseconds(static_cast<int64_t>(random.below(40)) - 2);
}

Operation some_operation(Random& random, Instant now) {
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
      return Append{key, id, item, some_time(random, now), some_time(random, now), now};
    }
  }
}

TEST(ApplyModel, random_operations_and_sweeps_have_the_outcomes_of_the_model) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    SeededRandom random(seed);
    MemoryDisk disk;
    Model model;
    Instant now{1'000};
    for (int step = 0; step < 600; ++step) {
      now = now + milliseconds(static_cast<int64_t>(random.below(3)));
      const Operation operation = some_operation(random, now);
      const std::string expected = std::visit([&](const auto& one) { return model.run(one); }, operation);
      ASSERT_EQ(text_of(*apply_operation(disk, operation)), expected) << "seed " << seed << " step " << step;
      const size_t swept_max = random.below(4) == 0 ? 1 + random.below(4) : 0;
      ASSERT_TRUE(sweep(disk, now, swept_max).has_value());
    }
  }
}

TEST(ApplyModel, a_dropped_queue_leaves_nothing_and_a_sweep_leaves_no_expiry) {
  SeededRandom random(3);
  MemoryDisk disk;
  Instant now{1'000};
  for (int step = 0; step < 2'000; ++step) {
    now = now + milliseconds(1);
    ASSERT_TRUE(apply_operation(disk, some_operation(random, now)).has_value());
  }
  ASSERT_TRUE(sweep(disk, kNever - milliseconds(1), 100'000).has_value());
  for (const auto& [key, value] : disk.records()) EXPECT_NE(key[0], layout::kExpiries);
  for (int i = 0; i < 2'000; ++i) ASSERT_TRUE(apply_operation(disk, DropQueue{some_key(random)}).has_value());
  for (const auto& [key, value] : disk.records()) EXPECT_EQ(key[0], layout::kRecords);
}

}  // namespace
}  // namespace godwit::store
