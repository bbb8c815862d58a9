#include "home/mail_limits.h"

#include <gtest/gtest.h>

namespace godwit::home {
namespace {

constexpr Instant kNow{1'700'000'000'000};

TEST(mail_limits, one_correspondent_is_one_whatever_follows_the_plus) {
  MailLimits limits(100, 2);  // answers_hour_max, answers_hour_one_max
  EXPECT_TRUE(limits.take("anna+1@mail.example", kNow));
  EXPECT_TRUE(limits.take("Anna+2@Mail.example", kNow));
  EXPECT_FALSE(limits.take("anna@mail.example", kNow));
  EXPECT_TRUE(limits.take("boris@mail.example", kNow));
  EXPECT_FALSE(limits.take("anna@mail.example", kNow + minutes(59)));
  EXPECT_TRUE(limits.take("anna@mail.example", kNow + hours(1)));
}

TEST(mail_limits, all_together_are_limited_and_a_clock_set_back_does_no_harm) {
  MailLimits limits(3, 2);
  for (const char* each : {"a@x.example", "b@x.example", "c@x.example"}) EXPECT_TRUE(limits.take(each, kNow));
  EXPECT_FALSE(limits.take("d@x.example", kNow));
  EXPECT_TRUE(limits.take("d@x.example", kNow - hours(5)));
}

TEST(mail_limits, openings_have_a_budget_of_their_own_and_say_when_it_is_new) {
  MailLimits limits(1, 1);
  for (uint32_t i = 0; i < MailLimits::kOpeningsHourMax; ++i) ASSERT_EQ(limits.take_opening(kNow), Duration{});
  EXPECT_EQ(limits.take_opening(kNow + minutes(20)), minutes(40));
  EXPECT_TRUE(limits.take("anna@mail.example", kNow + minutes(20))) << "junk spends no answers";
  EXPECT_EQ(limits.take_opening(kNow + hours(1)), Duration{});
}

TEST(mail_limits, correspondents_are_forgotten_after_their_hour) {
  MailLimits limits(1'000'000, 2);
  for (size_t i = 0; i < MailLimits::kRememberedMax; ++i) {
    ASSERT_TRUE(limits.take(std::to_string(i) + "@x.example", kNow));
  }
  EXPECT_FALSE(limits.take("new@x.example", kNow));
  EXPECT_TRUE(limits.take("1@x.example", kNow));
  EXPECT_TRUE(limits.take("new@x.example", kNow + hours(1)));
}

}  // namespace
}  // namespace godwit::home
