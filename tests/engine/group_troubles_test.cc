// What the simulator's groups of fifty have found: each of these once lost a message or a member.

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/record_key.h"
#include "engine/records.h"
#include "tests/engine/world.h"

namespace godwit::testworld {
namespace {

using namespace godwit::engine;

constexpr const char* kThere = "there.example";

// The founder lives at the first home, where the group's log is, and lets in by a link whoever comes.
class GroupTroubles : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(crypto::initialise());
    world.add_home(kThere);
    founder = &somebody("founder", false);
    const auto made = founder->ask(NewGroup{"troubled"});
    ASSERT_TRUE(made.has_value());
    group = std::get<ChatMade>(*made).chat.chat;
    link = link_of(*founder);
  }

  Person& somebody(const std::string& name, bool there) {
    Options options;
    options.refresh_by_itself = false;
    Person& person = world.add(options);
    EXPECT_TRUE(person.ask(NewAccount{name, there ? world.home_link_at(kThere) : world.home_link()}).has_value());
    return person;
  }
  std::string link_of(Person& keeper) {
    const auto made = keeper.ask(MakeGroupLink{group, false, 0, 0});
    EXPECT_TRUE(made.has_value());
    return made ? std::get<GroupLinkMade>(*made).text : std::string{};
  }
  Person& comes(const std::string& name, bool there) {
    Person& person = somebody(name, there);
    person.give(JoinGroup{link, ""});
    EXPECT_TRUE(world.run_until([&] { return is_in(person); }));
    world.settle();
    return person;
  }
  static AccountId account(Person& person) { return std::get<Account>(*person.ask(ReadAccount{})).account; }
  ChatInfo info(Person& person) {
    for (const ChatInfo& chat : person.chats()) {
      if (chat.chat == group) return chat;
    }
    ChatInfo none;
    none.member = false;
    return none;
  }
  bool is_in(Person& person) { return info(person).member; }
  std::vector<Message> history(Person& person) {
    const auto answer = person.ask(ReadHistory{group, std::nullopt, 200});
    return answer ? std::get<Messages>(*answer).messages : std::vector<Message>{};
  }
  bool has(Person& person, const std::string& text) {
    return std::ranges::any_of(history(person), [&](const Message& each) { return each.text == text; });
  }

  World world;
  Person* founder = nullptr;
  ChatId group;
  std::string link;
};

TEST_F(GroupTroubles, who_was_let_in_comes_in_although_who_let_him_in_has_left) {
  Person& keeper = comes("keeper", false);
  ASSERT_TRUE(founder->ask(SetRole{group, account(keeper), Role::kAdmin}).has_value());
  world.settle();
  link = link_of(keeper);
  Person& joiner = somebody("joiner", true);
  // The joiner's home is not to be had for the keeper, who goes before it is.
  keeper.blocked.insert(kThere);
  joiner.give(JoinGroup{link, ""});
  ASSERT_TRUE(world.run_until([&] { return info(*founder).members == 3; }));
  ASSERT_TRUE(keeper.ask(LeaveGroup{group}).has_value());
  ASSERT_TRUE(world.run_until([&] { return !is_in(keeper); }));
  ASSERT_FALSE(is_in(joiner)) << "the welcome was faster: this shows nothing";
  keeper.kill();
  keeper.start();
  keeper.blocked.clear();
  world.pass(hours(1));
  EXPECT_TRUE(is_in(joiner));
  EXPECT_EQ(info(*founder).members, 2U);
  EXPECT_TRUE(keeper.engine().idle());
}

TEST_F(GroupTroubles, who_cannot_read_the_log_does_not_give_up_those_who_are_further) {
  Person& speaker = comes("speaker", false);
  Person& far = comes("far", true);
  std::vector<AccountId> goers;
  for (int i = 0; i < 4; ++i) goers.push_back(account(comes("goer " + std::to_string(i), false)));
  // The speaker does not reach the log any more, nor his own home, but that of the other; all others go on without him.
  speaker.blocked.insert("home.example");
  world.cut(speaker);
  for (const AccountId& goer : goers) {
    ASSERT_TRUE(founder->ask(RemoveMember{group, goer}).has_value());
    world.settle();
  }
  ASSERT_TRUE(speaker.ask(SendText{group, "still here"}).has_value());
  world.pass(hours(3));
  EXPECT_FALSE(has(far, "still here"));
  speaker.blocked.clear();
  world.pass(hours(1));
  EXPECT_TRUE(has(*founder, "still here"));
  EXPECT_TRUE(has(far, "still here"));
}

}  // namespace
}  // namespace godwit::testworld
