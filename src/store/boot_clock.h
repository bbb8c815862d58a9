#pragma once
// A clock that a lease between machines can be told by. Inside store/ only.

#include <time.h>

#include <chrono>

namespace godwit::store {

/// As std::chrono::steady_clock, but it goes on while this machine sleeps, as the other machines do.
struct BootClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BootClock>;
  static constexpr bool is_steady = true;
  /// Since the machine was started.
  static time_point now() {
    timespec is{};
    ::clock_gettime(CLOCK_BOOTTIME, &is);
    return time_point(std::chrono::seconds(is.tv_sec) + std::chrono::nanoseconds(is.tv_nsec));
  }
};

}  // namespace godwit::store
