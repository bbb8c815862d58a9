#pragma once
// A group of any size for mls_bench, and what its life costs: founded with everybody at once, joined, committed to for the
// first time, warmed up, and then committed to again.

#include <string>
#include <vector>

#include "mls/group.h"

namespace godwit::bench {

/// The moment at which everything in the bench happens.
constexpr Instant kMlsNow{1'750'000'000'000};

/// What one group cost: seconds of processor time, medians of a few repetitions, and bytes.
struct GroupCosts {
  double create_and_add = 0;  ///< Founding, checking all key packages, the commit that adds them and its Welcome.
  double join = 0;            ///< Without the tree's transport, with all checks of it.
  double first_commit = 0;    ///< With a path; nobody has committed yet, so it is encrypted to every other leaf.
  double warm_commit = 0;     ///< After a random sixteenth of the members has committed.
  double process = 0;         ///< A warm commit taken in by the committer's neighbour, who derives most from it.
  double welcome_bytes = 0;   ///< One joiner's.
  double tree_bytes = 0;      ///< The ratchet tree that joiners fetch by reference.
  double first_commit_bytes = 0;
  double warm_commit_bytes = 0;
  double state_bytes = 0;  ///< Written to storage for each application message.
};

/// Two members of a group in one epoch, warmed up.
struct MlsGroup {
  mls::Group committer;  ///< Leaf 0.
  mls::Group neighbour;  ///< Leaf 1.
  GroupCosts costs;
};

/// Makes a group of `members` (at least 2) and measures what that costs.
MlsGroup measure_group(const mls::CipherSuite& suite, int members, Random& random);

}  // namespace godwit::bench
