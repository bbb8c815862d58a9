#include "crypto/x25519.h"

#include <sodium.h>

namespace godwit::crypto {

static_assert(crypto_scalarmult_BYTES == kX25519KeySize && crypto_scalarmult_SCALARBYTES == kX25519KeySize);

X25519KeyPair X25519KeyPair::generate(Random& random) { return from_private(X25519PrivateKey::random(random)); }

X25519KeyPair X25519KeyPair::from_private(X25519PrivateKey private_key) {
  X25519KeyPair out{std::move(private_key), {}};
  // Fails only for a result of small order, which no clamped scalar gives on the base point.
  const int failed = crypto_scalarmult_base(out.public_key.data(), out.private_key.reveal().data());
  ASSERT(failed == 0);
  return out;
}

Result<X25519SharedSecret> x25519(const X25519PrivateKey& private_key, const X25519PublicKey& public_key) {
  X25519SharedSecret out;
  const int failed = crypto_scalarmult(out.fill().data(), private_key.reveal().data(), public_key.data());
  REQUIRE(failed == 0, kBadPublicKey, "RFC 7748 §6.1: the shared secret is all zeros");
  return out;
}

}  // namespace godwit::crypto
