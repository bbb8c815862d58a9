// A log has moved, and somebody is in epochs of his own: what he does there is taken over, or he comes back.

#include <set>

#include "tests/engine/log_moves.h"

namespace godwit::testworld {
namespace {

using LogAstray = LogMove;

// Both had made commits at their own logs before they heard of each other.
TEST_F(LogAstray, who_has_gone_on_at_the_log_that_loses_comes_back_and_stays_a_member) {
  const wire::LogId before = prepare(4, {1, 2});
  meet(1, 2);
  lose_home();
  person(2).kill();
  move(1);
  change(1, engine::RefreshKeys{group});
  change(3, engine::RefreshKeys{group});
  const wire::LogId first = log(1);
  // The other one hears nothing and moves it as well: those who have heard of the first move are away meanwhile.
  person(1).kill();
  person(3).kill();
  const auto forget = [&](size_t i) {  // what was told him
    person(i).start();
    person(i).blocked.insert(kOther);
  };
  forget(2);
  world.pass(minutes(1));
  person(2).blocked.erase(kOther);
  const auto moved = person(2).ask(engine::MoveLog{group, std::nullopt});
  static_cast<void>(moved);
  person(1).start();
  person(3).start();
  world.pass(hours(2));
  expect_moved({1, 2, 3}, before);
  EXPECT_EQ(log(2), first) << "of one epoch the move that all know";
  expect_same({1, 2, 3}, 4);
  expect_talk({1, 2, 3}, "both ");
}

// What was done at the home that was away, by who still reached it, is not lost if he may move the log himself.
TEST_F(LogAstray, who_is_further_moves_it_on_so_that_nothing_is_lost) {
  const wire::LogId before = prepare(4, {1, 2});
  lose_home_for({0, 1, 3});
  world.lost.insert(kHere);
  // The second owner still reaches the old log, and nobody else reads there what he does.
  ASSERT_TRUE(person(2).ask(engine::RenameGroup{group, "further"}).has_value());
  ASSERT_TRUE(person(2).ask(engine::RemoveMember{group, account(3)}).has_value());
  lose_home_for({2});
  move(1);
  world.pass(hours(3));
  expect_moved({1, 2}, before);
  expect_same({1, 2}, 3);
  EXPECT_EQ(role(3, 1), Role::kNone);
  EXPECT_EQ(info(1).name, "further");
  expect_talk({1, 2}, "without ");
}

// Of what was done where nobody follows in the end removals alone are done again.
TEST_F(LogAstray, who_had_removed_somebody_where_nobody_follows_removes_him_again) {
  const wire::LogId before = prepare(4, {1, 2});
  meet(1, 2);
  lose_home_for({0, 1, 3});
  world.lost.insert(kHere);
  ASSERT_TRUE(person(2).ask(engine::RenameGroup{group, "further"}).has_value());
  lose_home_for({2});
  person(2).kill();
  move(1);
  const wire::LogId first = log(1);
  change(1, engine::RenameGroup{group, "shorter"});
  change(1, engine::RemoveMember{group, account(3)});
  ASSERT_FALSE(info(3).member);
  person(2).start();
  world.pass(hours(3));
  expect_moved({1, 2}, before);
  EXPECT_NE(log(1), first);
  expect_same({1, 2}, 3);
  EXPECT_EQ(role(3, 2), Role::kNone);
  EXPECT_EQ(info(1).name, "further");
  expect_talk({1, 2}, "removed again ");
}

// None of them may move it: all come back, however many they are, and what they had said there is heard by all.
TEST_F(LogAstray, members_who_went_on_at_the_old_log_all_come_back) {
  const wire::LogId before = prepare(4, {1});
  lose_home_for({0, 1});
  world.lost.insert(kHere);
  change(2, engine::RefreshKeys{group});
  change(3, engine::RefreshKeys{group});
  change(2, engine::RefreshKeys{group});
  ASSERT_GT(info(3).epoch, info(1).epoch);
  say(2, "from there 2");
  say(3, "from there 3");
  for (int i = 0; i < 10; ++i) say(3, "more " + std::to_string(i));
  world.settle();
  lose_home_for({2, 3});
  // What is said again to all is one item for all.
  std::set<Bytes> again;
  const Bytes outbox = engine::record_key(engine::RecordKind::kOutbox, group.view());
  const std::map<Bytes, Bytes> then = person(3).disk().records();
  person(3).on_batch = [&](const engine::StoreBatch& batch) {
    for (const engine::RecordChange& change : batch.changes) {
      if (!change.value || change.key < outbox || change.key >= engine::after_prefix(outbox)) continue;
      if (then.contains(change.key)) continue;
      const auto plain = engine::open_record(person(3).key(), change.key, *change.value);
      const auto item = codec::decoded<engine::OutboxRecord>(plain->reveal());
      if (item && item->position.value > 0 && item->recipients.size() > 1) again.insert(change.key);
    }
  };
  const uint64_t base = record(1).keys.base;
  move(1);
  world.pass(hours(1));
  expect_moved({1, 2, 3}, before);
  expect_same({1, 2, 3}, 4);
  person(3).on_batch = {};
  EXPECT_EQ(again.size(), 11U);
  for (const size_t i : {1U, 2U, 3U}) EXPECT_EQ(record(i).keys.base, base) << "nobody was taken out";
  for (const size_t i : {2U, 3U}) EXPECT_EQ(std::ranges::count(heard(1), "from there " + std::to_string(i)), 1) << i;
  EXPECT_EQ(std::ranges::count(heard(3), "from there 2"), 1);
  expect_talk({1, 2, 3}, "all back ");
}

// A commit that waits for the log when that goes lets its joiner in where it goes on.
TEST_F(LogAstray, who_is_let_in_while_it_moves_comes_to_the_new_log) {
  const wire::LogId before = prepare(3, {1});
  meet(1, 3);
  lose_home();
  const auto added = person(1).give(engine::AddMembers{group, {account(3)}});
  world.pass(seconds(20));
  move(1);
  EXPECT_NE(person(1).answer(added), nullptr);
  world.pass(minutes(10));
  expect_moved({1, 2, 3}, before);
  expect_same({1, 2, 3}, 4);
  expect_talk({1, 2, 3}, "let in ");
}

// He does not know it, and those who do not know it either would follow him.
TEST_F(LogAstray, where_an_admin_of_before_moves_it_one_of_now_does_too) {
  const wire::LogId before = prepare(4, {1, 2});
  lose_home_for({0, 1, 3});
  world.lost.insert(kHere);
  change(2, engine::SetRole{group, account(1), Role::kMember});
  lose_home_for({2});
  ASSERT_EQ(role(1, 1), Role::kOwner);
  move(1);
  // Not because of a home that is away for an hour.
  world.pass(hours(2));
  EXPECT_EQ(log(2), before);
  world.pass(hours(14));
  expect_moved({1, 2, 3}, before);
  expect_same({1, 2, 3}, 4);
  for (const size_t i : {1U, 2U, 3U}) EXPECT_EQ(role(1, i), Role::kMember) << i;
  expect_talk({1, 2, 3}, "one of now ");
}

// He was removed where nobody follows, and is in where the log goes on: what was said without him is not for him.
TEST_F(LogAstray, what_waits_is_not_for_whom_it_was_not_said_to) {
  const wire::LogId before = prepare(4, {1, 2});
  meet(1, 2);
  lose_home_for({0, 1, 3});
  world.lost.insert(kHere);
  ASSERT_TRUE(person(2).ask(engine::RemoveMember{group, account(3)}).has_value());
  ASSERT_TRUE(person(2).ask(engine::SetRole{group, account(2), Role::kMember}).has_value());
  ASSERT_EQ(role(2, 2), Role::kMember);
  // What he says does not leave before he is back.
  person(2).blocked.insert(kOther);
  lose_home_for({2});
  say(2, "without him");
  move(1);
  EXPECT_EQ(role(3, 1), Role::kMember);
  person(2).blocked.erase(kOther);
  world.pass(hours(3));
  expect_moved({1, 2, 3}, before);
  expect_same({1, 2, 3}, 4);
  EXPECT_EQ(std::ranges::count(heard(1), "without him"), 1);
  EXPECT_EQ(std::ranges::count(heard(3), "without him"), 0);
  expect_talk({1, 2, 3}, "with him ");
  // The keys that only they had who were on that branch are kept for a time.
  EXPECT_EQ(record(2).dead.size(), 1U);
  const auto dead = record(2).dead.front().name;
  const auto has_dead = [&] {
    const engine::ChatRecord now = record(2);
    return std::ranges::any_of(
        now.previous, [&](const engine::ChatKeys& keys) { return engine::hash_of(keys.log_read.value) == dead; });
  };
  EXPECT_TRUE(has_dead());
  jump(engine::kMoveDisputed);
  world.pass(days(2));
  EXPECT_TRUE(record(2).dead.empty());
  EXPECT_FALSE(has_dead());
}

// It would be heard by those alone who are told anew.
TEST_F(LogAstray, what_was_not_said_since_one_may_not_is_not_said_when_the_log_has_moved) {
  const wire::LogId before = prepare(4, {1});
  person(2).kill();
  change(0, engine::SetGroupSettings{group, true, {}, {}});
  const Instant at = world.now + minutes(5);
  ASSERT_TRUE(person(3).ask(engine::ScheduleMessage{group, at, "for later", {}, {}, {}}).has_value());
  world.pass(minutes(10));
  lose_home();
  move(1);
  give_role(3, Role::kAdmin, 1);
  say(3, "now");
  person(2).start();
  world.pass(hours(2));
  expect_moved({1, 2, 3}, before);
  for (const size_t i : {1U, 2U}) {
    const Texts texts = heard(i);
    EXPECT_EQ(std::ranges::count(texts, "now"), 1) << i;
    EXPECT_EQ(std::ranges::count(texts, "for later"), 0) << i;
  }
}

TEST_F(LogAstray, who_came_in_where_nobody_follows_is_out_and_can_be_let_in_again) {
  const wire::LogId before = prepare(3, {1, 2});
  meet(1, 2);
  meet(2, 3);
  meet(1, 3);
  lose_home_for({0, 1, 3});
  world.lost.insert(kHere);
  ASSERT_TRUE(person(2).ask(engine::RenameGroup{group, "further"}).has_value());
  lose_home_for({2});
  person(2).kill();
  move(1);
  const wire::LogId first = log(1);
  change(1, engine::AddMembers{group, {account(3)}});
  EXPECT_TRUE(info(3).member);
  EXPECT_EQ(log(3), first);
  person(2).start();
  world.pass(hours(3));
  expect_moved({1, 2}, before);
  EXPECT_NE(log(1), first);
  expect_same({1, 2}, 3);
  EXPECT_FALSE(info(3).member);
  change(1, engine::AddMembers{group, {account(3)}});
  expect_same({1, 2, 3}, 4);
  expect_talk({1, 2, 3}, "four ");
}

// Until he knows that he is out, which takes hours.
TEST_F(LogAstray, who_came_in_where_nobody_follows_can_be_let_in_again_at_once) {
  const wire::LogId before = prepare(3, {1, 2});
  meet(1, 2);
  meet(2, 3);
  meet(1, 3);
  lose_home_for({0, 1, 3});
  world.lost.insert(kHere);
  ASSERT_TRUE(person(2).ask(engine::RenameGroup{group, "further"}).has_value());
  lose_home_for({2});
  person(2).kill();
  move(1);
  change(1, engine::AddMembers{group, {account(3)}});
  ASSERT_TRUE(info(3).member);
  person(2).start();
  world.pass(minutes(30));
  ASSERT_EQ(role(3, 2), Role::kNone);
  change(2, engine::AddMembers{group, {account(3)}});
  expect_moved({1, 2, 3}, before);
  expect_same({1, 2, 3}, 4);
  expect_talk({1, 2, 3}, "at once ");
  world.pass(hours(3));
  expect_same({1, 2, 3}, 4);
}

// By his request two admins let him in, each at a log of his own. He has come by the one of them that nobody follows in the end.
TEST_F(LogAstray, who_came_by_a_link_to_the_log_that_loses_comes_back_where_he_was_let_in_as_well) {
  const wire::LogId before = prepare(3, {1, 2});
  meet(1, 2);
  const auto made = person(1).ask(engine::MakeGroupLink{group, false, 0, 0});
  ASSERT_TRUE(made.has_value());
  world.settle();
  lose_home_for({0, 1, 3});
  world.lost.insert(kHere);
  ASSERT_TRUE(person(2).ask(engine::RenameGroup{group, "further"}).has_value());
  lose_home_for({2});
  ASSERT_TRUE(person(3).ask(engine::JoinGroup{std::get<engine::GroupLinkMade>(*made).text, ""}).has_value());
  world.pass(minutes(10));  // the keeper does not get through, and the other admin has heard of him
  person(2).kill();
  move(1);
  const wire::LogId first = log(1);
  ASSERT_TRUE(info(3).member);
  ASSERT_EQ(log(3), first);
  say(3, "from there");
  world.settle();
  person(2).start();
  world.pass(hours(1));
  expect_moved({1, 2, 3}, before);
  EXPECT_NE(log(1), first);
  expect_same({1, 2, 3}, 4);
  EXPECT_EQ(info(3).name, "further");
  for (const size_t i : {1U, 2U}) EXPECT_EQ(std::ranges::count(heard(i), "from there"), 1) << i;
  expect_talk({1, 2, 3}, "both let in ");
}

// As before, and those who could help him are there only once his machine sleeps. His last pause is over when it wakes up, and the welcome
// lies in his mailbox: he reads that before he takes himself for out.
TEST_F(LogAstray, who_slept_while_he_was_brought_back_is_not_out_before_his_mailbox_is_read) {
  prepare(3, {1, 2});
  meet(1, 2);
  const auto made = person(1).ask(engine::MakeGroupLink{group, false, 0, 0});
  ASSERT_TRUE(made.has_value());
  world.settle();
  lose_home_for({0, 1, 3});
  world.lost.insert(kHere);
  ASSERT_TRUE(person(2).ask(engine::RenameGroup{group, "further"}).has_value());
  lose_home_for({2});
  ASSERT_TRUE(person(3).ask(engine::JoinGroup{std::get<engine::GroupLinkMade>(*made).text, ""}).has_value());
  world.pass(minutes(10));
  person(2).kill();
  move(1);
  ASSERT_TRUE(info(3).member);
  // He hears where the log goes on, and nobody hears him.
  person(2).start();
  const auto asks = [&] {
    return person(3).disk().records().contains(engine::record_key(engine::RecordKind::kReturn, group.view()));
  };
  ASSERT_TRUE(world.run_until(asks, hours(1)));
  person(1).kill();
  person(2).kill();
  world.pass(minutes(100));
  ASSERT_TRUE(asks());
  ASSERT_TRUE(info(3).member);
  person(3).fall_asleep();
  person(1).start();
  person(2).start();
  world.pass(hours(3));
  person(3).notices.clear();
  person(3).wake_up(engine::ListChats{});
  world.pass(hours(1));
  for (const engine::Notice& each : person(3).notices) {
    const auto* changed = std::get_if<engine::ChatChanged>(&each);
    EXPECT_TRUE(changed == nullptr || changed->chat.chat != group || changed->chat.member)
        << "he is told that he is out";
  }
  expect_same({1, 2, 3}, 4);
  expect_talk({1, 2, 3}, "awake ");
}

// He had said that he goes before he was further than the others, who have let him go when he hears where the log is.
TEST_F(LogAstray, who_leaves_and_is_further_does_not_move_it_on) {
  const wire::LogId before = prepare(4, {1, 2});
  lose_home_for({0, 1, 3});
  world.lost.insert(kHere);
  ASSERT_TRUE(person(2).ask(engine::LeaveGroup{group}).has_value());
  world.settle();
  ASSERT_TRUE(person(2).ask(engine::RefreshKeys{group}).has_value());
  ASSERT_GT(info(2).epoch, info(1).epoch);
  lose_home_for({2});
  person(2).kill();
  move(1);
  const wire::LogId first = log(1);
  ASSERT_EQ(members(1).members.size(), 3U) << "the others have let him go";
  person(2).start();
  world.pass(hours(3));
  expect_moved({1, 3}, before);
  EXPECT_EQ(log(1), first);
  EXPECT_FALSE(info(2).member);
  expect_same({1, 3}, 3);
  expect_talk({1, 3}, "without him ");
}

// The log that he has followed begins beyond him: it takes no commit of his, and he asks for no leaf that only he has seen.
TEST_F(LogAstray, who_is_to_come_back_makes_no_commit) {
  const wire::LogId before = prepare(4, {1});
  person(3).kill();
  change(1, engine::RefreshKeys{group});
  lose_home();
  move(1);
  person(1).kill();
  person(2).kill();
  person(3).start();
  world.pass(minutes(3));
  ASSERT_NE(log(3), before);
  const auto refreshed = person(3).give(engine::RefreshKeys{group});
  world.pass(minutes(3));
  EXPECT_FALSE(person(3).disk().records().contains(engine::record_key(engine::RecordKind::kStaged, group.view())));
  EXPECT_EQ(person(3).answer(refreshed), nullptr);
  person(1).start();
  person(2).start();
  world.pass(hours(1));
  EXPECT_NE(person(3).answer(refreshed), nullptr) << "who is back has new keys";
  expect_moved({1, 2, 3}, before);
  expect_same({1, 2, 3}, 4);
  expect_talk({1, 2, 3}, "no commit ");
}

// His home takes it under the token by which he came in, which he has forgotten when he is back: it does not open, and names nobody who
// could be asked.
TEST_F(LogAstray, what_who_came_after_the_move_says_to_one_who_is_not_back_yet_arrives) {
  const wire::LogId before = prepare(3, {1});
  meet(1, 3);
  person(2).kill();
  change(1, engine::RemoveMember{group, account(0)});
  lose_home();
  move(1);
  change(1, engine::AddMembers{group, {account(3)}});
  say(3, "to who sleeps");
  world.pass(minutes(10));
  person(2).start();
  world.pass(hours(3));
  expect_moved({1, 2, 3}, before);
  expect_same({1, 2, 3}, 3);
  EXPECT_EQ(std::ranges::count(heard(2), "to who sleeps"), 1);
  EXPECT_EQ(std::ranges::count(heard(1), "to who sleeps"), 1);
  expect_talk({1, 2, 3}, "arrived ");
}

}  // namespace
}  // namespace godwit::testworld
