#pragma once
// One's own name: changing it, on all own devices, and telling every chat by a commit whose leaf says it. What others make of it
// stands in members.h.

#include "codec/members.h"
#include "engine/machine.h"

namespace godwit::engine {

/// After a change each chat is told at a moment of its own within so long, so that a home does not see in the commits which chats are
/// one person's. Where something else goes out anyway, with that.
constexpr Duration kRenameSpread = minutes(10);
/// The same after a start that comes later.
constexpr Duration kRenameLateSpread = seconds(60);

/// The value of SyncKind::kOwnName: a name that was chosen after the account was made.
struct OwnName {
  uint32_t number = 0;  ///< How often it was changed.
  int64_t changed_ms = 0;
  std::string name;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.number, self.changed_ms, self.name);
  }
};

/// Takes the command RenameAccount.
void rename_account(Machine& m, CommandId id, const RenameAccount& command);
/// Another own device has changed it.
void take_own_name(Machine& m, ByteView value);
/// How often it was changed.
uint32_t own_name_number(const Machine& m);
/// Wants a commit, when it is time, if our leaf does not say how we are called; lowers the chat's wake to that.
void pump_own_name(Machine& m, Chat& chat);

}  // namespace godwit::engine
