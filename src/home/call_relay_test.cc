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

// A home with a unit that answers when it is told to.
struct CallUnitTest : ::testing::Test {
  void switch_on() {
    CallUnitPlan plan;
    plan.open = [this](const Bytes& mailbox) -> Result<wire::CallRoomKey> {
      opened.push_back(mailbox);
      return room;
    };
    plan.ask = [this](UnitAskId id, const wire::CallRoomAsk& wish) { wishes.emplace_back(id, wish.number); };
    house.home().set_call_unit(std::move(plan), house.now());
  }
  wire::CallRoomAsk wish(uint32_t number) {
    return {room, {}, number, static_cast<uint8_t>(wire::CallRoomVerb::kStay), {}, {}};
  }

  House house;
  wire::CallRoomKey room = house.random_id<wire::CallRoomKey>();
  std::vector<Bytes> opened;
  std::vector<std::pair<UnitAskId, uint32_t>> wishes;
};

TEST_F(CallUnitTest, a_mailbox_has_a_room_made_and_whoever_has_its_key_is_answered_when_the_unit_has) {
  Client& owner = house.open_mailbox(house.new_device());
  Client& guest = house.connect();
  EXPECT_EQ(house.code_of(owner, wire::CallRoomOpen{}), wire::kCallsOff.number);
  EXPECT_EQ(house.code_of(guest, wish(1)), wire::kCallsOff.number);
  switch_on();
  const auto made = house.ask(owner, wire::CallRoomOpen{});
  ASSERT_TRUE(std::holds_alternative<wire::CallRoom>(made));
  EXPECT_EQ(std::get<wire::CallRoom>(made).room, room);
  EXPECT_EQ(opened.size(), 1U);
  EXPECT_EQ(house.code_of(guest, wire::CallRoomOpen{}), wire::kWrongSessionKind.number);
  EXPECT_EQ(house.code_of(owner, wish(1)), wire::kWrongSessionKind.number) << "a seat is nobody's by name";
  guest.replies.clear();
  const uint32_t first = house.send(guest, wish(1));
  const uint32_t second = house.send(guest, wish(2));
  house.settle();
  ASSERT_EQ(wishes.size(), 2U);
  EXPECT_TRUE(guest.replies.empty());
  house.home().unit_answered(wishes[1].first, wire::CallRoomSaid{{}, 7, {}, {}}, house.now());
  house.home().unit_answered(UnitAskId{999}, wire::CallRoomSaid{}, house.now());
  house.settle();
  ASSERT_TRUE(guest.replies.contains(second));
  EXPECT_EQ(std::get<wire::CallRoomSaid>(guest.replies.at(second)).feed, 7U);
  EXPECT_FALSE(guest.replies.contains(first));
  house.home().set_call_unit({}, house.now());
  house.settle();
  ASSERT_TRUE(guest.replies.contains(first)) << "nobody waits for a unit that is gone";
  EXPECT_EQ(std::get<wire::Refused>(guest.replies.at(first)).code, wire::kUnavailable.number);
}

TEST_F(CallUnitTest, a_session_has_few_wishes_under_way_and_a_mailbox_few_rooms) {
  switch_on();
  Client& guest = house.connect();
  for (uint32_t i = 1; i <= kCallAsksOfSession; ++i) house.send(guest, wish(i));
  house.settle();
  EXPECT_EQ(wishes.size(), kCallAsksOfSession);
  EXPECT_EQ(house.code_of(guest, wish(99)), wire::kTooManyRequests.number);
  house.home().unit_answered(wishes[0].first, wire::CallRoomSaid{}, house.now());
  house.settle();
  house.send(guest, wish(100));
  house.settle();
  EXPECT_EQ(wishes.size(), kCallAsksOfSession + 1);
  Client& owner = house.open_mailbox(house.new_device());
  for (uint32_t i = 0; i < kCallRoomBurst; ++i) EXPECT_EQ(house.code_of(owner, wire::CallRoomOpen{}), 0);
  EXPECT_EQ(house.code_of(owner, wire::CallRoomOpen{}), wire::kTooManyRequests.number);
  house.advance(kCallRoomInterval);
  EXPECT_EQ(house.code_of(owner, wire::CallRoomOpen{}), 0);
}

}  // namespace
}  // namespace godwit::home
