#pragma once
// The text by which somebody is let into a first chat: what MakeInvite gives and AddContact takes.
//
//   godwit:i#<link payload>          (codec/link_payload.h; everything secret stands after the '#')
//
// Whoever holds the text can take the invite: it is a secret between two people until it is used.

#include "crypto/secret.h"
#include "engine/ids.h"
#include "wire/home_link.h"

namespace godwit::engine {

/// What an invite says.
struct InviteLink {
  AccountId account;         ///< Who gives it; the key package behind it must be his.
  std::string name;          ///< As he calls himself.
  wire::HomeAddress home;    ///< His home.
  wire::Alias alias;         ///< His address for the chat that comes of it.
  crypto::Secret<32> token;  ///< The right to write there, until he has changed it.
  crypto::Secret<32> key;    ///< Opens the key package, and seals the welcome (invite_keys.h).
};

/// The text of a link.
std::string to_text(const InviteLink& link);
/// The reverse; blanks around the text are fine. kLinkNotGodwit: it does not start like one; kLinkDamaged: a character is
/// wrong or missing; kLinkNewer: a newer version made it.
Result<InviteLink> parse_invite_link(std::string_view text);

}  // namespace godwit::engine
