// sim: lives through worlds, one seed each, and says what went wrong.
//
//   sim --seeds 2000 --jobs 2       worlds 1 to 2000
//   sim --seed 17 --verbose         one of them, again and told aloud
//   sim --group 50 --seeds 3        groups of fifty instead of worlds of three; also with --seed
//   sim --group 8 --lost-home       groups whose log's home goes for good in the middle of it

#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <cstring>

#include "base/testing/source_dir.h"
#include "crypto/random_sources.h"
#include "sim/group_runs.h"
#include "sim/world.h"

namespace {

using godwit::sim::Report;
using godwit::sim::World;

/// What the worlds of one process add up to; plain numbers, sent through a pipe as they are.
struct Sum {
  uint64_t worlds = 0;
  uint64_t failed = 0;
  uint64_t first_failed = 0;
  uint64_t crashes_at_home = 0;
  uint64_t crashes_of_clients = 0;
  uint64_t crashes_at_operation = 0;
  uint64_t crashes_min = UINT64_MAX;
  uint64_t resumed = 0;
  uint64_t resumed_min = UINT64_MAX;
  uint64_t small = 0;
  uint64_t worlds_small = 0;
  uint64_t worlds_blocked = 0;
  uint64_t conflicts = 0;
  uint64_t conflicts_min = UINT64_MAX;
  uint64_t messages = 0;
  uint64_t duplicates = 0;
  uint64_t resends = 0;
  uint64_t keys_gone = 0;
  uint64_t virtual_seconds = 0;
  godwit::sim::WeatherReport weather;
};

void add(Sum& sum, uint64_t seed, const Report& report) {
  ++sum.worlds;
  if (!report.failure.empty() && (sum.failed++ == 0 || seed < sum.first_failed)) sum.first_failed = seed;
  const uint64_t crashes = report.crashes_at_home + report.crashes_of_clients;
  sum.crashes_at_home += report.crashes_at_home;
  sum.crashes_of_clients += report.crashes_of_clients;
  sum.crashes_at_operation += report.crashes_at_operation;
  sum.crashes_min = std::min(sum.crashes_min, crashes);
  sum.resumed += report.resumed;
  sum.resumed_min = std::min(sum.resumed_min, report.resumed);
  sum.small += report.small;
  sum.worlds_small += report.small > 0 ? 1 : 0;
  sum.worlds_blocked += report.blocked ? 1 : 0;
  sum.conflicts += report.conflicts;
  sum.conflicts_min = std::min(sum.conflicts_min, report.conflicts);
  sum.messages += report.messages;
  sum.duplicates += report.duplicates;
  sum.resends += report.resends;
  sum.keys_gone += report.keys_gone;
  sum.virtual_seconds += static_cast<uint64_t>(report.virtual_time.ms / 1000);
  sum.weather.pieces += report.weather.pieces;
  sum.weather.lost += report.weather.lost;
  sum.weather.doubled += report.weather.doubled;
  sum.weather.disconnected += report.weather.disconnected;
  sum.weather.silenced += report.weather.silenced;
  sum.weather.replayed += report.weather.replayed;
  sum.weather.blocked += report.weather.blocked;
  sum.weather.curtained += report.weather.curtained;
}

void join(Sum& sum, const Sum& part) {
  if (part.failed > 0 && (sum.failed == 0 || part.first_failed < sum.first_failed))
    sum.first_failed = part.first_failed;
  sum.worlds += part.worlds;
  sum.failed += part.failed;
  sum.crashes_at_home += part.crashes_at_home;
  sum.crashes_of_clients += part.crashes_of_clients;
  sum.crashes_at_operation += part.crashes_at_operation;
  sum.crashes_min = std::min(sum.crashes_min, part.crashes_min);
  sum.resumed += part.resumed;
  sum.resumed_min = std::min(sum.resumed_min, part.resumed_min);
  sum.small += part.small;
  sum.worlds_small += part.worlds_small;
  sum.worlds_blocked += part.worlds_blocked;
  sum.conflicts += part.conflicts;
  sum.conflicts_min = std::min(sum.conflicts_min, part.conflicts_min);
  sum.messages += part.messages;
  sum.duplicates += part.duplicates;
  sum.resends += part.resends;
  sum.keys_gone += part.keys_gone;
  sum.virtual_seconds += part.virtual_seconds;
  sum.weather.pieces += part.weather.pieces;
  sum.weather.lost += part.weather.lost;
  sum.weather.doubled += part.weather.doubled;
  sum.weather.disconnected += part.weather.disconnected;
  sum.weather.silenced += part.weather.silenced;
  sum.weather.replayed += part.weather.replayed;
  sum.weather.blocked += part.weather.blocked;
  sum.weather.curtained += part.weather.curtained;
}

std::string commit() {
  std::string out = "unknown";
  const std::string command =
      std::string("git -C '") + godwit::testing::source_dir() + "' describe --always --dirty 2>/dev/null";
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return out;
  char line[64] = {};
  if (fgets(line, sizeof line, pipe) != nullptr) out = std::string(line, strcspn(line, "\n"));
  pclose(pipe);
  return out;
}

void print_failure(uint64_t seed, const Report& report) {
  std::fprintf(stderr, "seed %llu at commit %s FAILED: %s\n  again: build/release/bin/sim --seed %llu --verbose\n",
               static_cast<unsigned long long>(seed), commit().c_str(), report.failure.c_str(),
               static_cast<unsigned long long>(seed));
}

Sum run_worlds(uint64_t first, uint64_t last, uint64_t step, bool verbose) {
  Sum sum;
  for (uint64_t seed = first; seed <= last; seed += step) {
    World world(seed);
    world.set_verbose(verbose);
    const Report report = world.run();
    add(sum, seed, report);
    if (!report.failure.empty()) print_failure(seed, report);
    if (sum.failed >= 10) break;  // enough to see what is wrong
  }
  return sum;
}

/// Shares the worlds among `jobs` processes; one that dies counts as a failed world.
Sum run_jobs(uint64_t first, uint64_t last, uint64_t jobs) {
  std::vector<std::pair<pid_t, int>> children;
  for (uint64_t job = 0; job < jobs; ++job) {
    int ends[2];
    if (pipe(ends) != 0) return {};
    const pid_t child = fork();
    if (child == 0) {
      close(ends[0]);
      const Sum sum = run_worlds(first + job, last, jobs, false);
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
    join(sum, part);
  }
  return sum;
}

/// True if one world, lived through twice, is the same in all that is counted, to the piece of the network.
bool is_repeatable(uint64_t seed) { return World(seed).run() == World(seed).run(); }

void print(const Sum& sum, double seconds) {
  const auto n = [](uint64_t value) { return static_cast<unsigned long long>(value); };
  std::printf("sim: %llu worlds, %llu failed, %.1f s (%llu s of their time)\n", n(sum.worlds), n(sum.failed), seconds,
              n(sum.virtual_seconds));
  std::printf(
      "     crashes: home %llu, clients %llu, at least %llu in each world; %llu of them at an operation on a store\n",
      n(sum.crashes_at_home), n(sum.crashes_of_clients), n(sum.crashes_min), n(sum.crashes_at_operation));
  std::printf("     reconnects by ticket: %llu, at least %llu; races for an epoch: %llu, at least %llu\n",
              n(sum.resumed), n(sum.resumed_min), n(sum.conflicts), n(sum.conflicts_min));
  std::printf("     network: %llu pieces, %llu lost, %llu doubled, %llu pipes cut, %llu silenced, %llu replayed\n",
              n(sum.weather.pieces), n(sum.weather.lost), n(sum.weather.doubled), n(sum.weather.disconnected),
              n(sum.weather.silenced), n(sum.weather.replayed));
  std::printf("     censor: the direct way blocked in %llu worlds, %llu pipes blocked, %llu cut off by a curtain\n",
              n(sum.worlds_blocked), n(sum.weather.blocked), n(sum.weather.curtained));
  std::printf("     small exchanges: %llu, in %llu worlds\n", n(sum.small), n(sum.worlds_small));
  std::printf(
      "     messages: %llu acknowledged, each arrived once and in order; %llu duplicates dropped, %llu resends\n",
      n(sum.messages), n(sum.duplicates), n(sum.resends));
  std::printf("     used keys: %llu ciphertexts could not be opened again from what the profiles hold\n",
              n(sum.keys_gone));
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Lives through simulated worlds: three clients, a home, loss, crashes, races; one seed each."};
  uint64_t seeds = 2000;
  uint64_t first = 1;
  uint64_t jobs = 2;
  uint64_t seed = 0;
  uint64_t group = 0;
  bool verbose = false;
  bool lost_home = false;
  app.add_option("--seeds", seeds, "how many worlds")->capture_default_str();
  app.add_option("--first", first, "the first seed")->capture_default_str();
  app.add_option("--jobs", jobs, "processes to share them")->capture_default_str();
  app.add_option("--seed", seed, "only this world, in this process");
  app.add_option("--group", group, "one group of so many people each, instead of three people")
      ->check(CLI::Range(5, 99));
  app.add_flag("--lost-home", lost_home, "the home of the group's log goes for good (with --group)");
  app.add_flag("--verbose", verbose, "tell what happens (with --seed)");
  CLI11_PARSE(app, argc, argv);
  if (!godwit::crypto::initialise()) return 2;
  if (group != 0) {
    return godwit::sim::run_groups(
        {group, seed != 0 ? seed : first, seed != 0 ? 1 : seeds, jobs, lost_home, seed != 0, verbose}, commit());
  }
  const auto start = std::chrono::steady_clock::now();
  const Sum sum = seed != 0 ? run_worlds(seed, seed, 1, verbose) : run_jobs(first, first + seeds - 1, jobs);
  print(sum, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  if (sum.failed > 0) return 1;
  if (sum.crashes_min < 1 || sum.resumed_min < 1 || sum.conflicts_min < 1 || sum.keys_gone < sum.worlds ||
      (sum.worlds >= 20 && sum.crashes_at_operation == 0)) {
    std::printf(
        "sim: worlds without a crash, a reconnect by ticket, a race or a used key that is gone prove too little\n");
    return 1;
  }
  if (seed == 0 && !is_repeatable(first)) {
    std::printf("sim: the same seed gives another world: a failure could not be replayed\n");
    return 1;
  }
  return 0;
}
