#pragma once
// Who is in a chat, and what each may do to messages: the one place that knows, for the parts about messages.

#include "engine/machine.h"
#include "engine/roles.h"

namespace godwit::engine {

/// True if it is the account of this profile.
inline bool is_self(const Machine& m, const AccountId& account) { return m.self && m.self->record.account == account; }
/// The other accounts of a chat.
std::vector<AccountId> others_of(const Machine& m, const Chat& chat);
/// How many they are.
size_t count_others(const Chat& chat);
/// The account of this profile as the author of what it says now.
Author self_in(const Machine& m, const Chat& chat);
/// Whether somebody of this role may say something of this kind under these settings (null: a chat of two), slow mode aside:
/// who says, and who is told, judge alike, by the epoch in which it is said.
bool may_say(const GroupSettings* settings, Role role, ContentKind kind);
/// True if this kind is said to the people of a chat, and not only to keep it going or to take something back.
bool says_words(ContentKind kind);
/// True if slow mode is for this kind.
bool is_slowed(ContentKind kind);
/// In chats of more nobody says what has come to him, what he has looked at, or that he types: that would be more than what is
/// said.
constexpr size_t kReceiptMembersMax = 100;
/// True if somebody else is here who tells such things.
bool gives_receipts(const Chat& chat);

}  // namespace godwit::engine
