#include "store/memory_store.h"

#include "store/faulty_store.h"
#include "store/seeded_random_test.h"
#include "store/store_conformance.h"

namespace godwit::store {
namespace {

class MemoryUnderTest final : public StoreUnderTest {
 public:
  HomeStore& store() override { return *store_; }
  void reopen() override { store_ = std::make_unique<MemoryStore>(disk_); }

 private:
  MemoryDisk disk_;
  std::unique_ptr<HomeStore> store_ = std::make_unique<MemoryStore>(disk_);
};

class FaultyUnderTest final : public StoreUnderTest {
 public:
  HomeStore& store() override { return *store_; }
  void reopen() override {
    store_.reset();
    store_ = std::make_unique<FaultyStore>(disk_, random_, StoreFaults{});
  }

 private:
  MemoryDisk disk_;
  SeededRandom random_{1};
  std::unique_ptr<HomeStore> store_ = std::make_unique<FaultyStore>(disk_, random_, StoreFaults{});
};

INSTANTIATE_TEST_SUITE_P(Memory, HomeStoreConformance,
                         testing::Values(StoreKind{"memory", [] { return std::make_unique<MemoryUnderTest>(); }},
                                         StoreKind{"faulty", [] { return std::make_unique<FaultyUnderTest>(); }}),
                         store_kind_name);

TEST(MemoryStore, what_is_trimmed_dropped_or_expired_is_gone_from_the_disk) {
  MemoryDisk disk;
  MemoryStore store(disk);
  for (uint64_t i = 1; i <= 3; ++i) run_as<Appended>(store, append_of("q", i, "secret" + std::to_string(i)));
  run_as<Stored>(store, TrimQueue{b("q"), 1});
  EXPECT_FALSE(disk.holds(b("secret1")));
  EXPECT_TRUE(disk.holds(b("secret2")));
  run_as<QueueItems>(store, ReadQueue{b("else"), 0, 1, kTestNow + days(30)});
  EXPECT_FALSE(disk.holds(b("secret2")));
  EXPECT_TRUE(run_as<Appended>(store, append_of("q", 2, "", kTestNow + days(30))).duplicate);
  run_as<Stored>(store, DropQueue{b("q")});
  EXPECT_TRUE(disk.records().empty());
}

TEST(MemoryStore, a_sweep_leaves_nothing_of_what_has_expired) {
  MemoryDisk disk;
  MemoryStore store(disk);
  for (uint64_t i = 0; i < 1000; ++i) run_as<Appended>(store, append_of("q" + std::to_string(i % 7), i, "item"));
  for (int i = 0; i < 10; ++i) run_as<QueueItems>(store, ReadQueue{b("q"), 0, 1, kTestNow + days(32)});
  EXPECT_EQ(disk.records().size(), 7U);  // where the queues' sequences go on
}

TEST(MemoryStore, a_copied_disk_is_a_snapshot) {
  MemoryDisk disk;
  MemoryStore store(disk);
  run_as<Stored>(store, Put{b("k"), b("then")});
  MemoryDisk snapshot = disk;
  run_as<Stored>(store, Put{b("k"), b("now")});
  MemoryStore old(snapshot);
  EXPECT_EQ(run_as<Found>(old, Get{b("k")}).value, b("then"));
}

}  // namespace
}  // namespace godwit::store
