#pragma once
// A small seeded source of chance for this folder's tests.

#include "base/random.h"

namespace godwit::store {

/// The same seed, the same bytes: Weyl steps through a mixing of shifts and multiplications.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}
  void fill(ByteSpan out) override {
    for (uint8_t& byte : out) {
      state_ += 0x9e3779b97f4a7c15U;
      uint64_t mixed = (state_ ^ state_ >> 30) * 0xbf58476d1ce4e5b9U;
      mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebU;
      byte = static_cast<uint8_t>(mixed >> 56);
    }
  }

 private:
  uint64_t state_;
};

}  // namespace godwit::store
