#pragma once
// Records of a chat that has members: who they are, and how far what goes to them has come.

#include "codec/members.h"
#include "engine/device_list.h"
#include "engine/group_settings.h"
#include "engine/member_set.h"
#include "engine/record_key.h"
#include "engine/roles.h"
#include "engine/secret_field.h"
#include "wire/home_link.h"

namespace godwit::engine {

/// What is remembered of one leaf of a member, so that a leaf is looked at once and not with every epoch.
struct LeafRecord {
  uint32_t leaf = 0;
  ByteArray<32> digest{};  ///< SHA-256 of what it says.
  wire::HomeKey home;      ///< Where it says that its account lives; another leaf of it may be ahead with a move.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.leaf, self.digest, self.home);
  }
};

/// One account in a chat, one's own as well. A record of its own each.
struct MemberRecord {
  uint8_t version = kRecordVersion;
  AccountId account;
  uint32_t number = 0;  ///< Its place in a MemberSet; never given twice in one chat.
  std::string name;
  DeviceListIn devices;
  wire::HomeAddress home;
  wire::Alias alias;                       ///< Where all its devices take messages of this chat.
  uint32_t home_number = 0;                ///< How often it had moved when it said so.
  std::optional<SecretField> entry_token;  ///< Writes to `alias` until the member is in.
  std::vector<LeafRecord> leaves;          ///< Its devices, by leaf from the left.
  bool seen = false;                       ///< Something of it has come: it is in.
  uint64_t spoke_ms = 0;                   ///< When it last said something in slow mode, by its own clock.
  uint64_t since_clock = 0;                ///< The clock of the chat when it came: what was said before is not for it.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.account, self.number, self.name, self.devices, self.home, self.alias,
                          self.home_number, self.entry_token, self.leaves, self.seen, self.spoke_ms, self.since_clock);
  }
};

/// What is to be changed about a group.
struct IntentRecord {
  /// Which change it is.
  enum class Kind : uint8_t {
    kAdd = 1,        ///< `account` by `package`, as soon as it is there.
    kRemove = 2,     ///< All devices of `account`.
    kRole = 3,       ///< `account` becomes `role`.
    kSettings = 4,   ///< What is given of the others.
    kOpenDoor = 5,   ///< `opens`.
    kCloseDoor = 6,  ///< `door`.
    kPins = 7,       ///< From `role` on people pin: kAdmin or kMember.
  };
  uint8_t version = kRecordVersion;
  Kind kind{};
  AccountId account{};
  ByteArray<32> device_key{};  ///< Of kAdd of one's own account: which device.
  Role role = Role::kNone;
  bool returns = false;              ///< Of kAdd: he is a member whose old devices are removed by the same commit.
  Bytes package{};                   ///< Of kAdd: a KeyPackage (MLSMessage); empty: asked for.
  std::optional<SecretField> key{};  ///< Of kAdd: seals the welcome.
  std::optional<std::string> name{};
  std::optional<bool> announcement_only{};
  std::optional<uint32_t> slow_mode_seconds{};
  std::optional<bool> join_by_approval{};
  std::optional<DoorEntry> opens{};
  std::optional<wire::Alias> door{};  ///< Of kAdd: he comes by it, and only if it is open. Of kCloseDoor.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.kind, self.account, self.device_key, self.role, self.returns, self.package,
                          self.key, self.name, self.announcement_only, self.slow_mode_seconds, self.join_by_approval,
                          self.opens, self.door);
  }
};

/// How far an item of the outbox has come that goes to several; kept beside the item, which is larger.
struct ProgressRecord {
  MemberSet recipients;   ///< Whose homes have not taken it yet.
  bool accepted = false;  ///< Some home has taken it.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.recipients, self.accepted);
  }
};

}  // namespace godwit::engine
