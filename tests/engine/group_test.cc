// Groups: made, joined, talked in, changed by several at once, left.

#include "tests/engine/groups.h"

namespace godwit::testworld {
namespace {

TEST_F(Groups, all_see_the_same_members_and_hear_each_other) {
  make_group(4);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(members(i).members.size(), 4U) << i;
    EXPECT_EQ(info(i).name, "friends") << i;
    EXPECT_EQ(info(i).epoch, info(0).epoch) << i;
    EXPECT_EQ(role(0, i), Role::kOwner) << i;
    EXPECT_EQ(role(1, i), Role::kMember) << i;
  }
  for (size_t i = 0; i < 4; ++i) say(i, "from " + std::to_string(i));
  world.settle();
  for (size_t i = 0; i < 4; ++i) {
    Texts texts = heard(i);
    std::ranges::sort(texts);
    Texts expected;
    for (size_t j = 0; j < 4; ++j) {
      if (j != i) expected.push_back("from " + std::to_string(j));
    }
    EXPECT_EQ(texts, expected) << i;
  }
}

TEST_F(Groups, order_of_one_sender_holds_for_everybody) {
  make_group(3);
  Texts expected;
  for (int i = 0; i < 20; ++i) {
    person(0).give(engine::SendText{group, std::to_string(i)});
    expected.push_back(std::to_string(i));
  }
  person(1).give(engine::RefreshKeys{group});
  world.settle();
  EXPECT_EQ(heard(1), expected);
  EXPECT_EQ(heard(2), expected);
}

TEST_F(Groups, who_is_offline_holds_up_nobody) {
  make_group(3);
  person(2).kill();
  say(0, "one");
  say(0, "two");
  world.settle();
  EXPECT_EQ(heard(1), (Texts{"one", "two"}));
  person(2).start();
  world.settle();
  EXPECT_EQ(heard(2), (Texts{"one", "two"}));
}

TEST_F(Groups, removed_member_hears_nothing_more_and_says_nothing) {
  make_group(4);
  say(3, "before");
  world.settle();
  ASSERT_TRUE(person(0).ask(engine::RemoveMember{group, account(3)}).has_value());
  world.settle();
  say(0, "after");
  say(1, "after too");
  world.settle();
  EXPECT_TRUE(heard(3).empty());
  EXPECT_FALSE(info(3).member);
  EXPECT_EQ(refusal(3, engine::SendText{group, "still here"}), ErrorCode{engine::kNotMember});
  EXPECT_EQ(heard(2), (Texts{"before", "after", "after too"}));
  EXPECT_EQ(members(1).members.size(), 3U);
}

TEST_F(Groups, a_name_with_a_direction_override_is_none) {
  make_group(2);
  for (const std::string bad : {"Fr\u202eiends", "Fri\nends", ""}) {
    EXPECT_EQ(refusal(0, engine::NewGroup{bad}), refusal(0, engine::RenameGroup{group, bad}));
    EXPECT_NE(refusal(0, engine::NewGroup{bad}), ErrorCode{});
  }
}

TEST_F(Groups, who_was_offline_during_a_remove_gets_what_was_said_after_it) {
  make_group(4);
  person(2).kill();
  ASSERT_TRUE(person(0).ask(engine::RemoveMember{group, account(3)}).has_value());
  world.settle();
  say(0, "after");
  say(1, "after too");
  world.settle();
  person(2).start();
  world.settle();
  Texts texts = heard(2);
  std::ranges::sort(texts);
  EXPECT_EQ(texts, (Texts{"after", "after too"}));
  say(2, "back");
  world.settle();
  EXPECT_EQ(heard(0), (Texts{"after too", "back"}));
}

TEST_F(Groups, roles_say_who_may_change_what) {
  make_group(3);
  EXPECT_EQ(refusal(1, engine::RenameGroup{group, "mine"}), ErrorCode{engine::kNotAllowed});
  EXPECT_EQ(refusal(1, engine::RemoveMember{group, account(2)}), ErrorCode{engine::kNotAllowed});
  ASSERT_TRUE(person(0).ask(engine::SetRole{group, account(1), Role::kAdmin}).has_value());
  world.settle();
  EXPECT_EQ(role(1, 2), Role::kAdmin);
  ASSERT_TRUE(person(1).ask(engine::RenameGroup{group, "ours"}).has_value());
  world.settle();
  EXPECT_EQ(info(2).name, "ours");
  EXPECT_EQ(refusal(1, engine::RemoveMember{group, account(0)}), ErrorCode{engine::kNotAllowed});
  EXPECT_EQ(refusal(1, engine::SetRole{group, account(2), Role::kOwner}), ErrorCode{engine::kNotAllowed});
  EXPECT_EQ(refusal(0, engine::SetRole{group, account(0), Role::kMember}), ErrorCode{engine::kLastOwner});
}

TEST_F(Groups, readers_and_announcement_only_keep_quiet) {
  make_group(3);
  ASSERT_TRUE(person(0).ask(engine::SetRole{group, account(1), Role::kReader}).has_value());
  world.settle();
  EXPECT_EQ(refusal(1, engine::SendText{group, "psst"}), ErrorCode{engine::kNotAllowed});
  ASSERT_TRUE(person(0).ask(engine::SetGroupSettings{group, true, std::nullopt, std::nullopt}).has_value());
  world.settle();
  EXPECT_TRUE(members(2).announcement_only);
  EXPECT_EQ(refusal(2, engine::SendText{group, "psst"}), ErrorCode{engine::kNotAllowed});
  say(0, "news");
  world.settle();
  EXPECT_EQ(heard(1), Texts{"news"});
}

TEST_F(Groups, who_is_in_already_is_not_added_again) {
  make_group(3);
  const uint64_t before = info(0).epoch;
  ASSERT_TRUE(person(0).ask(engine::AddMembers{group, {account(1)}}).has_value());
  world.settle();
  EXPECT_EQ(info(0).epoch, before);
  EXPECT_EQ(refusal(1, engine::AddMembers{group, {account(0)}}), ErrorCode{});
  EXPECT_EQ(members(2).members.size(), 3U);
}

TEST_F(Groups, two_admins_at_once_both_get_their_way) {
  make_group(4);
  ASSERT_TRUE(person(0).ask(engine::SetRole{group, account(1), Role::kAdmin}).has_value());
  world.settle();
  const auto one = person(0).give(engine::RemoveMember{group, account(3)});
  const auto other = person(1).give(engine::RenameGroup{group, "renamed"});
  world.settle();
  ASSERT_NE(person(0).answer(one), nullptr);
  ASSERT_NE(person(1).answer(other), nullptr);
  EXPECT_TRUE(person(0).answer(one)->has_value());
  EXPECT_TRUE(person(1).answer(other)->has_value());
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(members(i).members.size(), 3U) << i;
    EXPECT_EQ(info(i).name, "renamed") << i;
  }
}

TEST_F(Groups, the_same_member_removed_by_two_is_removed_once) {
  make_group(4);
  ASSERT_TRUE(person(0).ask(engine::SetRole{group, account(1), Role::kAdmin}).has_value());
  world.settle();
  const auto one = person(0).give(engine::RemoveMember{group, account(3)});
  const auto other = person(1).give(engine::RemoveMember{group, account(3)});
  world.settle();
  ASSERT_NE(person(0).answer(one), nullptr);
  ASSERT_NE(person(1).answer(other), nullptr);
  EXPECT_NE(person(0).answer(one)->has_value(), person(1).answer(other)->has_value());
  EXPECT_EQ(members(2).members.size(), 3U);
}

TEST_F(Groups, who_leaves_is_out_and_keeps_his_history) {
  make_group(3);
  say(0, "hello");
  world.settle();
  EXPECT_EQ(refusal(0, engine::LeaveGroup{group}), ErrorCode{engine::kLastOwner});
  ASSERT_TRUE(person(1).ask(engine::LeaveGroup{group}).has_value());
  world.settle();
  EXPECT_EQ(members(0).members.size(), 2U);
  EXPECT_EQ(members(2).members.size(), 2U);
  EXPECT_FALSE(info(1).member);
  EXPECT_EQ(heard(1), Texts{"hello"});
  say(0, "without him");
  world.settle();
  EXPECT_EQ(heard(1), Texts{"hello"});
  EXPECT_EQ(heard(2), (Texts{"hello", "without him"}));
}

TEST_F(Groups, who_leaves_is_out_though_those_who_heard_it_have_forgotten_it) {
  make_group(2);
  ASSERT_TRUE(person(1).ask(engine::LeaveGroup{group}).has_value());
  // He hears it, and dies before he has committed it.
  world.pass(milliseconds(1));
  person(0).kill();
  person(0).start();
  world.pass(minutes(30));
  world.settle();
  EXPECT_EQ(members(0).members.size(), 1U);
  EXPECT_FALSE(info(1).member);
}

TEST_F(Groups, who_was_removed_can_be_let_in_again_and_finds_his_history) {
  make_group(3);
  say(0, "first");
  world.settle();
  ASSERT_TRUE(person(0).ask(engine::RemoveMember{group, account(2)}).has_value());
  world.settle();
  say(0, "not for him");
  world.settle();
  ASSERT_TRUE(person(0).ask(engine::AddMembers{group, {account(2)}}).has_value());
  world.settle();
  say(0, "again");
  world.settle();
  EXPECT_EQ(heard(2), (Texts{"first", "again"}));
  EXPECT_TRUE(info(2).member);
}

TEST_F(Groups, everything_is_as_it_was_after_a_restart) {
  make_group(3);
  say(0, "one");
  world.settle();
  for (size_t i = 0; i < 3; ++i) {
    person(i).kill();
    person(i).start();
  }
  world.settle();
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(members(i).members.size(), 3U) << i;
    EXPECT_EQ(role(0, i), Role::kOwner) << i;
  }
  say(2, "two");
  world.settle();
  EXPECT_EQ(heard(1), (Texts{"one", "two"}));
}

TEST_F(Groups, what_is_done_to_a_message_is_seen_by_all_and_only_done_by_who_may) {
  make_group(4);
  const auto said = person(1).ask(engine::SendText{group, "a mistake"});
  ASSERT_TRUE(said.has_value());
  const engine::MessageId id = std::get<engine::MessageQueued>(*said).message.id;
  world.settle();
  ASSERT_TRUE(person(2).ask(engine::React{group, id, "+1", false}).has_value());
  world.settle();
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(message(i, id).reactions.size(), 1U) << i;
  EXPECT_EQ(message(1, id).delivered_to, 3U);
  EXPECT_EQ(message(1, id).delivery, engine::Delivery::kDelivered);
  EXPECT_EQ(refusal(2, engine::EditMessage{group, id, "mine"}), ErrorCode{engine::kNotYourMessage});
  EXPECT_EQ(refusal(2, engine::DeleteMessage{group, id, true}), ErrorCode{engine::kNotYourMessage});
  ASSERT_TRUE(person(0).ask(engine::DeleteMessage{group, id, true}).has_value());
  world.settle();
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(message(i, id).text, "") << i;
    ASSERT_TRUE(message(i, id).deleted.has_value()) << i;
    EXPECT_TRUE(message(i, id).deleted->by_admin) << i;
  }
}

TEST_F(Groups, members_set_no_timer_and_react_where_only_admins_write) {
  make_group(3);
  EXPECT_EQ(refusal(1, engine::SetDisappearing{group, 60}), ErrorCode{engine::kNotAllowed});
  ASSERT_TRUE(person(0).ask(engine::SetGroupSettings{group, true, std::nullopt, std::nullopt}).has_value());
  world.settle();
  const auto said = person(0).ask(engine::SendText{group, "news"});
  ASSERT_TRUE(said.has_value());
  const engine::MessageId id = std::get<engine::MessageQueued>(*said).message.id;
  world.settle();
  ASSERT_TRUE(person(1).ask(engine::React{group, id, "+1", false}).has_value());
  world.settle();
  EXPECT_EQ(message(2, id).reactions.size(), 1U);
}

}  // namespace
}  // namespace godwit::testworld
