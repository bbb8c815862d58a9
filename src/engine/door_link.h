#pragma once
// An invite link of a group, and what somebody who holds it asks its keeper:
//
//   godwit:g#<link payload>          (codec/link_payload.h)
//   godwit:g#<link payload>~call     the same; who opens it is meant to come into the group's call

#include "codec/members.h"
#include "engine/ids.h"
#include "engine/secret_field.h"
#include "wire/home_link.h"

namespace godwit::engine {

/// See above.
struct GroupLink {
  uint8_t version = 1;
  ChatId group;
  std::string name;  ///< Of the group, when the link was made.
  AccountId keeper;  ///< The admin whose device takes the requests.
  wire::HomeAddress home;
  wire::Alias alias;           ///< The door: an address that takes requests and nothing else.
  SecretField token;           ///< Delivers there.
  SecretField key;             ///< For those who do not have the link, requests are sealed under it.
  ByteArray<32> public_key{};  ///< X25519: for all but the keeper, requests are sealed to it.
  uint16_t suite = 0;          ///< Of the group: keys are to be for it.
  bool approval = false;       ///< An admin looks at each who comes.
  int64_t expires_ms = 0;      ///< 0: never.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.group, self.name, self.keeper, self.home, self.alias, self.token, self.key,
                          self.public_key, self.suite, self.approval, self.expires_ms);
  }
};

/// What stands behind a link that leads into the group's call: nobody signs it, and nothing but what a page offers first follows from it.
constexpr std::string_view kCallLinkMark = "~call";
/// Bytes of the longest link that another thing carries.
constexpr size_t kGroupLinkSizeMax = 4'096;

/// True if `text` begins as such a link does.
bool is_group_link(std::string_view text);
/// The text of a link.
std::string to_text(const GroupLink& link);
/// The reverse, with the mark of a call or without. kLinkNotGodwit, kLinkDamaged, kLinkNewer.
Result<GroupLink> parse_group_link(std::string_view text);

/// Somebody asks to be let in. Who he is, his key package says: its leaf is signed by a device of his account.
struct JoinRequest {
  uint8_t version = 1;
  ChatId group;
  std::string greeting;
  SecretField key;  ///< Seals the welcome, or the refusal.
  Bytes
      package;  ///< MLSMessage (KeyPackage) for the suite of the link; its leaf names address and token for the answer.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.group, self.greeting, self.key, self.package);
  }
};

/// Seals a request for the keeper of `link`. Errors as hpke_seal.
Result<Bytes> seal_join_request(const JoinRequest& request, const GroupLink& link, Random& random);
/// The reverse. kRequestDamaged: drop it.
Result<JoinRequest> open_join_request(ByteView payload, const GroupLink& link, const crypto::Secret<32>& private_key);
/// What open_join_request does with what was inside.
Result<JoinRequest> parse_join_request(ByteView inside);

}  // namespace godwit::engine
