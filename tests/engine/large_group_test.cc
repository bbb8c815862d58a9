// A group that was made to be large: it grows beyond what a post-quantum one bears, and beyond what receipts are for.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/engine/world.h"

namespace godwit::testworld {
namespace {

constexpr size_t kPeople = 120;

class LargeGroup : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(crypto::initialise());
    for (size_t i = 0; i < kPeople; ++i) {
      people.push_back(&world.add());
      const auto made = people[i]->ask(engine::NewAccount{"P" + std::to_string(i), world.home_link()});
      ASSERT_TRUE(made.has_value()) << i << ": " << made.error().code.name << ", " << made.error().rule;
    }
    const auto made = people[0]->ask(engine::NewGroup{"many", true});
    ASSERT_TRUE(made.has_value());
    group = std::get<engine::ChatMade>(*made).chat.chat;
    const auto made_link = people[0]->ask(engine::MakeGroupLink{group, false, 0, 0});
    ASSERT_TRUE(made_link.has_value());
    link = std::get<engine::GroupLinkMade>(*made_link).text;
  }
  void grow_to(size_t count) {
    for (size_t i = in; i < count; ++i) {
      people[i]->give(engine::JoinGroup{link, ""});
      if (i % 10 == 0) world.pass(minutes(12));
    }
    in = count;
    ASSERT_TRUE(world.run_until([&] { return members(0).members.size() == count; }, hours(3)));
    world.settle();
  }
  engine::MessageId say_first(const std::string& text) {
    const auto sent = people[0]->ask(engine::SendText{group, text});
    EXPECT_TRUE(sent.has_value());
    world.settle();
    return std::get<engine::MessageQueued>(*sent).message.id;
  }
  // How many of the others say that they have it.
  size_t count_delivered(const engine::MessageId& id) {
    const auto receipts = people[0]->ask(engine::ReadReceipts{group, id});
    if (!receipts) return 0;
    return static_cast<size_t>(std::ranges::count_if(std::get<engine::Receipts>(*receipts).receipts,
                                                     [](const auto& each) { return each.delivered; }));
  }
  engine::Members members(size_t who) {
    const auto answer = people[who]->ask(engine::ListMembers{group});
    return answer ? std::get<engine::Members>(*answer) : engine::Members{};
  }
  bool has_heard(size_t who, const std::string& text) {
    const auto answer = people[who]->ask(engine::ReadHistory{group, std::nullopt, 200});
    if (!answer) return false;
    const auto& messages = std::get<engine::Messages>(*answer).messages;
    return std::ranges::count(messages, text, &engine::Message::text) == 1;
  }
  // All have the message of the first, and many have read it: nobody says so, and that is no reason to think it lost.
  void expect_no_receipts(const engine::MessageId& id) {
    for (size_t i = 1; i < kPeople; i += 10) {
      for (const engine::ChatInfo& chat : people[i]->chats()) {
        if (chat.chat != group) continue;
        ASSERT_TRUE(people[i]->ask(engine::MarkRead{group, chat.last}).has_value());
      }
    }
    world.settle();
    const auto receipts = people[0]->ask(engine::ReadReceipts{group, id});
    ASSERT_TRUE(receipts.has_value());
    for (const auto& each : std::get<engine::Receipts>(*receipts).receipts) EXPECT_FALSE(each.delivered || each.read);
    const auto found = people[0]->ask(engine::ReadMessage{group, id});
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(std::get<engine::MessageFound>(*found).message.delivery, engine::Delivery::kSent);
  }

  World world;
  std::vector<Person*> people;
  engine::ChatId group;
  std::string link;
  size_t in = 1;
};

TEST_F(LargeGroup, all_hear_each_other_see_that_it_is_not_post_quantum_and_tell_what_came_up_to_a_hundred) {
  grow_to(100);
  EXPECT_EQ(count_delivered(say_first("of a hundred")), 99U);
  grow_to(101);
  EXPECT_EQ(count_delivered(say_first("of one more")), 0U);
  grow_to(kPeople);
  engine::MessageId id;
  for (const size_t who : {size_t{0}, kPeople - 1}) {
    const std::string text = "from " + std::to_string(who);
    const auto sent = people[who]->ask(engine::SendText{group, text});
    ASSERT_TRUE(sent.has_value());
    if (who == 0) id = std::get<engine::MessageQueued>(*sent).message.id;
    world.settle();
    for (size_t i = 0; i < kPeople; ++i) EXPECT_TRUE(has_heard(i, text)) << i;
  }
  expect_no_receipts(id);
  EXPECT_FALSE(members(kPeople - 1).post_quantum);
  const engine::AccountId last = std::get<engine::Account>(*people[kPeople - 1]->ask(engine::ReadAccount{})).account;
  ASSERT_TRUE(people[0]->ask(engine::RemoveMember{group, last}).has_value());
  world.settle();
  ASSERT_TRUE(people[0]->ask(engine::SendText{group, "after"}).has_value());
  world.settle();
  for (size_t i = 0; i + 1 < kPeople; ++i) EXPECT_TRUE(has_heard(i, "after")) << i;
  EXPECT_FALSE(has_heard(kPeople - 1, "after"));
}

}  // namespace
}  // namespace godwit::testworld
