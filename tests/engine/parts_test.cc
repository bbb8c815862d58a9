// Long texts where connections fall silent after some packets: they go and come in parts.

#include <gtest/gtest.h>

#include "tests/engine/world.h"

namespace godwit::testworld {
namespace {

using Texts = std::vector<std::string>;

constexpr const char* kDirect = "home.example";
constexpr size_t kPackets = 25;

class PartsTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(crypto::initialise());
    world.meet(alice, bob);
    chat = bob.chat().chat;
  }
  // From now on nothing else gets through, and everybody has noticed.
  void draw_curtain(Person& person) {
    person.curtained = {{kDirect, kPackets}};
    world.cut(person);
    const auto small = [&] { return person.engine().counters().small_exchanges > 2; };
    // A connection that carries something falls silent; what follows are small exchanges.
    for (int i = 0; i < 12; ++i) {
      static_cast<void>(person.ask(engine::SendText{person.chats().front().chat, "noise"}));
      ++noise;
    }
    ASSERT_TRUE(world.run_until(small, minutes(3)));
    world.settle();
    person.largest_pipe = 0;
  }
  static Texts without_noise(Texts texts) {
    std::erase(texts, "noise");
    return texts;
  }
  bool arrives(Person& person, const Texts& texts, Duration patience) {
    return world.run_until([&] { return without_noise(person.texts(false)) == texts; }, patience);
  }
  static std::string long_text(char letter) { return std::string(engine::kTextSizeMax, letter); }
  uint64_t exchanges(Person& person) { return person.engine().counters().small_exchanges; }

  World world;
  Person& alice = world.add();
  Person& bob = world.add();
  engine::ChatId chat;
  int noise = 0;
};

TEST_F(PartsTest, a_long_text_leaves_through_a_curtain_in_its_order) {
  draw_curtain(bob);
  const uint64_t before = exchanges(bob);
  const Texts said{"first", long_text('x'), "last"};
  for (const auto& text : said) bob.say(text);
  EXPECT_TRUE(arrives(alice, said, minutes(2)));
  EXPECT_LE(bob.largest_pipe, 22U);
  EXPECT_LE(exchanges(bob) - before, 40U) << "26 buckets, and what a mailbox asks meanwhile";
  world.settle();
  EXPECT_EQ(without_noise(alice.texts(false)), said);
}

TEST_F(PartsTest, a_long_text_comes_through_a_curtain_in_its_order) {
  draw_curtain(alice);
  const Texts said{"first", long_text('x'), "last"};
  for (const auto& text : said) bob.say(text);
  EXPECT_TRUE(arrives(alice, said, minutes(2)));
  EXPECT_LE(alice.largest_pipe, 22U);
  world.settle();
  EXPECT_EQ(without_noise(alice.texts(false)), said);
}

TEST_F(PartsTest, long_texts_go_both_ways_between_two_curtains) {
  draw_curtain(alice);
  draw_curtain(bob);
  const Texts from_bob{long_text('b'), "b", long_text('c')};
  const Texts from_alice{"a", long_text('a')};
  for (const auto& text : from_bob) bob.say(text);
  for (const auto& text : from_alice) alice.say(text);
  EXPECT_TRUE(arrives(alice, from_bob, minutes(6)));
  EXPECT_TRUE(arrives(bob, from_alice, minutes(6)));
}

TEST_F(PartsTest, a_short_text_of_another_chat_does_not_wait_for_a_long_one) {
  Person& carol = world.add();
  world.meet(bob, carol);
  const engine::ChatId other = carol.chat().chat;
  draw_curtain(bob);
  const uint64_t before = exchanges(bob);
  ASSERT_TRUE(bob.ask(engine::SendText{chat, long_text('x')}).has_value());
  ASSERT_TRUE(world.run_until([&] { return exchanges(bob) >= before + 5; }, minutes(1)));
  const uint64_t begun = exchanges(bob);
  ASSERT_TRUE(bob.ask(engine::SendText{other, "soon"}).has_value());
  EXPECT_TRUE(arrives(carol, {"soon"}, minutes(1)));
  EXPECT_LE(exchanges(bob) - begun, 6U);
  EXPECT_EQ(without_noise(alice.texts(false)), Texts{}) << "the long one is still on its way";
  EXPECT_TRUE(arrives(alice, {long_text('x')}, minutes(2)));
}

TEST_F(PartsTest, a_home_that_restarts_in_the_middle_gets_it_anew_and_once) {
  draw_curtain(bob);
  const uint64_t before = exchanges(bob);
  bob.say(long_text('x'));
  bob.say("after");
  ASSERT_TRUE(world.run_until([&] { return exchanges(bob) >= before + 10; }, minutes(2)));
  world.kill_home();
  world.start_home();
  EXPECT_TRUE(arrives(alice, {long_text('x'), "after"}, minutes(5)));
  world.settle();
  EXPECT_EQ(without_noise(alice.texts(false)), (Texts{long_text('x'), "after"}));
}

TEST_F(PartsTest, a_home_that_restarts_while_a_long_text_comes_down_gives_it_anew) {
  draw_curtain(alice);
  const uint64_t before = exchanges(alice);
  bob.say(long_text('x'));
  ASSERT_TRUE(world.run_until([&] { return exchanges(alice) >= before + 10; }, minutes(2)));
  ASSERT_EQ(without_noise(alice.texts(false)), Texts{});
  world.kill_home();
  world.start_home();
  EXPECT_TRUE(arrives(alice, {long_text('x')}, minutes(5)));
}

TEST_F(PartsTest, what_is_lost_in_the_middle_goes_on_where_it_stopped) {
  draw_curtain(bob);
  const uint64_t before = exchanges(bob);
  bob.say(long_text('x'));
  for (uint64_t lost = 1; lost <= 3; ++lost) {
    ASSERT_TRUE(world.run_until([&] { return exchanges(bob) >= before + lost * 6; }, minutes(2)));
    const size_t dials = bob.dialled.size();
    bob.curtained = {{kDirect, 9}};  // not even one bucket
    ASSERT_TRUE(world.run_until([&] { return bob.dialled.size() > dials + 1; }, minutes(2)));
    bob.curtained = {{kDirect, kPackets}};
  }
  EXPECT_TRUE(arrives(alice, {long_text('x')}, minutes(5)));
  EXPECT_LE(exchanges(bob) - before, 28U) << "begun anew three times it would be 36";
}

TEST_F(PartsTest, when_a_lasting_connection_comes_the_rest_does_not_wait) {
  draw_curtain(bob);
  const uint64_t before = exchanges(bob);
  bob.say(long_text('x'));
  ASSERT_TRUE(world.run_until([&] { return exchanges(bob) >= before + 3; }, minutes(2)));
  ASSERT_TRUE(bob.ask(engine::AddRoute{"bridge://bridge.example"}).has_value());
  EXPECT_TRUE(arrives(alice, {long_text('x')}, seconds(5)));
  world.settle();
  EXPECT_EQ(without_noise(alice.texts(false)), Texts{long_text('x')});
}

}  // namespace
}  // namespace godwit::testworld
