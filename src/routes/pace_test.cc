#include "routes/pace.h"

#include <gtest/gtest.h>

namespace godwit::routes {
namespace {

// A fixed sequence: enough to see jitter, the same in every run.
class CountingRandom : public Random {
 public:
  void fill(ByteSpan out) override {
    for (uint8_t& byte : out) {
      state_ = state_ * 6364136223846793005u + 1442695040888963407u;
      byte = static_cast<uint8_t>(state_ >> 56);
    }
  }

 private:
  uint64_t state_ = 1;
};

constexpr Instant kStart{1'000'000};
constexpr PacedHome kHome{1};
constexpr PacedHome kOtherHome{2};

TEST(DialPacer, an_unknown_host_may_be_dialled_now) {
  DialPacer pacer;
  EXPECT_LE(pacer.next_dial("home.example", kHome), kStart);
}

TEST(DialPacer, one_host_is_never_dialled_twice_at_once) {
  CountingRandom random;
  DialPacer pacer;
  pacer.on_dial("home.example", kStart);
  EXPECT_EQ(pacer.next_dial("home.example", kHome), kNever);
  EXPECT_LE(pacer.next_dial("other.example", kHome), kStart) << "hosts do not wait for each other";
  pacer.on_outcome("home.example", kHome, DialOutcome::kFailed, kStart, random);
  EXPECT_NE(pacer.next_dial("home.example", kHome), kNever);
}

TEST(DialPacer, pauses_grow_to_the_cap_and_never_go_below_the_spacing) {
  CountingRandom random;
  DialPacer pacer;
  Instant now = kStart;
  for (int failures = 1; failures <= 20; ++failures) {
    pacer.on_dial("home.example", now);
    pacer.on_outcome("home.example", kHome, DialOutcome::kFailed, now, random);
    const Duration pause = pacer.next_dial("home.example", kHome) - now;
    const Duration whole = std::min(kDialSpacing * (int64_t{1} << std::min(failures, 10)), kDialPauseMax);
    EXPECT_GE(pause, kDialSpacing);
    EXPECT_GE(pause.ms, whole.ms / 2);
    EXPECT_LE(pause, whole);
    now = pacer.next_dial("home.example", kHome);
  }
}

TEST(DialPacer, pauses_are_jittered) {
  CountingRandom random;
  std::map<int64_t, int> pauses;
  for (int i = 0; i < 50; ++i) {
    DialPacer pacer;
    for (int k = 0; k < 4; ++k) {
      const Instant now = std::max(kStart, pacer.next_dial("home.example", kHome));
      pacer.on_dial("home.example", now);
      pacer.on_outcome("home.example", kHome, DialOutcome::kFailed, now, random);
      if (k == 3) ++pauses[(pacer.next_dial("home.example", kHome) - now).ms];
    }
  }
  EXPECT_GT(pauses.size(), 25u);
}

TEST(DialPacer, success_starts_the_pauses_anew) {
  CountingRandom random;
  DialPacer pacer;
  Instant now = kStart;
  for (int i = 0; i < 10; ++i) {
    pacer.on_dial("home.example", now);
    pacer.on_outcome("home.example", kHome, DialOutcome::kFailed, now, random);
    now = pacer.next_dial("home.example", kHome);
  }
  pacer.on_dial("home.example", now);
  pacer.on_outcome("home.example", kHome, DialOutcome::kOpened, now + milliseconds(80), random);
  pacer.on_useful("home.example", kHome);
  now = now + seconds(1);
  pacer.on_pipe_closed("home.example", now, random);
  const Duration pause = pacer.next_dial("home.example", kHome) - now;
  EXPECT_GE(pause, kDialSpacing);
  EXPECT_LE(pause, kDialSpacing * 2);
}

TEST(DialPacer, a_pipe_that_opens_and_leads_to_nothing_is_a_failure_in_the_row) {
  CountingRandom random;
  DialPacer pacer;
  Instant now = kStart;
  for (int i = 0; i < 8; ++i) {
    pacer.on_dial("home.example", now);
    pacer.on_outcome("home.example", kHome, DialOutcome::kOpened, now + milliseconds(80), random);
    now = now + seconds(6);
    pacer.on_failed("home.example", kHome, now, random);
    now = std::max(now, pacer.next_dial("home.example", kHome));
  }
  pacer.on_failed("home.example", kHome, now, random);
  EXPECT_GE(pacer.next_dial("home.example", kHome) - now, seconds(30)) << "opening alone has not shortened the pauses";
}

TEST(DialPacer, spacing_counts_from_the_end_of_a_dial_since_the_hello_leaves_late) {
  CountingRandom random;
  DialPacer pacer;
  pacer.on_dial("home.example", kStart);
  pacer.on_outcome("home.example", kHome, DialOutcome::kOpened, kStart + seconds(3), random);
  EXPECT_EQ(pacer.next_dial("home.example", kHome), kStart + seconds(3) + kDialSpacing);
}

TEST(DialPacer, a_changed_network_forgets_the_pause_but_not_the_spacing) {
  CountingRandom random;
  DialPacer pacer;
  Instant now = kStart;
  for (int i = 0; i < 10; ++i) {
    pacer.on_dial("home.example", now);
    pacer.on_outcome("home.example", kHome, DialOutcome::kFailed, now, random);
    now = i < 9 ? pacer.next_dial("home.example", kHome) : now;
  }
  pacer.on_network_changed();
  EXPECT_EQ(pacer.next_dial("home.example", kHome), now + kDialSpacing);
}

TEST(DialPacer, a_home_that_is_gone_holds_up_no_other_at_its_host) {
  CountingRandom random;
  DialPacer pacer;
  Instant now = kStart;
  for (int i = 0; i < 10; ++i) {
    pacer.on_dial("front.example", now);
    pacer.on_outcome("front.example", kHome, DialOutcome::kFailed, now, random);
    EXPECT_EQ(pacer.next_dial("front.example", kOtherHome), now + kDialSpacing) << "hosts are spaced all the same";
    now = pacer.next_dial("front.example", kHome);
  }
  EXPECT_LT(pacer.next_dial("front.example", kOtherHome), now);
}

TEST(DialPacer, of_very_many_homes_at_one_host_most_share_a_pause) {
  CountingRandom random;
  DialPacer pacer;
  Instant now = kStart;
  size_t dials = 0;
  const Instant end = kStart + minutes(30);
  while (now < end) {
    Instant next = kNever;
    for (uint64_t home = 1; home <= 10 * kPacedHomesMax; ++home) {
      const Instant at = pacer.next_dial("front.example", PacedHome{home});
      next = std::min(next, std::max(at, now + milliseconds(1)));
      if (at > now) continue;
      ++dials;
      pacer.on_dial("front.example", now);
      pacer.on_outcome("front.example", PacedHome{home}, DialOutcome::kFailed, now, random);
      next = now + kDialSpacing;
      break;
    }
    now = next;
  }
  // Each of 65 pauses grows to 30 to 60 s.
  EXPECT_LT(dials, 65U * (8 + 60));
}

TEST(DialPacer, memory_is_bounded_and_dials_under_way_are_not_forgotten) {
  DialPacer pacer;
  pacer.on_dial("first.example", kStart);
  CountingRandom random;
  for (size_t i = 0; i < 2 * kPacedHostsMax; ++i) {
    const std::string host = std::to_string(i) + ".example";
    pacer.on_dial(host, kStart + milliseconds(static_cast<int64_t>(i)));
    pacer.on_outcome(host, kHome, DialOutcome::kFailed, kStart, random);
  }
  EXPECT_EQ(pacer.next_dial("first.example", kHome), kNever);
  EXPECT_EQ(pacer.next_dial("0.example", kHome), Instant{}) << "forgotten";
}

TEST(DialPacer, outcomes_without_a_dial_change_nothing) {
  CountingRandom random;
  DialPacer pacer;
  pacer.on_outcome("home.example", kHome, DialOutcome::kFailed, kStart, random);
  pacer.on_pipe_closed("home.example", kStart, random);
  EXPECT_LE(pacer.next_dial("home.example", kHome), kStart);
}

TEST(StallWatch, the_limits_are_those_measured) {
  EXPECT_GE(StallTimes{}.dead_after, seconds(5));
  EXPECT_LE(StallTimes{}.dead_after, seconds(8));
}

TEST(StallWatch, silence_without_outstanding_data_is_fine) {
  StallWatch watch;
  EXPECT_EQ(watch.deadline(), kNever);
  watch.on_sent(kStart);
  watch.on_received(kStart + milliseconds(10));
  EXPECT_EQ(watch.deadline(), kNever);
  EXPECT_EQ(watch.on_expiry(kStart + hours(1)), StallWatch::Verdict::kAlive);
}

TEST(StallWatch, silence_after_sending_is_probed_and_then_dead) {
  const StallTimes times;
  StallWatch watch(times);
  watch.on_sent(kStart);
  EXPECT_EQ(watch.deadline(), kStart + times.probe_after);
  EXPECT_EQ(watch.on_expiry(watch.deadline() - milliseconds(1)), StallWatch::Verdict::kAlive);
  EXPECT_EQ(watch.on_expiry(watch.deadline()), StallWatch::Verdict::kProbe);
  watch.on_sent(kStart + times.probe_after);
  EXPECT_EQ(watch.deadline(), kStart + times.dead_after) << "the probe itself is no progress";
  EXPECT_EQ(watch.on_expiry(watch.deadline()), StallWatch::Verdict::kDead);
}

TEST(StallWatch, sending_more_does_not_put_death_off) {
  const StallTimes times;
  StallWatch watch(times);
  watch.on_sent(kStart);
  for (int i = 1; i < 20; ++i) watch.on_sent(kStart + milliseconds(100 * i));
  EXPECT_EQ(watch.deadline(), kStart + times.probe_after);
}

TEST(StallWatch, any_byte_from_the_peer_is_progress) {
  const StallTimes times;
  StallWatch watch(times);
  watch.on_awaiting(true, kStart);
  EXPECT_EQ(watch.on_expiry(kStart + times.probe_after), StallWatch::Verdict::kProbe);
  watch.on_received(kStart + seconds(3));
  EXPECT_EQ(watch.deadline(), kStart + seconds(3) + times.probe_after) << "the owner still waits";
  watch.on_awaiting(false, kStart + seconds(4));
  EXPECT_EQ(watch.deadline(), kNever);
}

TEST(StallWatch, a_machine_that_slept_probes_before_it_gives_up) {
  const StallTimes times;
  StallWatch watch(times);
  watch.on_sent(kStart);
  const Instant awake = kStart + hours(8);
  EXPECT_EQ(watch.on_expiry(awake), StallWatch::Verdict::kProbe);
  EXPECT_EQ(watch.on_expiry(awake), StallWatch::Verdict::kAlive);
  EXPECT_EQ(watch.deadline(), awake + (times.dead_after - times.probe_after));
  EXPECT_EQ(watch.on_expiry(watch.deadline()), StallWatch::Verdict::kDead);
}

}  // namespace
}  // namespace godwit::routes
