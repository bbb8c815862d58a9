// crowd: lives through groups of thousands, one seed each, and says what went wrong.
//
//   crowd --seeds 3                      groups 1 to 3 of 2,000 members
//   crowd --seeds 20 --members 130 --batch 20 --hybrid-up-to 100
//   crowd --seed 17 --verbose            one of them, told aloud

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>

#include "sim/crowd.h"

int main(int argc, char** argv) {
  CLI::App app{"Lives through MLS groups of thousands: adds, removes, updates, races, members who sleep for weeks."};
  godwit::sim::CrowdOptions options;
  uint64_t first = 1;
  uint64_t seeds = 1;
  app.add_option("--seed", options.seed, "one group, this one");
  app.add_option("--first", first, "the first seed")->capture_default_str();
  app.add_option("--seeds", seeds, "how many groups")->capture_default_str()->check(CLI::PositiveNumber);
  app.add_option("--members", options.members, "members to grow to")
      ->capture_default_str()
      ->check(CLI::Range(3, 100'000));
  app.add_option("--batch", options.batch, "adds in one commit while it grows")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--rounds", options.rounds, "rounds of about a day")->capture_default_str();
  app.add_option("--awake", options.awake, "members who read along")->capture_default_str()->check(CLI::Range(3, 1000));
  app.add_option("--hybrid-up-to", options.hybrid_up_to, "leaves up to which the group is post-quantum; 0: never");
  app.add_flag("--verbose", options.verbose, "tell each round");
  CLI11_PARSE(app, argc, argv);
  if (app.count("--seed") > 0) {
    first = options.seed;
    seeds = 1;
  }

  const auto n = [](uint64_t value) { return static_cast<unsigned long long>(value); };
  uint64_t failed = 0;
  for (uint64_t seed = first; seed < first + seeds; ++seed) {
    options.seed = seed;
    const auto begun = std::chrono::steady_clock::now();
    const auto report = godwit::sim::Crowd(options).run();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    std::printf("crowd %llu: %llu epochs, up to %llu members, %llu added, %llu removed, %llu races, %llu proposals by "
                "reference, %llu early and %llu other first commits, %llu woken (up to %llu epochs missed), %llu messages, %llu ReInits, %llu "
                "compared, %.1f s\n",
                n(seed), n(report.epochs), n(report.members_most), n(report.added), n(report.removed), n(report.races),
                n(report.by_reference), n(report.early_commits), n(report.first_commits), n(report.woken), n(report.missed_most),
                n(report.messages), n(report.reinits), n(report.compared), took.count());
    std::fflush(stdout);
    if (report.failure.empty()) continue;
    ++failed;
    std::fprintf(stderr, "seed %llu FAILED: %s\n", n(seed), report.failure.c_str());
  }
  return failed == 0 ? 0 : 1;
}
