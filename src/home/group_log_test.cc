// Group logs: one winner for each place, and tokens that say who appends and who reads how far.

#include <gtest/gtest.h>

#include "crypto/proof_of_work.h"
#include "home/testing/house.h"
#include "wire/errors.h"

namespace godwit::home {
namespace {

using testing::Client;
using testing::hash_of;
using testing::House;
using testing::test_options;

wire::Token token(uint8_t byte) {
  wire::Token out;
  out.value.fill(byte);
  return out;
}
wire::Token epoch_token(uint64_t epoch) { return token(static_cast<uint8_t>(100 + epoch)); }

struct GroupLogTest : ::testing::Test {
  explicit GroupLogTest(Options options = test_options()) : house(options), client(house.connect()) {
    log = house.random_id<wire::LogId>();
    EXPECT_EQ(house.code_of(client, open()), 0);
  }
  wire::LogOpen open() {
    const uint64_t nonce = crypto::find_work(wire::kWorkLabel, log.view(), 4);
    return {log, 5, hash_of(epoch_token(5)), hash_of(token(1)), {nonce}};
  }
  // The entry that ends `epoch`; what comes after it is read with token(read).
  wire::LogAppend entry(uint64_t epoch, uint8_t attempt, Bytes bytes, uint8_t read = 1) {
    return {log, epoch, attempt, epoch_token(epoch), hash_of(epoch_token(epoch + 1)), hash_of(token(read)), bytes};
  }
  uint16_t append(const wire::LogAppend& request) { return house.code_of(client, request); }
  wire::Reply read(uint8_t with, uint64_t from, uint32_t bytes_max = 100'000) {
    return house.ask(client, wire::LogRead{log, token(with), from, bytes_max});
  }
  std::vector<Bytes> entries(uint8_t with, uint64_t from) {
    std::vector<Bytes> out;
    const auto reply = read(with, from);
    if (const auto* found = std::get_if<wire::LogEntries>(&reply)) {
      for (const auto& one : found->entries) out.push_back(one.entry);
    }
    return out;
  }
  House house;
  Client& client;
  wire::LogId log;
};

TEST_F(GroupLogTest, the_first_entry_of_an_epoch_wins_and_the_others_are_shown_it) {
  EXPECT_EQ(append(entry(5, 0, {1})), 0);
  EXPECT_EQ(append(entry(5, 0, {1})), 0) << "the same bytes again";
  const auto reply = house.ask(client, entry(5, 0, {2}));
  const auto& conflict = std::get<wire::Conflict>(reply);
  EXPECT_EQ(conflict.winner.epoch, 5U);
  EXPECT_EQ(conflict.winner.entry, Bytes{1});
  EXPECT_EQ(entries(1, 5), (std::vector<Bytes>{{1}}));
}

TEST_F(GroupLogTest, two_at_once_have_one_winner) {
  Client& other = house.connect();
  const uint32_t a = house.send(client, entry(5, 0, {1}));
  const uint32_t b = house.send(other, entry(5, 0, {2}));
  house.settle();
  const bool a_won = std::holds_alternative<wire::Done>(client.replies.at(a));
  const bool b_won = std::holds_alternative<wire::Done>(other.replies.at(b));
  EXPECT_NE(a_won, b_won);
}

TEST_F(GroupLogTest, opening_needs_work_and_the_id_is_taken_once) {
  EXPECT_EQ(house.code_of(client, open()), 0) << "the same content again";
  auto other = open();
  other.read_token_hash = hash_of(token(66));
  EXPECT_EQ(house.code_of(client, other), wire::kIdTaken.number);
  auto lazy = open();
  while (crypto::work_is_done(wire::kWorkLabel, log.view(), lazy.work.nonce, 4)) ++lazy.work.nonce;
  const auto reply = house.ask(client, lazy);
  EXPECT_EQ(std::get<wire::Refused>(reply).code, wire::kProofOfWorkRefused.number);
  EXPECT_EQ(std::get<wire::Refused>(reply).detail, 4U);
}

TEST_F(GroupLogTest, who_cannot_show_the_epochs_token_appends_nothing) {
  auto guessed = entry(5, 0, {1});
  guessed.epoch_token = token(77);
  EXPECT_EQ(append(guessed), wire::kLogRefused.number);
  EXPECT_EQ(append(entry(6, 0, {1})), wire::kLogRefused.number) << "its epoch has not begun";
  EXPECT_EQ(append(entry(4, 0, {1})), wire::kLogRefused.number) << "before the log's first";
  auto elsewhere = entry(5, 0, {1});
  elsewhere.log = house.random_id<wire::LogId>();
  EXPECT_EQ(append(elsewhere), wire::kLogRefused.number) << "no such log: the same answer";
  ASSERT_EQ(append(entry(5, 0, {1})), 0);
  EXPECT_EQ(append(entry(6, 0, {2})), 0);
}

TEST_F(GroupLogTest, any_entry_of_the_epoch_before_gives_the_next_its_token) {
  auto first = entry(5, 0, {1});
  first.next_epoch_token_hash = hash_of(token(200));
  ASSERT_EQ(append(first), 0);
  ASSERT_EQ(append(entry(5, 1, {2})), 0) << "the first was void, which only clients can tell";
  EXPECT_EQ(append(entry(6, 0, {3})), 0);
  auto by_first = entry(6, 1, {4});
  by_first.epoch_token = token(200);
  EXPECT_EQ(append(by_first), 0);
}

TEST_F(GroupLogTest, attempt_n_needs_attempt_n_minus_1) {
  EXPECT_EQ(append(entry(5, 1, {1})), wire::kMalformed.number);
  ASSERT_EQ(append(entry(5, 0, {1})), 0);
  EXPECT_EQ(append(entry(5, 1, {2})), 0);
  EXPECT_EQ(append(entry(5, 3, {2})), wire::kMalformed.number);
  EXPECT_EQ(append(entry(5, wire::kAttemptsMax, {2})), wire::kTooLarge.number);
}

TEST_F(GroupLogTest, late_attempts_come_slowly_and_do_not_stop) {
  for (uint8_t i = 0; i < wire::kAttemptsFree; ++i) ASSERT_EQ(append(entry(5, i, {i})), 0);
  ASSERT_EQ(append(entry(5, 8, {8})), 0);
  const auto slow = house.ask(client, entry(5, 9, {9}));
  EXPECT_EQ(std::get<wire::Refused>(slow).code, wire::kTooManyRequests.number);
  EXPECT_EQ(std::get<wire::Refused>(slow).retry_after_ms, 10'000U);
  EXPECT_EQ(append(entry(5, 8, {8})), 0) << "a repeat";
  EXPECT_EQ(append(entry(6, 0, {1})), 0) << "another epoch";
  for (uint8_t i = 9; i < wire::kAttemptsMax; ++i) {
    house.advance(seconds(10));
    ASSERT_EQ(append(entry(5, i, {i})), 0);
  }
  auto last = entry(6, 1, {2});
  EXPECT_EQ(append(last), 0);
  EXPECT_EQ(entries(1, 5).size(), size_t{wire::kAttemptsMax} + 2);
}

TEST_F(GroupLogTest, reading_goes_on_at_an_attempt_with_the_tokens_that_the_skipped_ones_set) {
  ASSERT_EQ(append(entry(5, 0, {50}, 2)), 0);
  ASSERT_EQ(append(entry(5, 1, {51}, 3)), 0);
  ASSERT_EQ(append(entry(6, 0, {60}, 3)), 0);
  for (uint8_t attempt = 0; attempt < 3; ++attempt) {
    const auto reply = house.ask(client, wire::LogRead{log, token(1), 5, 100'000, attempt});
    std::vector<Bytes> found;
    for (const auto& one : std::get<wire::LogEntries>(reply).entries) found.push_back(one.entry);
    EXPECT_EQ(found, std::vector<Bytes>(attempt == 0   ? std::vector<Bytes>{{50}, {51}}
                                        : attempt == 1 ? std::vector<Bytes>{{51}}
                                                       : std::vector<Bytes>{}));
  }
  // From epoch 6 on with a token of the entry that was skipped.
  const auto later = house.ask(client, wire::LogRead{log, token(2), 6, 100'000, 0});
  EXPECT_EQ(std::get<wire::LogEntries>(later).entries.size(), 1U);
  const auto refused = house.ask(client, wire::LogRead{log, token(2), 5, 100'000, 1});
  EXPECT_EQ(std::get<wire::Refused>(refused).code, wire::kLogRefused.number);
}

TEST_F(GroupLogTest, a_removed_member_reads_up_to_the_entry_that_removed_him) {
  ASSERT_EQ(append(entry(5, 0, {50})), 0);
  ASSERT_EQ(append(entry(6, 0, {60}, 2)), 0) << "removes somebody: a new read token";
  ASSERT_EQ(append(entry(7, 0, {70}, 2)), 0);
  EXPECT_EQ(entries(1, 5), (std::vector<Bytes>{{50}, {60}}));
  EXPECT_EQ(entries(1, 6), (std::vector<Bytes>{{60}}));
  const auto refused = read(1, 7);
  EXPECT_EQ(std::get<wire::Refused>(refused).code, wire::kLogRefused.number);
  EXPECT_EQ(entries(2, 7), (std::vector<Bytes>{{70}}));
  const auto too_early = read(2, 5);
  EXPECT_EQ(std::get<wire::Refused>(too_early).code, wire::kLogRefused.number);
}

TEST_F(GroupLogTest, who_is_up_to_date_reads_nothing_and_a_stranger_is_refused) {
  const auto nothing = read(1, 5);
  EXPECT_TRUE(std::get<wire::LogEntries>(nothing).entries.empty());
  ASSERT_EQ(append(entry(5, 0, {50})), 0);
  const auto up_to_date = read(1, 6);
  EXPECT_TRUE(std::get<wire::LogEntries>(up_to_date).entries.empty());
  for (const uint64_t from : {uint64_t{0}, uint64_t{4}, uint64_t{7}, UINT64_MAX}) {
    const auto reply = read(1, from);
    EXPECT_EQ(std::get<wire::Refused>(reply).code, wire::kLogRefused.number) << from;
  }
  const auto stranger = read(9, 5);
  EXPECT_EQ(std::get<wire::Refused>(stranger).code, wire::kLogRefused.number);
}

TEST_F(GroupLogTest, long_logs_are_read_in_pages) {
  for (uint8_t i = 0; i < 12; ++i) ASSERT_EQ(append(entry(uint64_t{5} + i, 0, Bytes(1000, i))), 0);
  std::vector<Bytes> all;
  uint64_t from = 5;
  for (int page = 0; page < 20; ++page) {
    const auto reply = read(1, from, 2500);
    const auto& found = std::get<wire::LogEntries>(reply);
    EXPECT_LE(found.entries.size(), 2U);
    for (const auto& one : found.entries) all.push_back(one.entry);
    if (!found.more) break;
    from = found.entries.back().epoch + 1;
  }
  EXPECT_EQ(all.size(), 12U);
  const auto one = read(1, 5, 0);
  EXPECT_EQ(std::get<wire::LogEntries>(one).entries.size(), 1U) << "at least one, however large";
}

TEST_F(GroupLogTest, empty_entries_count_in_an_answer_too) {
  for (uint8_t i = 0; i < 50; ++i) ASSERT_EQ(append(entry(uint64_t{5} + i, 0, {})), 0);
  const auto reply = read(1, 5, 100);
  const auto& found = std::get<wire::LogEntries>(reply);
  EXPECT_TRUE(found.more);
  EXPECT_FALSE(found.entries.empty());
  EXPECT_LE(found.entries.size(), 10U);
}

TEST_F(GroupLogTest, entries_stay_across_a_restart) {
  ASSERT_EQ(append(entry(5, 0, {50})), 0);
  house.restart();
  Client& again = house.connect();
  EXPECT_EQ(house.code_of(again, entry(5, 0, {50})), 0);
  EXPECT_TRUE(std::holds_alternative<wire::Conflict>(house.ask(again, entry(5, 0, {51}))));
}

struct ShortLogTest : GroupLogTest {
  static Options options() {
    Options options = test_options();
    options.limits.log_epochs_max = 2;
    return options;
  }
  ShortLogTest() : GroupLogTest(options()) {}
};

TEST_F(ShortLogTest, a_log_has_so_many_epochs_and_no_more) {
  EXPECT_EQ(append(entry(5, 0, {1})), 0);
  EXPECT_EQ(append(entry(6, 0, {1})), 0);
  EXPECT_EQ(append(entry(7, 0, {1})), wire::kQuotaFull.number);
}

// ---- what strangers may fill ------------------------------------------------------------------------------------------

// A further log, as a stranger makes it, with `bits` of work.
wire::LogOpen stranger_log(House& house, uint8_t bits) {
  const auto log = house.random_id<wire::LogId>();
  return {log, 5, hash_of(epoch_token(5)), hash_of(token(1)), {crypto::find_work(wire::kWorkLabel, log.view(), bits)}};
}
wire::LogAppend entry_of(const wire::LogId& log, uint64_t epoch, size_t size) {
  return {log, epoch, 0, epoch_token(epoch), hash_of(epoch_token(epoch + 1)), hash_of(token(1)), Bytes(size, 7)};
}

TEST(LogLimits, there_are_logs_max_and_the_last_ones_need_more_work) {
  Options options = test_options();
  options.limits.logs_max = 8;
  House house(options);
  Client& client = house.connect();
  std::vector<uint32_t> asked;
  for (int i = 0; i < 8; ++i) {
    auto request = stranger_log(house, 0);
    // As a client does: first without, then with what it is told.
    while (crypto::work_is_done(wire::kWorkLabel, request.log.view(), request.work.nonce, 4)) ++request.work.nonce;
    const auto reply = house.ask(client, request);
    asked.push_back(std::get<wire::Refused>(reply).detail);
    request.work.nonce = crypto::find_work(wire::kWorkLabel, request.log.view(), static_cast<uint8_t>(asked.back()), 0);
    ASSERT_EQ(house.code_of(client, request), 0) << i;
  }
  EXPECT_EQ(asked, (std::vector<uint32_t>{4, 4, 4, 4, 4, 6, 6, 8}));
  EXPECT_EQ(house.code_of(client, stranger_log(house, 12)), wire::kQuotaFull.number);
  house.restart();
  Client& again = house.connect();
  EXPECT_EQ(house.code_of(again, stranger_log(house, 12)), wire::kQuotaFull.number) << "counted anew";
}

TEST(LogLimits, logs_that_are_opened_at_once_count_each_other) {
  Options options = test_options();
  options.limits.logs_max = 2;
  House house(options);
  Client& client = house.connect();
  std::vector<uint32_t> streams;
  for (int i = 0; i < 6; ++i) streams.push_back(house.send(client, stranger_log(house, 12)));
  house.settle();
  size_t opened = 0;
  for (const uint32_t stream : streams)
    opened += std::holds_alternative<wire::Done>(client.replies.at(stream)) ? 1U : 0U;
  EXPECT_EQ(opened, 2U);
}

TEST(LogLimits, one_log_has_log_bytes_max_and_begins_later_when_it_is_full_also_across_a_restart) {
  Options options = test_options();
  options.limits.log_bytes_max = 3'000;
  House house(options);
  const auto log = stranger_log(house, 4);
  Client* client = &house.connect();
  ASSERT_EQ(house.code_of(*client, log), 0);
  ASSERT_EQ(house.code_of(*client, entry_of(log.log, 5, 1'000)), 0);
  for (int i = 0; i < 5; ++i)
    ASSERT_EQ(house.code_of(*client, entry_of(log.log, 5, 1'000)), 0) << "the same costs once";
  ASSERT_EQ(house.code_of(*client, entry_of(log.log, 6, 1'000)), 0);
  EXPECT_EQ(house.code_of(*client, entry_of(log.log, 7, 3'000)), wire::kQuotaFull.number) << "larger than a log may be";
  EXPECT_EQ(house.code_of(*client, entry_of(log.log, 7, 1'000)), 0);
  house.restart();
  client = &house.connect();
  for (uint64_t epoch = 8; epoch < 40; ++epoch) {
    ASSERT_EQ(house.code_of(*client, entry_of(log.log, epoch, 1'000)), 0) << epoch;
  }
  EXPECT_EQ(house.code_of(*client, wire::LogRead{log.log, token(1), 6, 1'000}), wire::kLogRefused.number);
  EXPECT_EQ(house.code_of(*client, wire::LogRead{log.log, token(1), 39, 1'000}), 0);
}

TEST(LogLimits, second_entry_for_an_epoch_takes_the_log_from_nobody) {
  Options options = test_options();
  options.limits.log_bytes_max = 3'000;
  House house(options);
  const auto log = stranger_log(house, 4);
  Client& client = house.connect();
  ASSERT_EQ(house.code_of(client, log), 0);
  ASSERT_EQ(house.code_of(client, entry_of(log.log, 5, 1'000)), 0) << "removes somebody";
  // He has the token of epoch 5, and goes on alone from there.
  auto branch = entry_of(log.log, 5, 10);
  branch.attempt = 1;
  branch.next_epoch_token_hash = branch.read_token_hash = hash_of(token(50));
  ASSERT_EQ(house.code_of(client, branch), 0);
  uint16_t code = 0;
  for (uint64_t epoch = 6; epoch < 30 && code == 0; ++epoch) {
    auto next = entry_of(log.log, epoch, 500);
    next.epoch_token = token(50);
    next.next_epoch_token_hash = next.read_token_hash = hash_of(token(50));
    code = house.code_of(client, next);
  }
  EXPECT_EQ(code, wire::kQuotaFull.number) << "the log does not begin behind the place where it branches";
  EXPECT_EQ(house.code_of(client, wire::LogRead{log.log, token(1), 6, 1'000}), 0);
}

TEST(LogLimits, who_fills_all_bytes_of_the_home_leaves_every_other_log_its_sure_part) {
  Options options = test_options();
  options.limits.logs_bytes_max = 10'000;
  options.limits.log_bytes_sure = 1'500;
  House house(options);
  Client* client = &house.connect();
  const auto greedy = stranger_log(house, 4);
  const auto modest = stranger_log(house, 4);
  ASSERT_EQ(house.code_of(*client, greedy), 0);
  ASSERT_EQ(house.code_of(*client, modest), 0);
  uint64_t epoch = 5;
  while (house.code_of(*client, entry_of(greedy.log, epoch, 1'000)) == 0) ++epoch;
  EXPECT_EQ(epoch, 14U) << "nine entries and their keys";
  house.restart();
  client = &house.connect();
  EXPECT_EQ(house.code_of(*client, entry_of(greedy.log, epoch, 1'000)), wire::kQuotaFull.number);
  EXPECT_EQ(house.code_of(*client, entry_of(modest.log, 5, 1'000)), 0);
  EXPECT_EQ(house.code_of(*client, entry_of(modest.log, 6, 1'000)), wire::kQuotaFull.number);
}

TEST(LogLimits, appends_to_one_log_are_slowed_down) {
  Options options = test_options();
  options.limits.appends_interval = seconds(20);
  House house(options);
  Client& client = house.connect();
  const auto log = stranger_log(house, 4);
  const auto other = stranger_log(house, 4);
  ASSERT_EQ(house.code_of(client, log), 0);
  ASSERT_EQ(house.code_of(client, other), 0);
  uint64_t epoch = 5;
  for (; epoch < 5 + Limits{}.appends_burst; ++epoch) ASSERT_EQ(house.code_of(client, entry_of(log.log, epoch, 1)), 0);
  const auto reply = house.ask(client, entry_of(log.log, epoch, 1));
  EXPECT_EQ(std::get<wire::Refused>(reply).code, wire::kTooManyRequests.number);
  const uint32_t wait = std::get<wire::Refused>(reply).retry_after_ms;
  EXPECT_EQ(wait, 20'000U);
  EXPECT_EQ(house.code_of(client, entry_of(log.log, 5, 1)), 0) << "what is there costs nothing";
  EXPECT_EQ(house.code_of(client, entry_of(other.log, 5, 1)), 0);
  house.advance(milliseconds(wait));
  EXPECT_EQ(house.code_of(client, entry_of(log.log, epoch, 1)), 0);
}

struct IdleLogTest : GroupLogTest {
  static Options options() {
    Options options = test_options();
    options.limits.logs_max = 1;
    return options;
  }
  IdleLogTest() : GroupLogTest(options()) { EXPECT_EQ(append(entry(5, 0, {1})), 0); }
  size_t left() {
    size_t count = 0;
    for (const auto& [key, value] : house.disk().records()) {
      count += key[0] == 'R' && (key[1] == 'g' || key[1] == 'e') ? 1U : 0U;
    }
    return count;
  }
};

TEST_F(IdleLogTest, a_log_that_nobody_uses_is_removed_and_makes_room) {
  house.advance(days(399));
  EXPECT_EQ(left(), 2U);
  house.advance(days(30));
  EXPECT_EQ(left(), 0U);
  Client& later = house.connect();
  EXPECT_EQ(house.code_of(later, entry(6, 0, {1})), wire::kLogRefused.number);
  EXPECT_EQ(house.code_of(later, stranger_log(house, 12)), 0) << "logs_max is 1";
}

TEST_F(IdleLogTest, reading_keeps_it_and_a_stranger_who_may_not_read_does_not) {
  for (int i = 0; i < 2; ++i) {
    house.advance(days(300));
    Client& member = house.connect();
    ASSERT_EQ(house.code_of(member, wire::LogRead{log, token(1), 5, 1000}), 0);
  }
  EXPECT_EQ(left(), 2U);
  house.advance(days(300));
  Client& stranger = house.connect();
  EXPECT_EQ(house.code_of(stranger, wire::LogRead{log, token(9), 5, 1000}), wire::kLogRefused.number);
  house.advance(days(130));
  EXPECT_EQ(left(), 0U);
}

TEST_F(IdleLogTest, a_removal_that_was_cut_short_leaves_no_half_log_and_is_finished) {
  for (const auto& [key, value] : std::map(house.disk().records())) {
    if (key[0] != 'R' || key[1] != 'g') continue;
    LogRecord record = *decode_record<LogRecord>(value);
    EXPECT_EQ(record.used_day % kLogUseDays, 0U) << "no day of use is on the disk";
    record.ended = true;
    house.disk().put(key, codec::encoded(record));
  }
  house.disk().sync();
  house.restart();
  Client& later = house.connect();
  EXPECT_EQ(house.code_of(later, wire::LogRead{log, token(1), 5, 1000}), wire::kLogRefused.number);
  EXPECT_EQ(house.code_of(later, entry(5, 0, {1})), wire::kLogRefused.number);
  house.advance(hours(1));
  EXPECT_EQ(left(), 0U);
}

}  // namespace
}  // namespace godwit::home
