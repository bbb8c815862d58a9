#pragma once
// What can be asked of the engine about groups. Those that change a group are answered once its log has the change: until
// then they are tried again by themselves, across restarts, for as long as they make sense.

#include <optional>
#include <string>
#include <vector>

#include "engine/ids.h"
#include "engine/roles.h"

namespace godwit::engine {

/// Makes a group of oneself alone, its owner. Answered by ChatMade. kNoAccount, kTooLong, kNotText.
struct NewGroup {
  std::string name;
  bool large = false;  ///< 2,000 people with 3,600 devices, but what was recorded opens to a quantum computer; else 100 devices.
};
/// The chat of oneself alone, for notes and what one wants to keep: made if there is none yet. Other devices of the account come into
/// it by themselves; of two that made one at once, all take the one with the lower id from then on. Answered by ChatMade. kNoAccount.
struct OpenSaved {};
/// Answered by Members. kNoSuchChat.
struct ListMembers {
  ChatId chat;
};
/// Lets contacts in, by their accounts. Their devices are asked for keys over the chats with them and answer by themselves, so it
/// takes until they are there. Answered by Nothing when all are asked; MembersChanged says who came. kNoSuchChat, kNotGroup,
/// kNotAllowed, kNoSuchContact.
struct AddMembers {
  ChatId chat;
  std::vector<AccountId> accounts;
};
/// Removes a member with all his devices. Answered by Nothing. kNoSuchChat, kNotGroup, kNotMember, kNoSuchMember, kNotAllowed,
/// kOvertaken.
struct RemoveMember {
  ChatId chat;
  AccountId account;
};
/// Leaves a group: asks the others to remove this account. The chat stays, to be read. Answered by Nothing as soon as that is
/// safe on this device's disk. kNoSuchChat, kNotGroup, kNotMember, kLastOwner.
struct LeaveGroup {
  ChatId chat;
};
/// Makes a member something else. Errors as RemoveMember, and kLastOwner.
struct SetRole {
  ChatId chat;
  AccountId account;
  Role role = Role::kMember;
};
/// Answered by Nothing. kNoSuchChat, kNotGroup, kNotMember, kNotAllowed, kTooLong, kNotText, kOvertaken.
struct RenameGroup {
  ChatId chat;
  std::string name;
};
/// Changes what is given and leaves the rest. Errors as RenameGroup, and kBadSetting.
struct SetGroupSettings {
  ChatId chat;
  std::optional<bool> announcement_only;      ///< Only admins write.
  std::optional<uint32_t> slow_mode_seconds;  ///< Between two messages of one member; 0: off; at most a day.
  std::optional<bool> join_by_approval;       ///< Who comes by a link waits for an admin.
  std::optional<bool> admins_pin{};           ///< Only admins pin messages.
};

/// Goes on with the log of a chat at another home, after the one where it is has gone for good: admins of a group, either of a chat of
/// two. The others are told over the chat. What only the log that is gone knew is lost. Answered by Nothing when the new log is
/// open. kNoSuchChat, kNotMember, kNotAllowed, kLogIsThere, kOvertaken, and of the link as NewAccount.
struct MoveLog {
  ChatId chat;
  std::optional<std::string> home;  ///< godwit-home:…; none: the own one.
};

}  // namespace godwit::engine
