// The two KEMs of crypto/hpke.h.

#include "crypto/hash.h"
#include "crypto/hpke.h"
#include "crypto/hpke_kdf.h"
#include "crypto/x25519.h"
#include "crypto/xwing.h"

namespace godwit::crypto {
namespace {

Result<X25519PublicKey> x25519_public_key(ByteView bytes) {
  REQUIRE(bytes.size() == kX25519KeySize, kBadSize, "RFC 9180 §7.1: Npk of X25519 is 32");
  X25519PublicKey out;
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

/// DHKEM(X25519, HKDF-SHA256) (RFC 9180 §4.1).
class DhKemX25519 : public Kem {
 public:
  uint16_t id() const override { return 0x0020; }
  size_t public_key_size() const override { return kX25519KeySize; }
  size_t encapsulated_key_size() const override { return kX25519KeySize; }
  size_t encapsulation_random_size() const override { return kX25519KeySize; }

  // RFC 9180 §7.1.3.
  SecretBuffer derive_private_key(ByteView input_key_material) const override {
    const SecretBuffer prk = labeled_extract(kKdf, kSuiteId, {}, "dkp_prk", input_key_material);
    return labeled_expand(kKdf, kSuiteId, prk.reveal(), "sk", {}, kX25519KeySize);
  }

  Result<Bytes> public_key(const SecretBuffer& private_key) const override {
    return to_bytes(TRY(pair(private_key)).public_key);
  }

  Result<Encapsulation> encapsulate(ByteView public_key, const SecretBuffer& randomness) const override {
    REQUIRE(randomness.size() == encapsulation_random_size(), kBadSize, "RFC 9180 §7.1.3: Nsk bytes of ikmE");
    const X25519PublicKey theirs = TRY(x25519_public_key(public_key));
    const X25519KeyPair ephemeral = TRY(pair(derive_private_key(randomness.reveal())));
    const X25519SharedSecret dh = TRY(x25519(ephemeral.private_key, theirs));
    return Encapsulation{to_bytes(ephemeral.public_key), extract_and_expand(dh, ephemeral.public_key, theirs)};
  }

  Result<SecretBuffer> decapsulate(ByteView encapsulated_key, const SecretBuffer& private_key) const override {
    const X25519PublicKey theirs = TRY(x25519_public_key(encapsulated_key));
    const X25519KeyPair own = TRY(pair(private_key));
    const X25519SharedSecret dh = TRY(x25519(own.private_key, theirs));
    return extract_and_expand(dh, theirs, own.public_key);
  }

  // A small order shows under every scalar, since X25519 makes all of them multiples of 8.
  Status check_public_key(ByteView public_key) const override {
    static_cast<void>(TRY(x25519(X25519PrivateKey{}, TRY(x25519_public_key(public_key)))));
    return {};
  }

 private:
  static constexpr HpkeKdf kKdf = HpkeKdf::kHkdfSha256;
  static constexpr ByteArray<5> kSuiteId{'K', 'E', 'M', 0x00, 0x20};

  static Result<X25519KeyPair> pair(const SecretBuffer& private_key) {
    return X25519KeyPair::from_private(TRY(X25519PrivateKey::copy_of(private_key.reveal())));
  }

  static SecretBuffer extract_and_expand(const X25519SharedSecret& dh, ByteView encapsulated_key, ByteView public_key) {
    const SecretBuffer context = secret_concat({encapsulated_key, public_key});
    const SecretBuffer prk = labeled_extract(kKdf, kSuiteId, {}, "eae_prk", dh.reveal());
    return labeled_expand(kKdf, kSuiteId, prk.reveal(), "shared_secret", context.reveal(), kSha256Size);
  }
};

/// X-Wing as draft-ietf-hpke-pq uses it; a private key is its 32-byte seed.
class KemXWing : public Kem {
 public:
  uint16_t id() const override { return 0x647a; }
  size_t public_key_size() const override { return kXWingPublicKeySize; }
  size_t encapsulated_key_size() const override { return kXWingCiphertextSize; }
  size_t encapsulation_random_size() const override { return 64; }

  // SHAKE256.LabeledDerive(ikm, "DeriveKeyPair", "", 32): the label behind its length, then the output's length.
  SecretBuffer derive_private_key(ByteView input_key_material) const override {
    constexpr ByteArray<5> kSuiteId{'K', 'E', 'M', 0x64, 0x7a};
    constexpr ByteArray<2> kLabelSize{0x00, 0x0d};
    constexpr ByteArray<2> kSize{0x00, kXWingSeedSize};
    const SecretBuffer labeled = secret_concat(
        {input_key_material, as_bytes("HPKE-v1"), kSuiteId, kLabelSize, as_bytes("DeriveKeyPair"), kSize});
    SecretBuffer out(kXWingSeedSize);
    shake256(labeled.reveal(), out.fill());
    return out;
  }

  Result<Bytes> public_key(const SecretBuffer& private_key) const override {
    return to_bytes(TRY(pair(private_key)).public_key);
  }

  Result<Encapsulation> encapsulate(ByteView public_key, const SecretBuffer& randomness) const override {
    const auto eseed = TRY(Secret<64>::copy_of(randomness.reveal()));
    const XWingEncapsulation made = TRY(xwing_encapsulate(public_key, eseed));
    return Encapsulation{to_bytes(made.ciphertext), SecretBuffer::copy_of(made.shared_secret.reveal())};
  }

  Result<SecretBuffer> decapsulate(ByteView encapsulated_key, const SecretBuffer& private_key) const override {
    // Decapsulation looks at the seed only: the public key would be computed for nothing.
    const XWingKeyPair own{TRY(Secret<kXWingSeedSize>::copy_of(private_key.reveal())), {}};
    return SecretBuffer::copy_of(TRY(xwing_decapsulate(own, encapsulated_key)).reveal());
  }

 private:
  static Result<XWingKeyPair> pair(const SecretBuffer& private_key) {
    return XWingKeyPair::from_seed(TRY(Secret<kXWingSeedSize>::copy_of(private_key.reveal())));
  }
};

}  // namespace

Status Kem::check_public_key(ByteView key) const {
  static_cast<void>(TRY(encapsulate(key, SecretBuffer(encapsulation_random_size()))));
  return {};
}

const Kem& dhkem_x25519() {
  static constinit const DhKemX25519 kKem;
  return kKem;
}

const Kem& kem_xwing() {
  static constinit const KemXWing kKem;
  return kKem;
}

}  // namespace godwit::crypto
