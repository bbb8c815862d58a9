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

// His home learns the token of a new base when he is there again, and whoever came after a removal has no older one.
TEST_F(GroupTroubles, who_came_after_a_removal_waits_for_those_who_have_been_away_since) {
  Person& sleeper = comes("sleeper", false);
  Person& goer = comes("goer", false);
  ASSERT_TRUE(sleeper.ask(RefreshKeys{group}).has_value());  // his leaf names the token of his first address no more
  world.settle();
  sleeper.kill();
  ASSERT_TRUE(founder->ask(RemoveMember{group, account(goer)}).has_value());
  world.settle();
  Person& fresh = comes("fresh", false);
  ASSERT_TRUE(fresh.ask(SendText{group, "good morning"}).has_value());
  world.pass(hours(8));
  sleeper.start();
  world.pass(hours(1));
  EXPECT_TRUE(has(sleeper, "good morning"));
  EXPECT_TRUE(fresh.engine().idle());
}

TEST_F(GroupTroubles, who_was_away_while_somebody_went_and_much_was_said_hears_all_of_it) {
  Person& sleeper = comes("sleeper", false);
  Person& goer = comes("goer", false);
  sleeper.kill();
  ASSERT_TRUE(founder->ask(RemoveMember{group, account(goer)}).has_value());
  for (int i = 0; i < 150; ++i) ASSERT_TRUE(founder->ask(SendText{group, "text " + std::to_string(i)}).has_value());
  world.settle();
  sleeper.start();
  world.pass(hours(1));
  for (int i = 0; i < 150; ++i) EXPECT_TRUE(has(sleeper, "text " + std::to_string(i))) << i;
}

// Whoever is behind writes to a member's address by a token of an earlier base, or by the one that his keys have named: all his
// devices must know it.
TEST_F(GroupTroubles, a_further_device_knows_the_tokens_that_its_address_has_had) {
  Person& phone = comes("phone", false);
  ASSERT_TRUE(founder->ask(RemoveMember{group, account(comes("goer", false))}).has_value());
  world.settle();
  Person& laptop = world.add();
  const auto offered = phone.ask(StartLinking{});
  ASSERT_TRUE(offered.has_value());
  const CommandId linking = laptop.give(LinkDevice{"laptop", std::get<LinkingOffered>(*offered).link, {}, {}});
  const auto asks = [&] {
    return std::ranges::any_of(phone.notices,
                               [](const Notice& each) { return std::holds_alternative<DeviceAsks>(each); });
  };
  ASSERT_TRUE(world.run_until(asks));
  ASSERT_TRUE(phone.ask(ConfirmLinking{true}).has_value());
  ASSERT_TRUE(world.run_until([&] { return laptop.answer(linking) != nullptr; }));
  ASSERT_TRUE(world.run_until([&] { return is_in(laptop); }));
  world.settle();
  const auto tokens_of = [&](Person& person) {
    const Bytes key = record_key(RecordKind::kChat, group.view());
    const auto stored = person.disk().get(key);
    const auto plain = open_record(person.key(), key, **stored);
    const auto chat = codec::decoded<ChatRecord>(plain->reveal());
    std::vector<Bytes> out;
    if (chat->entry_token) out.push_back(to_bytes(chat->entry_token->value.reveal()));
    for (const ChatKeys& keys : chat->previous) out.push_back(to_bytes(keys.addresses.value.reveal()));
    return out;
  };
  ASSERT_EQ(tokens_of(phone).size(), 2U);
  EXPECT_EQ(tokens_of(laptop), tokens_of(phone));
  // Also when the account has gone and comes again, and the chat has a history.
  ASSERT_TRUE(founder->ask(SendText{group, "before"}).has_value());
  world.settle();
  ASSERT_TRUE(has(laptop, "before"));
  ASSERT_TRUE(phone.ask(LeaveGroup{group}).has_value());
  ASSERT_TRUE(world.run_until([&] { return !is_in(phone) && !is_in(laptop); }));
  phone.give(JoinGroup{link, ""});
  ASSERT_TRUE(world.run_until([&] { return is_in(phone) && is_in(laptop); }));
  world.settle();
  ASSERT_FALSE(tokens_of(phone).empty());
  EXPECT_EQ(tokens_of(laptop), tokens_of(phone));
}

}  // namespace
}  // namespace godwit::testworld
