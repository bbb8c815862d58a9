#pragma once
// How fast key packages of one address may be taken: a bucket of tokens for each address that is being asked, in memory.

#include <map>

#include "base/time.h"
#include "wire/ids.h"

namespace godwit::home {

/// The buckets.
class TakeRate {
 public:
  /// Addresses remembered at most; above, a new one has to wait until others are full again.
  static constexpr size_t kAddressesMax = 50'000;

  /// `burst` at once, then one in each `interval`.
  TakeRate(uint32_t burst, Duration interval) : burst_(burst), interval_(interval) {}

  /// Takes a token for `alias`. Zero: go on; else how long until there is one.
  Duration take(const wire::Alias& alias, Instant now);

 private:
  void forget_full(Instant now);

  uint32_t burst_;
  Duration interval_;
  // When the bucket will be full again: one number says all there is to know (a generic cell rate).
  std::map<wire::Alias, Instant> full_at_;
};

}  // namespace godwit::home
