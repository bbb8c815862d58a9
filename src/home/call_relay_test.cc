// Who is given what a call needs to pass through this home.

#include "home/call_relay.h"

#include <gtest/gtest.h>

#include "home/testing/house.h"
#include "wire/errors.h"

namespace godwit::home {
namespace {

using testing::Client;
using testing::Device;
using testing::House;

struct CallRelayTest : ::testing::Test {
  // A relay that signs with the name turned round.
  void switch_on() {
    CallRelayPlan plan;
    plan.urls = {"turns:home.example:443?transport=tcp"};
    plan.password_of = [this](std::string_view username, Instant until) {
      last_until = until;
      return std::string(username.rbegin(), username.rend());
    };
    house.home().set_call_relay(std::move(plan));
  }
  wire::TurnCredentials get(Client& client) {
    const auto reply = house.ask(client, wire::TurnGet{});
    const auto* credentials = std::get_if<wire::TurnCredentials>(&reply);
    EXPECT_NE(credentials, nullptr);
    return credentials == nullptr ? wire::TurnCredentials{} : *credentials;
  }

  House house;
  Instant last_until{};
};

TEST_F(CallRelayTest, a_mailbox_is_given_credentials_that_end_and_name_nobody) {
  switch_on();
  Client& owner = house.open_mailbox(house.new_device());
  const wire::TurnCredentials first = get(owner);
  EXPECT_TRUE(wire::check_turn_credentials(first).has_value());
  EXPECT_EQ(first.urls, std::vector<std::string>{"turns:home.example:443?transport=tcp"});
  EXPECT_EQ(first.ttl_seconds, 3600U);
  const std::string seconds = std::to_string((house.now() + kTurnLife).ms / 1000);
  EXPECT_TRUE(first.username.starts_with(seconds + ":"));
  EXPECT_EQ(first.password, std::string(first.username.rbegin(), first.username.rend()));
  EXPECT_EQ(last_until, house.now() + kTurnLife);
  EXPECT_NE(get(owner).username, first.username) << "two calls of one person look like calls of two";
}

TEST_F(CallRelayTest, nobody_is_given_any_where_calls_are_off) {
  Client& owner = house.open_mailbox(house.new_device());
  EXPECT_EQ(house.code_of(owner, wire::TurnGet{}), wire::kCallsOff.number) << "as at first";
  switch_on();
  EXPECT_EQ(house.code_of(owner, wire::TurnGet{}), 0);
  house.home().set_call_relay({});
  EXPECT_EQ(house.code_of(owner, wire::TurnGet{}), wire::kCallsOff.number);
}

TEST_F(CallRelayTest, whoever_shows_no_mailbox_is_given_none) {
  switch_on();
  EXPECT_EQ(house.code_of(house.connect(), wire::TurnGet{}), wire::kWrongSessionKind.number);
}

TEST_F(CallRelayTest, one_mailbox_is_given_few_whatever_its_devices_are) {
  switch_on();
  const Device device = house.new_device();
  Client& owner = house.open_mailbox(device);
  for (uint32_t i = 0; i < kTurnBurst; ++i) EXPECT_EQ(house.code_of(owner, wire::TurnGet{}), 0) << i;
  EXPECT_EQ(house.code_of(owner, wire::TurnGet{}), wire::kTooManyRequests.number);
  EXPECT_EQ(house.code_of(house.prove(device), wire::TurnGet{}), wire::kTooManyRequests.number);
  EXPECT_EQ(house.code_of(house.open_mailbox(house.new_device()), wire::TurnGet{}), 0) << "others are asked nothing";
  house.advance(kTurnInterval);
  EXPECT_EQ(house.code_of(house.prove(device), wire::TurnGet{}), 0);
}

TEST_F(CallRelayTest, nothing_of_it_is_stored) {
  switch_on();
  Client& owner = house.open_mailbox(house.new_device());
  house.settle();
  const size_t before = house.disk().records().size();
  EXPECT_EQ(house.code_of(owner, wire::TurnGet{}), 0);
  EXPECT_EQ(house.disk().records().size(), before);
}

}  // namespace
}  // namespace godwit::home
