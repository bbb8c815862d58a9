#pragma once
// Every key and token of a chat that is derived rather than random, in one place (docs/protocol/chat.md, "Keys").

#include "codec/members.h"
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "engine/secret_field.h"
#include "mls/group.h"
#include "wire/ids.h"

namespace godwit::engine {

/// The secrets of a chat's base epoch: that of the last Remove, or the first. They stay the same over commits without a
/// Remove, so that addresses need not change with every epoch; whoever joins meanwhile gets them with his Welcome.
struct ChatKeys {
  uint64_t base = 0;      ///< The base epoch.
  SecretField addresses;  ///< The tokens of all members' addresses are made of it.
  SecretField envelope;   ///< Seals and opens all envelopes, so that one payload serves all who live at one home.
  SecretField log_read;   ///< Reads the group log.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.base, self.addresses, self.envelope, self.log_read);
  }
  /// A second copy, asked for by name.
  ChatKeys clone() const { return {base, addresses.clone(), envelope.clone(), log_read.clone()}; }
};

/// Derives them from `group`, which is in the base epoch. Errors as Group::exporter.
Result<ChatKeys> derive_chat_keys(const mls::Group& group);
/// The log key from an epoch on that began with a Remove: those who stay derive it, who went does not. Errors as
/// Group::exporter.
Result<crypto::Secret<32>> derive_log_key(const mls::Group& group);
/// The token that appends the entry which ends `group`'s epoch. Errors as Group::exporter.
Result<crypto::Secret<32>> log_epoch_token(const mls::Group& group);
/// The token that writes to the address `alias` of a member.
crypto::Secret<32> address_token(const ChatKeys& keys, const wire::Alias& alias);
/// By which the member whose address is `alias` is found on the local network.
crypto::AeadKey lan_key(const ChatKeys& keys, const wire::Alias& alias);

/// What an invite's key opens: the key package behind it.
crypto::AeadKey invite_package_key(const crypto::Secret<32>& invite_key);
/// What an invite's key opens: the first envelope, which carries the Welcome.
crypto::AeadKey invite_welcome_key(const crypto::Secret<32>& invite_key);

/// A token as it goes over the line.
wire::Token to_token(const crypto::Secret<32>& token);
/// What a home keeps of a token.
wire::TokenHash hash_of(const crypto::Secret<32>& token);

}  // namespace godwit::engine
