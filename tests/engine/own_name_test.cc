// One's own name is changed: on all own devices, in every chat, and in what is made afterwards.

#include "engine/own_name.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/errors.h"
#include "engine/invite_link.h"
#include "tests/engine/asking.h"
#include "tests/engine/groups.h"

namespace godwit::testworld {
namespace {

using namespace godwit::engine;

class OwnNames : public Groups {
 protected:
  void SetUp() override {
    Groups::SetUp();
    for (size_t i = 0; i < people.size(); ++i) accounts_.push_back(Groups::account(i));
  }
  // Also of somebody whose program does not run.
  AccountId account(size_t i) const { return accounts_.at(i); }
  static std::string name_of(Person& person) { return must<Account>(person, ReadAccount{}).name; }
  // As `i` sees the other one in the chat of two with `other`, and in the group.
  std::string contact_name(size_t i, size_t other) {
    const AccountId who = account(other);
    for (const ChatInfo& chat : person(i).chats()) {
      if (chat.peer == who) return chat.name;
    }
    return {};
  }
  std::string member_name(size_t i, size_t other) {
    const AccountId who = account(other);
    for (const MemberShown& member : members(i).members) {
      if (member.account == who) return member.name;
    }
    return {};
  }
  static std::vector<MemberRenamed> renamings(const Person& person) {
    std::vector<MemberRenamed> out;
    for (const Notice& each : person.notices) {
      if (const auto* found = std::get_if<MemberRenamed>(&each)) out.push_back(*found);
    }
    return out;
  }
  static size_t count_of_account_changes(const Person& person) {
    return static_cast<size_t>(std::ranges::count_if(
        person.notices, [](const Notice& each) { return std::holds_alternative<AccountChanged>(each); }));
  }
  // A second device of person 0.
  Person& second_device() {
    Person& fresh = world.add(quiet());
    const auto offered = must<LinkingOffered>(person(0), StartLinking{});
    const CommandId id = fresh.give(LinkDevice{"Laptop", offered.link, {}, {}});
    EXPECT_TRUE(world.run_until([&] {
      return std::ranges::any_of(person(0).notices,
                                 [](const Notice& each) { return std::holds_alternative<DeviceAsks>(each); });
    }));
    EXPECT_TRUE(person(0).ask(ConfirmLinking{true}).has_value());
    EXPECT_TRUE(world.run_until([&] { return fresh.answer(id) != nullptr; }));
    world.pass(minutes(10));
    return fresh;
  }
  std::vector<AccountId> accounts_;
};

TEST_F(OwnNames, every_chat_and_group_is_told_within_ten_minutes_with_the_name_of_before) {
  make_group(3);
  ASSERT_TRUE(person(0).ask(RenameAccount{"Anna"}).has_value());
  EXPECT_EQ(name_of(person(0)), "Anna");
  EXPECT_EQ(count_of_account_changes(person(0)), 1U);
  world.pass(kRenameSpread + minutes(1));
  for (const size_t other : {1U, 2U}) {
    EXPECT_EQ(contact_name(other, 0), "Anna");
    EXPECT_EQ(member_name(other, 0), "Anna");
    const auto told = renamings(person(other));
    ASSERT_EQ(told.size(), 2U) << "once in the chat of two and once in the group";
    for (const MemberRenamed& each : told) {
      EXPECT_EQ(each.account, account(0));
      EXPECT_EQ(each.before, "P0");
      EXPECT_EQ(each.name, "Anna");
    }
    const bool list_told = std::ranges::any_of(person(other).notices, [&](const Notice& each) {
      const auto* changed = std::get_if<ChatChanged>(&each);
      return changed != nullptr && changed->chat.name == "Anna";
    });
    EXPECT_TRUE(list_told);
  }
  EXPECT_EQ(renamings(person(0)).size(), 0U) << "nobody is told of himself";
  EXPECT_EQ(parse_invite_link(must<InviteMade>(person(0), MakeInvite{}).link)->name, "Anna");
}

TEST_F(OwnNames, the_commits_of_several_chats_do_not_come_at_once) {
  make_group(4);
  const Instant begun = world.now;
  ASSERT_TRUE(person(0).ask(RenameAccount{"Anna"}).has_value());
  std::map<size_t, Instant> told;
  const auto look = [&] {
    for (const size_t other : {1U, 2U, 3U}) {
      if (!told.contains(other) && contact_name(other, 0) == "Anna") told[other] = world.now;
    }
    return told.size() == 3;
  };
  ASSERT_TRUE(world.run_until(look, kRenameSpread + minutes(1)));
  std::set<int64_t> moments;
  for (const auto& [other, at] : told) {
    EXPECT_GT(at - begun, Duration{});
    moments.insert(at.ms / 1000);
  }
  EXPECT_EQ(moments.size(), 3U);
}

TEST_F(OwnNames, what_is_said_meanwhile_takes_the_name_along) {
  meet(0, 1);
  ASSERT_TRUE(person(0).ask(RenameAccount{"Anna"}).has_value());
  person(0).say("it is me");
  world.pass(seconds(5));
  EXPECT_EQ(contact_name(1, 0), "Anna");
}

TEST_F(OwnNames, a_name_that_was_changed_before_the_program_ended_is_told_by_the_next_one) {
  meet(0, 1);
  ASSERT_TRUE(person(0).ask(RenameAccount{"Anna"}).has_value());
  person(0).kill();
  world.pass(hours(1));
  EXPECT_EQ(contact_name(1, 0), "P0");
  person(0).start();
  world.pass(kRenameLateSpread + seconds(10));
  EXPECT_EQ(name_of(person(0)), "Anna");
  EXPECT_EQ(contact_name(1, 0), "Anna");
}

TEST_F(OwnNames, an_invite_that_was_made_before_leads_to_the_name_of_now) {
  const auto invite = must<InviteMade>(person(0), MakeInvite{});
  ASSERT_TRUE(person(0).ask(RenameAccount{"Anna"}).has_value());
  ASSERT_TRUE(person(1).ask(AddContact{invite.link}).has_value());
  world.pass(minutes(2));
  EXPECT_EQ(contact_name(1, 0), "Anna");
}

TEST_F(OwnNames, names_that_are_none_are_refused_and_the_same_one_again_is_nothing) {
  meet(0, 1);
  EXPECT_EQ(refusal(0, RenameAccount{""}), kNotText);
  EXPECT_EQ(refusal(0, RenameAccount{std::string(65, 'x')}), kTooLong);
  EXPECT_EQ(refusal(0, RenameAccount{"two\nlines"}), kNotText);
  EXPECT_EQ(refusal(0, RenameAccount{"\u202eannA"}), kNotText);
  ASSERT_TRUE(person(0).ask(RenameAccount{"P0"}).has_value());
  EXPECT_EQ(name_of(person(0)), "P0");
  world.pass(kRenameSpread);
  EXPECT_TRUE(renamings(person(1)).empty());
  Person& nobody = world.add();
  EXPECT_EQ(testworld::refusal(nobody, RenameAccount{"Anna"}), kNoAccount);
}

TEST_F(OwnNames, other_devices_take_it_and_one_that_sleeps_does_not_hold_it_back) {
  make_group(2);
  Person& laptop = second_device();
  ASSERT_EQ(name_of(laptop), "P0");
  laptop.kill();
  ASSERT_TRUE(person(0).ask(RenameAccount{"Anna"}).has_value());
  world.pass(kRenameSpread + minutes(1));
  EXPECT_EQ(contact_name(1, 0), "Anna") << "the laptop's leaf still says the name of before";
  EXPECT_EQ(member_name(1, 0), "Anna");
  laptop.start();
  world.pass(minutes(2));
  EXPECT_EQ(name_of(laptop), "Anna");
  EXPECT_EQ(count_of_account_changes(laptop), 1U);
  // The device that slept has the last word when it changes it.
  ASSERT_TRUE(laptop.ask(RenameAccount{"Anna K."}).has_value());
  person(0).kill();
  world.pass(kRenameSpread + minutes(1));
  EXPECT_EQ(contact_name(1, 0), "Anna K.");
  person(0).start();
  world.pass(minutes(2));
  EXPECT_EQ(name_of(person(0)), "Anna K.");
  EXPECT_EQ(contact_name(1, 0), "Anna K.");
}

TEST_F(OwnNames, who_comes_back_by_his_words_is_called_as_he_was_last) {
  Person& before = world.add();
  const auto made = must<AccountMade>(before, NewAccount{"Old", world.home_link()});
  world.settle();
  ASSERT_TRUE(before.ask(RenameAccount{"New"}).has_value());
  world.pass(minutes(1));
  before.kill();
  Person& after = world.add();
  const auto back = must<AccountRecovered>(after, RecoverAccount{made.recovery_key, world.home_link(), "Phone", ""});
  EXPECT_EQ(back.name, "New");
}

// Programs before this took such names.
TEST_F(OwnNames, that_an_older_program_took_is_shown_without_what_turns_a_line_and_breaks_no_chat) {
  const Bytes key = record_key(RecordKind::kAccount);
  const auto give_old_name = [&](size_t i, const std::string& name) {
    person(i).kill();
    auto record =
        codec::decoded<AccountRecord>(open_record(person(i).key(), key, person(i).disk().records().at(key))->reveal());
    ASSERT_TRUE(record.has_value());
    record->name = name;
    person(i).disk().put(key, seal_record(person(i).key(), random, key, codec::encoded(*record)));
    person(i).disk().sync();
    person(i).start();
  };
  give_old_name(1, "An\u200fna\u2028");
  give_old_name(2, "\u200b\u200b");
  make_group(3);
  EXPECT_EQ(contact_name(0, 1), "Anna");
  EXPECT_EQ(member_name(2, 1), "Anna");
  EXPECT_EQ(contact_name(0, 2), "?");
  EXPECT_EQ(member_name(1, 2), "?");
  say(1, "of two");
  say(2, "of three");
  world.settle();
  EXPECT_EQ(heard(0), (Texts{"of two", "of three"}));
  EXPECT_TRUE(renamings(person(0)).empty()) << "nobody has changed his name";
  EXPECT_EQ(refusal(1, RenameAccount{"\u200b"}), kNotText);
  must<Nothing>(person(1), RenameAccount{"Bert"});
  world.pass(minutes(11));
  EXPECT_EQ(member_name(2, 1), "Bert");
}

}  // namespace
}  // namespace godwit::testworld
