#include "engine/group_settings.h"

#include <algorithm>
#include <set>

#include "engine/chat.h"
#include "engine/errors.h"
#include "engine/member_info.h"

namespace godwit::engine {
namespace {

constexpr uint8_t kVersion = 1;

Status check(const GroupSettings& settings) {
  TRY(check_given_name(settings.name));
  REQUIRE(settings.roles.size() <= kMembersMax && settings.doors.size() <= kDoorsMax &&
              settings.barred.size() <= kBarredMax,
          kBadContent, "a group has so many roles, doors and barred accounts at most");
  for (size_t i = 0; i < settings.roles.size(); ++i) {
    const Role role = settings.roles[i].role;
    REQUIRE(role == Role::kReader || role == Role::kAdmin || role == Role::kOwner, kBadContent, "a role that is one");
    REQUIRE(i == 0 || settings.roles[i - 1].account < settings.roles[i].account, kBadContent,
            "roles stand in the order of their accounts, each once");
  }
  std::set<wire::Alias> aliases;
  for (const DoorEntry& door : settings.doors) {
    REQUIRE(aliases.insert(door.alias).second, kBadContent, "a door has an address of its own");
    REQUIRE(settings.role_of(door.keeper) >= Role::kAdmin, kBadContent, "admins keep doors");
  }
  REQUIRE(std::set(settings.barred.begin(), settings.barred.end()).size() == settings.barred.size(), kBadContent,
          "an account is barred once");
  REQUIRE(!settings.saved || (settings.doors.empty() && settings.barred.empty() && settings.roles.size() == 1),
          kBadContent, "saved messages have one owner and no links");
  REQUIRE(settings.slow_mode_seconds <= kSlowModeSecondsMax, kBadContent, "slow mode asks for a day at most");
  return {};
}

}  // namespace

Role GroupSettings::role_of(const AccountId& account) const {
  const auto found = std::ranges::lower_bound(roles, account, {}, &RoleEntry::account);
  return found == roles.end() || found->account != account ? Role::kMember : found->role;
}

void GroupSettings::set_role(const AccountId& account, Role role) {
  const auto found = std::ranges::lower_bound(roles, account, {}, &RoleEntry::account);
  const bool there = found != roles.end() && found->account == account;
  if (role == Role::kMember || role == Role::kNone) {
    if (there) roles.erase(found);
  } else if (there) {
    found->role = role;
  } else {
    roles.insert(found, {account, role});
  }
  if (role < Role::kAdmin) std::erase_if(doors, [&](const DoorEntry& door) { return door.keeper == account; });
}

const DoorEntry* GroupSettings::door(const wire::Alias& alias) const {
  const auto found = std::ranges::find(doors, alias, &DoorEntry::alias);
  return found == doors.end() ? nullptr : &*found;
}

bool GroupSettings::is_barred(const AccountId& account) const {
  return std::ranges::find(barred, account) != barred.end();
}

void GroupSettings::bar(const AccountId& account) {
  unbar(account);
  if (barred.size() >= kBarredMax) barred.erase(barred.begin());
  barred.push_back(account);
}

void GroupSettings::unbar(const AccountId& account) { std::erase(barred, account); }

mls::Extension group_settings_extension(const GroupSettings& settings) {
  return {kGroupSettingsExtension, codec::encoded(settings)};
}

Result<std::optional<GroupSettings>> parse_group_settings(const mls::Extensions& group_context) {
  const Bytes* data = mls::find_extension(group_context, kGroupSettingsExtension);
  if (data == nullptr) return std::optional<GroupSettings>{};
  codec::Reader reader(*data);
  auto settings = TRY(codec::decode<GroupSettings>(reader));
  // A later version may append members to the structure, so what follows is left unread then.
  REQUIRE(settings.version >= kVersion && (settings.version > kVersion || reader.at_end()), kBadContent,
          "settings are well-formed");
  TRY(check(settings));
  return std::optional<GroupSettings>(std::move(settings));
}

Role role_of(const Chat& chat, const AccountId& account) {
  const auto found = chat.members.find(account);
  if (found == chat.members.end() || found->second.record.leaves.empty()) return Role::kNone;
  return chat.settings ? chat.settings->role_of(account) : Role::kMember;
}

}  // namespace godwit::engine
