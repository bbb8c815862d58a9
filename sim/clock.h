#pragma once
// The simulator's time: a number that jumps from one thing that happens to the next.

#include <functional>
#include <map>

#include "base/time.h"

namespace godwit::sim {

/// Things that will happen, in order of time; at the same time, in the order in which they were planned.
class Clock {
 public:
  /// What it is now. Starts in 2026, so that lifetimes of keys mean something.
  Instant now() const { return now_; }
  /// Plans `what` for `delay` from now.
  void after(Duration delay, std::function<void()> what) { planned_.emplace(now_ + delay, std::move(what)); }
  /// When the next planned thing happens; kNever if nothing is planned.
  Instant next() const { return planned_.empty() ? kNever : planned_.begin()->first; }
  /// Jumps to `time`, which is not in the past, and does everything planned up to then.
  void advance(Instant time);

 private:
  Instant now_{1'790'000'000'000};
  std::multimap<Instant, std::function<void()>> planned_;
};

}  // namespace godwit::sim
