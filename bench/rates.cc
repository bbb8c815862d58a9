#include "bench/rates.h"

#include <time.h>

#include <algorithm>
#include <cmath>

#include "base/assert.h"

namespace godwit::bench {
namespace {

double seconds_of(clockid_t clock) {
  timespec time{};
  ASSERT(clock_gettime(clock, &time) == 0);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// Repeats for at least `seconds` of processor time; the clock is asked once for each batch.
double rate_in_round(const Task& task, double seconds, size_t batch) {
  double used = 0;
  size_t count = 0;
  while (used < seconds) {
    if (task.prepare) task.prepare(batch);
    const double begin = thread_seconds();
    for (size_t i = 0; i < batch; ++i) task.once();
    used += thread_seconds() - begin;
    count += batch;
  }
  return static_cast<double>(count) / used;
}

}  // namespace

double thread_seconds() { return seconds_of(CLOCK_THREAD_CPUTIME_ID); }
double steady_seconds() { return seconds_of(CLOCK_MONOTONIC); }

void measure_rates(std::vector<Task>& tasks, double seconds, int rounds) {
  const double slice = seconds / (rounds + 1) / static_cast<double>(tasks.size());
  std::vector<size_t> batches;
  for (const Task& task : tasks) {  // The first round warms up and finds how often the clock is to be asked.
    batches.push_back(std::max<size_t>(1, static_cast<size_t>(rate_in_round(task, slice, 1) * slice / 50)));
  }
  std::vector<std::vector<double>> rates(tasks.size());
  for (int round = 0; round < rounds; ++round) {
    for (size_t i = 0; i < tasks.size(); ++i) rates[i].push_back(rate_in_round(tasks[i], slice, batches[i]));
  }
  for (size_t i = 0; i < tasks.size(); ++i) tasks[i].rate = quantile(rates[i], 0.5);
}

double rate_of(const std::vector<Task>& tasks, const std::string& key) {
  const auto found = std::ranges::find(tasks, key, &Task::key);
  ASSERT(found != tasks.end());
  return found->rate;
}

double quantile(std::vector<double>& values, double share) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[static_cast<size_t>(std::floor(share * static_cast<double>(values.size() - 1) + 0.5))];
}

}  // namespace godwit::bench
