// A group that was made to be large: it grows beyond what a post-quantum one bears.

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
    const auto link = people[0]->ask(engine::MakeGroupLink{group, false, 0, 0});
    ASSERT_TRUE(link.has_value());
    for (size_t i = 1; i < kPeople; ++i) {
      people[i]->give(engine::JoinGroup{std::get<engine::GroupLinkMade>(*link).text, ""});
      if (i % 10 == 0) world.pass(minutes(12));
    }
    ASSERT_TRUE(world.run_until([&] { return members(0).members.size() == kPeople; }, hours(3)));
    world.settle();
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

  World world;
  std::vector<Person*> people;
  engine::ChatId group;
};

TEST_F(LargeGroup, all_hear_each_other_and_see_that_it_is_not_post_quantum) {
  for (const size_t who : {size_t{0}, kPeople - 1}) {
    const std::string text = "from " + std::to_string(who);
    ASSERT_TRUE(people[who]->ask(engine::SendText{group, text}).has_value());
    world.settle();
    for (size_t i = 0; i < kPeople; ++i) EXPECT_TRUE(has_heard(i, text)) << i;
  }
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
