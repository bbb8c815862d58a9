// What one member, or one home, can do to a log that moves, has bounds.

#include "crypto/proof_of_work.h"
#include "engine/chat_setup.h"
#include "engine/epochs.h"
#include "engine/log_entry.h"
#include "engine/work.h"
#include "tests/engine/log_moves.h"
#include "wire/home_link.h"

namespace godwit::testworld {
namespace {

class LogBounds : public LogMove {
 protected:
  static constexpr const char* kThird = "third.example";

  mls::Group group_of(size_t i) {
    return mls::Group::restore(mls::suites_default(), person(i).group_records(group)).value();
  }
  engine::LogMove move_from(const wire::LogId& from, const char* host, uint64_t epoch) {
    return {1,
            group,
            from,
            wire::parse_home_link(world.home_link_at(host)).value().home,
            {random.bytes<16>()},
            epoch,
            {random.bytes<32>()},
            {},
            {}};
  }
  // An item to the address of member `to`, at his own home.
  void deliver_at(size_t to, const Bytes& sealed_or_payload) {
    const engine::ChatRecord of = record(to);
    const wire::Recipient recipient{
        of.own_alias, engine::to_token(engine::address_token(of.keys, of.own_alias)), {random.bytes<16>()}};
    EXPECT_TRUE(
        std::holds_alternative<wire::Done>(world.ask_home(wire::Deliver{recipient, 3600, sealed_or_payload}, kOther)));
  }
  void tell_moves(size_t to, const engine::LogMoves& moves) {
    const engine::ChatRecord of = record(to);
    deliver_at(to, engine::seal_envelope({engine::EnvelopeKind::kMoved, {}, codec::encoded(moves), 0},
                                         of.keys.envelope.value, of.chat.view(), random));
  }
  crypto::Ed25519KeyPair some_key() { return crypto::Ed25519KeyPair::generate(random); }
};

TEST_F(LogBounds, moves_that_anybody_signs_do_not_push_out_that_of_an_admin) {
  prepare(4, {1});
  person(1).kill();
  engine::LogMove honest = move_from(log(2), kOther, info(2).epoch);
  honest.place = engine::epoch_place(group_of(2));
  const Bytes told = signed_by(1, honest);
  lose_home_for({0, 2, 3});
  world.lost.insert(kHere);
  tell_moves(2, {told});
  for (int i = 0; i < 40; ++i) tell_moves(2, {signed_with(some_key(), move_from(log(2), kOther, info(2).epoch + 1))});
  world.pass(seconds(30));
  EXPECT_LE(record(2).moves_told.size(), engine::kMovesKept + 1);
  EXPECT_EQ(std::ranges::count(record(2).moves_told, told), 1);
  world.pass(minutes(5));
  EXPECT_EQ(log(2), honest.log);
}

// The log to which the worse one leads refuses whoever is behind, and as long as that lasts he would not look at the other.
TEST_F(LogBounds, of_moves_told_before_the_log_was_found_gone_the_best_is_followed) {
  const wire::LogId before = prepare(4, {1});
  person(1).kill();
  engine::LogMove worse = move_from(before, kOther, info(2).epoch);
  worse.place = engine::epoch_place(group_of(2));
  const engine::LogMove better = move_from(before, kOther, info(2).epoch + 1);
  lose_home_for({0, 2, 3});
  world.lost.insert(kHere);
  tell_moves(2, {signed_by(1, worse)});
  tell_moves(2, {signed_by(1, better)});
  world.pass(seconds(30));
  EXPECT_EQ(record(2).moves_told.size(), 2U);
  world.pass(minutes(5));
  EXPECT_EQ(log(2), better.log);
}

// Nothing was read of the log that refuses him: by the word that led him there he is led on, and need not wait for a day.
TEST_F(LogBounds, who_is_behind_the_log_that_he_has_followed_follows_a_better_move_and_one_that_goes_on) {
  const wire::LogId before = prepare(4, {1});
  person(1).kill();
  const uint64_t epoch = info(2).epoch;
  const engine::LogMove worse = move_from(before, kOther, epoch + 1);
  const engine::LogMove better = move_from(before, kOther, epoch + 2);
  const engine::LogMove further = move_from(better.log, kOther, epoch + 3);
  lose_home_for({0, 2, 3});
  world.lost.insert(kHere);
  tell_moves(2, {signed_by(1, worse)});
  world.pass(minutes(5));
  ASSERT_EQ(log(2), worse.log);
  tell_moves(2, {signed_by(1, better)});
  world.pass(minutes(5));
  EXPECT_EQ(log(2), better.log);
  // Of one that is nobody's device nobody is led on.
  tell_moves(2, {signed_with(some_key(), further)});
  world.pass(minutes(5));
  EXPECT_EQ(log(2), better.log);
  tell_moves(2, {signed_by(1, further)});
  world.pass(minutes(5));
  EXPECT_EQ(log(2), further.log);
}

// An admin who is one in the eyes of who is behind says that the log, which begins beyond him, goes on from before him.
TEST_F(LogBounds, move_from_an_earlier_epoch_of_a_log_that_was_never_read_does_nothing) {
  world.add_home(kThird);
  const wire::LogId before = prepare(4, {1, 2});
  person(1).kill();
  const uint64_t epoch = info(2).epoch;
  ASSERT_GT(epoch, 1U);
  const engine::LogMove first = move_from(before, kThird, epoch + 1);
  lose_home_for({0, 2, 3});
  world.lost.insert(kHere);
  tell_moves(2, {signed_by(1, first)});
  world.pass(minutes(5));
  ASSERT_EQ(log(2), first.log);
  tell_moves(2, {signed_by(1, move_from(first.log, kOther, epoch - 1))});
  world.pass(minutes(5));
  EXPECT_EQ(log(2), first.log);
  EXPECT_FALSE(record(2).moving);
  EXPECT_TRUE(info(2).member);
}

// A log that was moved twice: nobody goes back behind both moves while it answers, and who has gone is told.
TEST_F(LogBounds, move_of_a_log_from_which_it_has_moved_on_twice_cuts_nothing_off) {
  world.add_home(kThird);
  const wire::LogId first = prepare(4, {1, 2});
  lose_home();
  const auto moved = person(1).ask(engine::MoveLog{group, world.home_link_at(kThird)});
  ASSERT_TRUE(moved.has_value()) << moved.error().code.name;
  world.pass(minutes(10));
  EXPECT_EQ(log_host(3), "wss://third.example/ws");
  world.lost.insert(kThird);
  for (const size_t i : {1U, 2U, 3U}) {
    person(i).blocked.insert(kThird);
    world.cut(person(i));
  }
  move(1);
  expect_moved({1, 2, 3}, first);
  EXPECT_EQ(record(3).moves.size(), 2U);
  const wire::LogId now = log(3);
  const engine::LogMove wrong = move_from(first, kOther, info(3).epoch + 3);
  const Bytes lie = signed_by(2, wrong);
  for (const size_t i : {1U, 3U}) tell_moves(i, {lie});
  world.pass(minutes(30));
  for (const size_t i : {1U, 3U}) {
    EXPECT_EQ(log(i), now) << i;
    EXPECT_FALSE(record(i).astray) << i;
    EXPECT_EQ(record(i).moves.size(), 2U) << i;
  }
  person(2).start();
  world.pass(minutes(30));
  expect_moved({1, 2, 3}, first);
  EXPECT_EQ(log(2), now);
  expect_talk({1, 2, 3}, "twice ");
}

// So long after a move nobody is still to be heard who moved the log before: an epoch that ours never had is a lie again.
TEST_F(LogBounds, long_after_a_move_an_epoch_that_the_log_never_had_is_refuted_as_before_it) {
  const wire::LogId first = prepare(4, {1, 2});
  lose_home();
  move(1);
  expect_moved({1, 2, 3}, first);
  const wire::LogId now = log(3);
  jump(engine::kMoveDisputed);
  world.pass(hours(2));
  const Bytes lie = signed_by(2, move_from(first, kOther, info(3).epoch + 3));
  for (const size_t i : {1U, 3U}) tell_moves(i, {lie});
  world.pass(minutes(30));
  for (const size_t i : {1U, 3U}) EXPECT_EQ(log(i), now) << i;
}

TEST_F(LogBounds, bytes_that_do_not_open_keep_nobody_from_moving_it) {
  const wire::LogId before = prepare(4, {1});
  lose_home();
  for (size_t i = 0; i < 3; ++i) deliver_at(1, to_bytes(random.bytes<600>()));
  world.pass(days(2) + hours(12));
  EXPECT_EQ(log(1), before);
  world.pass(days(2));
  expect_moved({1, 2, 3}, before);
}

// It is there, and says each time that we are to come again.
TEST_F(LogBounds, log_whose_home_puts_everybody_off_for_a_day_is_moved_by_hand) {
  const wire::LogId before = prepare(4, {1});
  world.kill_home();
  // The home keeps the log under its id, and its entries under longer keys.
  std::vector<Bytes> keys;
  for (const auto& [key, value] : world.home_disk().records()) {
    if (key.size() >= 16 && equal(ByteView(key).last(16), before.view())) keys.push_back(key);
  }
  ASSERT_EQ(keys.size(), 1U);
  world.home_disk_to_change().put(keys.front(), to_bytes(random.bytes<40>()));
  world.home_disk_to_change().sync();
  world.start_home();
  static_cast<void>(person(1).give(engine::RefreshKeys{group}));
  world.pass(days(1) + hours(2));
  EXPECT_EQ(log(1), before);
  const auto moved = person(1).ask(engine::MoveLog{group, std::nullopt});
  ASSERT_TRUE(moved.has_value()) << moved.error().code.name << " " << moved.error().rule;
  world.pass(days(2));
  expect_moved({1, 2, 3}, before);
}

// As many commits of one epoch as are called off, each with a key that is used up: no more are made before the next one.
TEST_F(LogBounds, so_many_commits_are_called_off_in_one_epoch_and_then_none_is_made) {
  prepare(3, {1});
  person(1).kill();
  const Bytes key = engine::record_key(engine::RecordKind::kChat, group.view());
  auto changed = stored<engine::ChatRecord>(1, key);
  changed.called_off.resize(engine::kCalledOffMax);
  person(1).disk().put(key, engine::seal_record(person(1).key(), random, key, codec::encoded(changed)));
  person(1).disk().sync();
  person(1).start();
  EXPECT_EQ(refusal(1, engine::RefreshKeys{group}), ErrorCode{engine::kNoCommit});
  change(2, engine::RefreshKeys{group});
  change(1, engine::RefreshKeys{group});
  expect_same({0, 1, 2}, 3);
}

TEST_F(LogBounds, work_that_is_done_is_not_done_again_for_a_home_that_refuses_it) {
  const wire::LogId log{random.bytes<16>()};
  const engine::Outcome refused{Error{wire::kProofOfWorkRefused, "work"}, {}, 12};
  uint64_t work = 0;
  while (crypto::work_is_done(wire::kWorkLabel, log.view(), work, 12)) ++work;
  EXPECT_TRUE(engine::wants_other_work(refused, log, work));
  work = crypto::find_work(wire::kWorkLabel, log.view(), 12, work);
  EXPECT_FALSE(engine::wants_other_work(refused, log, work));
  const engine::Outcome too_much{Error{wire::kProofOfWorkRefused, "work"}, {}, engine::kProofBitsMax + 1};
  EXPECT_FALSE(engine::wants_other_work(too_much, log, work));
  EXPECT_FALSE(engine::wants_other_work(engine::Outcome{}, log, work));
}

// Somebody who has read it at the old log puts it into the new one. Its maker does not take that for an old copy of himself.
TEST_F(LogBounds, commit_that_was_called_off_and_is_put_into_the_new_log_all_the_same_leaves_nobody_behind) {
  const wire::LogId before = prepare(3, {1, 2});
  meet(1, 2);
  meet(1, 3);
  lose_home();
  static_cast<void>(person(1).give(engine::AddMembers{group, {account(3)}}));
  world.pass(seconds(20));
  const Bytes staged_key = engine::record_key(engine::RecordKind::kStaged, group.view());
  ASSERT_TRUE(person(1).disk().records().contains(staged_key));
  person(1).kill();
  const auto staged = stored<engine::StagedRecord>(1, staged_key);
  ASSERT_FALSE(staged.welcomes.empty());
  move(2);
  expect_moved({2}, before);
  const engine::ChatRecord of = record(2);
  auto records = person(1).group_records(group);
  const auto now = mls::Group::restore(mls::suites_default(), person(1).group_records(group)).value();
  mls::apply_changes(records, staged.successor);
  const auto after = mls::Group::restore(mls::suites_default(), std::move(records)).value();
  ASSERT_EQ(now.epoch(), staged.epoch);
  wire::LogAppend entry;
  entry.log = of.log.log;
  entry.epoch = staged.epoch;
  entry.epoch_token = engine::to_token(*engine::log_epoch_token(now));
  entry.next_epoch_token_hash = engine::hash_of(*engine::log_epoch_token(after));
  entry.read_token_hash = engine::hash_of(of.keys.log_read.value);
  entry.entry = engine::seal_log_entry({staged.commit, {}}, of.log.key.value, of.log.log, staged.epoch, random);
  ASSERT_TRUE(std::holds_alternative<wire::Done>(world.ask_home(entry, kOther)));
  person(1).start();
  world.pass(hours(3));
  EXPECT_FALSE(is_told(1, engine::kProfileRolledBack));
  expect_same({1, 2}, 4);
  EXPECT_GT(info(1).epoch, staged.epoch + 1);
  expect_talk({1, 2}, "all the same ");
}

}  // namespace
}  // namespace godwit::testworld
