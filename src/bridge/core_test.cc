#include "bridge/core.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace godwit::bridge {
namespace {

constexpr Instant kStart{1'700'000'000'000};
constexpr PassageId kFirst{1};
constexpr PassageId kSecond{2};
constexpr HomeIndex kHome{0};

Bytes text(std::string_view words) { return to_bytes(as_bytes(words)); }

/// A core, a clock, and what it wants done.
struct Bridge {
  explicit Bridge(Limits limits = {}, std::vector<size_t> ways = {1}) : core(limits, std::move(ways)) {}

  void come(PassageId id, std::string_view early = {}, Bytes source = {1, 2, 3, 4}) {
    core.person_came(id, kHome, std::move(source), now);
    if (!early.empty()) core.bytes_came(id, Side::kPerson, text(early), now);
  }
  void open(PassageId id) {
    come(id);
    take();
    core.home_opened(id, now);
    take();
  }
  void wait(Duration time) {
    const Instant end = now + time;
    while (core.next_deadline() <= end) {
      now = std::max(now, core.next_deadline());
      core.handle_expiry(now);
      more();
    }
    now = end;
  }
  void more() {
    while (auto output = core.next_output(now)) outputs.push_back(std::move(*output));
  }
  std::vector<Output> take() {
    more();
    return std::exchange(outputs, {});
  }
  template <typename Kind>
  std::vector<Kind> take_all() {
    std::vector<Kind> found;
    for (Output& output : take()) {
      if (auto* wanted = std::get_if<Kind>(&output)) found.push_back(std::move(*wanted));
    }
    return found;
  }

  Core core;
  Instant now = kStart;
  std::vector<Output> outputs;
};

bool closes(const std::vector<Close>& closed, PassageId id, Side side) {
  return std::any_of(closed.begin(), closed.end(),
                     [&](const Close& close) { return close.passage == id && close.side == side; });
}

TEST(bridge_core, first_bytes_go_with_the_dial_and_the_person_is_accepted_when_the_home_answers) {
  Bridge bridge;
  bridge.come(kFirst, "hello");
  const auto outputs = bridge.take();
  ASSERT_EQ(outputs.size(), 1U);
  EXPECT_EQ(std::get<Dial>(outputs[0]).early_bytes, text("hello"));
  bridge.core.bytes_came(kFirst, Side::kPerson, text(" more"), bridge.now);
  EXPECT_TRUE(bridge.take().empty()) << "nothing is sent to a home that has not answered";
  bridge.core.home_opened(kFirst, bridge.now);
  const auto opened = bridge.take();
  ASSERT_EQ(opened.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<Accept>(opened[0]));
  EXPECT_EQ(std::get<Send>(opened[1]).bytes, text(" more")) << "only what the dial did not take along";
}

TEST(bridge_core, bytes_pass_both_ways_unchanged) {
  Bridge bridge;
  bridge.open(kFirst);
  bridge.core.bytes_came(kFirst, Side::kPerson, text("up"), bridge.now);
  bridge.core.bytes_came(kFirst, Side::kHome, text("down"), bridge.now);
  const auto sends = bridge.take_all<Send>();
  ASSERT_EQ(sends.size(), 2U);
  EXPECT_EQ(sends[0].side, Side::kHome);
  EXPECT_EQ(sends[0].bytes, text("up"));
  EXPECT_EQ(sends[1].side, Side::kPerson);
  EXPECT_EQ(sends[1].bytes, text("down"));
  EXPECT_EQ(bridge.core.counters().bytes_to_homes, 2U);
  EXPECT_EQ(bridge.core.counters().bytes_to_persons, 4U);
}

TEST(bridge_core, the_next_way_is_tried_with_the_same_first_bytes_and_remembered) {
  Bridge bridge({}, {3});
  bridge.come(kFirst, "hello");
  EXPECT_EQ(bridge.take_all<Dial>().at(0).way, 0U);
  bridge.core.pipe_closed(kFirst, Side::kHome, bridge.now);
  const auto second = bridge.take_all<Dial>();
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].way, 1U);
  EXPECT_EQ(second[0].early_bytes, text("hello"));
  bridge.core.home_opened(kFirst, bridge.now);
  bridge.take();
  bridge.come(kSecond);
  EXPECT_EQ(bridge.take_all<Dial>().at(0).way, 1U);
}

TEST(bridge_core, a_person_is_refused_when_no_way_leads_to_the_home) {
  Bridge bridge({}, {2});
  bridge.come(kFirst);
  bridge.take();
  bridge.core.pipe_closed(kFirst, Side::kHome, bridge.now);
  EXPECT_EQ(bridge.take_all<Dial>().size(), 1U);
  bridge.core.pipe_closed(kFirst, Side::kHome, bridge.now);
  EXPECT_TRUE(closes(bridge.take_all<Close>(), kFirst, Side::kPerson));
  EXPECT_EQ(bridge.core.counters().refused_by_home, 1U);
  EXPECT_EQ(bridge.core.counters().passages, 0U);
  EXPECT_EQ(bridge.core.open(), 0U);
}

TEST(bridge_core, a_person_is_refused_when_the_home_is_silent) {
  Bridge bridge;
  bridge.come(kFirst);
  bridge.take();
  bridge.wait(Limits{}.answer_within - milliseconds(1));
  EXPECT_EQ(bridge.core.open(), 1U);
  bridge.wait(milliseconds(1));
  const auto closed = bridge.take_all<Close>();
  EXPECT_TRUE(closes(closed, kFirst, Side::kPerson));
  EXPECT_TRUE(closes(closed, kFirst, Side::kHome));
}

TEST(bridge_core, whoever_comes_when_it_is_full_is_refused_and_may_come_again) {
  Limits limits;
  limits.passages_max = 1;
  Bridge bridge(limits);
  bridge.open(kFirst);
  bridge.come(kSecond);
  EXPECT_TRUE(closes(bridge.take_all<Close>(), kSecond, Side::kPerson));
  EXPECT_EQ(bridge.core.counters().refused_full, 1U);
  bridge.core.pipe_closed(kFirst, Side::kPerson, bridge.now);
  EXPECT_TRUE(closes(bridge.take_all<Close>(), kFirst, Side::kHome));
  bridge.come(PassageId{3});
  EXPECT_EQ(bridge.take_all<Dial>().size(), 1U);
}

TEST(bridge_core, one_source_cannot_take_all_places_and_an_unnamed_one_is_not_bounded_so) {
  Limits limits;
  limits.passages_per_source_max = 1;
  Bridge bridge(limits);
  bridge.open(kFirst);
  bridge.come(kSecond);
  EXPECT_TRUE(closes(bridge.take_all<Close>(), kSecond, Side::kPerson));
  bridge.come(PassageId{3}, {}, {9, 9, 9, 9});
  bridge.come(PassageId{4}, {}, {});
  bridge.come(PassageId{5}, {}, {});
  EXPECT_EQ(bridge.take_all<Dial>().size(), 3U);
  bridge.core.pipe_closed(kFirst, Side::kPerson, bridge.now);
  bridge.take();
  bridge.come(PassageId{6});
  EXPECT_EQ(bridge.take_all<Dial>().size(), 1U) << "its place was given back";
}

TEST(bridge_core, the_bytes_of_a_day_end_and_the_next_day_begins_anew) {
  Limits limits;
  limits.bytes_per_day_max = 10;
  Bridge bridge(limits);
  bridge.open(kFirst);
  bridge.core.bytes_came(kFirst, Side::kPerson, Bytes(6), bridge.now);
  EXPECT_TRUE(bridge.take_all<Close>().empty());
  bridge.core.bytes_came(kFirst, Side::kHome, Bytes(6), bridge.now);
  EXPECT_TRUE(closes(bridge.take_all<Close>(), kFirst, Side::kPerson)) << "the bound holds in the middle too";
  bridge.come(kSecond);
  EXPECT_TRUE(closes(bridge.take_all<Close>(), kSecond, Side::kPerson));
  bridge.now = bridge.now + days(1);
  bridge.come(PassageId{3});
  EXPECT_EQ(bridge.take_all<Dial>().size(), 1U);
}

TEST(bridge_core, one_source_uses_up_only_its_own_bytes_of_the_day) {
  Limits limits;
  limits.bytes_per_source_per_day_max = 10;
  Bridge bridge(limits);
  bridge.open(kFirst);
  bridge.core.bytes_came(kFirst, Side::kPerson, Bytes(10), bridge.now);
  EXPECT_TRUE(closes(bridge.take_all<Close>(), kFirst, Side::kHome));
  bridge.come(kSecond);
  EXPECT_TRUE(bridge.take_all<Dial>().empty());
  bridge.come(PassageId{3}, {}, {9, 9, 9, 9});
  EXPECT_EQ(bridge.take_all<Dial>().size(), 1U);
}

TEST(bridge_core, a_full_pipe_stops_the_reading_of_the_other_and_order_is_kept) {
  Bridge bridge;
  bridge.open(kFirst);
  bridge.core.bytes_came(kFirst, Side::kHome, text("1"), bridge.now);
  bridge.core.bytes_came(kFirst, Side::kHome, text("2"), bridge.now);
  auto first = std::get<Send>(*bridge.core.next_output(bridge.now));
  bridge.core.pipe_full(kFirst, Side::kPerson, std::move(first.bytes));
  const auto outputs = bridge.take();
  ASSERT_EQ(outputs.size(), 1U) << "2 waits behind 1";
  EXPECT_EQ(std::get<SetReading>(outputs[0]).side, Side::kHome);
  EXPECT_FALSE(std::get<SetReading>(outputs[0]).reading);
  bridge.core.bytes_came(kFirst, Side::kHome, text("3"), bridge.now);
  EXPECT_TRUE(bridge.take().empty());
  bridge.core.pipe_drained(kFirst, Side::kPerson);
  const auto after = bridge.take();
  ASSERT_EQ(after.size(), 2U);
  EXPECT_TRUE(std::get<SetReading>(after[0]).reading);
  EXPECT_EQ(std::get<Send>(after[1]).bytes, text("123"));
}

TEST(bridge_core, the_last_bytes_of_a_pipe_that_ended_still_arrive) {
  Bridge bridge;
  bridge.open(kFirst);
  bridge.core.bytes_came(kFirst, Side::kHome, text("last"), bridge.now);
  auto send = std::get<Send>(*bridge.core.next_output(bridge.now));
  bridge.core.pipe_full(kFirst, Side::kPerson, std::move(send.bytes));
  bridge.core.pipe_closed(kFirst, Side::kHome, bridge.now);
  EXPECT_TRUE(bridge.take_all<Close>().empty());
  bridge.core.pipe_drained(kFirst, Side::kPerson);
  send = std::get<Send>(*bridge.core.next_output(bridge.now));
  EXPECT_EQ(send.bytes, text("last"));
  bridge.core.pipe_full(kFirst, Side::kPerson, std::move(send.bytes));
  EXPECT_TRUE(bridge.take_all<Close>().empty()) << "refused once more";
  bridge.core.pipe_drained(kFirst, Side::kPerson);
  const auto outputs = bridge.take();
  ASSERT_EQ(outputs.size(), 2U);
  EXPECT_EQ(std::get<Send>(outputs[0]).bytes, text("last"));
  EXPECT_EQ(std::get<Close>(outputs[1]).side, Side::kPerson);
  EXPECT_EQ(bridge.core.open(), 0U);
}

TEST(bridge_core, whoever_sends_on_although_he_is_not_read_ends_his_passage) {
  Bridge bridge;
  bridge.open(kFirst);
  bridge.core.pipe_full(kFirst, Side::kHome, Bytes(kKeptBytesMax));
  bridge.core.bytes_came(kFirst, Side::kPerson, Bytes(1), bridge.now);
  EXPECT_EQ(bridge.take_all<Close>().size(), 2U);
}

TEST(bridge_core, an_idle_passage_ends_and_a_busy_one_does_not) {
  Bridge bridge;
  bridge.open(kFirst);
  bridge.open(kSecond);
  bridge.wait(minutes(20));
  bridge.core.bytes_came(kSecond, Side::kHome, Bytes(1), bridge.now);
  bridge.take();
  bridge.wait(minutes(6));
  const auto closed = bridge.take_all<Close>();
  EXPECT_TRUE(closes(closed, kFirst, Side::kPerson));
  EXPECT_FALSE(closes(closed, kSecond, Side::kPerson));
  EXPECT_EQ(bridge.core.counters().ended_idle, 1U);
}

TEST(bridge_core, dials_keep_their_distance_when_they_shall) {
  Limits limits;
  limits.dial_spacing = milliseconds(450);
  Bridge bridge(limits);
  bridge.come(kFirst);
  bridge.come(kSecond);
  EXPECT_EQ(bridge.take_all<Dial>().size(), 1U);
  bridge.wait(milliseconds(449));
  EXPECT_TRUE(bridge.take_all<Dial>().empty());
  bridge.wait(milliseconds(1));
  EXPECT_EQ(bridge.take_all<Dial>().size(), 1U);
}

TEST(bridge_core, a_person_who_leaves_before_the_dial_costs_none) {
  Limits limits;
  limits.dial_spacing = milliseconds(450);
  Bridge bridge(limits);
  bridge.open(kFirst);
  bridge.come(kSecond);
  bridge.core.pipe_closed(kSecond, Side::kPerson, bridge.now);
  bridge.wait(seconds(1));
  EXPECT_TRUE(bridge.take_all<Dial>().empty());
}

TEST(bridge_core, all_pipes_are_closed_at_the_end) {
  Bridge bridge;
  bridge.open(kFirst);
  bridge.come(kSecond);
  bridge.take();
  bridge.core.end_all();
  EXPECT_EQ(bridge.take_all<Close>().size(), 4U);
  EXPECT_EQ(bridge.core.open(), 0U);
  EXPECT_EQ(bridge.core.next_deadline() == kNever, false) << "a last pass over nothing";
  bridge.wait(minutes(1));
  EXPECT_EQ(bridge.core.next_deadline(), kNever);
}

}  // namespace
}  // namespace godwit::bridge
