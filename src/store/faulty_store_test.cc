#include "store/faulty_store.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "store/errors.h"
#include "store/seeded_random_test.h"

namespace godwit::store {
namespace {

Bytes b(std::string_view text) { return to_bytes(as_bytes(text)); }

/// A store on a disk, with the answers that came.
struct World {
  explicit World(StoreFaults faults = {}) : store(std::make_unique<FaultyStore>(disk, random, faults)) {}

  void submit(Operation operation) {
    const size_t index = answers.size();
    answers.emplace_back();
    store->submit(std::move(operation), [this, index](Result<Outcome> outcome) {
      answers[index].emplace(std::move(outcome));
    });
  }
  size_t answered() const {
    size_t count = 0;
    for (const auto& answer : answers) count += answer ? 1U : 0U;
    return count;
  }

  MemoryDisk disk;
  SeededRandom random{7};
  std::vector<std::optional<Result<Outcome>>> answers;
  std::unique_ptr<FaultyStore> store;
};

Operation put(int i) { return Put{b("k" + std::to_string(i)), b("v")}; }

TEST(FaultyStore, a_crash_at_any_operation_keeps_every_answered_one_and_only_whole_ones) {
  constexpr int kCount = 12;
  for (const auto point : {CrashPoint::kBeforeApply, CrashPoint::kBeforeSync, CrashPoint::kBeforeAnswer}) {
    for (uint64_t at = 0; at < kCount; ++at) {
      World world({.crash_at = at, .crash_point = point});
      for (int i = 0; i < kCount; ++i) {
        world.submit(put(i));
        if (i % 3 == 2) world.store->poll();
      }
      EXPECT_TRUE(world.store->crashed());
      const size_t synced = at / 3 * 3 + (point == CrashPoint::kBeforeAnswer ? 3 : 0);
      const size_t answered = point == CrashPoint::kBeforeAnswer ? at : at / 3 * 3;
      EXPECT_EQ(world.disk.records().size(), synced);
      EXPECT_EQ(world.answered(), answered);
      world.store = std::make_unique<FaultyStore>(world.disk, world.random, StoreFaults{});
      world.submit(put(100));
      EXPECT_EQ(world.store->poll(), 1U);
      EXPECT_EQ(world.disk.records().size(), synced + 1);
    }
  }
}

TEST(FaultyStore, nothing_is_answered_before_a_sync_that_the_caller_drives) {
  World world({.sync_at_poll = false});
  world.submit(put(1));
  world.submit(put(2));
  EXPECT_EQ(world.store->poll(), 0U);
  world.store->apply_waiting(1);
  EXPECT_EQ(world.store->poll(), 0U);
  EXPECT_TRUE(world.disk.has_unsynced());
  world.store->crash();
  EXPECT_TRUE(world.disk.records().empty());
  world.store = std::make_unique<FaultyStore>(world.disk, world.random, StoreFaults{.sync_at_poll = false});
  world.submit(put(3));
  world.store->sync();
  EXPECT_EQ(world.store->poll(), 1U);
}

TEST(FaultyStore, a_store_that_goes_away_loses_what_it_had_not_synced) {
  World world({.sync_at_poll = false});
  world.submit(put(1));
  world.store->apply_waiting(1);
  world.store.reset();
  EXPECT_TRUE(world.disk.records().empty());
}

TEST(FaultyStore, on_a_full_disk_reads_go_on_and_nothing_is_written) {
  World world;
  world.submit(put(1));
  world.store->poll();
  world.store->set_disk_full(true);
  world.submit(put(2));
  world.submit(Get{b("k1")});
  world.store->poll();
  EXPECT_EQ(world.answers[1]->error().code, kDiskFull);
  EXPECT_EQ(std::get<Found>(**world.answers[2]).value, b("v"));
  EXPECT_EQ(world.disk.records().size(), 1U);
  world.store->set_disk_full(false);
  world.submit(put(2));
  world.store->poll();
  EXPECT_TRUE(world.answers[3]->has_value());
}

TEST(FaultyStore, faults_by_chance_are_the_same_for_the_same_seed) {
  auto run = [] {
    World world({.disk_full_per_million = 200'000, .unavailable_per_million = 300'000});
    for (int i = 0; i < 200; ++i) world.submit(put(i));
    world.store->poll();
    std::map<uint16_t, int> counts;
    for (const auto& answer : world.answers) ++counts[answer->has_value() ? 0 : answer->error().code.number];
    return std::pair(counts, world.disk.records());
  };
  const auto [counts, records] = run();
  EXPECT_EQ(run(), std::pair(counts, records));
  EXPECT_GT(counts.at(kDiskFull.number), 10);
  EXPECT_GT(counts.at(kUnavailable.number), 10);
  // Some of those whose answer was lost took effect.
  EXPECT_GT(records.size(), static_cast<size_t>(counts.at(0)));
}

}  // namespace
}  // namespace godwit::store
