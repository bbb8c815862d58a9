#pragma once
// X25519 (RFC 7748).

#include "base/result.h"
#include "crypto/secret.h"

namespace godwit::crypto {

constexpr size_t kX25519KeySize = 32;
using X25519PublicKey = ByteArray<kX25519KeySize>;
using X25519PrivateKey = Secret<kX25519KeySize>;
using X25519SharedSecret = Secret<kX25519KeySize>;

/// A private key and the public one that belongs to it.
struct X25519KeyPair {
  X25519PrivateKey private_key;
  X25519PublicKey public_key{};

  /// A fresh pair.
  static X25519KeyPair generate(Random& random);
  /// The pair of a stored private key.
  static X25519KeyPair from_private(X25519PrivateKey private_key);
};

/// The shared secret. kBadPublicKey: `public_key` has small order, so the result would be all zeros (RFC 7748 §6.1).
Result<X25519SharedSecret> x25519(const X25519PrivateKey& private_key, const X25519PublicKey& public_key);

}  // namespace godwit::crypto
