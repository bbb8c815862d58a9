#pragma once
// The secrets of a home. None of them is ever in the store.

#include "crypto/x25519.h"

namespace godwit::home {

/// What a home needs to know and nobody else may.
struct Keys {
  crypto::X25519KeyPair identity;    ///< what clients know it by: the static key of every handshake
  crypto::Secret<32> ticket_key;     ///< seals tickets at rest; from a file on another disk, or new at every start
  crypto::Secret<32> admission_key;  ///< makes and checks admission codes (admission.h)

  /// A second copy, asked for by name.
  Keys clone() const {
    return {{identity.private_key.clone(), identity.public_key}, ticket_key.clone(), admission_key.clone()};
  }
};

}  // namespace godwit::home
