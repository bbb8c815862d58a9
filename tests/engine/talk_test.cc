// Two people talk: the plain course of things, and being away.

#include <gtest/gtest.h>

#include <set>

#include "engine/errors.h"
#include "tests/engine/world.h"

namespace godwit::testworld {
namespace {

using engine::Delivery;
using Texts = std::vector<std::string>;

class Talk : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(crypto::initialise()); }
  World world;
  Person& alice = world.add();
  Person& bob = world.add();
};

TEST_F(Talk, invite_makes_one_chat_on_both_sides) {
  world.meet(alice, bob);
  const auto of_alice = alice.chat();
  const auto of_bob = bob.chat();
  EXPECT_EQ(of_alice.chat, of_bob.chat);
  EXPECT_EQ(of_alice.name, "Bob");
  EXPECT_EQ(of_bob.name, "Alice");
  EXPECT_TRUE(of_alice.inviter);
  EXPECT_FALSE(of_bob.inviter);
  EXPECT_TRUE(of_alice.ready);
  EXPECT_TRUE(of_bob.ready);
  EXPECT_TRUE(alice.engine().idle());
  EXPECT_TRUE(bob.engine().idle());
}

TEST_F(Talk, texts_arrive_in_order_both_ways) {
  world.meet(alice, bob);
  const std::string large(60 * 1024, 'x');
  const Texts ours = {"one", "Привет, как дела?", large, "four"};
  for (const auto& text : ours) bob.say(text);
  alice.say("answer");
  world.settle();
  EXPECT_EQ(alice.texts(false), ours);
  EXPECT_EQ(bob.texts(true), ours);
  EXPECT_EQ(bob.texts(false), Texts{"answer"});
  for (const auto& message : bob.history()) {
    EXPECT_EQ(message.delivery, Delivery::kDelivered);
  }
}

TEST(TalkByWork, account_at_a_home_that_wants_work_is_made_and_hears_of_messages) {
  ASSERT_TRUE(crypto::initialise());
  World world(1, home::Admission::kWork);
  Person& alice = world.add();
  Person& bob = world.add();
  world.meet(alice, bob);
  alice.kill();
  alice.start();
  world.cut(bob);
  bob.say("after a reconnect");
  world.settle();
  EXPECT_EQ(alice.texts(false), Texts{"after a reconnect"});
}

TEST_F(Talk, the_end_of_what_waits_at_the_home_does_not_give_away_when_it_came) {
  world.meet(alice, bob);
  bob.kill();
  for (int i = 0; i < 20; ++i) alice.say("at one moment");
  world.settle();
  std::set<Bytes> ends;
  for (const auto& [key, value] : world.home_disk().records()) {
    if (key[0] == 'I') ends.insert(to_bytes(ByteView(value).first(8)));
  }
  EXPECT_EQ(ends.size(), 2U) << "two days, by chance";
}

TEST_F(Talk, reading_is_told_to_the_sender) {
  world.meet(alice, bob);
  bob.say("look at this");
  world.settle();
  ASSERT_TRUE(alice.ask(engine::MarkRead{alice.chat().chat, alice.chat().last}).has_value());
  world.settle();
  EXPECT_EQ(bob.history().back().delivery, Delivery::kRead);
}

TEST_F(Talk, reading_is_kept_to_oneself_if_receipts_are_off) {
  engine::Options options;
  options.read_receipts = false;
  Person& carol = world.add(options);
  world.meet(carol, bob);
  bob.say("look at this");
  world.settle();
  ASSERT_TRUE(carol.ask(engine::MarkRead{carol.chat().chat, carol.chat().last}).has_value());
  world.settle();
  EXPECT_EQ(bob.history().back().delivery, Delivery::kDelivered);
}

TEST_F(Talk, message_to_somebody_away_waits_for_him) {
  world.meet(alice, bob);
  alice.kill();
  bob.say("when you are back");
  world.settle();
  EXPECT_EQ(bob.history().back().delivery, Delivery::kSent);
  EXPECT_TRUE(bob.engine().idle());
  world.pass(days(2));
  alice.start();
  world.settle();
  EXPECT_EQ(alice.texts(false), Texts{"when you are back"});
  EXPECT_EQ(bob.history().back().delivery, Delivery::kDelivered);
}

TEST_F(Talk, taker_may_write_before_the_inviter_has_ever_come) {
  ASSERT_TRUE(alice.ask(engine::NewAccount{"Alice", world.home_link()}).has_value());
  ASSERT_TRUE(bob.ask(engine::NewAccount{"Bob", world.home_link()}).has_value());
  const auto invite = alice.ask(engine::MakeInvite{});
  ASSERT_TRUE(invite.has_value());
  alice.kill();
  ASSERT_TRUE(bob.ask(engine::AddContact{std::get<engine::InviteMade>(*invite).link}).has_value());
  bob.say("first");
  bob.say("second");
  world.settle();
  EXPECT_TRUE(bob.engine().idle());
  EXPECT_FALSE(bob.chat().ready);
  world.pass(days(10));
  alice.start();
  world.settle();
  EXPECT_EQ(alice.texts(false), (Texts{"first", "second"}));
  EXPECT_TRUE(bob.chat().ready);
  bob.say("third");
  world.settle();
  EXPECT_EQ(alice.texts(false).back(), "third");
}

TEST_F(Talk, what_is_written_offline_leaves_when_there_is_a_network) {
  world.meet(alice, bob);
  bob.online = false;
  world.cut(bob);
  bob.say("from the tunnel");
  world.settle();
  EXPECT_EQ(bob.history().back().delivery, Delivery::kQueued);
  EXPECT_FALSE(bob.engine().idle());
  bob.online = true;
  world.settle();
  EXPECT_EQ(alice.texts(false), Texts{"from the tunnel"});
}

TEST_F(Talk, lost_pipe_comes_back_by_ticket) {
  world.meet(alice, bob);
  world.pass(minutes(15));  // the home was asked what it says of itself, on a session of nobody
  const auto before = bob.engine().counters();
  world.cut(bob);
  world.settle();
  bob.say("still here");
  world.settle();
  EXPECT_EQ(alice.texts(false), Texts{"still here"});
  EXPECT_EQ(bob.engine().counters().sessions_full, before.sessions_full);
  EXPECT_GT(bob.engine().counters().sessions_resumed, before.sessions_resumed);
}

TEST_F(Talk, tickets_outlive_the_program) {
  world.meet(alice, bob);
  world.pass(minutes(15));
  bob.kill();
  bob.start();
  world.settle();
  bob.say("again");
  world.settle();
  EXPECT_EQ(bob.engine().counters().sessions_full, 0U);
  EXPECT_GT(bob.engine().counters().sessions_resumed, 0U);
}

TEST_F(Talk, home_that_restarts_loses_nothing) {
  world.meet(alice, bob);
  bob.say("before");
  world.kill_home();
  bob.say("during");
  world.pass(minutes(1));
  world.start_home();
  world.settle();
  bob.say("after");
  world.settle();
  EXPECT_EQ(alice.texts(false), (Texts{"before", "during", "after"}));
}

TEST_F(Talk, message_that_nobody_fetched_expires_and_is_told) {
  world.meet(alice, bob);
  alice.kill();
  const auto id = bob.say("too late");
  world.settle();
  world.pass(days(31));
  EXPECT_EQ(bob.history().back().delivery, Delivery::kExpired);
  bool told = false;
  for (const auto& notice : bob.notices) {
    const auto* moved = std::get_if<engine::MessageMoved>(&notice);
    told = told || (moved != nullptr && moved->id == id && moved->delivery == Delivery::kExpired);
  }
  EXPECT_TRUE(told);
}

TEST_F(Talk, safety_number_is_the_same_on_both_sides) {
  world.meet(alice, bob);
  const auto of_alice = alice.ask(engine::ReadSafetyNumber{alice.chat().chat});
  const auto of_bob = bob.ask(engine::ReadSafetyNumber{bob.chat().chat});
  ASSERT_TRUE(of_alice.has_value() && of_bob.has_value());
  EXPECT_EQ(std::get<engine::SafetyNumber>(*of_alice).digits, std::get<engine::SafetyNumber>(*of_bob).digits);
  EXPECT_EQ(std::get<engine::SafetyNumber>(*of_alice).digits.size(), 60U);
  ASSERT_TRUE(alice.ask(engine::MarkVerified{alice.chat().chat}).has_value());
  alice.kill();
  alice.start();
  EXPECT_TRUE(alice.chat().verified);
}

TEST_F(Talk, clock_an_hour_off_changes_nothing) {
  alice.clock_error = hours(1);
  bob.clock_error = hours(0) - hours(1);
  world.meet(alice, bob);
  bob.say("early");
  alice.say("late");
  world.settle();
  EXPECT_EQ(alice.texts(false), Texts{"early"});
  EXPECT_EQ(bob.texts(false), Texts{"late"});
}

TEST_F(Talk, clock_that_is_put_back_holds_nothing_up) {
  bob.clock_error = hours(1);
  world.meet(alice, bob);
  world.cut(bob);
  bob.clock_error = {};
  bob.say("back in time");
  world.settle();
  EXPECT_EQ(alice.texts(false), Texts{"back in time"});
}

TEST_F(Talk, receipts_for_many_messages_at_once_are_complete) {
  world.meet(alice, bob);
  alice.kill();
  Texts all;
  const auto chat = bob.chat().chat;
  for (int i = 0; i < 300; ++i) {
    all.push_back(std::to_string(i));
    bob.give(engine::SendText{chat, all.back()});
  }
  world.settle();
  EXPECT_TRUE(bob.engine().idle());
  alice.start();
  world.settle();
  for (const auto& message : bob.history()) EXPECT_EQ(message.delivery, Delivery::kDelivered);
  EXPECT_EQ(alice.texts(false), Texts(all.end() - 200, all.end()));
  const auto older = alice.ask(engine::ReadHistory{chat, engine::Position{101}, 200});
  ASSERT_TRUE(older.has_value());
  EXPECT_EQ(std::get<engine::Messages>(*older).messages.size(), 100U);
}

TEST_F(Talk, three_people_have_a_chat_each_with_each) {
  Person& carol = world.add();
  world.meet(alice, bob);
  ASSERT_TRUE(carol.ask(engine::NewAccount{"Carol", world.home_link()}).has_value());
  const auto invite = alice.ask(engine::MakeInvite{});
  ASSERT_TRUE(invite.has_value());
  ASSERT_TRUE(carol.ask(engine::AddContact{std::get<engine::InviteMade>(*invite).link}).has_value());
  world.settle();
  EXPECT_EQ(alice.chats().size(), 2U);
  carol.say("to alice");
  bob.say("to alice too");
  world.settle();
  EXPECT_EQ(bob.texts(false).size(), 0U);
  EXPECT_EQ(carol.texts(false).size(), 0U);
  for (const auto& chat : alice.chats()) {
    ASSERT_TRUE(chat.newest.has_value());
    EXPECT_EQ(chat.newest->text, chat.name == "Carol" ? "to alice" : "to alice too");
  }
}

}  // namespace
}  // namespace godwit::testworld
