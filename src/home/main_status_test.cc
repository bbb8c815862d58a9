// What a home says of itself.

#include "home/main_status.h"

#include <gtest/gtest.h>

#include <set>

#include "home/main_metrics.h"

namespace godwit::home {
namespace {

TEST(Limits, those_that_refused_somebody_are_told_with_how_often) {
  HomeState before;
  before.listener.refused_fast = 3;
  HomeState now = before;
  EXPECT_TRUE(limits_reached(before, now).empty());
  now.listener.refused_fast = 10;
  now.home.pipes_refused_full = 1;
  const auto told = limits_reached(before, now);
  ASSERT_EQ(told.size(), 2U);
  EXPECT_STREQ(told[0].first, "connects_source_burst");
  EXPECT_EQ(told[0].second, 7U);
  EXPECT_STREQ(told[1].first, "sessions_max");
}

TEST(Metrics, a_home_at_rest_has_each_family_once_and_an_end) {
  const std::string text = print_metrics({});
  EXPECT_TRUE(text.ends_with("\n# EOF\n"));
  std::set<std::string> families;
  for (size_t at = text.find("# TYPE "); at != std::string::npos; at = text.find("# TYPE ", at + 1)) {
    EXPECT_TRUE(families.insert(text.substr(at + 7, text.find(' ', at + 7) - at - 7)).second);
  }
  EXPECT_GT(families.size(), 40U);
}

TEST(Metrics, a_process_has_memory_and_files) {
  const ProcessState state = process_state();
  EXPECT_GT(state.memory_bytes, 0U);
  EXPECT_GT(state.open_files, 2U);
}

}  // namespace
}  // namespace godwit::home
