// Who may do what in a group, and when: with changes under way, and members that do not play by the rules.

#include "codec/codec.h"
#include "engine/chat.h"
#include "engine/content_bodies.h"
#include "engine/envelope.h"
#include "engine/record_key.h"
#include "tests/engine/groups.h"

namespace godwit::testworld {
namespace {

using engine::Content;
using engine::ContentKind;
using engine::MessageId;

class GroupRights : public Groups {
 protected:
  // The program of member `i` is stopped, and whoever holds its keys says something; encrypted, not delivered.
  engine::Envelope spoken(size_t i, ContentKind kind, Bytes body) {
    person(i).kill();
    auto speaker = mls::Group::restore(mls::suites_default(), person(i).group_records(group)).value();
    Content content;
    content.id = {random.bytes<16>()};
    content.sent_ms = static_cast<uint64_t>(world.now.ms);
    content.kind = kind;
    content.body = std::move(body);
    content.clock = 50;
    const Bytes words = codec::encoded(content);
    return {engine::EnvelopeKind::kMls, content.id,
            speaker.protect(codec::encoded(engine::Said{1, words, person(i).proof_of(group, words)}), {}, random).value(),
            speaker.own_leaf().value};
  }
};

TEST_F(GroupRights, of_two_owners_who_leave_at_once_one_stays) {
  make_group(3);
  ASSERT_TRUE(person(0).ask(engine::SetRole{group, account(1), Role::kOwner}).has_value());
  world.settle();
  person(0).give(engine::LeaveGroup{group});
  person(1).give(engine::LeaveGroup{group});
  world.settle();
  world.pass(hours(1));
  world.settle();
  const bool first = info(0).member;
  const bool second = info(1).member;
  EXPECT_NE(first, second);
  EXPECT_EQ(members(2).members.size(), 2U);
  const size_t owner = first ? 0 : 1;
  EXPECT_EQ(role(owner, 2), Role::kOwner);
  ASSERT_TRUE(person(owner).ask(engine::RenameGroup{group, "goes on"}).has_value());
  world.settle();
  EXPECT_EQ(info(2).name, "goes on");
}

TEST_F(GroupRights, what_was_under_way_when_a_right_was_lost_is_shown_to_all_alike) {
  make_group(3);
  const engine::AccountId speaker = account(1);
  const engine::Envelope early = spoken(1, ContentKind::kText, to_bytes(as_bytes("under way")));
  deliver(2, early);
  ASSERT_TRUE(person(0).ask(engine::SetRole{group, speaker, Role::kReader}).has_value());
  world.settle();
  deliver(0, early);
  EXPECT_EQ(heard(0), Texts{"under way"});
  EXPECT_EQ(heard(2), Texts{"under way"});
}

TEST_F(GroupRights, what_was_said_before_somebody_came_is_not_said_again_for_him) {
  make_group(3);
  const auto said = person(0).ask(engine::SendText{group, "before"});
  ASSERT_TRUE(said.has_value());
  const MessageId id = std::get<engine::MessageQueued>(*said).message.id;
  world.settle();
  meet(0, 3);
  ASSERT_TRUE(person(0).ask(engine::AddMembers{group, {account(3)}}).has_value());
  world.settle();
  say(0, "after");
  world.settle();
  ASSERT_EQ(heard(3), Texts{"after"});
  deliver(0, spoken(3, ContentKind::kResend, codec::encoded(engine::Resend{{id}})));
  person(3).start();
  world.settle();
  EXPECT_EQ(heard(3), Texts{"after"});
}

TEST_F(GroupRights, what_a_reader_says_with_his_own_hands_is_shown_to_nobody) {
  make_group(3);
  ASSERT_TRUE(person(0).ask(engine::SetRole{group, account(1), Role::kReader}).has_value());
  world.settle();
  deliver(2, spoken(1, ContentKind::kText, to_bytes(as_bytes("psst"))));
  EXPECT_TRUE(heard(2).empty());
}

TEST_F(GroupRights, who_is_out_judges_what_comes_late_as_the_others_do) {
  make_group(3);
  ASSERT_TRUE(person(0).ask(engine::SetRole{group, account(1), Role::kReader}).has_value());
  world.settle();
  const engine::Envelope early = spoken(1, ContentKind::kText, to_bytes(as_bytes("psst")));
  ASSERT_TRUE(person(0).ask(engine::RemoveMember{group, account(2)}).has_value());
  world.settle();
  person(2).kill();
  person(2).start();
  deliver(2, early);
  EXPECT_TRUE(heard(2).empty());
}

TEST_F(GroupRights, what_was_written_for_later_waits_for_its_turn_in_slow_mode) {
  make_group(3);
  engine::SetGroupSettings slow{group, {}, 600U, {}};
  ASSERT_TRUE(person(0).ask(slow).has_value());
  world.settle();
  for (const char* text : {"first", "second"}) {
    ASSERT_TRUE(person(1).ask(engine::ScheduleMessage{group, world.now + hours(1), text, {}, {}, {}}).has_value());
  }
  world.pass(minutes(65));
  EXPECT_EQ(heard(2), Texts{"first"});
  world.pass(minutes(10));
  EXPECT_EQ(heard(2), (Texts{"first", "second"}));
}

TEST_F(GroupRights, what_was_written_for_later_fails_where_one_may_not_write_any_more) {
  make_group(3);
  ASSERT_TRUE(person(1).ask(engine::ScheduleMessage{group, world.now + hours(1), "later", {}, {}, {}}).has_value());
  ASSERT_TRUE(person(0).ask(engine::SetRole{group, account(1), Role::kReader}).has_value());
  world.pass(hours(2));
  EXPECT_TRUE(heard(2).empty());
  const auto own = person(1).ask(engine::ReadHistory{group, std::nullopt, 200});
  ASSERT_TRUE(own.has_value());
  auto messages = std::get<engine::Messages>(*own).messages;
  std::erase_if(messages, [](const engine::Message& each) { return each.line.has_value(); });
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].delivery, engine::Delivery::kFailed);
}

TEST_F(GroupRights, proposals_to_leave_that_carry_more_are_passed_over) {
  make_group(3);
  const engine::AccountId leaver = account(1);
  person(1).kill();
  auto speaker = mls::Group::restore(mls::suites_default(), person(1).group_records(group)).value();
  auto proposal = speaker.propose_self_remove(random).value();
  EXPECT_LE(proposal.size(), 512U);
  proposal.resize(100'000);
  deliver(0, {engine::EnvelopeKind::kLeaving, {}, proposal, speaker.own_leaf().value});
  world.pass(hours(1));
  world.settle();
  EXPECT_EQ(members(0).members.size(), 3U);
  ASSERT_TRUE(person(0).ask(engine::RemoveMember{group, leaver}).has_value());
  world.settle();
  EXPECT_EQ(members(2).members.size(), 2U);
}

TEST_F(GroupRights, where_only_admins_pin_others_do_not_and_are_not_heard) {
  make_group(3);
  const auto said = person(0).ask(engine::SendText{group, "the rules"});
  ASSERT_TRUE(said.has_value());
  const MessageId rules = std::get<engine::MessageQueued>(*said).message.id;
  world.settle();
  EXPECT_EQ(refusal(2, engine::PinMessage{group, rules, true}), ErrorCode{}) << "at first whoever writes pins";
  world.settle();
  EXPECT_TRUE(message(0, rules).pinned);
  engine::SetGroupSettings by_admins;
  by_admins.chat = group;
  by_admins.admins_pin = true;
  EXPECT_EQ(refusal(1, by_admins), ErrorCode{engine::kNotAllowed});
  by_admins.announcement_only = false;
  ASSERT_TRUE(person(0).ask(by_admins).has_value());
  ASSERT_TRUE(person(0).ask(engine::SetRole{group, account(1), Role::kAdmin}).has_value());
  world.settle();
  for (size_t i = 0; i < 3; ++i) EXPECT_TRUE(members(i).admins_pin) << i;
  EXPECT_EQ(refusal(2, engine::PinMessage{group, rules, false}), ErrorCode{engine::kNotAllowed});
  deliver(0, spoken(2, ContentKind::kPin, codec::encoded(engine::PinBody{rules, false})));
  EXPECT_TRUE(message(0, rules).pinned);
  EXPECT_EQ(refusal(1, engine::PinMessage{group, rules, false}), ErrorCode{});
  world.settle();
  EXPECT_FALSE(message(0, rules).pinned);
  by_admins.announcement_only.reset();
  by_admins.admins_pin = false;
  ASSERT_TRUE(person(1).ask(by_admins).has_value());
  person(2).start();
  world.settle();
  EXPECT_EQ(refusal(2, engine::PinMessage{group, rules, true}), ErrorCode{});
}

}  // namespace
}  // namespace godwit::testworld
