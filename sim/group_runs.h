#pragma once
// Lives through group worlds, one seed each, in some processes, and says what came of it.

#include <cstdint>
#include <string>

namespace godwit::sim {

/// Which worlds.
struct GroupRuns {
  uint64_t people = 50;
  uint64_t first = 1;
  uint64_t seeds = 1;
  uint64_t jobs = 1;
  bool loses_home = false;  ///< the log's home goes for good
  bool one = false;      ///< only `first`, in this process
  bool verbose = false;  ///< tell what happens (with `one`)
};

/// The program's exit code: 0 if everything held, enough happened to prove something, and a seed gives the same world twice.
int run_groups(const GroupRuns& runs, const std::string& commit);

}  // namespace godwit::sim
