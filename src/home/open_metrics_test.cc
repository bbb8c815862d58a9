// Counts as text.

#include "home/open_metrics.h"

#include <gtest/gtest.h>

#include <set>

#include "home/request_kinds.h"

namespace godwit::home {
namespace {

using Type = OpenMetrics::Type;

TEST(OpenMetrics, each_type_is_written_as_the_standard_has_it) {
  OpenMetrics out;
  out.family("a_requests", Type::kCounter, "", "Requests.");
  out.sample(7, {{"kind", "deliver"}, {"outcome", "done"}});
  out.gauge("a_bytes", "bytes", "Bytes.", 3);
  out.family("a_build", Type::kInfo, "", "What.");
  out.sample(1, {{"version", "1"}});
  out.family("a_up_seconds", Type::kGauge, "seconds", "Since.");
  out.sample_thousandths(1'250);
  EXPECT_EQ(out.finish(),
            "# TYPE a_requests counter\n# HELP a_requests Requests.\na_requests_total{kind=\"deliver\",outcome=\"done\"} 7\n"
            "# TYPE a_bytes gauge\n# UNIT a_bytes bytes\n# HELP a_bytes Bytes.\na_bytes 3\n"
            "# TYPE a_build info\n# HELP a_build What.\na_build_info{version=\"1\"} 1\n"
            "# TYPE a_up_seconds gauge\n# UNIT a_up_seconds seconds\n# HELP a_up_seconds Since.\na_up_seconds 1.25\n"
            "# EOF\n");
}

TEST(OpenMetrics, a_histogram_counts_up_to_everything_and_sums) {
  Histogram histogram;
  for (const uint64_t us : {uint64_t{1}, uint64_t{100}, uint64_t{101}, uint64_t{7'000'000}}) histogram.note(us);
  OpenMetrics out;
  out.family("a_seconds", Type::kHistogram, "seconds", "Time.");
  out.histogram(histogram);
  const std::string text = out.finish();
  EXPECT_NE(text.find("a_seconds_bucket{le=\"0.0001\"} 2\na_seconds_bucket{le=\"0.00025\"} 3\n"), std::string::npos)
      << text;
  EXPECT_NE(
      text.find("a_seconds_bucket{le=\"1.0\"} 3\na_seconds_bucket{le=\"5.0\"} 3\na_seconds_bucket{le=\"+Inf\"} 4\n"),
      std::string::npos)
      << text;
  EXPECT_NE(text.find("a_seconds_count 4\na_seconds_sum 7.000202\n"), std::string::npos) << text;
}

TEST(RequestKinds, each_has_a_name_of_its_own) {
  std::set<std::string> names;
  for (size_t kind = 0; kind <= kUnreadable; ++kind) {
    const std::string name = request_kind_name(kind);
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string::npos) << name;
  }
  EXPECT_EQ(request_kind_name(wire::Request(wire::MailboxOpen{}).index()), "mailbox_open");
  EXPECT_EQ(request_kind_name(wire::Request(wire::Deliver{}).index()), "deliver");
  EXPECT_EQ(request_kind_name(kUnreadable), "unreadable");
}

}  // namespace
}  // namespace godwit::home
