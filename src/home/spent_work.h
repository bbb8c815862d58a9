#pragma once
// Proofs of work that were accepted lately, so that one proof is good once: in memory, as the buckets that it pays for
// (rate.h).

#include <deque>
#include <set>

#include "base/time.h"
#include "home/records.h"

namespace godwit::home {

/// See above.
class SpentWork {
 public:
  /// Remembered at most: above, the oldest is forgotten, and whoever wants that pays for as many others.
  static constexpr size_t kMost = 100'000;

  /// Each is remembered for `kept`.
  explicit SpentWork(Duration kept) : kept_(kept) {}

  /// True if it was noted.
  bool has(const ShortHash& work, Instant now);
  /// Notes it.
  void note(const ShortHash& work, Instant now);

 private:
  void forget_old(Instant now);

  Duration kept_;
  std::set<ShortHash> known_;
  std::deque<std::pair<Instant, ShortHash>> oldest_;
};

}  // namespace godwit::home
