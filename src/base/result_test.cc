#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/random.h"

namespace godwit {
namespace {

constexpr ErrorCode kTestError{1, Action::kDrop, "test_error"};

Result<std::unique_ptr<int>> make(bool good) {
  REQUIRE(good, kTestError, "it must be good");
  return std::make_unique<int>(7);
}
Status check(bool good) {
  TRY(make(good));
  return {};
}
Result<int> twice(bool good) {
  TRY(check(good));
  const auto value = TRY(make(good));
  return *value * 2;
}

TEST(Result, try_passes_values_on) { EXPECT_EQ(*twice(true), 14); }

TEST(Result, try_returns_the_error_unchanged) {
  const auto result = twice(false);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, kTestError);
  EXPECT_STREQ(result.error().rule, "it must be good");
}

class Counter : public Random {
 public:
  void fill(ByteSpan out) override {
    for (auto& byte : out) byte = next_++;
  }

 private:
  uint8_t next_ = 0;
};

TEST(Random, below_stays_below_its_bound) {
  Counter random;
  for (uint64_t bound = 1; bound < 50; ++bound) EXPECT_LT(random.below(bound), bound);
}

}  // namespace
}  // namespace godwit
