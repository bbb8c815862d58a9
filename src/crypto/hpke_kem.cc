// The two KEMs of crypto/hpke.h.

#include <algorithm>

#include "crypto/hash.h"
#include "crypto/hpke.h"
#include "crypto/hpke_kdf.h"
#include "crypto/mlkem768.h"
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

// The u-coordinates of order 1, 2, 4 and 8 on Curve25519 and its twist, and those of them that 255 bits can also write as
// p and p + 1 (RFC 7748 §5, §6.1): with these alone every shared secret is zero.
constexpr std::string_view kSmallOrders[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

// Looks instead of multiplying: a tree of a thousand leaves has a thousand keys to check.
Status check_order(X25519PublicKey public_key) {
  public_key.back() &= 0x7f;  // X25519 takes no notice of the topmost bit
  REQUIRE(std::ranges::find(kSmallOrders, to_hex(public_key)) == std::end(kSmallOrders), kBadPublicKey,
          "RFC 7748 §6.1: a point of small order");
  return {};
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

  Status check_public_key(ByteView public_key) const override {
    return check_order(TRY(x25519_public_key(public_key)));
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

  // ML-KEM-768's half is 768 coefficients of 12 bits, least significant first, and a seed (FIPS 203 §4.2.1, §7.2).
  Status check_public_key(ByteView public_key) const override {
    REQUIRE(public_key.size() == kXWingPublicKeySize, kBadPublicKey, "X-Wing §5.4: a public key has 1216 bytes");
    constexpr unsigned kModulus = 3329;
    for (size_t i = 0; i < 1152; i += 3) {
      const uint32_t three = uint32_t{public_key[i]} | uint32_t{public_key[i + 1]} << 8 | uint32_t{public_key[i + 2]} << 16;
      REQUIRE((three & 0xfffU) < kModulus && (three >> 12U) < kModulus, kBadPublicKey,
              "FIPS 203 §7.2: a coefficient beyond the modulus");
    }
    return check_order(TRY(x25519_public_key(public_key.subspan(kMlKem768PublicKeySize))));
  }

 private:
  static Result<XWingKeyPair> pair(const SecretBuffer& private_key) {
    return XWingKeyPair::from_seed(TRY(Secret<kXWingSeedSize>::copy_of(private_key.reveal())));
  }
};

}  // namespace

const Kem& dhkem_x25519() {
  static constinit const DhKemX25519 kKem;
  return kKem;
}

const Kem& kem_xwing() {
  static constinit const KemXWing kKem;
  return kKem;
}

}  // namespace godwit::crypto
