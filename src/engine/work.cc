#include "engine/work.h"

#include "crypto/proof_of_work.h"
#include "wire/requests.h"

namespace godwit::engine {

bool WorkInHand::find(uint32_t bits, ByteView subject) {
  if (bits <= bits_ || bits > kProofBitsMax || rounds_ == kWorkRoundsMax) return false;
  // Luck, or a home that says that it has not seen what it was shown.
  if (rounds_ > 0 && crypto::work_is_done(wire::kWorkLabel, subject, nonce_, static_cast<uint8_t>(bits))) return false;
  nonce_ = crypto::find_work(wire::kWorkLabel, subject, static_cast<uint8_t>(bits), nonce_);
  bits_ = bits;
  ++rounds_;
  return true;
}

}  // namespace godwit::engine
