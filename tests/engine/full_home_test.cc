// A home that has no room left: what is written meanwhile is kept and sent when there is room, and the person is told.

#include <gtest/gtest.h>

#include "tests/engine/world.h"

namespace godwit::testworld {
namespace {

using Texts = std::vector<std::string>;

// What a person is shown of homes without room; whatever was said before stands until it is said otherwise.
struct Room {
  bool own = false;
  bool others = false;
  friend bool operator==(const Room&, const Room&) = default;
};

std::vector<Room> rooms_told(const Person& person) {
  std::vector<Room> out;
  for (const auto& notice : person.notices) {
    const auto* changed = std::get_if<engine::ConnectionChanged>(&notice);
    if (changed == nullptr) continue;
    const Room room{changed->home_full, changed->others_full};
    if (out.empty() || out.back() != room) out.push_back(room);
  }
  return out;
}

class FullHomeTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(crypto::initialise()); }
  bool arrives(const Texts& texts, Duration patience = minutes(20)) {
    return world.run_until([&] { return alice.texts(false) == texts; }, patience);
  }
  bool says(const Person& person, Room room) {
    return world.run_until([&] { return !rooms_told(person).empty() && rooms_told(person).back() == room; },
                           minutes(1));
  }

  World world;
  Person& alice = world.add();
  Person& bob = world.add();
};

TEST_F(FullHomeTest, what_is_written_meanwhile_is_sent_when_there_is_room) {
  world.meet(alice, bob);
  world.home_store().set_disk_full(true);
  bob.say("one");
  bob.say("two");
  world.pass(hours(3));
  EXPECT_EQ(alice.texts(false), Texts{});
  for (const auto& message : bob.history()) EXPECT_EQ(message.delivery, engine::Delivery::kQueued);
  bob.kill();
  bob.start();
  bob.say("three");
  world.pass(minutes(30));
  world.home_store().set_disk_full(false);
  EXPECT_TRUE(arrives({"one", "two", "three"})) << "each once, in its order";
}

TEST_F(FullHomeTest, the_person_is_told_and_told_when_it_is_over) {
  world.meet(alice, bob);
  bob.notices.clear();
  alice.notices.clear();
  world.home_store().set_disk_full(true);
  bob.say("kept");
  ASSERT_TRUE(says(bob, {true, false}));
  world.pass(hours(2));
  EXPECT_EQ(rooms_told(bob), std::vector<Room>({{true, false}})) << "once, however often it is tried";
  for (const auto& notice : bob.notices) {
    const auto* changed = std::get_if<engine::ConnectionChanged>(&notice);
    if (changed != nullptr) EXPECT_EQ(changed->connection, engine::Connection::kConnected) << "the home is there";
  }
  for (const Room& room : rooms_told(alice)) EXPECT_EQ(room, Room()) << "who writes nothing is told nothing";
  world.home_store().set_disk_full(false);
  ASSERT_TRUE(arrives({"kept"}));
  EXPECT_TRUE(says(bob, {false, false}));
}

TEST_F(FullHomeTest, of_a_home_that_was_not_asked_for_long_it_is_not_said_any_more) {
  world.meet(alice, bob);
  bob.notices.clear();
  world.home_store().set_disk_full(true);
  bob.say("kept");
  ASSERT_TRUE(says(bob, {true, false}));
  bob.online = false;
  world.cut(bob);
  world.pass(minutes(16));
  EXPECT_EQ(rooms_told(bob).back(), Room());
  bob.online = true;
  EXPECT_TRUE(says(bob, {true, false})) << "until it refuses again";
}

TEST_F(FullHomeTest, what_waits_is_read_while_the_home_is_full) {
  world.meet(alice, bob);
  alice.online = false;
  world.cut(alice);
  bob.say("before");
  world.settle();
  world.home_store().set_disk_full(true);
  alice.online = true;
  EXPECT_TRUE(arrives({"before"}));
  EXPECT_TRUE(says(alice, {true, false})) << "the home could not forget what she has";
  world.home_store().set_disk_full(false);
  EXPECT_TRUE(
      world.run_until([&] { return bob.history().at(0).delivery == engine::Delivery::kDelivered; }, minutes(20)));
  EXPECT_TRUE(says(alice, {false, false}));
}

TEST_F(FullHomeTest, the_full_home_of_a_contact_is_told_apart_from_the_own_one) {
  world.add_home("other.example");
  world.taker_home = "other.example";
  world.meet(alice, bob);
  alice.notices.clear();
  bob.notices.clear();
  world.home_store("other.example").set_disk_full(true);
  alice.say("to a full home");
  ASSERT_TRUE(says(alice, {false, true}));
  bob.say("from there");
  EXPECT_TRUE(arrives({"from there"}));
  world.home_store("other.example").set_disk_full(false);
  EXPECT_TRUE(world.run_until([&] { return bob.texts(false) == Texts{"to a full home"}; }, minutes(20)));
  EXPECT_TRUE(says(alice, {false, false}));
}

TEST_F(FullHomeTest, an_account_waits_for_room_is_told_so_and_is_made_then) {
  world.home_store().set_disk_full(true);
  const auto made = alice.give(engine::NewAccount{"Alice", world.home_link()});
  ASSERT_TRUE(says(alice, {true, false}));
  world.pass(minutes(5));
  EXPECT_EQ(alice.answer(made), nullptr);
  world.home_store().set_disk_full(false);
  ASSERT_TRUE(world.run_until([&] { return alice.answer(made) != nullptr; }, minutes(5)));
  EXPECT_TRUE(alice.answer(made)->has_value());
  EXPECT_TRUE(says(alice, {false, false}));
}

}  // namespace
}  // namespace godwit::testworld
