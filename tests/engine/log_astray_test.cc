// A log has moved, and somebody is in epochs of his own: what he does there is taken over, or he comes back.

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
  world.settle();
  lose_home_for({2, 3});
  const uint64_t base = record(1).keys.base;
  move(1);
  world.pass(hours(1));
  expect_moved({1, 2, 3}, before);
  expect_same({1, 2, 3}, 4);
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
  world.pass(hours(2));
  expect_moved({1, 2, 3}, before);
  expect_same({1, 2, 3}, 4);
  for (const size_t i : {1U, 2U, 3U}) EXPECT_EQ(role(1, i), Role::kMember) << i;
  expect_talk({1, 2, 3}, "one of now ");
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

}  // namespace
}  // namespace godwit::testworld
