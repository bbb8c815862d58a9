#pragma once
// HPKE base mode (RFC 9180) over two KEMs: DHKEM(X25519, HKDF-SHA256) 0x0020 and X-Wing 0x647a (draft-ietf-hpke-pq,
// whose DeriveKeyPair is SHAKE256.LabeledDerive), with HKDF-SHA256 (0x0001; 0x0003 for suites of tests) and an AEAD
// given by the caller.

#include "base/random.h"
#include "base/result.h"
#include "crypto/aead.h"
#include "crypto/kdf.h"
#include "crypto/secret.h"

namespace godwit::crypto {

/// A KEM of HPKE, chosen at run time by a cipher suite table. Without data; lives as long as the program.
class Kem {
 public:
  virtual ~Kem() = default;
  /// IANA's HPKE KEM number (RFC 9180 §7.1).
  virtual uint16_t id() const = 0;
  /// Bytes of an encoded public key (Npk).
  virtual size_t public_key_size() const = 0;
  /// Bytes of an encapsulated key (Nenc).
  virtual size_t encapsulated_key_size() const = 0;
  /// Bytes of random that encapsulate() consumes.
  virtual size_t encapsulation_random_size() const = 0;

  /// DeriveKeyPair (RFC 9180 §7.1.3) from at least 32 bytes: the private key as its shortest form (X25519: the scalar,
  /// X-Wing: the seed).
  virtual SecretBuffer derive_private_key(ByteView input_key_material) const = 0;
  /// The public key of a private one. kBadSize.
  virtual Result<Bytes> public_key(const SecretBuffer& private_key) const = 0;

  /// An encapsulated key and the shared secret in it.
  struct Encapsulation {
    Bytes encapsulated_key;
    SecretBuffer shared_secret;
  };
  /// Encap (RFC 9180 §4.1); `randomness` has encapsulation_random_size() bytes: the ephemeral's input_key_material for
  /// X25519, eseed for X-Wing. kBadPublicKey, kBadSize: drop the public key.
  virtual Result<Encapsulation> encapsulate(ByteView public_key, const SecretBuffer& randomness) const = 0;
  /// Decap. kBadPublicKey, kBadSize: drop the ciphertext.
  virtual Result<SecretBuffer> decapsulate(ByteView encapsulated_key, const SecretBuffer& private_key) const = 0;

  /// Whether anything can be sealed to this key: its size, and no point of small order (RFC 7748 §6.1) or modulus out of
  /// range (FIPS 203 §7.2), which encapsulate() would refuse. kBadPublicKey, kBadSize: drop the public key.
  virtual Status check_public_key(ByteView public_key) const = 0;
};

/// DHKEM(X25519, HKDF-SHA256), 0x0020.
const Kem& dhkem_x25519();
/// X-Wing, 0x647a.
const Kem& kem_xwing();

/// A KEM, an AEAD and a KDF.
struct HpkeSuite {
  const Kem* kem;
  const Aead* aead;
  HpkeKdf kdf = HpkeKdf::kHkdfSha256;
};

/// What the key schedule makes of `info` alone (RFC 9180 §5.1): made once for all who are sealed to under the same info.
class HpkeInfo {
 public:
  HpkeInfo(const HpkeSuite& suite, ByteView info);

 private:
  friend class HpkeContext;
  SecretBuffer key_schedule_context_;
};

/// One direction's encryption context (RFC 9180 §5.2); messages are opened in the order in which they were sealed.
class HpkeContext {
 public:
  /// KeySchedule with mode_base (RFC 9180 §5.1) over a KEM's `shared_secret`; both sides get the same context.
  HpkeContext(const HpkeSuite& suite, const SecretBuffer& shared_secret, const HpkeInfo& info);

  /// Seals the next message. kNonceExhausted: make a new context.
  Result<Bytes> seal(ByteView associated_data, ByteView plaintext);
  /// Opens the next message. kBadTag: drop it; the sequence number stays.
  Result<Bytes> open(ByteView associated_data, ByteView ciphertext);
  /// Export (RFC 9180 §5.3): `size` bytes bound to this context; at most 255 times the KDF's hash size.
  SecretBuffer export_secret(ByteView exporter_context, size_t size) const;

 private:
  AeadNonce nonce() const;

  HpkeSuite suite_;
  SecretBuffer key_;
  SecretBuffer base_nonce_;
  SecretBuffer exporter_secret_;
  uint64_t sequence_ = 0;
};

/// What the sender starts with: `encapsulated_key` goes to the receiver in front of what `context` seals.
struct HpkeSender {
  Bytes encapsulated_key;
  HpkeContext context;
};

/// SetupBaseS (RFC 9180 §5.1.1). kBadPublicKey, kBadSize: drop the public key.
Result<HpkeSender> hpke_setup_sender(const HpkeSuite& suite, ByteView public_key, const HpkeInfo& info, Random& random);
/// The same for a single recipient.
Result<HpkeSender> hpke_setup_sender(const HpkeSuite& suite, ByteView public_key, ByteView info, Random& random);
/// SetupBaseR. kBadPublicKey, kBadSize: drop the message.
Result<HpkeContext> hpke_setup_receiver(const HpkeSuite& suite, ByteView encapsulated_key,
                                        const SecretBuffer& private_key, ByteView info);

/// One sealed message; both halves are public.
struct HpkeCiphertext {
  Bytes kem_output;
  Bytes ciphertext;
};

/// SealBase for one message (RFC 9180 §6.1). Errors as hpke_setup_sender.
Result<HpkeCiphertext> hpke_seal(const HpkeSuite& suite, ByteView public_key, const HpkeInfo& info,
                                 ByteView associated_data, ByteView plaintext, Random& random);
/// The same for a single recipient.
Result<HpkeCiphertext> hpke_seal(const HpkeSuite& suite, ByteView public_key, ByteView info, ByteView associated_data,
                                 ByteView plaintext, Random& random);
/// OpenBase. kBadTag and errors as hpke_setup_receiver: drop the message.
Result<Bytes> hpke_open(const HpkeSuite& suite, const HpkeCiphertext& sealed, const SecretBuffer& private_key,
                        ByteView info, ByteView associated_data);

}  // namespace godwit::crypto
