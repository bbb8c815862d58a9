#pragma once
// The lab's randomness: seeded, so that a seed and a trace of packets determine everything. Never for secrets.

#include <cstdint>
#include <string_view>

namespace godwit::lab {

/// Spreads every bit of `value` over all bits of the result (the finaliser of splitmix64).
uint64_t mix(uint64_t value);
/// A 64-bit hash of `text` that is the same in every run.
uint64_t hash_text(std::string_view text);
/// True for the share `p` of all values of `hash`, which must be mixed.
bool share(uint64_t hash, double p);

/// A sequence of numbers that its seed determines.
class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed) {}

  /// The next 64 bits.
  uint64_t next();
  /// True with probability `p` (0 to 1).
  bool chance(double p);
  /// A number from `low` to `high`, both included; `low` if `high` is not greater.
  int64_t between(int64_t low, int64_t high);

 private:
  uint64_t state_;
};

}  // namespace godwit::lab
