#include "engine/request_parts.h"

#include <gtest/gtest.h>

#include "session/types.h"

namespace godwit::engine {
namespace {

using Step = RequestParts::Step;

Bytes text(size_t size) {
  Bytes out(size);
  for (size_t i = 0; i < size; ++i) out[i] = static_cast<uint8_t>(i * 13 + 5);
  return out;
}

template <typename Kind>
Kind asked(const std::optional<Bytes>& bytes) {
  return std::get<Kind>(*wire::decode_request(*bytes));
}

// What a home says that has `received` bytes and, if all is there, the reply.
wire::PartState state(uint32_t received, uint32_t reply_total = 0, uint32_t offset = 0, Bytes bytes = {}) {
  return {received, reply_total, offset, std::move(bytes)};
}

TEST(RequestPartsTest, parts_fill_what_is_given_and_go_on_where_the_home_stands) {
  const Bytes whole = text(10'000);
  RequestParts parts({}, 10'000, false);
  const auto first = parts.next(whole, 4'079, kPartReplyBytes);
  EXPECT_EQ(first->size(), 4'079U);
  const auto put = asked<wire::PartPut>(first);
  EXPECT_EQ(put.total, 10'000U);
  EXPECT_EQ(put.bytes, to_bytes(ByteView(whole).first(4'079 - kPartOverhead)));
  EXPECT_EQ(put.reply_bytes, kLittleReplyBytes);
  EXPECT_EQ(parts.take(state(2'000)), Step::kFurther) << "less than was sent, but the home says so";
  EXPECT_EQ(asked<wire::PartPut>(parts.next(whole, 1'000, 100)).offset, 2'000U);
  EXPECT_EQ(parts.take(state(9'990)), Step::kFurther);
  EXPECT_EQ(asked<wire::PartPut>(parts.next(whole, 4'079, 100)).bytes.size(), 10U);
  EXPECT_EQ(parts.take(state(10'000, 2, 0, {1, 2})), Step::kWhole);
  EXPECT_EQ(parts.reply(), (Bytes{1, 2}));
}

TEST(RequestPartsTest, a_long_reply_comes_in_pieces) {
  const Bytes whole = text(100);
  RequestParts parts({}, 100, true);
  EXPECT_TRUE(parts.wants_much());
  EXPECT_EQ(asked<wire::PartPut>(parts.next(whole, 4'079, kPartReplyBytes)).reply_bytes, kPartReplyBytes);
  EXPECT_EQ(parts.take(state(100, 5, 0, {1, 2})), Step::kFurther);
  const auto get = asked<wire::PartGet>(parts.next(whole, 4'079, 2'000));
  EXPECT_EQ(get.offset, 2U);
  EXPECT_EQ(get.reply_bytes, 2'000U);
  EXPECT_EQ(parts.take(state(100, 5, 2, {3, 4, 5})), Step::kWhole);
  EXPECT_EQ(parts.reply(), (Bytes{1, 2, 3, 4, 5}));
}

TEST(RequestPartsTest, a_forgotten_transfer_begins_again) {
  const Bytes whole = text(10'000);
  RequestParts parts({}, 10'000, true);
  EXPECT_EQ(parts.take(state(10'000, 500, 0, Bytes(20))), Step::kFurther);
  parts.begin_again();
  EXPECT_EQ(parts.begun_again(), 1U);
  EXPECT_EQ(asked<wire::PartPut>(parts.next(whole, 4'079, 100)).offset, 0U);
  EXPECT_EQ(parts.take(state(4'000)), Step::kFurther);
}

TEST(RequestPartsTest, nothing_new_is_told_from_progress) {
  RequestParts parts({}, 100, false);
  EXPECT_EQ(parts.take(state(0)), Step::kNothing);
  EXPECT_EQ(parts.take(state(100)), Step::kNothing) << "it is being done";
  EXPECT_EQ(parts.take(state(100, 8, 0, {})), Step::kNothing);
  EXPECT_EQ(parts.take(state(100, 8, 0, {1})), Step::kFurther);
}

TEST(RequestPartsTest, nonsense_of_a_home_is_told) {
  const auto after = [](std::initializer_list<wire::PartState> before, const wire::PartState& last) {
    RequestParts parts({}, 100, true);
    for (const auto& one : before) EXPECT_NE(parts.take(one), Step::kNonsense);
    return parts.take(last);
  };
  EXPECT_EQ(after({}, state(101)), Step::kNonsense);
  EXPECT_EQ(after({}, state(50, 10, 0, {1})), Step::kNonsense) << "a reply to half a request";
  EXPECT_EQ(after({}, state(100, 10, 1, {1})), Step::kNonsense);
  EXPECT_EQ(after({}, state(100, 1, 0, {1, 2})), Step::kNonsense);
  EXPECT_EQ(after({}, state(100, session::kReplySizeMax + 1, 0, {1})), Step::kNonsense);
  EXPECT_EQ(after({state(100, 10, 0, {1})}, state(100, 11, 1, {1})), Step::kNonsense);
  EXPECT_EQ(after({state(100, 10, 0, {1})}, state(100)), Step::kNonsense);
}

TEST(RequestPartsTest, too_little_room_asks_nothing) {
  RequestParts parts({}, 100, false);
  EXPECT_FALSE(parts.next(text(100), kPartOverhead, 100).has_value());
  EXPECT_FALSE(parts.next(text(100), 4'079, 0).has_value());
}

}  // namespace
}  // namespace godwit::engine
