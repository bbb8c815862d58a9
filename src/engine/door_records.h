#pragma once
// Records of links of groups: of who keeps one, of those who ask, and of one's own asking.

#include "codec/members.h"
#include "engine/door_link.h"
#include "engine/record_key.h"

namespace godwit::engine {

/// A link that this account keeps: made by this device, or by another own one, which answers first.
struct DoorRecord {
  uint8_t version = kRecordVersion;
  wire::Alias alias;
  ChatId group;
  SecretField token;
  SecretField key;
  SecretField private_key;  ///< X25519
  bool approval = false;
  uint32_t uses = 0;       ///< 0: any number.
  int64_t expires_ms = 0;  ///< 0: never.
  bool made = false;  ///< The home has the address. False after a restart: nobody knows the link, so it is taken back.
  bool listed = false;             ///< It has stood in the group's settings: when it does not any more, it was revoked.
  bool revoked = false;            ///< To be taken back at the home, then forgotten.
  std::vector<AccountId> taken{};  ///< With `uses`: who came, or is coming.
  bool of_other = false;           ///< Another own device has made it, and takes it back.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.alias, self.group, self.token, self.key, self.private_key, self.approval,
                          self.uses, self.expires_ms, self.made, self.listed, self.revoked, self.taken, self.of_other);
  }
};

/// A link as own devices tell each other (SyncKind::kGroupLink).
struct SharedDoor {
  ChatId group;
  SecretField token;
  SecretField key;
  SecretField private_key;
  bool approval = false;
  uint32_t uses = 0;
  int64_t expires_ms = 0;
  std::vector<AccountId> taken{};
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.group, self.token, self.key, self.private_key, self.approval, self.uses, self.expires_ms,
                          self.taken);
  }
};

/// Why somebody is not let in, as it is told to him.
enum class JoinRefusal : uint8_t {
  kNone = 0,
  kGone = 1,  ///< The link was revoked, or its keeper is no admin any more.
  kExpired = 2,
  kUsedUp = 3,
  kBarred = 4,   ///< He was removed from the group.
  kRefused = 5,  ///< An admin does not want it.
  kFull = 6,
  kAlreadyIn = 7,
};

/// Somebody who has asked to be let in.
struct JoinRequestRecord {
  /// How far it is.
  enum class State : uint8_t {
    kWaiting = 1,    ///< For an admin.
    kAdmitting = 2,  ///< There is an intent.
    kRefused = 3,    ///< He is to be told.
    /// Another own device, or the keeper of the link, lets him in; this one does if he is not in when its turn comes.
    kDeferred = 4,
  };
  uint8_t version = kRecordVersion;
  ChatId group;
  AccountId account;
  std::string name;
  std::string greeting;
  wire::HomeAddress home;
  wire::Alias alias;  ///< Where he takes the answer.
  SecretField token;  ///< Delivers there.
  SecretField key;    ///< Seals it.
  Bytes package;      ///< His KeyPackage (MLSMessage).
  wire::Alias door;   ///< By which link.
  int64_t received_ms = 0;
  State state = State::kWaiting;
  bool by_itself = false;  ///< Of kAdmitting: by the link alone; else an admin has said so here.
  JoinRefusal refusal{};
  wire::DeliveryId delivery{};    ///< Of the refusal.
  Bytes payload{};                ///< Of the refusal, sealed.
  std::vector<AccountId> told{};  ///< Other admins whom the keeper has told of it.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.group, self.account, self.name, self.greeting, self.home, self.alias,
                          self.token, self.key, self.package, self.door, self.received_ms, self.state, self.by_itself,
                          self.refusal, self.delivery, self.payload, self.told);
  }
};

/// One's own asking to be let into a group.
struct JoiningRecord {
  uint8_t version = kRecordVersion;
  GroupLink link;
  std::string greeting;
  wire::Alias alias{};  ///< Of the keys that it brings: an InviteRecord.
  Bytes payload{};      ///< Sealed; empty until the address behind the keys is there.
  wire::DeliveryId delivery{};
  bool sent = false;  ///< The keeper's home has it.
  int64_t began_ms = 0;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.link, self.greeting, self.alias, self.payload, self.delivery, self.sent,
                          self.began_ms);
  }
};

}  // namespace godwit::engine
