#pragma once
// CipherState of Noise (rev 34 §5.1): a key and a counter.

#include <optional>

#include "base/result.h"
#include "crypto/aead.h"

namespace godwit::session {

/// Encrypts or decrypts messages of one direction in order with ChaChaPoly. Without a key it passes bytes through.
class CipherState {
 public:
  /// Without a key.
  CipherState() = default;
  /// InitializeKey.
  explicit CipherState(crypto::AeadKey key) : key_(std::move(key)) {}

  /// HasKey.
  bool has_key() const { return key_.has_value(); }
  /// EncryptWithAd. kNonceExhausted: make a new session.
  Result<Bytes> encrypt(ByteView associated_data, ByteView plaintext);
  /// The same, of what nothing else is authenticated with, behind what stands in `out`. kNonceExhausted: nothing was added.
  Status encrypt_onto(Bytes& out, ByteView plaintext);
  /// How long that is.
  size_t encrypted_size(size_t plaintext) const { return plaintext + (key_ ? crypto::kAeadTagSize : 0); }
  /// DecryptWithAd. kBadRecord: the counter stays, so the true message can still come. kNonceExhausted.
  Result<Bytes> decrypt(ByteView associated_data, ByteView ciphertext);
  /// Rekey (§4.2, §11.3): a new key out of the old one; the counter goes on.
  void rekey();
  /// The next message's number.
  uint64_t nonce() const { return nonce_; }

 private:
  std::optional<crypto::AeadKey> key_;
  uint64_t nonce_ = 0;
};

}  // namespace godwit::session
