#pragma once
// ML-KEM-768 (FIPS 203). Keys are kept as their 64-byte seed d || z, never expanded.

#include "base/result.h"
#include "crypto/secret.h"

namespace godwit::crypto {

constexpr size_t kMlKem768SeedSize = 64;
constexpr size_t kMlKem768PublicKeySize = 1184;
constexpr size_t kMlKem768CiphertextSize = 1088;
using MlKem768PublicKey = ByteArray<kMlKem768PublicKeySize>;
using MlKem768Ciphertext = ByteArray<kMlKem768CiphertextSize>;
using MlKem768SharedSecret = Secret<32>;

/// A decapsulation key, kept as its seed, and the encapsulation key that belongs to it.
struct MlKem768KeyPair {
  Secret<kMlKem768SeedSize> seed;
  MlKem768PublicKey public_key{};

  /// A fresh pair.
  static MlKem768KeyPair generate(Random& random);
  /// The pair of a stored seed (ML-KEM.KeyGen_internal, FIPS 203 §6.1).
  static MlKem768KeyPair from_seed(Secret<kMlKem768SeedSize> seed);
};

/// A ciphertext for the owner of the key, and the secret that is in it.
struct MlKem768Encapsulation {
  MlKem768Ciphertext ciphertext{};
  MlKem768SharedSecret shared_secret;
};

/// Encapsulates under 32 random bytes `m` (FIPS 203 §6.2). kBadPublicKey: the modulus check of §7.2 failed, drop it.
Result<MlKem768Encapsulation> mlkem768_encapsulate(ByteView public_key, const Secret<32>& m);
/// The shared secret; of a forged ciphertext a pseudorandom one (implicit rejection). kBadSize: drop it.
Result<MlKem768SharedSecret> mlkem768_decapsulate(const MlKem768KeyPair& key_pair, ByteView ciphertext);

}  // namespace godwit::crypto
