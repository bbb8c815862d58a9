#pragma once
// Every key and token of a chat that is derived rather than random, in one place (docs/protocol/chat.md, "Keys").

#include "crypto/aead.h"
#include "crypto/hash.h"
#include "engine/secret_field.h"
#include "mls/group.h"
#include "wire/ids.h"

namespace godwit::engine {

/// The secrets of a chat's base epoch: that of the last Remove, or the first that both members share. They stay the same
/// over commits without a Remove, so that addresses need not change with every epoch.
struct ChatKeys {
  SecretField own_token;      ///< Writes to one's own alias; its hash is at one's own home.
  SecretField peer_token;     ///< Writes to the peer's alias.
  SecretField own_envelope;   ///< Opens envelopes sent to one's own alias.
  SecretField peer_envelope;  ///< Seals envelopes sent to the peer's alias.
  SecretField log_read;       ///< Reads the group log.
  template <typename Self>
  static auto fields(Self& self) {
    return std::tie(self.own_token, self.peer_token, self.own_envelope, self.peer_envelope, self.log_read);
  }
};

/// Derives them from `group`, which is in the base epoch. Errors as Group::exporter.
Result<ChatKeys> derive_chat_keys(const mls::Group& group, const wire::Alias& own, const wire::Alias& peer);
/// The token that appends the entry which ends `group`'s epoch. Errors as Group::exporter.
Result<crypto::Secret<32>> log_epoch_token(const mls::Group& group);

/// What an invite's key opens: the key package behind it.
crypto::AeadKey invite_package_key(const crypto::Secret<32>& invite_key);
/// What an invite's key opens: the first envelope, which carries the Welcome.
crypto::AeadKey invite_welcome_key(const crypto::Secret<32>& invite_key);

/// A token as it goes over the line.
wire::Token to_token(const crypto::Secret<32>& token);
/// What a home keeps of a token.
wire::TokenHash hash_of(const crypto::Secret<32>& token);

}  // namespace godwit::engine
