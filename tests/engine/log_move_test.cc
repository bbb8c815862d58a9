// The log of a group goes on at another home when its own has gone for good.

#include "tests/engine/log_moves.h"

namespace godwit::testworld {
namespace {

TEST_F(LogMove, admin_moves_the_log_and_everything_goes_on) {
  const wire::LogId before = prepare(3, {1});
  meet(1, 3);
  lose_home();
  const Instant asked = world.now;
  move(1);
  EXPECT_GE(world.now - asked, engine::kLogAnswerMax);
  expect_moved({1, 2}, before);
  change(1, engine::RenameGroup{group, "elsewhere"});
  change(1, engine::SetRole{group, account(2), Role::kAdmin});
  change(1, engine::AddMembers{group, {account(3)}});
  change(2, engine::SetGroupSettings{group, {}, {}, true});
  expect_same({1, 2, 3}, 4);
  EXPECT_EQ(info(3).name, "elsewhere");
  EXPECT_EQ(role(2, 3), Role::kAdmin);
  change(1, engine::RemoveMember{group, account(0)});
  change(1, engine::RemoveMember{group, account(3)});
  expect_same({1, 2}, 2);
  EXPECT_FALSE(info(3).member);
  expect_moved({1, 2}, before);
  expect_talk({1, 2}, "after all ");
  size_t told = 0;
  for (const engine::Notice& each : person(2).notices) {
    const auto* moved = std::get_if<engine::LogMoved>(&each);
    if (moved == nullptr) continue;
    ++told;
    EXPECT_EQ(moved->by, account(1));
    EXPECT_EQ(moved->host, kOther);
  }
  EXPECT_EQ(told, 1U);
}

TEST_F(LogMove, in_a_chat_of_two_either_moves_it) {
  make_group(2);
  group = {};
  for (const auto& chat : person(1).chats()) {
    if (!chat.group) group = chat.chat;
  }
  // Who takes an invite has the log at his home.
  ASSERT_EQ(log_host(0), "wss://other.example/ws");
  const wire::LogId before = log(0);
  for (const size_t i : {0U, 1U}) {
    person(i).blocked.insert(kOther);
    world.cut(person(i));
  }
  world.lost.insert(kOther);
  ASSERT_TRUE(person(0).ask(engine::MoveLog{group, std::nullopt}).has_value());
  EXPECT_NE(log(0), before);
  EXPECT_EQ(log_host(0), "wss://home.example/ws");
  // The other one's home is gone: he hears of it when that is back.
  for (const size_t i : {0U, 1U}) person(i).blocked.clear();
  world.lost.clear();
  world.pass(hours(1));
  EXPECT_EQ(log(1), log(0));
  change(1, engine::RefreshKeys{group});
  EXPECT_EQ(info(1).epoch, info(0).epoch);
  expect_talk({0, 1}, "two of us ");
}

TEST_F(LogMove, member_does_not_move_it) {
  const wire::LogId before = prepare(4, {});
  lose_home();
  EXPECT_EQ(refusal(2, engine::MoveLog{group, std::nullopt}), ErrorCode{engine::kNotAllowed});
  world.pass(hours(1));
  for (size_t i = 1; i < 4; ++i) EXPECT_EQ(log(i), before) << i;
}

TEST_F(LogMove, log_that_answers_stays_where_it_is) {
  const wire::LogId before = prepare(4, {1});
  EXPECT_EQ(refusal(1, engine::MoveLog{group, std::nullopt}), ErrorCode{engine::kLogIsThere});
  EXPECT_EQ(refusal(0, engine::MoveLog{group, std::nullopt}), ErrorCode{engine::kLogIsThere});  // his home has it
  // Also one that answers by way of the own home alone, or late.
  lose_home_for({1});
  EXPECT_EQ(refusal(1, engine::MoveLog{group, std::nullopt}), ErrorCode{engine::kLogIsThere});
  EXPECT_GT(world.forwarded, 0U);
  world.lost.insert(kHere);
  const auto command = person(1).give(engine::MoveLog{group, std::nullopt});
  world.pass(engine::kLogAnswerMax - minutes(1));
  EXPECT_EQ(person(1).answer(command), nullptr);
  find_home();
  world.pass(minutes(3));
  ASSERT_NE(person(1).answer(command), nullptr);
  ASSERT_FALSE(person(1).answer(command)->has_value());
  EXPECT_EQ(person(1).answer(command)->error().code, ErrorCode{engine::kLogIsThere});
  give_role(2, Role::kAdmin, 1);
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(log(i), before) << i;
  expect_same({0, 1, 2, 3}, 4);
}

TEST_F(LogMove, own_connection_that_is_down_is_no_silence) {
  const wire::LogId before = prepare(3, {1});
  lose_home();
  person(1).online = false;
  world.cut(person(1));
  const auto command = person(1).give(engine::MoveLog{group, std::nullopt});
  world.pass(hours(30));
  EXPECT_EQ(person(1).answer(command), nullptr);
  EXPECT_EQ(record(1).silence.times, 0U);
  EXPECT_EQ(log(1), before);
  // It comes and goes: never long enough for the other home to answer all the time.
  for (int i = 0; i < 40; ++i) {
    person(1).online = i % 2 == 0;
    if (!person(1).online) world.cut(person(1));
    world.pass(seconds(40));
  }
  EXPECT_EQ(person(1).answer(command), nullptr);
  EXPECT_EQ(record(1).silence.times, 0U);
  EXPECT_EQ(log(1), before);
  // All homes are there again, and so is the way to them.
  find_home();
  person(1).online = true;
  world.pass(minutes(5));
  ASSERT_NE(person(1).answer(command), nullptr);
  EXPECT_EQ(person(1).answer(command)->error().code, ErrorCode{engine::kLogIsThere});
}

TEST_F(LogMove, two_who_move_it_at_once_end_at_one_log) {
  const wire::LogId before = prepare(4, {1, 2});
  lose_home();
  const auto first = person(1).give(engine::MoveLog{group, std::nullopt});
  const auto second = person(2).give(engine::MoveLog{group, std::nullopt});
  world.pass(minutes(10));
  EXPECT_NE(person(1).answer(first), nullptr);
  EXPECT_NE(person(2).answer(second), nullptr);
  expect_moved({1, 2, 3}, before);
  change(1, engine::RenameGroup{group, "one"});
  change(2, engine::RefreshKeys{group});
  expect_same({1, 2, 3}, 4);
  EXPECT_EQ(info(3).name, "one");
  expect_talk({1, 2, 3}, "one log ");
}

TEST_F(LogMove, who_slept_finds_it_and_so_does_who_lives_at_the_home_that_was_away) {
  const wire::LogId before = prepare(4, {1});
  person(3).kill();
  lose_home();
  move(1);
  change(1, engine::RenameGroup{group, "elsewhere"});
  change(2, engine::RefreshKeys{group});
  world.pass(hours(1));
  person(3).start();
  world.pass(hours(1));
  expect_moved({1, 2, 3}, before);
  expect_same({1, 2, 3}, 4);
  // The home that comes back has the log of before: nobody goes on there.
  find_home();
  world.pass(hours(1));
  expect_moved({0, 1, 2, 3}, before);
  expect_same({0, 1, 2, 3}, 4);
  change(0, engine::RenameGroup{group, "all"});
  expect_same({0, 1, 2, 3}, 4);
  expect_talk({0, 1, 2, 3}, "again ");
}

TEST_F(LogMove, who_slept_through_a_removal_too_comes_in) {
  const wire::LogId before = prepare(4, {1});
  person(3).kill();
  lose_home();
  move(1);
  change(1, engine::RemoveMember{group, account(0)});
  change(2, engine::RefreshKeys{group});
  person(3).start();
  world.pass(hours(2));
  expect_moved({1, 2, 3}, before);
  expect_same({1, 2, 3}, 3);
  expect_talk({1, 2, 3}, "three ");
}

TEST_F(LogMove, removed_member_does_not_follow) {
  const wire::LogId before = prepare(4, {1});
  change(1, engine::RemoveMember{group, account(3)});
  ASSERT_FALSE(info(3).member);
  const engine::ChatRecord last = record(3);
  lose_home();
  move(1);
  change(2, engine::RefreshKeys{group});
  expect_moved({1, 2}, before);
  EXPECT_EQ(log(3), before);
  EXPECT_FALSE(info(3).member);
  // Nor does what he has of the group open the new log, should he find it.
  const wire::LogId now = log(1);
  const auto refused = [](const wire::Reply& reply) {
    const auto* refusal = std::get_if<wire::Refused>(&reply);
    return refusal != nullptr && refusal->code == wire::kLogRefused.number;
  };
  const uint64_t epoch = info(1).epoch;
  for (uint64_t at = epoch < 6 ? 0 : epoch - 6; at <= epoch; ++at) {
    for (const engine::ChatKeys* keys : {&last.keys}) {
      EXPECT_TRUE(
          refused(world.ask_home(wire::LogRead{now, engine::to_token(keys->log_read.value), at, 4096, 0}, kOther)));
      wire::LogAppend entry;
      entry.log = now;
      entry.epoch = at;
      entry.epoch_token = engine::to_token(keys->log_read.value);
      EXPECT_TRUE(refused(world.ask_home(entry, kOther)));
    }
  }
  const auto tokens = record(1);
  EXPECT_FALSE(refused(
      world.ask_home(wire::LogRead{now, engine::to_token(tokens.keys.log_read.value), epoch, 4096, 0}, kOther)));
  EXPECT_NE(tokens.log.key.value, last.log.key.value);
}

// He does not know yet that he was removed, and moves a log that only he does not reach.
TEST_F(LogMove, nobody_follows_who_was_removed_meanwhile_not_even_who_slept) {
  const wire::LogId before = prepare(4, {1, 3});
  person(2).kill();
  lose_home_for({3});
  world.lost.insert(kHere);
  change(1, engine::RemoveMember{group, account(3)});
  // His own home passes nothing on to the first one either, so he finds it gone.
  const auto moved = person(3).ask(engine::MoveLog{group, std::nullopt});
  ASSERT_TRUE(moved.has_value()) << moved.error().code.name;
  world.lost.clear();
  EXPECT_NE(log(3), before);
  person(2).start();
  world.pass(hours(1));
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(log(i), before) << i;
  expect_same({0, 1, 2}, 3);
}

TEST_F(LogMove, who_moves_it_and_is_no_admin_any_more_is_called_back) {
  const wire::LogId before = prepare(4, {1, 3});
  lose_home_for({3});
  world.lost.insert(kHere);
  change(1, engine::SetRole{group, account(3), Role::kMember});
  for (const size_t i : {0U, 1U, 2U}) person(i).kill();
  ASSERT_TRUE(person(3).ask(engine::MoveLog{group, std::nullopt}).has_value());
  EXPECT_NE(log(3), before);
  ASSERT_TRUE(person(3).ask(engine::RefreshKeys{group}).has_value());
  find_home();
  for (const size_t i : {0U, 1U, 2U}) person(i).start();
  world.pass(hours(3));
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(log(i), before) << i;
  expect_same({0, 1, 2, 3}, 4);
  EXPECT_EQ(role(3, 3), Role::kMember);
  expect_talk({0, 1, 2, 3}, "called ");
}

TEST_F(LogMove, without_a_word_it_moves_after_three_days) {
  const wire::LogId before = prepare(4, {1});
  lose_home();
  world.pass(days(2) + hours(12));
  for (size_t i = 1; i < 4; ++i) EXPECT_EQ(log(i), before) << i;
  world.pass(days(2));
  expect_moved({1, 2, 3}, before);
  change(1, engine::RenameGroup{group, "by itself"});
  expect_same({1, 2, 3}, 4);
  EXPECT_EQ(info(2).name, "by itself");
}

TEST_F(LogMove, silence_is_counted_across_restarts_and_forgotten_when_the_log_answers) {
  const wire::LogId before = prepare(4, {1});
  lose_home();
  for (uint32_t i = 0; i < 5; ++i) {
    person(1).kill();
    world.pass(hours(13));
    person(1).start();
    world.pass(minutes(20));
    EXPECT_EQ(record(1).silence.times, i + 1) << i;
  }
  find_home();
  world.pass(minutes(20));
  EXPECT_EQ(record(1).silence.times, 0U);
  world.pass(days(3));
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(log(i), before) << i;
}

// The statement never comes to him: he asks, and an admin tells him, in his own name.
TEST_F(LogMove, who_was_never_told_asks) {
  const wire::LogId before = prepare(4, {});
  person(3).kill();
  give_role(1, Role::kAdmin);
  give_role(2, Role::kOwner);
  lose_home();
  move(1);
  expect_moved({1, 2}, before);
  change(1, engine::RefreshKeys{group});
  // All that has come for him has expired.
  jump(days(31));
  person(3).start();
  world.pass(hours(30));
  EXPECT_EQ(log(3), before);
  // He knows neither of the two as an admin; the first one, whom he does, is at the home that is gone. So nobody is believed.
  world.pass(days(3));
  EXPECT_EQ(log(3), before);
  // The home is there again, with all that those two do not know. Whoever changes something there now is told.
  find_home();
  world.pass(hours(30));
  EXPECT_EQ(log(3), before);
  change(0, engine::RefreshKeys{group});
  world.pass(hours(3));
  expect_moved({0, 1, 2, 3}, before);
  expect_same({0, 1, 2, 3}, 4);
  expect_talk({0, 1, 2, 3}, "found ");
}

// The same, but it is the others who change something.
TEST_F(LogMove, who_was_never_told_hears_of_it_by_a_change) {
  const wire::LogId before = prepare(4, {1, 2});
  person(3).kill();
  lose_home();
  move(1);
  jump(days(31));
  find_home();
  person(3).start();
  world.pass(hours(1));
  EXPECT_EQ(log(3), before);
  change(2, engine::RefreshKeys{group});
  world.pass(hours(3));
  expect_moved({0, 1, 2, 3}, before);
  expect_same({0, 1, 2, 3}, 4);
  expect_talk({0, 1, 2, 3}, "heard ");
}

TEST_F(LogMove, who_was_never_told_asks_and_is_told_by_whom_he_knows) {
  const wire::LogId before = prepare(4, {1, 2});
  person(3).kill();
  lose_home();
  move(1);
  change(2, engine::RefreshKeys{group});
  jump(days(31));
  person(3).start();
  world.pass(days(2) + hours(20));
  expect_moved({1, 2, 3}, before);
  world.pass(hours(3));
  expect_same({1, 2, 3}, 4);
  expect_talk({1, 2, 3}, "asked ");
}

// A log that was lost, at a home that is there: it refuses everybody.
TEST_F(LogMove, log_that_refuses_is_moved_by_hand_after_a_day) {
  const wire::LogId before = prepare(4, {1});
  world.kill_home();
  world.home_disk_to_change() = store::MemoryDisk{};
  world.start_home();
  EXPECT_EQ(refusal(1, engine::MoveLog{group, std::nullopt}), ErrorCode{engine::kLogIsThere});
  world.pass(days(1) + hours(1));
  EXPECT_EQ(log(1), before);
  const auto moved = person(1).ask(engine::MoveLog{group, std::nullopt});
  ASSERT_TRUE(moved.has_value()) << moved.error().code.name << " " << moved.error().rule;
  world.pass(days(2));
  expect_moved({1, 2, 3}, before);
  change(1, engine::RenameGroup{group, "anew"});
  world.pass(hours(1));
  expect_same({1, 2, 3}, 4);
}

// Death at each batch of who moves it (1), and of one who follows (2).
struct Death {
  size_t mortal;
  uint64_t batch;
  store::BatchCrashPoint point;
};
class LogMoveCrash : public LogMove, public ::testing::WithParamInterface<Death> {};

TEST_P(LogMoveCrash, whoever_dies_at_whatever_step_it_is_moved_once) {
  const auto [mortal, batch, point] = GetParam();
  const wire::LogId before = prepare(4, {1});
  lose_home();
  person(mortal).kill();
  person(mortal).start({batch, point, std::nullopt});
  ASSERT_TRUE(mortal == 1 || person(1).alive());
  for (int tries = 0; tries < 3 && log(1) == before; ++tries) {
    if (!person(1).alive()) person(1).start();
    static_cast<void>(person(1).ask(engine::MoveLog{group, std::nullopt}));
    if (person(1).alive()) break;
  }
  world.pass(minutes(10));
  if (!person(mortal).alive()) person(mortal).start();
  world.pass(minutes(30));
  ASSERT_TRUE(person(mortal).alive());
  expect_moved({1, 2, 3}, before);
  EXPECT_EQ(record(1).moves.size(), 1U);
  change(1, engine::RenameGroup{group, "alive"});
  change(2, engine::RefreshKeys{group});
  expect_same({1, 2, 3}, 4);
  EXPECT_EQ(info(3).name, "alive");
}

std::vector<Death> deaths() {
  std::vector<Death> out;
  for (const size_t mortal : {1U, 2U}) {
    for (uint64_t batch = 0; batch < 14; ++batch) {
      out.push_back({mortal, batch, store::BatchCrashPoint::kBeforeBatch});
      out.push_back({mortal, batch, store::BatchCrashPoint::kAfterBatch});
    }
  }
  return out;
}
INSTANTIATE_TEST_SUITE_P(All, LogMoveCrash, ::testing::ValuesIn(deaths()));

}  // namespace
}  // namespace godwit::testworld
