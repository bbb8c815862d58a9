// What people and homes get wrong: a clear error, and nothing lost.

#include <gtest/gtest.h>

#include "engine/errors.h"
#include "engine/invite_link.h"
#include "engine/record_key.h"
#include "engine/records.h"
#include "tests/engine/world.h"

namespace godwit::testworld {
namespace {

class BadInput : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(crypto::initialise()); }
  std::string invite_of(Person& person) {
    const auto made = person.ask(engine::MakeInvite{});
    return made ? std::get<engine::InviteMade>(*made).link : "";
  }
  void make_accounts() {
    ASSERT_TRUE(alice.ask(engine::NewAccount{"Alice", world.home_link()}).has_value());
    ASSERT_TRUE(bob.ask(engine::NewAccount{"Bob", world.home_link()}).has_value());
  }
  ErrorCode refused(Person& person, engine::Command command) {
    const auto answer = person.ask(std::move(command));
    return answer ? ErrorCode{0, Action::kDrop, "it succeeded"} : answer.error().code;
  }
  World world;
  Person& alice = world.add();
  Person& bob = world.add();
};

TEST_F(BadInput, invite_is_taken_once) {
  make_accounts();
  Person& carol = world.add();
  ASSERT_TRUE(carol.ask(engine::NewAccount{"Carol", world.home_link()}).has_value());
  const std::string link = invite_of(alice);
  ASSERT_TRUE(bob.ask(engine::AddContact{link}).has_value());
  EXPECT_EQ(refused(bob, engine::AddContact{link}), engine::kLinkKnown);
  EXPECT_EQ(refused(alice, engine::AddContact{link}), engine::kLinkOwn);
  EXPECT_EQ(refused(carol, engine::AddContact{link}), engine::kInviteUsed);
  world.settle();
  EXPECT_EQ(carol.chats().size(), 0U);
}

TEST_F(BadInput, invite_whose_token_is_guessed_is_refused) {
  make_accounts();
  auto link = engine::parse_invite_link(invite_of(alice));
  ASSERT_TRUE(link.has_value());
  link->token.fill()[0] ^= 1;
  EXPECT_EQ(refused(bob, engine::AddContact{engine::to_text(*link)}), engine::kInviteRefused);
  EXPECT_EQ(bob.chats().size(), 0U);
}

TEST_F(BadInput, key_package_of_another_account_is_a_forgery) {
  make_accounts();
  auto link = engine::parse_invite_link(invite_of(alice));
  ASSERT_TRUE(link.has_value());
  link->account.value[0] ^= 1;
  EXPECT_EQ(refused(bob, engine::AddContact{engine::to_text(*link)}), engine::kInviteForged);
  EXPECT_EQ(bob.chats().size(), 0U);
}

TEST_F(BadInput, key_package_under_another_key_is_a_forgery) {
  make_accounts();
  auto link = engine::parse_invite_link(invite_of(alice));
  ASSERT_TRUE(link.has_value());
  link->key.fill()[0] ^= 1;
  EXPECT_EQ(refused(bob, engine::AddContact{engine::to_text(*link)}), engine::kInviteForged);
}

TEST_F(BadInput, home_with_another_key_than_the_links_is_told_as_such) {
  auto link = world.home_link_parts();
  link.home.key.value[0] ^= 1;
  EXPECT_EQ(refused(alice, engine::NewAccount{"Alice", wire::to_text(link)}), engine::kWrongHome);
  // And the profile is free for the right one.
  EXPECT_TRUE(alice.ask(engine::NewAccount{"Alice", world.home_link()}).has_value());
  ASSERT_TRUE(bob.ask(engine::NewAccount{"Bob", world.home_link()}).has_value());
  auto invite = engine::parse_invite_link(invite_of(alice));
  ASSERT_TRUE(invite.has_value());
  const std::string good = engine::to_text(*invite);
  invite->home.key.value[0] ^= 1;
  EXPECT_EQ(refused(bob, engine::AddContact{engine::to_text(*invite)}), engine::kWrongHome);
  EXPECT_TRUE(bob.ask(engine::AddContact{good}).has_value());
}

TEST_F(BadInput, connections_that_the_network_cuts_are_not_told_as_another_home) {
  make_accounts();
  alice.curtained[alice.dialled.back().host] = 0;  // the home hears nothing, and says nothing
  alice.notices.clear();
  world.cut(alice);
  const size_t before = alice.dialled.size();
  for (int i = 0; i < 1'800; ++i) {
    world.pass(seconds(1));
    world.cut(alice);  // sooner than silence says something
  }
  EXPECT_GE(alice.dialled.size(), before + 10);
  for (const auto& notice : alice.notices) EXPECT_FALSE(std::holds_alternative<engine::Trouble>(notice));
}

TEST_F(BadInput, home_link_that_the_home_does_not_know_is_refused) {
  auto link = world.home_link_parts();
  link.admission_code.back() ^= 1;
  EXPECT_EQ(refused(alice, engine::NewAccount{"Alice", wire::to_text(link)}), engine::kRefusedByHome);
  EXPECT_EQ(refused(alice, engine::ReadAccount{}), engine::kNoAccount);
  EXPECT_TRUE(alice.ask(engine::NewAccount{"Alice", world.home_link()}).has_value());
}

TEST_F(BadInput, message_to_a_revoked_address_has_failed_and_stays_in_the_history) {
  world.meet(alice, bob);
  bob.say("before");
  world.settle();
  const auto key = engine::record_key(engine::RecordKind::kChat, alice.chat().chat.view());
  const auto stored = engine::open_record(alice.key(), key, alice.disk().records().at(key));
  world.forget_address(codec::decoded<engine::ChatRecord>(stored->reveal())->own_alias);
  bob.say("after");
  world.settle();
  EXPECT_EQ(alice.texts(false), std::vector<std::string>{"before"});
  const auto history = bob.ask(engine::ReadHistory{bob.chat().chat, std::nullopt, 10});
  ASSERT_TRUE(history.has_value());
  const auto& messages = std::get<engine::Messages>(*history).messages;
  ASSERT_EQ(messages.size(), 2U);
  const auto said = [&](const std::string& text) {
    return std::find_if(messages.begin(), messages.end(), [&](const auto& each) { return each.text == text; })
        ->delivery;
  };
  EXPECT_EQ(said("before"), engine::Delivery::kDelivered);
  EXPECT_EQ(said("after"), engine::Delivery::kFailed);
  bool told = false;
  for (const auto& notice : bob.notices) {
    const auto* moved = std::get_if<engine::MessageMoved>(&notice);
    told = told || (moved != nullptr && moved->delivery == engine::Delivery::kFailed);
  }
  EXPECT_TRUE(told);
}

TEST_F(BadInput, invite_older_than_its_key_package_is_refused) {
  make_accounts();
  const std::string link = invite_of(alice);
  alice.kill();  // so that she does not revoke it herself
  world.pass(days(91));
  EXPECT_EQ(refused(bob, engine::AddContact{link}), engine::kInviteRefused);
  EXPECT_EQ(bob.chats().size(), 0U);
}

TEST_F(BadInput, commands_that_cannot_be_are_refused_by_name) {
  EXPECT_EQ(refused(alice, engine::MakeInvite{}), engine::kNoAccount);
  EXPECT_EQ(refused(alice, engine::NewAccount{"", world.home_link()}), engine::kNotText);
  EXPECT_EQ(refused(alice, engine::NewAccount{"a\nb", world.home_link()}), engine::kNotText);
  EXPECT_EQ(refused(alice, engine::NewAccount{std::string(65, 'a'), world.home_link()}), engine::kTooLong);
  EXPECT_EQ(refused(alice, engine::NewAccount{"Alice", "https://example.org"}), engine::kLinkNotGodwit);
  world.meet(alice, bob);
  EXPECT_EQ(refused(alice, engine::NewAccount{"Alice", world.home_link()}), engine::kAccountExists);
  EXPECT_EQ(refused(alice, engine::SendText{{}, "x"}), engine::kNoSuchChat);
  EXPECT_EQ(refused(alice, engine::SendText{alice.chat().chat, ""}), engine::kNotText);
  EXPECT_EQ(refused(alice, engine::SendText{alice.chat().chat, "\xff"}), engine::kNotText);
  EXPECT_EQ(refused(alice, engine::SendText{alice.chat().chat, std::string(engine::kTextSizeMax + 1, 'a')}),
            engine::kTooLong);
}

TEST_F(BadInput, profile_of_an_older_version_is_told_as_such) {
  world.meet(alice, bob);
  const auto whole = alice.disk().records();
  for (const auto& [version, code] : {std::pair{uint8_t{1}, engine::kProfileOlder}, {uint8_t{9}, engine::kProfileNewer}}) {
    alice.kill();
    const auto found = std::find_if(whole.begin(), whole.end(), [](const auto& entry) {
      return entry.first.front() == static_cast<uint8_t>(engine::RecordKind::kChat);
    });
    ASSERT_NE(found, whole.end());
    Bytes value = to_bytes(engine::open_record(alice.key(), found->first, found->second)->reveal());
    value.front() = version;
    crypto::SeededRandom random(3);
    alice.disk().put(found->first, engine::seal_record(alice.key(), random, found->first, value));
    alice.disk().sync();
    alice.start();
    EXPECT_EQ(refused(alice, engine::ListChats{}), code);
  }
}

TEST_F(BadInput, damaged_record_is_told_and_nothing_is_overwritten) {
  world.meet(alice, bob);
  bob.say("before");
  world.settle();
  const auto whole = alice.disk().records();
  for (const auto kind : {'a', 'c', 'g', 'k', 'i', 'h'}) {
    const auto found = std::find_if(whole.begin(), whole.end(), [&](const auto& entry) {
      return entry.first.front() == static_cast<uint8_t>(kind);
    });
    ASSERT_NE(found, whole.end()) << kind;
    alice.kill();
    Bytes damaged = found->second;
    damaged[damaged.size() / 2] ^= 1;
    alice.disk().put(found->first, damaged);
    alice.disk().sync();
    const auto before = alice.disk().records();
    alice.notices.clear();
    alice.start();
    EXPECT_EQ(refused(alice, engine::ListChats{}), engine::kProfileDamaged) << kind;
    bool told = false;
    for (const auto& notice : alice.notices) {
      const auto* trouble = std::get_if<engine::Trouble>(&notice);
      told = told || (trouble != nullptr && trouble->error.code == engine::kProfileDamaged);
    }
    EXPECT_TRUE(told) << kind;
    EXPECT_EQ(alice.disk().records(), before) << kind;
    alice.disk().put(found->first, found->second);
  }
  alice.kill();
  alice.start();
  EXPECT_EQ(alice.texts(false).size(), 1U);
}

}  // namespace
}  // namespace godwit::testworld
