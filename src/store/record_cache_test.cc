#include "store/record_cache.h"

#include <gtest/gtest.h>

namespace godwit::store {
namespace {

const Bytes kKey{'R', 1};
const std::optional<Bytes> kOld = Bytes{1};
const std::optional<Bytes> kNew = Bytes{2};

TEST(RecordCache, KnowsWhatWasReadEvenThatNothingIsThere) {
  RecordCache cache;
  EXPECT_EQ(cache.find(kKey), nullptr);
  cache.read(kKey, cache.reading(kKey), std::nullopt);
  ASSERT_NE(cache.find(kKey), nullptr);
  EXPECT_EQ(*cache.find(kKey), std::nullopt);
  cache.changing(kKey);
  EXPECT_EQ(cache.find(kKey), nullptr);
  cache.read(kKey, cache.reading(kKey), kNew);
  EXPECT_EQ(*cache.find(kKey), kNew);
}

TEST(RecordCache, AReadThatAChangeHasOvertakenIsNotKept) {
  RecordCache cache;
  const uint64_t early = cache.reading(kKey);
  cache.changing(kKey);
  cache.read(kKey, early, kOld);
  EXPECT_EQ(cache.find(kKey), nullptr);
}

TEST(RecordCache, NorIfAnotherReadCameAfterTheChange) {
  RecordCache cache;
  const uint64_t early = cache.reading(kKey);
  cache.changing(kKey);
  const uint64_t late = cache.reading(kKey);
  cache.read(kKey, early, kOld);
  EXPECT_EQ(cache.find(kKey), nullptr);
  cache.read(kKey, late, kNew);
  EXPECT_EQ(*cache.find(kKey), kNew);
  cache.read(kKey, early, kOld);
  EXPECT_EQ(*cache.find(kKey), kNew);
}

TEST(RecordCache, OfTwoReadsAtOnceEitherMayFail) {
  RecordCache cache;
  const uint64_t one = cache.reading(kKey);
  const uint64_t other = cache.reading(kKey);
  cache.read_failed(kKey, one);
  EXPECT_EQ(cache.find(kKey), nullptr);
  cache.read(kKey, other, kNew);
  EXPECT_EQ(*cache.find(kKey), kNew);
}

TEST(RecordCache, HoldsNoMoreThanItsBoundAndNothingLarge) {
  RecordCache cache;
  const Bytes large(kRecordCacheBytesMax / 2);
  cache.read(kKey, cache.reading(kKey), large);
  EXPECT_EQ(cache.find(kKey), nullptr);
  const size_t size = kRecordCacheBytesMax / 128;
  size_t held = 0;
  for (uint8_t i = 0; i < 200; ++i) cache.read({'R', i}, cache.reading({'R', i}), Bytes(size));
  for (uint8_t i = 0; i < 200; ++i) held += cache.find({'R', i}) == nullptr ? 0U : 1U;
  EXPECT_GT(held, 0U);
  EXPECT_LE(held * size, kRecordCacheBytesMax);
  EXPECT_NE(cache.find({'R', 199}), nullptr);
}

}  // namespace
}  // namespace godwit::store
