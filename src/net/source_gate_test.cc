// How many connections one address may begin.

#include "net/source_gate.h"

#include <gtest/gtest.h>

namespace godwit::net {
namespace {

using Verdict = SourceGate::Verdict;

const Bytes kOne = {192, 0, 2, 1};
const Bytes kOther = {192, 0, 2, 2};
constexpr Instant kStart{1'000};

SourceLimits limits() {
  SourceLimits out;
  out.waiting_max = 3;
  out.burst = 5;
  out.interval = milliseconds(100);
  out.sources_max = 4;
  return out;
}

size_t admitted(SourceGate& gate, const Bytes& source, Instant now, size_t tries) {
  size_t count = 0;
  for (size_t i = 0; i < tries; ++i) count += gate.judge(source, now) == Verdict::kAdmit ? 1 : 0;
  return count;
}

TEST(SourceGate, one_source_has_its_burst_and_then_its_pace_and_others_have_theirs) {
  SourceGate gate(limits());
  EXPECT_EQ(admitted(gate, kOne, kStart, 9), 5U);
  EXPECT_EQ(gate.judge(kOne, kStart), Verdict::kTooFast);
  EXPECT_EQ(admitted(gate, kOther, kStart, 9), 5U);
  EXPECT_EQ(admitted(gate, kOne, kStart + milliseconds(99), 9), 0U);
  EXPECT_EQ(admitted(gate, kOne, kStart + milliseconds(250), 9), 2U);
  EXPECT_EQ(admitted(gate, kOne, kStart + milliseconds(300), 9), 1U) << "the half of a token was kept";
  EXPECT_EQ(admitted(gate, kOne, kStart + seconds(3'600), 9), 5U);
}

TEST(SourceGate, those_that_wait_are_bounded_until_they_are_somebodys) {
  SourceGate gate(limits());
  std::vector<std::shared_ptr<void>> places;
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(gate.judge(kOne, kStart), Verdict::kAdmit);
    places.push_back(gate.hold(kOne));
  }
  EXPECT_EQ(gate.judge(kOne, kStart), Verdict::kTooMany);
  EXPECT_EQ(gate.judge(kOther, kStart), Verdict::kAdmit);
  places.pop_back();
  EXPECT_EQ(gate.judge(kOne, kStart), Verdict::kAdmit);
}

TEST(SourceGate, a_place_may_outlive_the_gate) {
  std::shared_ptr<void> place;
  {
    SourceGate gate(limits());
    place = gate.hold(kOne);
  }
  place.reset();
}

TEST(SourceGate, nobodys_source_is_not_limited_and_not_remembered) {
  SourceGate gate(limits());
  EXPECT_EQ(admitted(gate, {}, kStart, 100), 100U);
  EXPECT_EQ(gate.hold({}), nullptr);
  EXPECT_EQ(gate.sources(), 0U);
}

TEST(SourceGate, without_bounds_everybody_is_admitted) {
  SourceGate gate(SourceLimits{});
  EXPECT_EQ(admitted(gate, kOne, kStart, 1'000), 1'000U);
  EXPECT_EQ(gate.sources(), 0U);
}

TEST(SourceGate, what_is_remembered_is_bounded_and_who_is_spent_stays_so_for_a_generation) {
  SourceGate gate(limits());
  EXPECT_EQ(admitted(gate, kOne, kStart, 9), 5U);
  for (uint8_t i = 10; i < 14; ++i) gate.judge({192, 0, 2, i}, kStart);
  EXPECT_EQ(gate.judge(kOne, kStart), Verdict::kTooFast) << "found in the older generation";
  for (uint8_t i = 20; i < 120; ++i) gate.judge({192, 0, 2, i}, kStart);
  EXPECT_LE(gate.sources(), 8U);
}

TEST(SourceGate, a_source_is_forgotten_when_its_bucket_must_be_full_again) {
  SourceGate gate(limits());
  EXPECT_EQ(admitted(gate, kOne, kStart, 9), 5U);
  EXPECT_EQ(gate.judge(kOther, kStart + milliseconds(500)), Verdict::kAdmit);
  EXPECT_EQ(gate.sources(), 2U);
  EXPECT_EQ(gate.judge(kOther, kStart + milliseconds(1'000)), Verdict::kAdmit);
  EXPECT_EQ(gate.sources(), 1U);
  EXPECT_EQ(admitted(gate, kOne, kStart + milliseconds(1'000), 9), 5U);
}

TEST(SourceGate, a_clock_that_stands_or_goes_back_gives_nothing) {
  SourceGate gate(limits());
  EXPECT_EQ(admitted(gate, kOne, kStart, 9), 5U);
  EXPECT_EQ(admitted(gate, kOne, Instant{0}, 9), 0U);
}

TEST(SourceGate, addresses_are_told_apart_as_people_are) {
  ByteArray<16> four{};
  four[10] = four[11] = 0xff;
  four[12] = 192;
  four[15] = 7;
  EXPECT_EQ(source_name(four), (Bytes{192, 0, 0, 7}));
  four[12] = 127;
  EXPECT_EQ(source_name(four), Bytes{});
  ByteArray<16> six{};
  six[15] = 1;
  EXPECT_EQ(source_name(six), Bytes{});
  six[0] = 0x20;
  EXPECT_EQ(source_name(six), (Bytes{0x20, 0, 0, 0, 0, 0, 0, 0}));
}

}  // namespace
}  // namespace godwit::net
