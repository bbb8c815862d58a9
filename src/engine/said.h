#pragma once
// One's own contents that are not in the history: what was done to messages. The newest kSaidMax of a chat are kept, since somebody
// may ask for them again. The words of an edit go when those of its message go.

#include "engine/machine.h"

namespace godwit::engine {

/// Keeps a content; `target` is the message that it is about.
void keep_said(Machine& m, Chat& chat, const Content& content, const MessageId& target);
/// The message `target` is no more: what its edits said goes too, also what still waits for somebody's home.
void forget_edits_of(Machine& m, Chat& chat, const MessageId& target);

}  // namespace godwit::engine
