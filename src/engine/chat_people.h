#pragma once
// Who is in a chat, and what each may do to messages: the one place that knows, for the parts about messages.

#include "engine/machine.h"

namespace godwit::engine {

/// True if it is the account of this profile.
inline bool is_self(const Machine& m, const AccountId& account) { return m.self && m.self->record.account == account; }
/// The other accounts of a chat.
inline std::vector<AccountId> others_of(const Chat& chat) { return {chat.record.peer.account}; }
/// True if the account may take back what others have said.
inline bool is_admin([[maybe_unused]] const Chat& chat, [[maybe_unused]] const AccountId& account) { return false; }
/// Receipts for what was read are given in chats of at most so many.
constexpr size_t kReadReceiptsMembersMax = 100;

}  // namespace godwit::engine
