#include "home/transfers.h"

#include <gtest/gtest.h>

#include "wire/errors.h"

namespace godwit::home {
namespace {

class TransfersTest : public ::testing::Test {
 protected:
  static Transfers::Name name(uint8_t number, uint8_t owner = 0) {
    wire::TransferId id;
    id.value[0] = number;
    return {owner == 0 ? Bytes{} : Bytes{owner}, id};
  }
  static Bytes text(size_t size) {
    Bytes out(size);
    for (size_t i = 0; i < size; ++i) out[i] = static_cast<uint8_t>(i * 7 + 1);
    return out;
  }
  // The part of a whole of text(total) from `offset` on.
  static wire::PartPut part(uint32_t total, uint32_t offset, uint32_t size) {
    wire::PartPut out;
    out.total = total;
    out.offset = offset;
    out.bytes = to_bytes(ByteView(text(total)).subspan(offset, size));
    return out;
  }
  uint16_t code_of(const Transfers::Name& which, const wire::PartPut& put, const Bytes& beginner = {}) {
    const auto taken = table.put(which, beginner, put, now);
    return taken ? 0 : taken.error().code.number;
  }
  uint32_t received(const Transfers::Name& which) {
    const auto state = table.state(which, 0, 0, now);
    return state ? state->received : UINT32_MAX;
  }
  void finished(const Transfers::Name& which, size_t reply, const Bytes& beginner = {}) {
    ASSERT_TRUE(table.put(which, beginner, part(10, 0, 10), now)->has_value());
    table.finish(which, Bytes(reply), now);
  }

  static constexpr TransferLimits kLimits{8, 4, 64 * 1024, minutes(10)};
  Transfers table{kLimits};
  Instant now{1'000'000};
};

TEST_F(TransfersTest, parts_are_put_together_once) {
  EXPECT_FALSE(table.put(name(1), {}, part(100, 0, 40), now)->has_value());
  EXPECT_EQ(received(name(1)), 40U);
  const auto whole = table.put(name(1), {}, part(100, 40, 60), now);
  ASSERT_TRUE(whole->has_value());
  EXPECT_EQ(**whole, text(100));
  EXPECT_FALSE(table.put(name(1), {}, part(100, 40, 60), now)->has_value()) << "while it is being done";
  EXPECT_EQ(table.state(name(1), 0, 100, now)->reply_total, 0U);
  table.finish(name(1), text(30), now);
  EXPECT_FALSE(table.put(name(1), {}, part(100, 40, 60), now)->has_value()) << "and after it";
}

TEST_F(TransfersTest, repeated_and_overlapping_parts_are_harmless_and_gaps_wait) {
  EXPECT_EQ(code_of(name(1), part(100, 0, 40)), 0);
  EXPECT_EQ(code_of(name(1), part(100, 0, 40)), 0);
  EXPECT_EQ(code_of(name(1), part(100, 60, 10)), 0) << "the state says that it was not taken";
  EXPECT_EQ(received(name(1)), 40U);
  EXPECT_EQ(code_of(name(1), part(100, 20, 50)), 0);
  EXPECT_EQ(received(name(1)), 70U);
  EXPECT_EQ(code_of(name(1), part(100, 10, 0)), 0);
  EXPECT_EQ(received(name(1)), 70U);
}

TEST_F(TransfersTest, other_bytes_or_another_total_are_malformed) {
  EXPECT_EQ(code_of(name(1), part(100, 0, 40)), 0);
  wire::PartPut other = part(100, 20, 40);
  other.bytes[5] ^= 1;
  EXPECT_EQ(code_of(name(1), other), wire::kMalformed.number);
  EXPECT_EQ(code_of(name(1), part(101, 40, 40)), wire::kMalformed.number);
  EXPECT_EQ(received(name(1)), 40U);
}

TEST_F(TransfersTest, unknown_ones_begin_with_their_first_part) {
  EXPECT_EQ(code_of(name(1), part(100, 40, 10)), wire::kNoSuchTransfer.number);
  EXPECT_EQ(table.state(name(1), 0, 10, now).error().code, wire::kNoSuchTransfer);
  EXPECT_EQ(table.size(), 0U);
}

TEST_F(TransfersTest, another_owner_does_not_see_it) {
  EXPECT_EQ(code_of(name(1, 7), part(100, 0, 40)), 0);
  EXPECT_EQ(code_of(name(1, 8), part(100, 40, 60)), wire::kNoSuchTransfer.number);
  EXPECT_EQ(received(name(1, 8)), UINT32_MAX);
}

TEST_F(TransfersTest, replies_go_in_pieces_within_their_bounds) {
  finished(name(1), 100);
  EXPECT_EQ(table.state(name(1), 0, 30, now)->bytes.size(), 30U);
  EXPECT_EQ(table.state(name(1), 90, 30, now)->bytes.size(), 10U);
  EXPECT_EQ(table.state(name(1), 90, 30, now)->reply_total, 100U);
  EXPECT_EQ(table.state(name(1), 100, 30, now)->bytes.size(), 0U);
  EXPECT_EQ(table.state(name(1), 101, 30, now).error().code, wire::kMalformed);
}

TEST_F(TransfersTest, what_is_not_touched_is_forgotten) {
  EXPECT_EQ(table.next_expiry(), kNever);
  EXPECT_EQ(code_of(name(1), part(100, 0, 40)), 0);
  now = now + minutes(9);
  EXPECT_EQ(code_of(name(2), part(100, 0, 40)), 0);
  EXPECT_EQ(received(name(1)), 40U) << "this is a touch";
  now = now + minutes(9);
  table.expire(now);
  EXPECT_EQ(table.size(), 2U);
  EXPECT_EQ(received(name(1)), 40U);
  now = now + minutes(5);
  EXPECT_LE(table.next_expiry(), now);
  table.expire(now);
  EXPECT_EQ(table.size(), 1U);
  EXPECT_EQ(received(name(2)), UINT32_MAX);
}

TEST_F(TransfersTest, a_drip_does_not_hold_memory_for_ever) {
  for (uint32_t i = 0; i < 100; ++i) {
    if (code_of(name(1), part(100, i, 1)) != 0) break;
    now = now + minutes(9);
  }
  EXPECT_EQ(received(name(1)), UINT32_MAX);
  EXPECT_EQ(table.bytes(), 0U);
}

TEST_F(TransfersTest, one_who_begins_too_many_loses_his_own_oldest) {
  for (uint8_t i = 1; i <= 6; ++i) EXPECT_EQ(code_of(name(i), part(100, 0, 40), {9}), 0);
  EXPECT_EQ(table.size(), 4U);
  EXPECT_EQ(received(name(2)), UINT32_MAX);
  EXPECT_EQ(received(name(3)), 40U);
}

TEST_F(TransfersTest, when_it_is_full_the_oldest_finished_one_gives_way_first) {
  for (uint8_t i = 1; i <= 6; ++i) EXPECT_EQ(code_of(name(i), part(100, 0, 40), {i}), 0);
  finished(name(7), 10, {7});
  finished(name(8), 10, {8});
  EXPECT_EQ(code_of(name(9), part(100, 0, 40), {9}), 0);
  EXPECT_EQ(received(name(7)), UINT32_MAX);
  EXPECT_EQ(received(name(8)), 10U);
  EXPECT_EQ(received(name(1)), 40U);
}

TEST_F(TransfersTest, small_requests_with_large_replies_flush_only_each_other) {
  ASSERT_TRUE(table.put(name(1), {1}, part(5'000, 0, 5'000), now)->has_value());
  table.finish(name(1), Bytes(8'000), now);
  for (uint8_t i = 2; i <= 100; ++i) {
    now = now + milliseconds(10);
    finished(name(i), 20'000, {i});
  }
  EXPECT_EQ(table.state(name(1), 0, 1, now)->reply_total, 8'000U);
  EXPECT_LE(table.bytes(), kLimits.bytes_max);
}

TEST_F(TransfersTest, many_that_bring_little_do_not_shut_out_one_who_gets_on) {
  for (uint8_t i = 1; i <= 200; ++i) {
    ASSERT_EQ(code_of(name(i), part(10'000, 0, 1), {i}), 0);
    if (i == 20) {
      ASSERT_EQ(code_of(name(250), part(10'000, 0, 2'000), {250}), 0);
    }
    if (i > 20 && i % 40 == 0) {
      ASSERT_EQ(code_of(name(250), part(10'000, i / 40 * 1'000U, 2'000), {250}), 0);
    }
    now = now + milliseconds(100);
  }
  EXPECT_EQ(received(name(250)), 7'000U);
  EXPECT_LE(table.size(), 8U);
}

TEST_F(TransfersTest, bytes_are_bounded_and_counted_with_the_replies) {
  for (uint8_t i = 1; i <= 8; ++i) EXPECT_EQ(code_of(name(i), part(30'000, 0, 15'000), {i}), 0);
  EXPECT_LE(table.bytes(), kLimits.bytes_max);
  finished(name(20), 60'000, {20});
  EXPECT_LE(table.bytes(), kLimits.bytes_max);
  EXPECT_EQ(table.state(name(20), 0, 1, now)->reply_total, 60'000U);
  finished(name(21), 70'000, {21});
  EXPECT_EQ(received(name(21)), UINT32_MAX) << "a reply that never fits is not kept";
  now = now + hours(2);
  table.expire(now);
  EXPECT_EQ(table.bytes(), 0U);
}

TEST_F(TransfersTest, what_is_being_done_is_not_given_up) {
  for (uint8_t i = 1; i <= 8; ++i) ASSERT_TRUE(table.put(name(i), {i}, part(10, 0, 10), now)->has_value());
  EXPECT_EQ(code_of(name(9), part(10, 0, 10), {9}), wire::kQuotaFull.number);
  now = now + hours(2);
  table.expire(now);
  EXPECT_EQ(received(name(1)), 10U);
}

}  // namespace
}  // namespace godwit::home
