#pragma once
// Records of names, contact requests, invites for many, and blocks; records.h for the others.

#include "codec/members.h"
#include "engine/records.h"

namespace godwit::engine {

/// The own name. The passcode is not kept.
struct NameRecord {
  uint8_t version = kRecordVersion;
  std::string name;  ///< Canonical.
  bool passcode = false;
  bool claimed = false;  ///< The home has said so. False after a restart: to be released.
  wire::Alias alias;     ///< Of its RequestAddressRecord.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.name, self.passcode, self.claimed, self.alias);
  }
};

/// The own name as own devices tell it to each other: each of them hears who asks by it, and can give it up.
struct SharedName {
  static constexpr uint8_t kVersion = 1;
  uint8_t version = kVersion;
  wire::HomeKey home;  ///< Where the name is; after a move it is none any more.
  std::string name;
  bool passcode = false;
  wire::Alias alias;  ///< The next three: as in RequestAddressRecord.
  SecretField token;
  SecretField key;
  SecretField private_key;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.home, self.name, self.passcode, self.alias, self.token, self.key,
                          self.private_key);
  }
};
/// Of SyncItem::kRequestDone: somebody has answered a contact request on another device.
struct SyncRequestDone {
  wire::Alias address;  ///< By which it came.
  wire::Alias invite;   ///< That it brought.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.address, self.invite);
  }
};

/// An address for contact requests: of the own name, or of an invite for many.
struct RequestAddressRecord {
  uint8_t version = kRecordVersion;
  wire::Alias alias;
  SecretField token;
  SecretField key;
  SecretField private_key;  ///< X25519
  bool of_name = false;
  bool revoked = false;    ///< To be taken back at the home, then forgotten.
  bool made = false;       ///< The home has it. False after a restart: nobody knows it, so it is revoked.
  uint32_t uses_left = 0;  ///< Of an invite: 0: any number.
  int64_t expires_ms = 0;  ///< Of an invite.
  uint32_t chats = 0;      ///< Of an invite: that it has led to.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.alias, self.token, self.key, self.private_key, self.of_name, self.revoked,
                          self.made, self.uses_left, self.expires_ms, self.chats);
  }
};

/// A contact request that holds. Nothing of it is shown before somebody opens it.
struct ContactRequestRecord {
  uint8_t version = kRecordVersion;
  wire::Alias alias;     ///< By which address.
  bool by_name = false;  ///< It waits for a person; else for its turn, since an invite for many lets it in.
  int64_t received_ms = 0;
  AccountId account;  ///< Whose device has signed it.
  std::string name;
  std::string greeting;
  std::string invite;        ///< The text of his invite.
  wire::Alias invite_alias;  ///< The address in it: of the chat, once there is one.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.alias, self.by_name, self.received_ms, self.account, self.name,
                          self.greeting, self.invite, self.invite_alias);
  }
};

/// A blocked account, or one whose block is being taken back.
struct BlockRecord {
  uint8_t version = kRecordVersion;
  AccountId account;
  bool blocked = true;
  std::vector<ChatId> chats;  ///< Whose addresses are still to be revoked, or to be made again.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.account, self.blocked, self.chats);
  }
};

}  // namespace godwit::engine
