#include "mls/first_commit.h"

namespace godwit::mls {

FirstCommit draw_first_commit(Instant joined, Random& random) {
  const bool early = random.below(kEarlyCommitters) == 0;
  // A tenth of the week to spread those who joined together.
  const Duration spread = early ? kEarlyCommitsWithin : Duration{kFirstCommitAfter.ms / 10};
  const Duration jitter{static_cast<int64_t>(random.below(static_cast<uint64_t>(spread.ms)))};
  return {joined + (early ? Duration{} : kFirstCommitAfter) + jitter, early};
}

}  // namespace godwit::mls
