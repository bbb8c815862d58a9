#include "store/memory_client_store.h"

#include "store/client_store_conformance.h"
#include "store/errors.h"

namespace godwit::store {
namespace {

class MemoryClientUnderTest final : public ClientStoreUnderTest {
 public:
  ClientStore& store() override { return *store_; }
  void reopen() override { store_ = std::make_unique<MemoryClientStore>(disk_); }

 private:
  MemoryDisk disk_;
  std::unique_ptr<ClientStore> store_ = std::make_unique<MemoryClientStore>(disk_);
};

INSTANTIATE_TEST_SUITE_P(Memory, ClientStoreConformance, testing::Values(ClientStoreKind{"memory", [] {
                           return std::make_unique<MemoryClientUnderTest>();
                         }}),
                         client_store_kind_name);

const std::vector<Change> kBatch = {{{1}, Bytes{1}}, {{2}, Bytes{2}}};

TEST(MemoryClientStore, a_crash_before_a_batch_leaves_none_of_it_and_after_it_all) {
  for (const auto point : {BatchCrashPoint::kBeforeBatch, BatchCrashPoint::kAfterBatch}) {
    MemoryDisk disk;
    MemoryClientStore store(disk, {.crash_at = 1, .crash_point = point, .disk_full_at = {}});
    ASSERT_TRUE(store.write({{{0}, Bytes{0}}}).has_value());
    EXPECT_FALSE(store.crashed());
    EXPECT_EQ(store.write(kBatch).error().code, kUnavailable);
    EXPECT_TRUE(store.crashed());
    EXPECT_EQ(store.write({{{3}, Bytes{3}}}).error().code, kUnavailable);
    EXPECT_EQ(store.read(Bytes{0}).error().code, kUnavailable);
    MemoryClientStore next(disk);
    EXPECT_EQ(next.read(Bytes{0}).value(), Bytes{0});
    EXPECT_EQ(next.range(Bytes{1}, Bytes{9}, 9, false)->size(), point == BatchCrashPoint::kAfterBatch ? 2U : 0U);
  }
}

TEST(MemoryClientStore, a_full_disk_writes_nothing_and_recovers) {
  MemoryDisk disk;
  MemoryClientStore store(disk, {.crash_at = {}, .crash_point = {}, .disk_full_at = 0});
  EXPECT_EQ(store.write(kBatch).error().code, kDiskFull);
  EXPECT_TRUE(disk.records().empty());
  EXPECT_TRUE(store.write(kBatch).has_value());
  store.set_disk_full(true);
  EXPECT_EQ(store.write({{{1}, std::nullopt}}).error().code, kDiskFull);
  EXPECT_EQ(store.read(Bytes{1}).value(), Bytes{1});
}

}  // namespace
}  // namespace godwit::store
