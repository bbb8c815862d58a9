#include "sim/group_runs.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "sim/group_world.h"

namespace godwit::sim {
namespace {

/// What the worlds of one process add up to; plain numbers, sent through a pipe as they are.
struct Sum {
  uint64_t worlds = 0;
  uint64_t failed = 0;
  uint64_t counts[31] = {};
};

/// The numbers of a report, in the order in which print() names them.
std::vector<uint64_t> numbers(const GroupReport& report) {
  return {report.people,
          report.devices,
          report.epochs,
          report.epochs_unseen,
          report.conflicts,
          report.came,
          report.went,
          report.messages,
          report.deeds,
          report.owed,
          report.unsettled,
          report.pairs,
          report.compared,
          report.resends,
          report.crashes_at_home,
          report.crashes_of_clients,
          report.crashes_at_operation,
          report.partitions,
          static_cast<uint64_t>(report.virtual_time.ms / 1000),
          report.weather.pieces,
          report.weather.lost + report.weather.doubled + report.weather.disconnected + report.weather.silenced,
          report.too_late,
          report.files,
          report.disappeared,
          report.said_later,
          report.moves,
          report.logs_lost,
          report.logs_moved,
          report.astray,
          report.linked,
          report.thrown_out};
}

Sum run_worlds(const GroupRuns& runs, uint64_t first, uint64_t step, const std::string& commit) {
  Sum sum;
  for (uint64_t seed = first; seed < runs.first + runs.seeds; seed += step) {
    GroupWorld world(seed, runs.people, runs.loses_home);
    world.set_verbose(runs.verbose);
    const GroupReport report = world.run();
    ++sum.worlds;
    const auto all = numbers(report);
    for (size_t i = 0; i < all.size(); ++i) sum.counts[i] += all[i];
    if (report.failure.empty()) continue;
    ++sum.failed;
    const auto n = [](uint64_t value) { return static_cast<unsigned long long>(value); };
    std::fprintf(
        stderr,
        "seed %llu at commit %s FAILED: %s\n  again: build/release/bin/sim --group %llu --seed %llu%s --verbose\n",
        n(seed), commit.c_str(), report.failure.c_str(), n(runs.people), n(seed),
        runs.loses_home ? " --lost-home" : "");
    if (sum.failed >= 10) break;  // enough to see what is wrong
  }
  return sum;
}

void add(Sum& sum, const Sum& part) {
  sum.worlds += part.worlds;
  sum.failed += part.failed;
  for (size_t i = 0; i < std::size(sum.counts); ++i) sum.counts[i] += part.counts[i];
}

/// Shares the worlds among some processes; one that dies counts as a failed world.
Sum run_jobs(const GroupRuns& runs, const std::string& commit) {
  std::vector<std::pair<pid_t, int>> children;
  for (uint64_t job = 0; job < runs.jobs; ++job) {
    int ends[2];
    if (pipe(ends) != 0) return {};
    const pid_t child = fork();
    if (child == 0) {
      close(ends[0]);
      const Sum sum = run_worlds(runs, runs.first + job, runs.jobs, commit);
      const bool told = write(ends[1], &sum, sizeof sum) == static_cast<ssize_t>(sizeof sum);
      _exit(told ? 0 : 1);
    }
    close(ends[1]);
    children.emplace_back(child, ends[0]);
  }
  Sum sum;
  for (const auto& [child, end] : children) {
    Sum part;
    if (read(end, &part, sizeof part) != static_cast<ssize_t>(sizeof part)) {  // it died
      part = Sum{};
      part.worlds = part.failed = 1;
    }
    close(end);
    waitpid(child, nullptr, 0);
    add(sum, part);
  }
  return sum;
}

void print(const GroupRuns& runs, const Sum& sum, double seconds) {
  const auto n = [&](size_t i) { return static_cast<unsigned long long>(sum.counts[i]); };
  std::printf("sim: %llu groups of %llu, %llu failed, %.1f s (%llu s of their time)\n",
              static_cast<unsigned long long>(sum.worlds), static_cast<unsigned long long>(runs.people),
              static_cast<unsigned long long>(sum.failed), seconds, n(18));
  std::printf("     people: %llu on %llu devices; let in %llu times, out %llu times\n", n(0), n(1), n(5), n(6));
  std::printf("     epochs: %llu, of which %llu were seen by nobody; races: %llu\n", n(2), n(3), n(4));
  std::printf("     said: %llu messages, %llu things done to them; %llu of both were owed to all who were in\n", n(7),
              n(8), n(9));
  std::printf(
      "     found: %llu messages where they had to be, %llu compared, %llu done to by halves, %llu too late; %llu "
      "resends\n",
      n(11), n(12), n(10), n(21), n(13));
  std::printf(
      "     in the end: %llu files fetched whole, %llu messages gone where they had to be; %llu written for later, "
      "%llu accounts moved\n",
      n(22), n(23), n(24), n(25));
  std::printf("     crashes: home %llu, clients %llu; %llu of them at an operation on a store; %llu partitions\n",
              n(14), n(15), n(16), n(17));
  std::printf("     devices: %llu linked, %llu thrown out meanwhile\n", n(29), n(30));
  std::printf("     network: %llu pieces, %llu lost, doubled or cut\n", n(19), n(20));
  if (runs.loses_home) {
    std::printf(
        "     logs lost with their homes: %llu; moved %llu times; %llu devices had gone on where nobody followed\n",
        n(26), n(27), n(28));
  }
}

}  // namespace

int run_groups(const GroupRuns& runs, const std::string& commit) {
  const auto start = std::chrono::steady_clock::now();
  const Sum sum = runs.one ? run_worlds(runs, runs.first, runs.seeds, commit) : run_jobs(runs, commit);
  print(runs, sum, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  if (sum.failed > 0) return 1;
  if (runs.loses_home && sum.counts[27] < sum.counts[26]) {
    std::printf("sim: a log that is lost and not moved proves nothing\n");
    return 1;
  }
  if (!runs.one && runs.people <= 10) {
    const auto once = [&] { return GroupWorld(runs.first, runs.people, runs.loses_home).run(); };
    if (once() == once()) return 0;
    std::printf("sim: the same seed gives another world: a failure could not be replayed\n");
    return 1;
  }
  return 0;
}

}  // namespace godwit::sim
