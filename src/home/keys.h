#pragma once
// The secrets of a home. None of them is ever in the store.

#include "crypto/ed25519.h"
#include "crypto/x25519.h"
#include "crypto/xwing.h"

namespace godwit::home {

/// What a home needs to know and nobody else may.
struct Keys {
  crypto::X25519KeyPair identity;    ///< what clients know it by: the static key of every handshake
  crypto::Secret<32> ticket_key;     ///< seals tickets at rest; from a file on another disk, or new at every start
  crypto::Secret<32> admission_key;  ///< makes and checks admission codes (admission.h)
  crypto::XWingKeyPair sealing;      ///< to whose public key requests are sealed (session/sealed_request.h)
  crypto::Ed25519KeyPair bulletin;   ///< signs bulletins, and chooses the bridges of each mailbox (bulletin.h)

  /// New ones.
  static Keys generate(Random& random) {
    return {crypto::X25519KeyPair::generate(random), crypto::Secret<32>::random(random),
            crypto::Secret<32>::random(random), crypto::XWingKeyPair::generate(random),
            crypto::Ed25519KeyPair::generate(random)};
  }
  /// A second copy, asked for by name.
  Keys clone() const {
    return {{identity.private_key.clone(), identity.public_key},
            ticket_key.clone(),
            admission_key.clone(),
            {sealing.seed.clone(), sealing.public_key},
            bulletin.clone()};
  }
};

}  // namespace godwit::home
