#pragma once
// A cipher suite as one row of a table, and the labelled functions of RFC 9420 §5 over it. Suites are handed in, never
// looked up in a registry: what a program does not hand in, it does not speak. All suites here sign with Ed25519; KEM,
// AEAD and hash vary.

#include <span>
#include <string_view>

#include "base/random.h"
#include "codec/members.h"
#include "crypto/ed25519.h"
#include "crypto/hpke.h"

namespace godwit::mls {

/// IANA's number of a suite (RFC 9420 §17.1); 0xf000 and above are for private use.
enum class CipherSuiteId : uint16_t {
  kX25519ChaCha20Poly1305Sha256Ed25519 = 0x0003,
  /// Ours until IANA has a number for such a suite: then this line becomes that number.
  kXWingChaCha20Poly1305Sha256Ed25519 = 0xf0d1,
};

/// What we accept: 366 days, and a day at either end for clocks that are off.
constexpr uint64_t kLifetimeSecondsMax = 368 * 86'400;

/// One suite. Rows are constants that outlive everything made with them.
struct CipherSuite {
  CipherSuiteId id;
  const char* name;
  const crypto::Kem* kem;
  const crypto::Aead* aead;
  /// KDF and, by it, hash and MAC.
  crypto::HpkeKdf kdf = crypto::HpkeKdf::kHkdfSha256;
  /// The longest lifetime of a leaf, end to end, that is accepted (RFC 9420 §7.2 wants a maximum). A choice of those who
  /// hand the row in, the same for all members of a group: published vectors carry endless ones.
  uint64_t lifetime_seconds_max = kLifetimeSecondsMax;

  /// KDF.Nh: bytes of a hash and of every secret of the key schedule.
  size_t hash_size() const { return crypto::hash_size(kdf); }
  /// KEM, AEAD and KDF as HPKE takes them.
  crypto::HpkeSuite hpke() const { return {kem, aead, kdf}; }
};

/// The suites that somebody accepts; order does not matter.
using SuiteTable = std::span<const CipherSuite* const>;

/// MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519, 0x0003.
const CipherSuite& suite_0x0003();
/// X25519 and ML-KEM-768 in one KEM (X-Wing, whose DeriveKeyPair is that of draft-ietf-hpke-pq), else as suite_0x0003():
/// keys of 1,216 bytes, ciphertexts of 1,120. For chats that are small enough to bear them.
const CipherSuite& suite_xwing();
/// What our programs speak: suite_xwing() and suite_0x0003().
SuiteTable suites_default();
/// The row of `id`. kUnsupportedSuite: drop what asked for it.
Result<const CipherSuite*> find_suite(SuiteTable suites, CipherSuiteId id);

/// Hash(data): suite.hash_size() bytes.
Bytes hash(const CipherSuite& suite, ByteView data);
/// MAC(key, data): HMAC with the suite's hash, suite.hash_size() bytes (RFC 9420 §5.1).
Bytes mac(const CipherSuite& suite, ByteView key, ByteView data);
/// KDF.Extract(salt, ikm): suite.hash_size() bytes.
crypto::SecretBuffer kdf_extract(const CipherSuite& suite, ByteView salt, ByteView input_key_material);

/// ExpandWithLabel (RFC 9420 §8); `label` without "MLS 1.0 "; `size` at most 255 hashes.
crypto::SecretBuffer expand_with_label(const CipherSuite& suite, ByteView secret, std::string_view label,
                                       ByteView context, size_t size);
/// DeriveSecret (RFC 9420 §8): suite.hash_size() bytes.
crypto::SecretBuffer derive_secret(const CipherSuite& suite, ByteView secret, std::string_view label);
/// DeriveTreeSecret (RFC 9420 §9).
crypto::SecretBuffer derive_tree_secret(const CipherSuite& suite, ByteView secret, std::string_view label,
                                        uint32_t generation, size_t size);
/// RefHash (RFC 9420 §5.2): `label` in full; suite.hash_size() bytes.
Bytes ref_hash(const CipherSuite& suite, std::string_view label, ByteView value);

/// SignWithLabel (RFC 9420 §5.1.2): 64 bytes.
Bytes sign_with_label(const crypto::Ed25519KeyPair& key, std::string_view label, ByteView content);
/// VerifyWithLabel (RFC 9420 §5.1.2). kBadSignature (mls): drop what was signed.
Status verify_with_label(ByteView public_key, std::string_view label, ByteView content, ByteView signature);

/// HPKECiphertext (RFC 9420 §7.6), as it stands on the wire.
struct HPKECiphertext {
  Bytes kem_output;
  Bytes ciphertext;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.kem_output, self.ciphertext);
  }
  friend bool operator==(const HPKECiphertext&, const HPKECiphertext&) = default;
};

/// EncryptWithLabel (RFC 9420 §5.1.3). Errors of crypto::hpke_seal: the public key is of no use.
Result<HPKECiphertext> encrypt_with_label(const CipherSuite& suite, ByteView public_key, std::string_view label,
                                          ByteView context, ByteView plaintext, Random& random);
/// EncryptContext of many ciphertexts that differ in their recipients only.
crypto::HpkeInfo encryption_info(const CipherSuite& suite, std::string_view label, ByteView context);
/// EncryptWithLabel for one of them.
Result<HPKECiphertext> encrypt_with_label(const CipherSuite& suite, ByteView public_key, const crypto::HpkeInfo& info,
                                          ByteView plaintext, Random& random);
/// DecryptWithLabel (RFC 9420 §5.1.3). kDecryptionFailed: drop it.
Result<crypto::SecretBuffer> decrypt_with_label(const CipherSuite& suite, const crypto::SecretBuffer& private_key,
                                                std::string_view label, ByteView context, const HPKECiphertext& sealed);

/// A key pair of the suite's KEM.
struct HpkeKeyPair {
  crypto::SecretBuffer private_key;
  Bytes public_key;
  /// KEM.DeriveKeyPair(secret).
  static HpkeKeyPair derive(const CipherSuite& suite, ByteView secret);
  /// A fresh pair.
  static HpkeKeyPair generate(const CipherSuite& suite, Random& random);
  /// A second copy, asked for by name.
  HpkeKeyPair clone() const { return {private_key.clone(), public_key}; }
};

}  // namespace godwit::mls
