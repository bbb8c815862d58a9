// Two people on one local network whose homes cannot be reached.

#include <gtest/gtest.h>

#include "engine/errors.h"
#include "engine/lan.h"
#include "tests/engine/world.h"

namespace godwit::testworld {
namespace {

using engine::Delivery;
using Texts = std::vector<std::string>;

class OnLan : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(crypto::initialise());
    world.meet(alice, bob);
    world.settle();
  }
  void offline() {
    for (Person* person : {&alice, &bob}) {
      person->online = false;
      world.cut(*person);
    }
  }
  void online() {
    for (Person* person : {&alice, &bob}) person->online = true;
  }
  static void turn(Person& person, bool on) { ASSERT_TRUE(person.ask(engine::SetLan{on}).has_value()); }
  void turn_on() {
    for (Person* person : {&alice, &bob}) turn(*person, true);
  }
  static engine::LanState state(Person& person) { return std::get<engine::LanState>(*person.ask(engine::ReadLan{})); }
  static void expect_delivered(Person& person) {
    for (const auto& message : person.history()) {
      EXPECT_TRUE(!message.own || message.delivery >= Delivery::kDelivered) << message.text;
    }
  }
  World world;
  Person& alice = world.add();
  Person& bob = world.add();
};

TEST_F(OnLan, messages_and_receipts_go_both_ways_without_a_home) {
  offline();
  turn_on();
  bob.say("one");
  bob.say("two");
  alice.say("three");
  world.pass(minutes(1));
  EXPECT_EQ(alice.texts(false), (Texts{"one", "two"}));
  EXPECT_EQ(bob.texts(false), Texts{"three"});
  expect_delivered(alice);
  expect_delivered(bob);
  EXPECT_LE(alice.lan_dials + bob.lan_dials, 2U);
}

TEST_F(OnLan, it_is_off_until_somebody_asks) {
  offline();
  bob.say("one");
  world.pass(hours(1));
  EXPECT_FALSE(bob.lan.on);
  EXPECT_FALSE(state(bob).on);
  turn(bob, true);
  world.pass(minutes(1));
  EXPECT_TRUE(alice.texts(false).empty()) << "the other one has not asked";
  turn(alice, true);
  world.pass(seconds(30));
  EXPECT_EQ(alice.texts(false), Texts{"one"});
  EXPECT_EQ(state(bob).nearby.size(), 1U);
  turn(alice, false);
  world.pass(seconds(1));
  EXPECT_FALSE(alice.lan.on);
  EXPECT_TRUE(alice.lan.own.empty());
  EXPECT_TRUE(state(bob).nearby.empty());
}

TEST_F(OnLan, it_stays_on_over_a_restart) {
  turn(bob, true);
  world.settle();
  bob.kill();
  bob.start();
  world.settle();
  EXPECT_TRUE(state(bob).on);
  EXPECT_TRUE(bob.lan.on);
}

TEST_F(OnLan, nobody_is_looked_for_while_the_home_takes_everything) {
  turn_on();
  for (int i = 0; i < 5; ++i) {
    bob.say("number " + std::to_string(i));
    world.pass(minutes(1));
  }
  EXPECT_EQ(alice.texts(false).size(), 5U);
  EXPECT_EQ(bob.lan_dials + alice.lan_dials, 0U);
}

TEST_F(OnLan, when_the_home_comes_back_nothing_is_shown_twice_and_the_outboxes_are_empty) {
  offline();
  turn_on();
  bob.say("one");
  alice.say("two");
  world.pass(minutes(1));
  online();
  world.pass(minutes(10));
  bob.say("three");
  world.pass(minutes(10));
  EXPECT_EQ(alice.texts(false), (Texts{"one", "three"}));
  EXPECT_EQ(bob.texts(false), Texts{"two"});
  EXPECT_TRUE(alice.engine().idle());
  EXPECT_TRUE(bob.engine().idle());
}

TEST_F(OnLan, what_the_home_has_taken_meanwhile_comes_once) {
  turn_on();
  bob.say("zero");  // and the commit that goes with the first message
  world.settle();
  alice.online = false;
  world.cut(alice);
  bob.say("by the home");
  bob.on_lan = false;
  world.pass(minutes(1));
  bob.online = false;
  world.cut(bob);
  bob.on_lan = true;
  bob.say("by the network");
  world.pass(minutes(1));
  EXPECT_EQ(alice.texts(false), (Texts{"zero", "by the network"})) << "what the home has is not sent again";
  online();
  world.pass(minutes(10));
  EXPECT_EQ(alice.texts(false), (Texts{"zero", "by the home", "by the network"})) << "as he has said it";
  expect_delivered(bob);
}

TEST_F(OnLan, a_connection_that_breaks_loses_nothing_and_shows_nothing_twice) {
  offline();
  turn_on();
  size_t sends = 0;
  bob.on_lan_bytes = [&](Bytes& bytes) {
    if (++sends % 4 == 0) bytes.back() ^= 1;  // the other side closes
  };
  Texts expected;
  for (int i = 0; i < 30; ++i) {
    expected.push_back("number " + std::to_string(i));
    bob.say(expected.back());
    world.pass(seconds(20));
  }
  world.pass(hours(1));
  bob.on_lan_bytes = nullptr;
  world.pass(hours(1));
  EXPECT_EQ(alice.texts(false), expected);
  EXPECT_GT(bob.lan_dials + alice.lan_dials, 2U);
  expect_delivered(bob);
}

TEST_F(OnLan, hundreds_of_messages_and_long_ones_go_in_order) {
  offline();
  turn_on();
  alice.on_lan = false;
  Texts expected;
  for (int i = 0; i < 150; ++i) {
    expected.push_back(std::to_string(i) + std::string(i % 10 == 0 ? 40'000 : 10, 'x'));
    bob.say(expected.back());
  }
  alice.on_lan = true;
  world.pass(minutes(10));
  EXPECT_EQ(alice.texts(false), expected);
  expect_delivered(bob);
}

TEST_F(OnLan, a_clock_that_is_an_hour_wrong_does_no_harm) {
  for (const Duration error : {hours(1), hours(-1), minutes(119)}) {
    World other;
    Person& carol = other.add();
    Person& dave = other.add();
    other.meet(carol, dave);
    other.settle();
    carol.online = dave.online = false;
    other.cut(carol);
    other.cut(dave);
    dave.clock_error = error;
    turn(carol, true);
    turn(dave, true);
    dave.say("late");
    carol.say("early");
    other.pass(minutes(5));
    EXPECT_EQ(carol.texts(false), Texts{"late"}) << error.ms;
    EXPECT_EQ(dave.texts(false), Texts{"early"}) << error.ms;
  }
}

TEST_F(OnLan, names_rotate_and_the_network_is_found_again) {
  offline();
  turn_on();
  bob.say("one");
  world.pass(minutes(2));
  const auto before = alice.lan.own;
  world.pass(hours(5));
  for (const auto& name : alice.lan.own) EXPECT_EQ(std::count(before.begin(), before.end(), name), 0);
  bob.say("two");
  world.pass(minutes(2));
  EXPECT_EQ(alice.texts(false), (Texts{"one", "two"}));
}

TEST_F(OnLan, a_connection_without_words_is_closed) {
  offline();
  turn_on();
  bob.say("one");
  world.pass(seconds(20));
  EXPECT_EQ(state(bob).nearby.size(), 1U);
  world.pass(minutes(2));
  EXPECT_TRUE(state(bob).nearby.empty());
  EXPECT_TRUE(state(alice).nearby.empty());
  EXPECT_TRUE(bob.lan.wanted.empty()) << "nothing waits";
}

TEST_F(OnLan, people_are_told_who_is_nearby_while_the_home_is_not_reached) {
  const auto last = [this] {
    const engine::ConnectionChanged* found = nullptr;
    for (const auto& notice : bob.notices) {
      if (const auto* changed = std::get_if<engine::ConnectionChanged>(&notice)) found = changed;
    }
    return found == nullptr ? engine::ConnectionChanged{} : *found;
  };
  offline();
  turn_on();
  bob.say("one");
  world.pass(seconds(20));
  EXPECT_EQ(last().nearby, 1U);
  EXPECT_NE(last().connection, engine::Connection::kConnected);
  world.pass(minutes(3));
  EXPECT_EQ(last().nearby, 0U) << "the connection has ended";
}

TEST_F(OnLan, chats_do_not_mix) {
  Person& carol = world.add();
  ASSERT_TRUE(carol.ask(engine::NewAccount{"Carol", world.home_link()}).has_value());
  const auto invite = alice.ask(engine::MakeInvite{});
  ASSERT_TRUE(invite.has_value());
  ASSERT_TRUE(carol.ask(engine::AddContact{std::get<engine::InviteMade>(*invite).link}).has_value());
  world.settle();
  offline();
  carol.online = false;
  world.cut(carol);
  turn_on();
  turn(carol, true);
  carol.say("from Carol");
  bob.say("from Bob");
  for (const auto& chat : alice.chats()) {
    ASSERT_TRUE(alice.ask(engine::SendText{chat.chat, "to " + chat.name}).has_value());
  }
  world.pass(seconds(40));
  EXPECT_EQ(carol.texts(false), Texts{"to Carol"});
  EXPECT_EQ(bob.texts(false).size(), 1U);
  for (const auto& chat : alice.chats()) EXPECT_TRUE(chat.newest.has_value());
  EXPECT_EQ(state(alice).nearby.size(), 2U);
  for (const auto& name : bob.lan.wanted) EXPECT_EQ(std::count(carol.lan.own.begin(), carol.lan.own.end(), name), 0);
}

TEST_F(OnLan, strangers_nearby_hear_nothing) {
  turn_on();
  Bytes hello = to_bytes(alice.lan.own.front().view());
  append(hello, Bytes(48, 7));
  EXPECT_TRUE(world.say_on_lan(alice, hello).empty()) << "a name that was overheard";
  EXPECT_TRUE(world.say_on_lan(alice, Bytes(54, 7)).empty()) << "a name that nobody has";
  EXPECT_TRUE(world.say_on_lan(alice, to_bytes(as_bytes("GET / HTTP/1.1\r\nHost: printer.local\r\n\r\n"))).empty());
  EXPECT_TRUE(state(alice).nearby.empty());
}

TEST_F(OnLan, a_first_message_that_is_played_again_leads_nowhere) {
  offline();
  turn_on();
  bob.say("one");
  world.pass(minutes(3));
  Person& listener = bob.lan_first.empty() ? bob : alice;
  Person& dialler = bob.lan_first.empty() ? alice : bob;
  ASSERT_FALSE(dialler.lan_first.empty());
  ASSERT_TRUE(state(listener).nearby.empty());
  const Bytes answer = world.say_on_lan(listener, dialler.lan_first.front());
  EXPECT_EQ(answer.size(), 48U) << "the second message, for a key that he has not";
  EXPECT_TRUE(state(listener).nearby.empty());
  // It does not keep the two apart either.
  bob.say("two");
  world.pass(minutes(3));
  EXPECT_EQ(alice.texts(false), (Texts{"one", "two"}));
}

TEST_F(OnLan, a_flood_of_strangers_does_not_keep_a_contact_out) {
  offline();
  turn_on();
  for (size_t i = 0; i < 10 * engine::kLanPeersMax; ++i) world.say_on_lan(alice, {});
  bob.say("one");
  world.pass(seconds(8));
  EXPECT_EQ(alice.texts(false), Texts{"one"});
}

TEST_F(OnLan, a_contact_has_two_connections_at_most) {
  offline();
  turn_on();
  alice.on_lan = bob.on_lan = false;  // the test carries the bytes
  std::deque<std::pair<Person*, engine::LanBytes>> carried;
  std::vector<engine::LanId> ended;
  bob.on_effect = [&](const engine::Effect& effect) {
    if (const auto* send = std::get_if<engine::LanSend>(&effect)) carried.push_back({&alice, {send->lan, send->bytes}});
  };
  alice.on_effect = [&](const engine::Effect& effect) {
    if (const auto* send = std::get_if<engine::LanSend>(&effect)) carried.push_back({&bob, {send->lan, send->bytes}});
    if (const auto* close = std::get_if<engine::LanClose>(&effect)) ended.push_back(close->lan);
  };
  ASSERT_FALSE(alice.lan.own.empty());
  std::vector<engine::LanId> opened;
  for (uint64_t i = 0; i < 5; ++i) {
    opened.push_back(engine::LanId{5'000 + i});
    alice.report(engine::LanOpened{opened.back(), std::nullopt});
    bob.report(engine::LanOpened{opened.back(), alice.lan.own.front()});
    world.pass(Duration{});
    while (!carried.empty()) {
      auto [to, bytes] = std::move(carried.front());
      carried.pop_front();
      to->report(std::move(bytes));
      world.pass(Duration{});
    }
  }
  EXPECT_EQ(state(alice).nearby.size(), 1U);
  EXPECT_EQ(ended, std::vector<engine::LanId>(opened.begin(), opened.begin() + 3)) << "the last two stand";
}

TEST_F(OnLan, a_message_of_a_later_epoch_waits_for_the_log_and_is_shown_once) {
  bob.say("zero");
  world.settle();
  bob.online = false;
  world.cut(bob);
  ASSERT_TRUE(alice.ask(engine::RefreshKeys{alice.chat().chat}).has_value());
  offline();
  turn_on();
  alice.say("of the new epoch");
  bob.say("of the old one");
  world.pass(hours(3));
  EXPECT_EQ(alice.texts(false), (Texts{"zero", "of the old one"}));
  EXPECT_TRUE(bob.texts(false).empty());
  EXPECT_LT(alice.lan_dials + bob.lan_dials, 60U) << "what does not help is not repeated all the time";
  online();
  world.pass(minutes(20));
  EXPECT_EQ(bob.texts(false), Texts{"of the new epoch"});
  EXPECT_EQ(alice.texts(false), (Texts{"zero", "of the old one"}));
  expect_delivered(alice);
}

TEST_F(OnLan, what_there_is_no_room_for_is_not_confirmed_and_comes_later) {
  bob.say("zero");
  world.settle();
  bob.online = false;
  world.cut(bob);
  ASSERT_TRUE(alice.ask(engine::RefreshKeys{alice.chat().chat}).has_value());
  offline();
  turn_on();
  size_t closed = 0;
  bob.on_effect = [&](const engine::Effect& effect) { closed += std::holds_alternative<engine::LanClose>(effect); };
  Texts expected;
  const std::string much(100'000, 'x');
  for (size_t i = 0; i < 90; ++i) alice.say(expected.emplace_back("number " + std::to_string(i) + much));
  world.pass(seconds(15));
  EXPECT_GT(closed, 0U) << "8 MiB wait for the log; the next is not taken";
  world.pass(hours(2));
  EXPECT_TRUE(bob.texts(false).empty());
  EXPECT_LT(alice.lan_dials + bob.lan_dials, 120U) << "what does not help is not repeated all the time";
  online();
  world.pass(minutes(30));
  Texts came = bob.texts(false);
  std::sort(came.begin(), came.end());
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(came, expected);
  expect_delivered(alice);
}

TEST_F(OnLan, without_an_account_there_is_nothing_to_turn_on) {
  Person& carol = world.add();
  const auto answer = carol.ask(engine::SetLan{true});
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, engine::kNoAccount);
}

}  // namespace
}  // namespace godwit::testworld
