#include "crypto/mlkem768.h"

#include <sodium.h>

namespace godwit::crypto {
namespace {

using Expanded = Secret<crypto_kem_mlkem768_SECRETKEYBYTES>;

Expanded expand(const Secret<kMlKem768SeedSize>& seed, MlKem768PublicKey& public_key) {
  Expanded out;
  crypto_kem_mlkem768_seed_keypair(public_key.data(), out.fill().data(), seed.reveal().data());
  return out;
}

}  // namespace

static_assert(crypto_kem_mlkem768_SEEDBYTES == kMlKem768SeedSize);
static_assert(crypto_kem_mlkem768_PUBLICKEYBYTES == kMlKem768PublicKeySize);
static_assert(crypto_kem_mlkem768_CIPHERTEXTBYTES == kMlKem768CiphertextSize);
static_assert(crypto_kem_mlkem768_SHAREDSECRETBYTES == MlKem768SharedSecret::kSize);

MlKem768KeyPair MlKem768KeyPair::generate(Random& random) {
  return from_seed(Secret<kMlKem768SeedSize>::random(random));
}

MlKem768KeyPair MlKem768KeyPair::from_seed(Secret<kMlKem768SeedSize> seed) {
  MlKem768KeyPair out{std::move(seed), {}};
  expand(out.seed, out.public_key);
  return out;
}

Result<MlKem768Encapsulation> mlkem768_encapsulate(ByteView public_key, const Secret<32>& m) {
  REQUIRE(public_key.size() == kMlKem768PublicKeySize, kBadPublicKey, "FIPS 203 §7.2: type check");
  MlKem768Encapsulation out;
  const int failed = crypto_kem_mlkem768_enc_deterministic(out.ciphertext.data(), out.shared_secret.fill().data(),
                                                           public_key.data(), m.reveal().data());
  REQUIRE(failed == 0, kBadPublicKey, "FIPS 203 §7.2: modulus check");
  return out;
}

Result<MlKem768SharedSecret> mlkem768_decapsulate(const MlKem768KeyPair& key_pair, ByteView ciphertext) {
  REQUIRE(ciphertext.size() == kMlKem768CiphertextSize, kBadSize, "FIPS 203 §7.3: ciphertext type check");
  MlKem768PublicKey public_key;
  const Expanded expanded = expand(key_pair.seed, public_key);
  MlKem768SharedSecret out;
  const int failed = crypto_kem_mlkem768_dec(out.fill().data(), ciphertext.data(), expanded.reveal().data());
  REQUIRE(failed == 0, kBadSize, "FIPS 203 §7.3: decapsulation input check");
  return out;
}

}  // namespace godwit::crypto
