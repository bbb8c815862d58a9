// The pool behind an address: each package once, whatever is repeated, raced or restarted.

#include <gtest/gtest.h>

#include <set>

#include "home/rate.h"
#include "home/testing/house.h"
#include "wire/errors.h"

namespace godwit::home {
namespace {

using testing::Address;
using testing::Client;
using testing::Device;
using testing::House;
using testing::test_options;

struct KeyPackageTest : ::testing::Test {
  KeyPackageTest() : device(house.new_device()), owner(house.open_mailbox(device)), taker(house.connect()) {
    address = house.new_address(owner);
  }
  uint16_t publish(std::vector<Bytes> packages, std::optional<Bytes> last = {}) {
    return house.code_of(owner, wire::KeyPackagePublish{address.alias, std::move(packages), std::move(last)});
  }
  wire::KeyPackageTake take() { return {address.alias, address.token, house.random_id<wire::TakeId>()}; }
  wire::KeyPackageTaken taken(const wire::KeyPackageTake& request) {
    return std::get<wire::KeyPackageTaken>(house.ask(taker, request));
  }
  wire::KeyPackagesLeft left() {
    return std::get<wire::KeyPackagesLeft>(house.ask(owner, wire::KeyPackageCount{address.alias}));
  }
  House house;
  Device device;
  Client& owner;
  Client& taker;
  Address address;
};

TEST_F(KeyPackageTest, each_is_given_once_then_the_last_resort) {
  ASSERT_EQ(publish({{1}, {2}}, Bytes{9}), 0);
  EXPECT_EQ(left().count, 2U);
  EXPECT_EQ(taken(take()).package, Bytes{1});
  EXPECT_EQ(taken(take()).package, Bytes{2});
  EXPECT_FALSE(left().last_resort_used);
  for (int i = 0; i < 2; ++i) {
    const auto last = taken(take());
    EXPECT_EQ(last.package, Bytes{9});
    EXPECT_TRUE(last.last_resort);
  }
  EXPECT_EQ(left().count, 0U);
  EXPECT_TRUE(left().last_resort_used) << "so that its owner replaces it";
}

TEST_F(KeyPackageTest, an_empty_pool_without_last_resort_has_none) {
  EXPECT_EQ(house.code_of(taker, take()), wire::kNoKeyPackage.number);
  ASSERT_EQ(publish({{1}}), 0);
  taken(take());
  EXPECT_EQ(house.code_of(taker, take()), wire::kNoKeyPackage.number);
}

TEST_F(KeyPackageTest, taking_again_gives_the_same_one_across_restart) {
  ASSERT_EQ(publish({{1}, {2}, {3}}), 0);
  const auto first = take();
  EXPECT_EQ(taken(first).package, Bytes{1});
  EXPECT_EQ(taken(take()).package, Bytes{2});
  EXPECT_EQ(taken(first).package, Bytes{1});
  house.restart();
  Client& again = house.connect();
  EXPECT_EQ(std::get<wire::KeyPackageTaken>(house.ask(again, first)).package, Bytes{1});
  EXPECT_EQ(std::get<wire::KeyPackageTaken>(house.ask(again, take())).package, Bytes{3});
}

TEST_F(KeyPackageTest, two_who_take_at_once_get_different_ones) {
  ASSERT_EQ(publish({{1}, {2}, {3}, {4}}), 0);
  std::vector<uint32_t> streams;
  for (int i = 0; i < 4; ++i) streams.push_back(house.send(taker, take()));
  house.settle();
  std::set<Bytes> given;
  for (const uint32_t stream : streams) given.insert(std::get<wire::KeyPackageTaken>(taker.replies.at(stream)).package);
  EXPECT_EQ(given.size(), 4U);
}

TEST_F(KeyPackageTest, publishing_the_same_again_does_not_bring_back_what_was_taken) {
  ASSERT_EQ(publish({{1}, {2}}), 0);
  EXPECT_EQ(taken(take()).package, Bytes{1});
  ASSERT_EQ(publish({{1}, {2}}), 0);
  EXPECT_EQ(taken(take()).package, Bytes{2});
}

TEST_F(KeyPackageTest, publishing_replaces_the_pool_and_keeps_what_was_taken) {
  ASSERT_EQ(publish({Bytes(200, 1), Bytes(200, 2)}, Bytes(200, 3)), 0);
  const auto before = take();
  EXPECT_EQ(taken(before).package, Bytes(200, 1));
  ASSERT_EQ(publish({Bytes(200, 4)}), 0);
  EXPECT_EQ(taken(before).package, Bytes(200, 1)) << "repeated";
  EXPECT_EQ(taken(take()).package, Bytes(200, 4));
  EXPECT_FALSE(house.disk().holds(Bytes(200, 2))) << "nobody can take it any more";
  EXPECT_FALSE(house.disk().holds(Bytes(200, 3)));
  house.advance(days(3));
  EXPECT_FALSE(house.disk().holds(Bytes(200, 1))) << "remembered for a day";
}

TEST_F(KeyPackageTest, a_wrong_token_takes_nothing) {
  ASSERT_EQ(publish({{1}}), 0);
  auto wrong = take();
  wrong.token.value[0] ^= 1;
  EXPECT_EQ(house.code_of(taker, wrong), wire::kAddressRefused.number);
  EXPECT_EQ(left().count, 1U);
}

TEST_F(KeyPackageTest, taking_fast_is_slowed_down_for_that_address_alone) {
  ASSERT_EQ(publish({}, Bytes{9}), 0);
  const uint32_t burst = Limits{}.takes_burst;
  for (uint32_t i = 0; i < burst; ++i) ASSERT_EQ(house.code_of(taker, take()), 0) << i;
  const auto reply = house.ask(taker, take());
  const auto& refused = std::get<wire::Refused>(reply);
  EXPECT_EQ(refused.code, wire::kTooManyRequests.number);
  EXPECT_GT(refused.retry_after_ms, 0U);
  address = house.new_address(owner);
  ASSERT_EQ(publish({{1}}), 0);
  EXPECT_EQ(house.code_of(taker, take()), 0);
}

TEST(Rate, a_bucket_fills_again_and_a_clock_set_back_locks_nobody) {
  Rate rate(2, seconds(10));
  const Bytes name{1};
  const Instant start{1'000'000};
  EXPECT_EQ(rate.take(name, start), Duration{});
  EXPECT_EQ(rate.take(name, start), Duration{});
  EXPECT_EQ(rate.take(name, start), seconds(10));
  EXPECT_EQ(rate.take(name, start + seconds(10)), Duration{});
  EXPECT_GT(rate.take(name, start + seconds(10)), Duration{});
  EXPECT_LE(rate.take(name, start - hours(1)), seconds(20));
}

}  // namespace
}  // namespace godwit::home
