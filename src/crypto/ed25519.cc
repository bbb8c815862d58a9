#include "crypto/ed25519.h"

#include <sodium.h>

#include "crypto/raw.h"

namespace godwit::crypto {

static_assert(crypto_sign_SECRETKEYBYTES == kEd25519SeedSize + kEd25519PublicKeySize);

Ed25519KeyPair Ed25519KeyPair::generate(Random& random) { return from_seed(Secret<kEd25519SeedSize>::random(random)); }

Ed25519KeyPair Ed25519KeyPair::from_seed(Secret<kEd25519SeedSize> seed) {
  Ed25519KeyPair out;
  out.seed = std::move(seed);
  crypto_sign_seed_keypair(out.public_key.data(), out.expanded_.fill().data(), out.seed.reveal().data());
  return out;
}

Ed25519KeyPair Ed25519KeyPair::clone() const {
  Ed25519KeyPair out;
  out.seed = seed.clone();
  out.public_key = public_key;
  out.expanded_ = expanded_.clone();
  return out;
}

Ed25519Signature Ed25519KeyPair::sign(ByteView message) const {
  Ed25519Signature out;
  crypto_sign_detached(out.data(), nullptr, raw(message), message.size(), expanded_.reveal().data());
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
