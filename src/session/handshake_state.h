#pragma once
// HandshakeState of Noise (rev 34 §5.3), with psk tokens (§9) and the hybrid tokens e1 and ekem1 over ML-KEM-768.

#include <optional>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "crypto/mlkem768.h"
#include "crypto/x25519.h"
#include "session/noise_pattern.h"
#include "session/symmetric_state.h"

namespace godwit::session {

/// The largest Noise message (rev 34 §3).
constexpr size_t kNoiseMessageSizeMax = 65'535;

/// What one side brings to a handshake. Which of them a pattern needs is a matter of our own code, never of the peer.
struct HandshakeKeys {
  std::optional<crypto::X25519KeyPair> s;     ///< own static key
  std::optional<crypto::X25519PublicKey> rs;  ///< the peer's static key, if known beforehand
  std::vector<crypto::Secret<32>> psks;       ///< one for each psk token, in their order
};

/// One side of a handshake. After an error it is of no use any more.
class HandshakeState {
 public:
  /// Initialize. `random` gives, when its token is written: 32 bytes for e, 64 (d || z) for e1, 32 (m) for ekem1; it
  /// must outlive the handshake. kBadHandshake: no such protocol name. Keys that do not fit the pattern are a fault of ours.
  static Result<HandshakeState> create(std::string_view protocol_name, bool initiator, ByteView prologue,
                                       HandshakeKeys keys, Random& random);

  /// WriteMessage; only while it is our turn. The message is at most kNoiseMessageSizeMax (more is a fault of ours).
  /// kBadHandshake: the peer's public key is of small order or no ML-KEM key.
  Result<Bytes> write_message(ByteView payload);
  /// ReadMessage; only while it is the peer's turn: the payload. kBadHandshake: drop the handshake.
  Result<Bytes> read_message(ByteView message);

  /// True if all messages of the pattern are through.
  bool finished() const { return next_ == pattern_.messages.size(); }
  /// True if the next message is to be written here. Not when finished.
  bool is_our_turn() const { return (next_ % 2 == 0) == initiator_; }
  /// The handshake hash, in the end the channel binding (§11.2).
  ByteView handshake_hash() const { return symmetric_.handshake_hash(); }
  /// The transport keys; only when finished.
  SplitCiphers split() const;
  /// See SymmetricState::export_secret; only when finished.
  crypto::Secret<32> export_secret(std::string_view label) const;

 private:
  HandshakeState(NoiseProtocol protocol, std::string_view protocol_name, bool initiator, HandshakeKeys keys,
                 Random& random);
  void mix_pre_messages();
  Status write_token(Token token, Bytes& out);
  Status read_token(Token token, ByteView& rest);
  Status write_e(Bytes& out);
  Status read_e(ByteView& rest);
  Status write_ekem1(Bytes& out);
  Status read_ekem1(ByteView& rest);
  Status mix_dh(Token token);
  void mix_psk();
  Result<Bytes> read_field(ByteView& rest, size_t size);

  HandshakePattern pattern_;
  SymmetricState symmetric_;
  bool initiator_;
  Random* random_;
  size_t next_ = 0;
  bool has_psk_;
  size_t psks_used_ = 0;
  HandshakeKeys keys_;
  std::optional<crypto::X25519KeyPair> e_;
  std::optional<crypto::X25519PublicKey> re_;
  std::optional<crypto::MlKem768KeyPair> e1_;
  std::optional<crypto::MlKem768PublicKey> re1_;
};

}  // namespace godwit::session
