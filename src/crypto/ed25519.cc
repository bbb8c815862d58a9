#include "crypto/ed25519.h"

#include <sodium.h>

#include "crypto/raw.h"

namespace godwit::crypto {
namespace {

/// libsodium's form of a signing key: seed, then public key.
using Expanded = Secret<crypto_sign_SECRETKEYBYTES>;

Expanded expand(const Secret<kEd25519SeedSize>& seed, Ed25519PublicKey& public_key) {
  Expanded out;
  crypto_sign_seed_keypair(public_key.data(), out.fill().data(), seed.reveal().data());
  return out;
}

}  // namespace

Ed25519KeyPair Ed25519KeyPair::generate(Random& random) {
  return from_seed(Secret<kEd25519SeedSize>::random(random));
}

Ed25519KeyPair Ed25519KeyPair::from_seed(Secret<kEd25519SeedSize> seed) {
  Ed25519KeyPair out{std::move(seed), {}};
  expand(out.seed, out.public_key);
  return out;
}

Ed25519Signature Ed25519KeyPair::sign(ByteView message) const {
  // The public key is computed anew: signing under one that does not belong to the seed would give the seed away.
  Ed25519PublicKey own{};
  const Expanded expanded = expand(seed, own);
  Ed25519Signature out;
  crypto_sign_detached(out.data(), nullptr, raw(message), message.size(), expanded.reveal().data());
  return out;
}

Status ed25519_verify(ByteView public_key, ByteView message, ByteView signature) {
  REQUIRE(public_key.size() == kEd25519PublicKeySize, kBadSignature, "RFC 8032 §5.1.5: a public key has 32 bytes");
  REQUIRE(signature.size() == kEd25519SignatureSize, kBadSignature, "RFC 8032 §5.1.6: a signature has 64 bytes");
  const int failed = crypto_sign_verify_detached(signature.data(), raw(message), message.size(), public_key.data());
  REQUIRE(failed == 0, kBadSignature, "RFC 8032 §5.1.7: the signature does not verify");
  return {};
}

}  // namespace godwit::crypto
