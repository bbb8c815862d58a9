#pragma once
// Where randomness comes from: always handed in. crypto/system_random.h is the real one; sim and tests use seeded ones.

#include "base/bytes.h"

namespace godwit {

/// A source of random bytes.
class Random {
 public:
  virtual ~Random() = default;

  /// Fills `out` with bytes that nobody else can predict (a seeded source: that the seed determines).
  virtual void fill(ByteSpan out) = 0;

  /// N random bytes.
  template <size_t N>
  ByteArray<N> bytes() {
    ByteArray<N> out;
    fill(out);
    return out;
  }
  /// A uniform number below `bound`, which must not be 0.
  uint64_t below(uint64_t bound);
};

}  // namespace godwit
