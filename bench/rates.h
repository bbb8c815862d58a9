#pragma once
// How many times per second of one core something can be done: measured in the processor time of this thread, in rounds
// that go round all the things compared, so that a machine with other work on it spoils all of them alike.

#include <functional>
#include <string>
#include <vector>

namespace godwit::bench {

/// Something to be repeated.
struct Task {
  std::string key;  ///< As in Report::add.
  std::string label;
  std::function<void()> once;  ///< Does it once; ends the program itself if it fails.
  /// Makes what the next `count` calls of `once` use up, outside of the measured time. May be empty.
  std::function<void(size_t count)> prepare = {};
  double rate = 0;  ///< Times per second of one core; set by measure_rates.
};

/// Measures all tasks, `rounds` rounds of about `seconds` in all, and gives each the median of its rounds.
void measure_rates(std::vector<Task>& tasks, double seconds, int rounds = 9);
/// The rate of the task with this key, which must be there.
double rate_of(const std::vector<Task>& tasks, const std::string& key);

/// Seconds of processor time that this thread has used.
double thread_seconds();
/// Seconds of a clock that never jumps.
double steady_seconds();
/// The value below which `share` (0 to 1) of `values` lie; sorts them. 0 if there are none.
double quantile(std::vector<double>& values, double share);

}  // namespace godwit::bench
