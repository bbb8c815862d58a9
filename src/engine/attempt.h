#pragma once
// One thing that is tried until it succeeds: whether it is under way, and when it may be tried again.

#include <algorithm>

#include "base/random.h"
#include "base/time.h"

namespace godwit::engine {

/// Pauses after failures: 2 s, doubling to 5 min, half of it at random. Homes say "later" for quotas and full disks, which
/// people mend; a lost pipe is not a failure here (link.h).
constexpr Duration kAttemptPauseFirst = seconds(2);
constexpr Duration kAttemptPauseMax = minutes(5);

/// See above.
class Attempt {
 public:
  /// True if it may be tried now; else `wake` is lowered to when it may.
  bool may_start(Instant now, Instant& wake) const {
    if (under_way_) return false;
    if (now < not_before_) wake = std::min(wake, not_before_);
    return now >= not_before_;
  }
  /// It is under way.
  void start() { under_way_ = true; }
  /// It has come to its end.
  void succeed() {
    under_way_ = false;
    failures_ = 0;
    not_before_ = Instant{};
  }
  /// It failed; try again after a pause, and after `wish` if the home named one.
  void fail(Instant now, Duration wish, Random& random) {
    under_way_ = false;
    Duration pause = kAttemptPauseFirst * (int64_t{1} << std::min(failures_, 10U));
    pause = std::max(std::min(pause, kAttemptPauseMax), std::min(wish, kAttemptPauseMax));
    not_before_ = now + pause + milliseconds(static_cast<int64_t>(random.below(static_cast<uint64_t>(pause.ms / 2))));
    ++failures_;
  }
  /// It was called off: it may be tried again at once.
  void cancel() { under_way_ = false; }
  /// True between start() and its end.
  bool under_way() const { return under_way_; }

 private:
  bool under_way_ = false;
  uint32_t failures_ = 0;
  Instant not_before_{};
};

}  // namespace godwit::engine
