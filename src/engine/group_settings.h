#pragma once
// What all members of a group agree on beside its keys: an extension of ours in the MLS group context, so that it is part of
// the key schedule and nobody is shown another one (docs/protocol/chat.md, "Groups"). A chat of two has none.

#include "codec/codec.h"
#include "engine/ids.h"
#include "engine/roles.h"
#include "mls/extension.h"
#include "wire/ids.h"

namespace godwit::engine {

/// RFC 9420 §17.3: 0xf000 and above are for private use.
constexpr auto kGroupSettingsExtension = static_cast<mls::ExtensionType>(0xf0d3);

/// Members of a group.
constexpr size_t kMembersMax = 2000;
/// Leaves of one account: as many devices as a mailbox may have.
constexpr size_t kLeavesPerAccountMax = 8;
/// Doors of a group.
constexpr size_t kDoorsMax = 32;
/// Accounts that do not come back by a link: the last ones that were removed.
constexpr size_t kBarredMax = 256;
/// The longest pause that slow mode may ask for: a day.
constexpr uint32_t kSlowModeSecondsMax = 86'400;

/// The role of one account that is not kMember.
struct RoleEntry {
  AccountId account;
  Role role = Role::kReader;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.account, self.role);
  }
  friend bool operator==(const RoleEntry&, const RoleEntry&) = default;
};

/// A door by which others come in: an address of an admin's that takes join requests (doors.h). Members see that it exists
/// and admins can close it; what opens it is in the link alone.
struct DoorEntry {
  wire::Alias alias;
  AccountId keeper;  ///< Whose address it is.
  bool approval = false;
  uint32_t uses = 0;         ///< 0: any number.
  uint32_t expires_day = 0;  ///< Counted from 1970; 0: never.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.alias, self.keeper, self.approval, self.uses, self.expires_day);
  }
  friend bool operator==(const DoorEntry&, const DoorEntry&) = default;
};

/// The extension's data. Version 2 appends nothing: it says that admins alone pin (set_admins_pin). Programs that know only version 1 keep the
/// number and judge a change of it as they do one of any setting, so that all of a group stay of one mind.
struct GroupSettings {
  uint8_t version = 1;
  std::string name;
  std::vector<RoleEntry> roles;  ///< By account, ascending; who is not among them is a kMember.
  bool announcement_only = false;
  uint32_t slow_mode_seconds = 0;  ///< 0: off.
  bool join_by_approval = false;
  std::vector<DoorEntry> doors;   ///< Each of an admin or owner.
  std::vector<AccountId> barred;  ///< Who was removed and is not to come back by a link, the last one last.
  bool saved = false;             ///< What an account keeps for itself: only its own devices are in it, for ever.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.name, self.roles, self.announcement_only, self.slow_mode_seconds,
                          self.join_by_approval, self.doors, self.barred, self.saved);
  }
  friend bool operator==(const GroupSettings&, const GroupSettings&) = default;

  /// True if only admins pin messages; else whoever may write does.
  bool admins_pin() const { return version == 2; }
  /// Sets that. What a later version than 2 says of it is not known here, and stays.
  void set_admins_pin(bool admins) { version = version > 2 ? version : admins ? 2 : 1; }
  /// The role of an account, if it is a member.
  Role role_of(const AccountId& account) const;
  /// Gives an account another role. Who is no admin any more keeps no doors.
  void set_role(const AccountId& account, Role role);
  /// The door with this address; null if there is none.
  const DoorEntry* door(const wire::Alias& alias) const;
  /// True if the account is not to come in by a link.
  bool is_barred(const AccountId& account) const;
  /// Removed: it does not come back by a link. The first of too many is forgotten.
  void bar(const AccountId& account);
  /// An admin wants it in again.
  void unbar(const AccountId& account);
};

/// The extension.
mls::Extension group_settings_extension(const GroupSettings& settings);
/// The settings in a group context, or none: a chat of two. kBadContent: not well-formed, or a name, role or number that there
/// may not be; a commit that would put it there is void.
Result<std::optional<GroupSettings>> parse_group_settings(const mls::Extensions& group_context);

}  // namespace godwit::engine
