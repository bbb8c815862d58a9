#pragma once
// Who is in a chat, and what each may do to messages: the one place that knows, for the parts about messages.

#include "engine/machine.h"

namespace godwit::engine {

/// True if it is the account of this profile.
inline bool is_self(const Machine& m, const AccountId& account) { return m.self && m.self->record.account == account; }
/// The other accounts of a chat.
std::vector<AccountId> others_of(const Machine& m, const Chat& chat);
/// How many they are.
size_t count_others(const Chat& chat);
/// True if the account may take back what others have said.
bool is_admin(const Chat& chat, const AccountId& account);
/// Whether an account may say something of this kind in the chat as it is now, slow mode aside: who says, and who is told, judge
/// alike.
bool may_say(const Chat& chat, const AccountId& account, ContentKind kind);
/// True if slow mode is for this kind.
bool is_slowed(ContentKind kind);
/// Receipts for what was read are given in chats of at most so many, and only there is told that somebody types.
constexpr size_t kReadReceiptsMembersMax = 100;

}  // namespace godwit::engine
