#pragma once
// Proof of work that a home asks for before it does something. What is done for one request is bounded, since the home of a
// stranger may ask for anything, and the engine does nothing else meanwhile.

#include <cstdint>

#include "base/bytes.h"

namespace godwit::engine {

/// The hardest proof of work that is done for a home: some seconds. A home that asks for more refuses us.
constexpr uint32_t kProofBitsMax = 24;
/// How often one request is asked for more: at first, when the home is busy, and when it has become busier meanwhile.
constexpr uint32_t kWorkRoundsMax = 3;

/// The work for one request.
class WorkInHand {
 public:
  /// Finds a nonce of `bits` for `subject`. False: it was found already, it is less than before, or it is too much or too often.
  [[nodiscard]] bool find(uint32_t bits, ByteView subject);
  /// What to show.
  uint64_t nonce() const { return nonce_; }

 private:
  uint64_t nonce_ = 0;
  uint32_t bits_ = 0;
  uint32_t rounds_ = 0;
};

}  // namespace godwit::engine
