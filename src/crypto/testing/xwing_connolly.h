#pragma once
// X-Wing with the key derivation of its own draft, for test binaries only: vectors and peers that have not moved to
// draft-ietf-hpke-pq.

#include "crypto/hpke.h"

namespace godwit::crypto::testing {

/// X-Wing (0x647a) whose DeriveKeyPair is SHAKE256(ikm, 32) (draft-connolly-cfrg-xwing-kem). Lives as long as the program.
const Kem& kem_xwing_connolly();

}  // namespace godwit::crypto::testing
