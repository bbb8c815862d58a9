#pragma once
// The two kinds of Random: the system's, and one that replays everything from a seed.

#include "base/random.h"

namespace godwit::crypto {

/// Readies libsodium; called once at the start of every program and test that uses crypto/. False: do not go on.
[[nodiscard]] bool initialise();

/// The operating system's generator. For programs; never in sim/.
class SystemRandom : public Random {
 public:
  void fill(ByteSpan out) override;
};

/// ChaCha20 under a seed: the same bytes for the same seed, everywhere. For sim/ and tests only.
class SeededRandom : public Random {
 public:
  explicit SeededRandom(uint64_t seed);
  void fill(ByteSpan out) override;

 private:
  ByteArray<32> key_{};
  uint64_t position_ = 0;
};

}  // namespace godwit::crypto
