#include "wire/answers.h"

#include <gtest/gtest.h>

#include <bit>

#include "wire/testing/samples.h"

namespace godwit::wire {
namespace {

TEST(Answers, every_request_may_be_refused_and_answered_by_one_or_two_other_kinds) {
  for (const Request& request : testing::sample_requests()) {
    const ReplyKinds kinds = answers_to(request);
    EXPECT_TRUE(is_among(kinds, Refused{})) << request.index();
    EXPECT_GE(std::popcount(kinds), 2) << request.index();
    EXPECT_LE(std::popcount(kinds), 3) << request.index();
  }
}

TEST(Answers, every_kind_of_reply_answers_some_request) {
  ReplyKinds all = 0;
  for (const Request& request : testing::sample_requests()) all |= answers_to(request);
  for (const Reply& reply : testing::sample_replies()) EXPECT_TRUE(is_among(all, reply)) << reply.index();
}

TEST(Answers, a_delivery_is_not_answered_by_what_answers_a_fetch) {
  EXPECT_TRUE(is_among(answers_to(Deliver{}), Done{}));
  EXPECT_FALSE(is_among(answers_to(Deliver{}), Items{}));
  EXPECT_FALSE(is_among(answers_to(Deliver{}), Delivered{}));
  EXPECT_TRUE(is_among(answers_to(DeliverMany{}), Delivered{}));
  EXPECT_FALSE(is_among(answers_to(DeliverMany{}), Done{}));
  EXPECT_TRUE(is_among(answers_to(LogAppend{}), Conflict{}));
  EXPECT_FALSE(is_among(answers_to(LogRead{}), Conflict{}));
}

}  // namespace
}  // namespace godwit::wire
