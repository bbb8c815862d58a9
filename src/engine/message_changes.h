#pragma once
// What is done to messages: reactions, edits, deletes, votes, pins. Whatever the order in which they come, the same becomes of
// the message on every device, since of each thing the last by its OrderKey counts. What comes before its message waits for it,
// stored; so does what is about a message that has to be looked up first.

#include "engine/machine.h"

namespace godwit::engine {

/// Takes what `author` does to a message, in or out of order. What he may not do is passed over. `proof` is of an edit.
void take_change(Machine& m, Chat& chat, const Author& author, const Content& content,
                 std::optional<SaidProof> proof = std::nullopt);
/// Does it to a message that was read, which is one's own way to do things. True if something has changed.
bool change_message(Machine& m, Chat& chat, Held& held, const Author& author, const Content& content,
                    const std::optional<SaidProof>& proof = std::nullopt);
/// A message has come: does to it what has waited for it.
void take_waiting(Machine& m, Chat& chat, uint64_t position);
/// Looks up the messages for which changes wait: after a start.
void look_up_waiting(Machine& m, Chat& chat);
/// A member says how far a message of ours has come.
void note_receipt(Machine& m, Chat& chat, uint64_t position, const AccountId& account, bool read);
/// Tells people how the message is now.
void tell_changed(Machine& m, Chat& chat, uint64_t position, const MessageId& id);
/// Nothing of a message stays but that it was there.
void remove_message(Machine& m, Chat& chat, uint64_t position, IndexRecord index);

}  // namespace godwit::engine
