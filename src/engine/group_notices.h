#pragma once
// What the engine tells of groups: answers to group_commands.h, and what happened by itself.

#include <string>
#include <vector>

#include "base/time.h"
#include "engine/ids.h"
#include "engine/roles.h"

namespace godwit::engine {

/// One member of a chat.
struct MemberShown {
  AccountId account;
  std::string name;  ///< as he calls himself
  Role role = Role::kMember;
  uint32_t devices = 0;
  bool own = false;  ///< this account
  bool in = false;   ///< something of him has come since he was let in
};
/// Of ListMembers.
struct Members {
  std::vector<MemberShown> members;
  bool announcement_only = false;
  uint32_t slow_mode_seconds = 0;
  bool join_by_approval = false;
  bool admins_pin = false;
  Role role = Role::kMember;  ///< one's own
  bool post_quantum = true;   ///< else it was made to be large
};

/// Who is in a chat, or what he is, has changed.
struct MembersChanged {
  ChatId chat;
  std::vector<AccountId> joined;
  std::vector<AccountId> left;
};

}  // namespace godwit::engine
