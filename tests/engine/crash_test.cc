// Death at every batch, of either side: nothing is lost, nothing is shown twice.

#include <gtest/gtest.h>

#include "tests/engine/world.h"

namespace godwit::testworld {
namespace {

using Texts = std::vector<std::string>;

class Crash : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(crypto::initialise()); }
};

// Asks until an answer came, starting the person again whenever he has died.
template <typename Command>
Result<engine::Answer> insist(World& world, Person& person, const Command& command) {
  for (int i = 0; i < 4; ++i) {
    if (!person.alive()) person.start();
    auto answer = person.ask(command);
    if (person.alive()) return answer;
  }
  world.settle();
  return person.ask(command);
}

void revive(World& world, std::initializer_list<Person*> people) {
  // Long enough for what the home is asked within 10 minutes of the first session as well.
  for (int i = 0; i < 5; ++i) {
    for (Person* person : people) {
      if (!person->alive()) person->start();
    }
    world.settle();
  }
}

// Two people meet and say two things each. One of them dies once, at his batch number `batch`. False: he did not.
bool meet_and_talk(bool inviter_dies, uint64_t batch, store::BatchCrashPoint point) {
  World world;
  Person& alice = world.add();
  Person& bob = world.add();
  Person& mortal = inviter_dies ? alice : bob;
  mortal.kill();
  mortal.start({batch, point, std::nullopt});
  const auto died = [&] { return !mortal.alive() || mortal.batches_ever > batch; };
  EXPECT_TRUE(insist(world, alice, engine::NewAccount{"Alice", world.home_link()}).has_value() || died());
  EXPECT_TRUE(insist(world, bob, engine::NewAccount{"Bob", world.home_link()}).has_value() || died());
  const auto invite = insist(world, alice, engine::MakeInvite{});
  EXPECT_TRUE(invite.has_value());
  if (!invite) return true;
  const auto made = insist(world, bob, engine::AddContact{std::get<engine::InviteMade>(*invite).link});
  EXPECT_TRUE(made.has_value() || died());
  revive(world, {&alice, &bob});
  EXPECT_EQ(alice.chats().size(), 1U) << batch;
  EXPECT_EQ(bob.chats().size(), 1U) << batch;
  Texts said_by_alice;
  Texts said_by_bob;
  for (const std::string text : {"one", "two"}) {
    for (Person* person : {&bob, &alice}) {
      if (!person->alive()) person->start();
      const auto answer = person->ask(engine::SendText{person->chat().chat, text});
      if (answer) (person == &bob ? said_by_bob : said_by_alice).push_back(text);
    }
  }
  revive(world, {&alice, &bob});
  // What was not acknowledged to the person may have been stored: his own history decides.
  EXPECT_EQ(alice.texts(false), bob.texts(true)) << batch;
  EXPECT_EQ(bob.texts(false), alice.texts(true)) << batch;
  EXPECT_GE(bob.texts(true).size(), said_by_bob.size()) << batch;
  EXPECT_GE(alice.texts(true).size(), said_by_alice.size()) << batch;
  EXPECT_EQ(alice.chat().epoch, bob.chat().epoch) << batch;
  EXPECT_TRUE(alice.engine().idle()) << batch;
  EXPECT_TRUE(bob.engine().idle()) << batch;
  return mortal.batches_ever > batch;
}

void die_everywhere(bool inviter_dies, store::BatchCrashPoint point) {
  uint64_t batch = 0;
  while (batch < 200 && meet_and_talk(inviter_dies, batch, point)) ++batch;
  EXPECT_GT(batch, 10U);
  EXPECT_LT(batch, 200U);
}

TEST_F(Crash, inviter_may_die_before_any_batch) { die_everywhere(true, store::BatchCrashPoint::kBeforeBatch); }
TEST_F(Crash, inviter_may_die_after_any_batch) { die_everywhere(true, store::BatchCrashPoint::kAfterBatch); }
TEST_F(Crash, taker_may_die_before_any_batch) { die_everywhere(false, store::BatchCrashPoint::kBeforeBatch); }
TEST_F(Crash, taker_may_die_after_any_batch) { die_everywhere(false, store::BatchCrashPoint::kAfterBatch); }

TEST_F(Crash, full_disk_is_told_and_nothing_leaves_until_there_is_room) {
  World world;
  Person& alice = world.add();
  Person& bob = world.add();
  world.meet(alice, bob);
  const engine::ChatId chat = bob.chat().chat;
  bob.store().set_disk_full(true);
  const auto id = bob.give(engine::SendText{chat, "squeezed"});
  world.settle();
  EXPECT_EQ(bob.answer(id), nullptr);
  EXPECT_TRUE(alice.texts(false).empty());
  bool told = false;
  for (const auto& notice : bob.notices) told = told || std::holds_alternative<engine::Trouble>(notice);
  EXPECT_TRUE(told);
  bob.store().set_disk_full(false);
  world.settle();
  ASSERT_NE(bob.answer(id), nullptr);
  EXPECT_EQ(alice.texts(false), Texts{"squeezed"});
}

}  // namespace
}  // namespace godwit::testworld
