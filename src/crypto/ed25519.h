#pragma once
// Ed25519 signatures (RFC 8032).

#include "base/result.h"
#include "crypto/secret.h"

namespace godwit::crypto {

constexpr size_t kEd25519PublicKeySize = 32;
constexpr size_t kEd25519SeedSize = 32;
constexpr size_t kEd25519SignatureSize = 64;
using Ed25519PublicKey = ByteArray<kEd25519PublicKeySize>;
using Ed25519Signature = ByteArray<kEd25519SignatureSize>;

/// A signing key, kept as its 32-byte seed (RFC 8032 §5.1.5). One that was not made by generate(), from_seed() or clone()
/// holds no key: what it signs, nobody should believe.
struct Ed25519KeyPair {
  Secret<kEd25519SeedSize> seed;
  Ed25519PublicKey public_key{};

  /// A fresh pair.
  static Ed25519KeyPair generate(Random& random);
  /// The pair of a stored seed.
  static Ed25519KeyPair from_seed(Secret<kEd25519SeedSize> seed);
  /// A second copy, asked for by name.
  Ed25519KeyPair clone() const;
  /// The signature of `message`; deterministic.
  Ed25519Signature sign(ByteView message) const;

 private:
  /// The seed with the public key that was computed from it, as libsodium signs. Not put together from the two members
  /// above: signing under a public key that does not belong to the seed would give the seed away.
  Secret<kEd25519SeedSize + kEd25519PublicKeySize> expanded_;
};

/// kBadSignature: drop what was signed. Sizes other than 32 and 64 are kBadSignature too, so peer bytes can be handed in.
Status ed25519_verify(ByteView public_key, ByteView message, ByteView signature);

}  // namespace godwit::crypto
