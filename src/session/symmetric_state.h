#pragma once
// SymmetricState of Noise (rev 34 §5.2): chaining key, handshake hash and the CipherState that they feed.

#include <string_view>

#include "session/cipher_state.h"
#include "session/noise_hash.h"

namespace godwit::session {

/// The two CipherStates that follow a handshake: the initiator encrypts with the first, the responder with the second.
struct SplitCiphers {
  CipherState initiator;
  CipherState responder;
};

/// What the tokens of a handshake change. Its secrets end with it.
class SymmetricState {
 public:
  /// InitializeSymmetric.
  SymmetricState(NoiseHash hash, std::string_view protocol_name);

  /// MixKey.
  void mix_key(ByteView input_key_material);
  /// MixHash.
  void mix_hash(ByteView data);
  /// MixKeyAndHash (§9.1).
  void mix_key_and_hash(ByteView input_key_material);
  /// EncryptAndHash. kNonceExhausted cannot happen within a handshake.
  Result<Bytes> encrypt_and_hash(ByteView plaintext);
  /// DecryptAndHash. kBadRecord: the handshake is over.
  Result<Bytes> decrypt_and_hash(ByteView ciphertext);
  /// True if encrypt_and_hash adds a 16-byte tag.
  bool has_key() const { return cipher_.has_key(); }
  /// GetHandshakeHash (§11.2).
  ByteView handshake_hash() const { return h_; }
  /// Split.
  SplitCiphers split() const;
  /// 32 bytes from the chaining key before Split, bound to the handshake hash: HKDF-Expand with SHA-256 over `label` ||
  /// h. Independent of Split's keys, which expand over the empty string.
  crypto::Secret<32> export_secret(std::string_view label) const;

 private:
  void initialize_key(const crypto::SecretBuffer& material);

  NoiseHash hash_;
  crypto::SecretBuffer ck_;
  Bytes h_;
  CipherState cipher_;
};

}  // namespace godwit::session
