#pragma once
// What an account may do in a chat. Roles stand in the group context, so every member reads the same ones.

#include "engine/ids.h"

namespace godwit::engine {

struct Chat;

/// What an account is in a chat; each may what the ones before it may.
enum class Role : uint8_t {
  kNone = 0,    ///< Not a member.
  kReader = 1,  ///< Reads; what it writes is shown to nobody.
  kMember = 2,
  kAdmin = 3,  ///< Lets in, removes, takes away messages of others, changes name and settings.
  kOwner = 4,  ///< Makes and unmakes admins and owners.
};

/// Who has said something, and what he was in the chat when he said it.
struct Author {
  AccountId account;
  Role role = Role::kMember;
  DeviceId device{};  ///< Of what came by MLS: whose leaf has said it.

  /// True if he might take back what others had said.
  bool is_admin() const { return role >= Role::kAdmin; }
};

/// What `account` is in `chat` in the epoch as it is. In a chat of two both are kMember.
Role role_of(const Chat& chat, const AccountId& account);

}  // namespace godwit::engine
