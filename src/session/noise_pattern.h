#pragma once
// Handshake patterns of Noise (rev 34 §7) with the modifiers psk0-psk4 (§9) and hfs (noise_hfs rev 1), by name.

#include <string_view>
#include <vector>

#include "base/result.h"
#include "session/noise_hash.h"

namespace godwit::session {

/// One token of a message pattern.
enum class Token : uint8_t { kE, kS, kEe, kEs, kSe, kSs, kPsk, kE1, kEkem1 };

using MessagePattern = std::vector<Token>;

/// A whole pattern: who knows whose static key beforehand, and the messages, the initiator's first.
struct HandshakePattern {
  bool initiator_static_known = false;  ///< pre-message "-> s"
  bool responder_static_known = false;  ///< pre-message "<- s"
  std::vector<MessagePattern> messages;

  /// How many psk tokens it has.
  size_t psk_count() const;
  /// One-way patterns have a single message, and so does what follows (§7.4).
  bool is_one_way() const { return messages.size() == 1; }
};

/// What a protocol name such as "Noise_NKhfs_25519+MLKEM768_ChaChaPoly_SHA256" stands for.
struct NoiseProtocol {
  HandshakePattern pattern;
  NoiseHash hash = NoiseHash::kSha256;
};

/// Parses a protocol name (§8). kBadHandshake: unknown pattern, modifier, or functions other than 25519 (with
/// +MLKEM768 exactly when hfs is there), ChaChaPoly and the three hashes.
Result<NoiseProtocol> parse_protocol_name(std::string_view name);

}  // namespace godwit::session
