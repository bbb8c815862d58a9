#include "crypto/xwing.h"

#include <sodium.h>

namespace godwit::crypto {

static_assert(crypto_kem_xwing_SEEDBYTES == kXWingSeedSize && crypto_kem_xwing_SECRETKEYBYTES == kXWingSeedSize);
static_assert(crypto_kem_xwing_PUBLICKEYBYTES == kXWingPublicKeySize);
static_assert(crypto_kem_xwing_CIPHERTEXTBYTES == kXWingCiphertextSize);
static_assert(crypto_kem_xwing_SHAREDSECRETBYTES == 32);

XWingKeyPair XWingKeyPair::generate(Random& random) { return from_seed(Secret<kXWingSeedSize>::random(random)); }

XWingKeyPair XWingKeyPair::from_seed(Secret<kXWingSeedSize> seed) {
  XWingKeyPair out{std::move(seed), {}};
  Secret<kXWingSeedSize> again;  // the decapsulation key is the seed itself
  crypto_kem_xwing_seed_keypair(out.public_key.data(), again.fill().data(), out.seed.reveal().data());
  return out;
}

Result<XWingEncapsulation> xwing_encapsulate(ByteView public_key, const Secret<64>& eseed) {
  REQUIRE(public_key.size() == kXWingPublicKeySize, kBadPublicKey, "X-Wing §5.4: a public key has 1216 bytes");
  XWingEncapsulation out;
  const int failed = crypto_kem_xwing_enc_deterministic(out.ciphertext.data(), out.shared_secret.fill().data(),
                                                        public_key.data(), eseed.reveal().data());
  REQUIRE(failed == 0, kBadPublicKey, "X-Wing §5.4: ML-KEM modulus check or X25519 zero check failed");
  return out;
}

Result<Secret<32>> xwing_decapsulate(const XWingKeyPair& key_pair, ByteView ciphertext) {
  REQUIRE(ciphertext.size() == kXWingCiphertextSize, kBadSize, "X-Wing §5.5: a ciphertext has 1120 bytes");
  Secret<32> out;
  const int failed = crypto_kem_xwing_dec(out.fill().data(), ciphertext.data(), key_pair.seed.reveal().data());
  REQUIRE(failed == 0, kBadPublicKey, "X-Wing §5.5: the X25519 half has small order");
  return out;
}

}  // namespace godwit::crypto
