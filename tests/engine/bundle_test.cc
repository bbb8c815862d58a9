// Messages that people carry themselves.

#include <gtest/gtest.h>

#include "engine/bundle.h"
#include "engine/errors.h"
#include "tests/engine/world.h"

namespace godwit::testworld {
namespace {

using engine::Delivery;
using Texts = std::vector<std::string>;

class Bundles : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(crypto::initialise());
    world.meet(alice, bob);
    world.settle();
    for (Person* person : {&alice, &bob}) {
      person->online = false;
      world.cut(*person);
    }
  }
  engine::BundleWritten write(Person& person, uint32_t bytes_max = 0) {
    const auto answer = person.ask(engine::WriteBundle{std::nullopt, bytes_max});
    EXPECT_TRUE(answer.has_value());
    return std::get<engine::BundleWritten>(*answer);
  }
  engine::BundleRead read(Person& person, const engine::BundleWritten& bundle) {
    const auto answer = person.ask(engine::ReadBundle{bundle.bundle});
    EXPECT_TRUE(answer.has_value());
    return std::get<engine::BundleRead>(*answer);
  }
  World world;
  Person& alice = world.add();
  Person& bob = world.add();
};

TEST_F(Bundles, messages_and_receipts_go_without_a_home) {
  bob.say("one");
  bob.say("two");
  world.pass(minutes(5));
  EXPECT_TRUE(alice.texts(false).empty());
  EXPECT_EQ(read(alice, write(bob)).passed_over, 0U);
  EXPECT_EQ(alice.texts(false), (Texts{"one", "two"}));
  world.pass(minutes(1));
  read(bob, write(alice));
  for (const auto& message : bob.history()) EXPECT_EQ(message.delivery, Delivery::kDelivered) << message.text;
  EXPECT_EQ(write(bob).parcels, 0U) << "what has arrived does not go out again";
}

TEST_F(Bundles, a_bundle_that_is_carried_twice_and_the_home_after_it_show_each_message_once) {
  bob.say("once");
  const auto bundle = write(bob);
  read(alice, bundle);
  read(alice, bundle);
  alice.online = bob.online = true;
  world.settle();
  bob.say("then");
  world.settle();
  EXPECT_EQ(alice.texts(false), (Texts{"once", "then"}));
}

TEST_F(Bundles, what_the_home_brought_first_is_not_shown_again) {
  bob.say("once");
  const auto bundle = write(bob);
  alice.online = bob.online = true;
  world.settle();
  EXPECT_EQ(alice.texts(false), Texts{"once"});
  read(alice, bundle);
  world.settle();
  EXPECT_EQ(alice.texts(false), Texts{"once"});
}

TEST_F(Bundles, a_text_that_comes_again_is_receipted_again) {
  bob.say("once");
  const auto bundle = write(bob);
  read(alice, bundle);
  alice.online = true;
  world.pass(minutes(30));
  alice.online = false;
  world.cut(alice);
  EXPECT_EQ(write(alice).parcels, 0U) << "the receipt is at Bob's home, which may lose it";
  read(alice, bundle);
  world.pass(minutes(1));
  EXPECT_EQ(write(alice).parcels, 1U);
  EXPECT_EQ(alice.texts(false), Texts{"once"});
}

TEST_F(Bundles, parcels_of_others_are_passed_over) {
  Person& carol = world.add();
  ASSERT_TRUE(carol.ask(engine::NewAccount{"Carol", world.home_link()}).has_value());
  bob.say("not for Carol");
  const auto bundle = write(bob);
  ASSERT_GT(bundle.parcels, 0U);
  EXPECT_EQ(read(carol, bundle).passed_over, bundle.parcels);
  EXPECT_EQ(read(bob, bundle).taken, 0U) << "nor for him who wrote it";
  EXPECT_TRUE(carol.chats().empty());
}

TEST_F(Bundles, what_does_not_fit_waits_for_the_next_one_in_order) {
  for (int i = 0; i < 20; ++i) bob.say("number " + std::to_string(i));
  const auto small = write(bob, 3000);
  EXPECT_GT(small.left, 0U);
  EXPECT_LE(small.bundle.size(), 3000U);
  read(alice, small);
  const auto some = alice.texts(false);
  EXPECT_LT(some.size(), 20U);
  read(alice, write(bob));
  const auto all = alice.texts(false);
  ASSERT_EQ(all.size(), 20U);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(all[static_cast<size_t>(i)], "number " + std::to_string(i));
}

TEST_F(Bundles, a_damaged_bundle_is_refused_whole) {
  bob.say("damaged");
  auto bundle = write(bob).bundle;
  bundle[bundle.size() / 2] ^= 1;
  const auto answer = alice.ask(engine::ReadBundle{bundle});
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, engine::kBundleDamaged);
  EXPECT_TRUE(alice.texts(false).empty());
}

TEST_F(Bundles, what_was_read_survives_a_crash_right_after) {
  bob.say("kept");
  read(alice, write(bob));
  alice.kill();
  alice.start();
  EXPECT_EQ(alice.texts(false), Texts{"kept"});
}

}  // namespace
}  // namespace godwit::testworld
