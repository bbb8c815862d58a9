// Who is woken by way of his browser's push service, and how often.

#include <gtest/gtest.h>

#include <algorithm>

#include "home/testing/house.h"
#include "home/web_pushes.h"
#include "wire/errors.h"

namespace godwit::home {
namespace {

using Kind = WebPushResult::Kind;
using testing::Address;
using testing::Client;
using testing::Device;
using testing::House;

// A mailbox with one device, whose session is cut, and somebody who writes to it.
struct WebPushTest : ::testing::Test {
  WebPushTest() : device(house.new_device()), owner(&house.open_mailbox(device)), sender(house.connect()) {
    house.home().set_web_push_key(key);
    address = house.new_address(*owner);
    subscription.key.value.front() = 4;
  }
  void set() { ASSERT_EQ(house.code_of(*owner, wire::WebPushSet{subscription}), 0); }
  // And some time ago.
  void subscribe() {
    set();
    house.advance(kWebPushSpacing);
  }
  wire::WebPushState look() { return std::get<wire::WebPushState>(house.ask(*owner, wire::WebPushLook{})); }
  void leave() { house.cut(*owner); }
  void come_back() {
    owner = &house.prove(device);
    ASSERT_EQ(house.code_of(*owner, wire::Fetch{{}, 100'000, true}), 0);
  }
  void say() { ASSERT_EQ(house.code_of(house.connect(), house.delivery(address, {1, 2, 3})), 0); }
  // What the home wants to have pushed after so long.
  std::vector<SendWebPush> after(Duration span) {
    house.advance(span);
    return house.take_web_pushes();
  }
  // The only one after so long; its number.
  WebPushId one_after(Duration span) {
    const auto pushes = after(span);
    EXPECT_EQ(pushes.size(), 1U);
    if (pushes.empty()) return {};
    EXPECT_EQ(pushes[0].subscription, subscription);
    return pushes[0].push;
  }

  House house;
  Device device;
  Client* owner;
  Client& sender;
  Address address;
  wire::WebPushKey key{{4, 1}};
  wire::WebPushSubscription subscription{"https://push.example/wake/1", {}, {{7}}};
};

TEST_F(WebPushTest, one_push_goes_out_until_the_device_was_here_again) {
  subscribe();
  leave();
  say();
  EXPECT_TRUE(house.take_web_pushes().empty()) << "who is back at once needs none";
  house.web_pushed(one_after(kWebPushWait), {Kind::kSent, {}});
  say();
  EXPECT_TRUE(after(days(1)).empty());
  come_back();
  leave();
  EXPECT_TRUE(after(hours(1)).empty()) << "nothing has come";
  say();
  one_after(kWebPushWait);
  EXPECT_EQ(house.home().counters().web_pushes, 1U);
}

TEST_F(WebPushTest, who_is_connected_or_back_in_time_gets_none) {
  subscribe();
  come_back();
  say();
  EXPECT_TRUE(after(minutes(1)).empty());
  leave();
  EXPECT_EQ(after(kWebPushWait).size(), 1U) << "what it has not acknowledged may never have come";
  come_back();
  ASSERT_EQ(house.code_of(*owner, wire::Acknowledge{{1}}), 0);
  leave();
  say();
  come_back();
  EXPECT_TRUE(after(minutes(1)).empty());
}

TEST_F(WebPushTest, two_pushes_to_one_device_keep_their_distance) {
  subscribe();
  leave();
  say();
  house.web_pushed(one_after(kWebPushWait), {Kind::kSent, {}});
  come_back();
  leave();
  say();
  EXPECT_TRUE(after(kWebPushSpacing - kWebPushWait - milliseconds(1'000)).empty());
  one_after(seconds(5));
}

TEST_F(WebPushTest, one_that_was_just_set_is_not_used_at_once_so_that_setting_it_anew_shortens_nothing) {
  set();
  leave();
  say();
  EXPECT_TRUE(after(kWebPushSpacing - milliseconds(1'000)).empty());
  one_after(seconds(2));
  come_back();
  ASSERT_EQ(house.code_of(*owner, wire::WebPushDrop{}), 0);
  set();
  leave();
  say();
  EXPECT_TRUE(after(kWebPushSpacing - milliseconds(1'000)).empty());
  one_after(seconds(2));
}

TEST_F(WebPushTest, one_for_which_there_was_no_room_comes_soon_and_is_no_failure) {
  subscribe();
  leave();
  say();
  WebPushId push = one_after(kWebPushWait);
  house.web_pushed(push, {Kind::kBusy, milliseconds(50)});
  push = one_after(kWebPushSpacing);
  for (uint32_t i = 0; i < 2 * kWebPushTriesMax; ++i) {
    house.web_pushed(push, {Kind::kBusy, milliseconds(50)});
    push = one_after(kWebPushSpacing);
  }
  house.web_pushed(push, {Kind::kSent, {}});
  EXPECT_TRUE(after(days(1)).empty());
}

TEST_F(WebPushTest, own_devices_and_what_is_not_stored_wake_nobody) {
  const Device second = house.new_device(device.mailbox);
  ASSERT_EQ(house.code_of(*owner, wire::DeviceAdd{second.public_key()}), 0);
  subscribe();
  leave();
  Client& other = house.prove(second);
  ASSERT_EQ(house.code_of(other, wire::SelfDeliver{house.random_id<wire::DeliveryId>(), 3'600, {1}}), 0);
  EXPECT_EQ(house.code_of(sender, house.delivery(address, {1}, 0)), wire::kNobodyConnected.number);
  EXPECT_TRUE(after(hours(1)).empty());
  say();
  one_after(kWebPushWait);  // and none for the device without a subscription
}

TEST_F(WebPushTest, a_service_that_is_busy_is_asked_again_when_it_wished) {
  subscribe();
  leave();
  say();
  house.web_pushed(one_after(kWebPushWait), {Kind::kLater, minutes(10)});
  EXPECT_TRUE(after(minutes(10) - seconds(1)).empty());
  house.web_pushed(one_after(seconds(1)), {Kind::kLater, {}});
  EXPECT_TRUE(after(minutes(2) - seconds(1)).empty()) << "a pause of its own, doubled";
  house.web_pushed(one_after(seconds(1)), {Kind::kLater, days(400)});
  EXPECT_TRUE(after(kWebPushPauseMax - seconds(1)).empty()) << "nobody puts it off for ever";
  const WebPushId last = one_after(seconds(1));
  come_back();
  house.web_pushed(last, {Kind::kLater, {}});
  EXPECT_TRUE(after(days(2)).empty()) << "it was here: there is nothing to say";
}

TEST_F(WebPushTest, so_many_are_on_their_way_at_once_and_the_others_wait) {
  auto options = testing::test_options();
  options.limits.web_pushes_max = 1;
  house.restart(options);
  house.home().set_web_push_key(key);
  std::vector<Address> addresses;
  for (int i = 0; i < 2; ++i) {
    Client& one = house.open_mailbox(house.new_device());
    addresses.push_back(house.new_address(one));
    ASSERT_EQ(house.code_of(one, wire::WebPushSet{subscription}), 0);
  }
  house.restart(options);
  house.home().set_web_push_key(key);
  house.advance(kWebPushSpacing);
  for (const Address& each : addresses) ASSERT_EQ(house.code_of(house.connect(), house.delivery(each, {1})), 0);
  const WebPushId first = one_after(kWebPushWait);
  EXPECT_TRUE(after(seconds(5)).empty()) << "the other waits for its place";
  house.web_pushed(first, {Kind::kSent, {}});
  one_after(seconds(5));
}

TEST_F(WebPushTest, a_host_that_never_answers_holds_no_place_for_ever) {
  auto options = testing::test_options();
  options.limits.web_pushes_max = 1;
  subscribe();
  house.restart(options);
  house.home().set_web_push_key(key);
  house.advance(kWebPushSpacing);
  Client& writer = house.connect();
  ASSERT_EQ(house.code_of(writer, house.delivery(address, {1})), 0);
  one_after(kWebPushWait);
  one_after(minutes(4));
}

TEST_F(WebPushTest, what_the_service_does_not_know_any_more_is_forgotten) {
  subscribe();
  EXPECT_TRUE(look().set);
  leave();
  say();
  house.web_pushed(one_after(kWebPushWait), {Kind::kGone, {}});
  come_back();
  EXPECT_FALSE(look().set);
  leave();
  say();
  EXPECT_TRUE(after(days(1)).empty());
}

TEST_F(WebPushTest, one_that_was_set_while_the_old_one_was_found_gone_stays) {
  subscribe();
  leave();
  say();
  const WebPushId old = one_after(kWebPushWait);
  come_back();
  subscription.endpoint += "2";
  subscribe();
  house.web_pushed(old, {Kind::kGone, {}});
  EXPECT_TRUE(look().set);
  leave();
  say();
  EXPECT_EQ(one_after(minutes(1)).value, old.value + 1);
}

TEST_F(WebPushTest, a_service_that_refuses_is_asked_a_few_times_hours_apart) {
  subscribe();
  leave();
  say();
  house.web_pushed(one_after(kWebPushWait), {Kind::kRefused, {}});
  EXPECT_TRUE(after(hours(1)).empty());
  house.web_pushed(one_after(hours(1)), {Kind::kRefused, {}});
  house.web_pushed(one_after(hours(4)), {Kind::kRefused, {}});
  house.web_pushed(one_after(hours(8)), {Kind::kRefused, {}});
  EXPECT_TRUE(after(days(7)).empty());
  come_back();
  EXPECT_FALSE(look().set);
}

TEST_F(WebPushTest, a_subscription_goes_with_its_device_and_with_the_mailbox) {
  const Device second = house.new_device(device.mailbox);
  ASSERT_EQ(house.code_of(*owner, wire::DeviceAdd{second.public_key()}), 0);
  subscribe();
  Client& other = house.prove(second);
  ASSERT_EQ(house.code_of(other, wire::WebPushSet{subscription}), 0);
  ASSERT_EQ(house.code_of(*owner, wire::DeviceRemove{second.public_key()}), 0);
  const auto stored = [&] {
    return std::ranges::count_if(house.disk().records(), [](const auto& record) {
      return record.first.size() > 1 && record.first[0] == 'R' && record.first[1] == 'z';
    });
  };
  EXPECT_EQ(stored(), 1);
  ASSERT_EQ(house.code_of(*owner, wire::MailboxDrop{}), 0);
  EXPECT_EQ(stored(), 0);
}

TEST_F(WebPushTest, it_can_be_taken_back_and_survives_a_restart_until_then) {
  EXPECT_EQ(look().home_key, key);
  EXPECT_FALSE(look().set);
  subscribe();
  house.restart();
  house.home().set_web_push_key(key);
  house.advance(kWebPushSpacing);
  Client& writer = house.connect();
  ASSERT_EQ(house.code_of(writer, house.delivery(address, {1})), 0);
  one_after(kWebPushWait);
  come_back();
  EXPECT_TRUE(look().set);
  ASSERT_EQ(house.code_of(*owner, wire::WebPushDrop{}), 0);
  ASSERT_EQ(house.code_of(*owner, wire::WebPushDrop{}), 0) << "twice is once";
  EXPECT_FALSE(look().set);
  leave();
  ASSERT_EQ(house.code_of(writer, house.delivery(address, {1})), 0);
  EXPECT_TRUE(after(days(1)).empty());
}

TEST_F(WebPushTest, a_home_that_sends_none_says_so) {
  house.home().set_web_push_key(std::nullopt);
  EXPECT_EQ(look().home_key, std::nullopt);
  EXPECT_EQ(house.code_of(*owner, wire::WebPushSet{subscription}), wire::kWebPushOff.number);
  EXPECT_EQ(house.code_of(*owner, wire::WebPushDrop{}), 0);
  EXPECT_EQ(house.code_of(sender, wire::WebPushLook{}), wire::kWrongSessionKind.number);
}

}  // namespace
}  // namespace godwit::home
