#pragma once
// Authenticated encryption. ChaCha20-Poly1305 (RFC 8439) and XChaCha20-Poly1305 for sealing with random nonces at rest.

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/secret.h"

namespace godwit::crypto {

constexpr size_t kAeadKeySize = 32;
constexpr size_t kAeadNonceSize = 12;
constexpr size_t kAeadTagSize = 16;
constexpr size_t kXAeadNonceSize = 24;
using AeadKey = Secret<kAeadKeySize>;
using AeadNonce = ByteArray<kAeadNonceSize>;

/// ChaCha20-Poly1305: `plaintext` followed by a 16-byte tag. A nonce is used once under a key.
Bytes aead_seal(const AeadKey& key, const AeadNonce& nonce, ByteView associated_data, ByteView plaintext);
/// The same into `out`, which has the size of the plaintext and kAeadTagSize more, and does not overlap it.
void aead_seal_into(const AeadKey& key, const AeadNonce& nonce, ByteView associated_data, ByteView plaintext, ByteSpan out);
/// The reverse. kBadTag: forged or damaged, drop it. `ciphertext` includes the tag.
Result<Bytes> aead_open(const AeadKey& key, const AeadNonce& nonce, ByteView associated_data, ByteView ciphertext);

/// XChaCha20-Poly1305 under a random 24-byte nonce from `random`: nonce, ciphertext, tag.
Bytes box_seal(const AeadKey& key, Random& random, ByteView associated_data, ByteView plaintext);
/// The reverse of box_seal. kBadTag: another key, forged or damaged.
Result<Bytes> box_open(const AeadKey& key, ByteView associated_data, ByteView box);

/// An AEAD chosen at run time by a cipher suite table. Without data of its own; lives as long as the program.
class Aead {
 public:
  virtual ~Aead() = default;
  /// IANA's HPKE AEAD number (RFC 9180 §7.3).
  virtual uint16_t id() const = 0;
  /// Bytes of a key.
  virtual size_t key_size() const = 0;
  /// Ciphertext and 16-byte tag; `key` has key_size() bytes and `nonce` 12 (anything else is a fault of ours).
  virtual Bytes seal(ByteView key, ByteView nonce, ByteView associated_data, ByteView plaintext) const = 0;
  /// The reverse. kBadTag: drop it.
  virtual Result<Bytes> open(ByteView key, ByteView nonce, ByteView associated_data, ByteView ciphertext) const = 0;
};

/// ChaCha20-Poly1305 as an Aead (HPKE number 0x0003).
const Aead& chacha20_poly1305();

}  // namespace godwit::crypto
