#pragma once
// When somebody who was added in a batch makes his first commit. A joiner's leaf is unmerged until he has committed, and
// everybody's commits encrypt to each unmerged leaf; but if all joiners of a batch commit at once, every epoch has a
// thousand rivals. So a random sixteenth of them goes early, spread over an hour, which is enough to make the others'
// commits logarithmic; the rest commit with the first thing they say, or after a week.

#include "base/random.h"
#include "base/time.h"

namespace godwit::mls {

/// One of this many joiners commits early.
constexpr uint64_t kEarlyCommitters = 16;
/// Over what time their commits are spread.
constexpr Duration kEarlyCommitsWithin = hours(1);
/// When the others commit if they say nothing.
constexpr Duration kFirstCommitAfter = days(7);

/// What a joiner has drawn.
struct FirstCommit {
  Instant due;         ///< When to commit at the latest.
  bool early = false;  ///< False: also before the first message of his own.
};

/// Draws for somebody who has joined at `joined`. Nobody to ask: each joiner draws for himself, from his own randomness.
FirstCommit draw_first_commit(Instant joined, Random& random);

}  // namespace godwit::mls
