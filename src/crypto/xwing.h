#pragma once
// X-Wing: X25519 and ML-KEM-768 in one KEM (draft-connolly-cfrg-xwing-kem); secure while either of the two is.

#include "base/result.h"
#include "crypto/secret.h"

namespace godwit::crypto {

constexpr size_t kXWingSeedSize = 32;
constexpr size_t kXWingPublicKeySize = 1216;
constexpr size_t kXWingCiphertextSize = 1120;
using XWingPublicKey = ByteArray<kXWingPublicKeySize>;
using XWingCiphertext = ByteArray<kXWingCiphertextSize>;

/// A decapsulation key, which is its seed, and the encapsulation key that belongs to it.
struct XWingKeyPair {
  Secret<kXWingSeedSize> seed;
  XWingPublicKey public_key{};

  /// A fresh pair.
  static XWingKeyPair generate(Random& random);
  /// The pair of a stored seed.
  static XWingKeyPair from_seed(Secret<kXWingSeedSize> seed);
};

/// A ciphertext for the owner of the key, and the secret that is in it.
struct XWingEncapsulation {
  XWingCiphertext ciphertext{};
  Secret<32> shared_secret;
};

/// Encapsulates under 64 random bytes `eseed`. kBadPublicKey: drop the key.
Result<XWingEncapsulation> xwing_encapsulate(ByteView public_key, const Secret<64>& eseed);
/// The shared secret. kBadSize, kBadPublicKey: drop the ciphertext.
Result<Secret<32>> xwing_decapsulate(const XWingKeyPair& key_pair, ByteView ciphertext);

}  // namespace godwit::crypto
