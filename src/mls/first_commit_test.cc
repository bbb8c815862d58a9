#include "mls/first_commit.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/random_sources.h"

namespace godwit::mls {
namespace {

constexpr Instant kJoined{1'750'000'000'000};

TEST(FirstCommit, a_sixteenth_of_the_joiners_goes_early_and_within_the_hour) {
  crypto::SeededRandom random(1);
  int early = 0;
  for (int i = 0; i < 4096; ++i) {
    const FirstCommit drawn = draw_first_commit(kJoined, random);
    if (!drawn.early) continue;
    ++early;
    EXPECT_GE(drawn.due, kJoined);
    EXPECT_LT(drawn.due, kJoined + kEarlyCommitsWithin);
  }
  EXPECT_GT(early, 256 - 5 * 16);  // five standard deviations
  EXPECT_LT(early, 256 + 5 * 16);
}

TEST(FirstCommit, the_others_have_a_week_and_are_spread_after_it) {
  crypto::SeededRandom random(2);
  Instant first = kNever;
  Instant last{};
  for (int i = 0; i < 4096; ++i) {
    const FirstCommit drawn = draw_first_commit(kJoined, random);
    if (drawn.early) continue;
    first = std::min(first, drawn.due);
    last = std::max(last, drawn.due);
  }
  EXPECT_GE(first, kJoined + kFirstCommitAfter);
  EXPECT_GT(last - first, hours(12));
  EXPECT_LT(last, kJoined + kFirstCommitAfter + days(1));
}

}  // namespace
}  // namespace godwit::mls
