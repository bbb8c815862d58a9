#pragma once
// How fast something may be done to one thing of many (key packages of an address taken, a group log appended to): a
// bucket of tokens for each that is being asked, in memory.

#include <map>

#include "base/bytes.h"
#include "base/time.h"

namespace godwit::home {

/// The buckets.
class Rate {
 public:
  /// Buckets remembered at most; above, a new one has to wait until others are full again.
  static constexpr size_t kNamesMax = 100'000;

  /// `burst` at once, then one in each `interval`.
  Rate(uint32_t burst, Duration interval) : burst_(burst), interval_(interval) {}

  /// Takes a token for `name`. Zero: go on; else how long until there is one.
  Duration take(const Bytes& name, Instant now);

 private:
  void forget_full(Instant now);

  uint32_t burst_;
  Duration interval_;
  // When the bucket will be full again: one number says all there is to know (a generic cell rate).
  std::map<Bytes, Instant> full_at_;
};

}  // namespace godwit::home
