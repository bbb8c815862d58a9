#pragma once
// What is owed to each member beside texts: receipts, asking again for what could not be opened, and sending again what he
// asks for. It is kept with the chat until it is in the outbox, so that many make one message.

#include "engine/machine.h"

namespace godwit::engine {

/// A message of `author` is on our disk: a receipt is owed to him.
void owe_delivered(Machine& m, Chat& chat, const AccountId& author, const MessageId& id);
/// The log has moved, and somebody was where nobody followed: he or we are back, and what we have said since they parted goes to him once
/// more, so that it does not depend on who asks whom for what. Two weeks after it nothing is.
void say_again_since_parting(Machine& m, Chat& chat, const AccountId* to);
/// A message came and cannot be opened: `author` is asked for it (zeros: all are), at most kAsksMax times.
void ask_again(Machine& m, Chat& chat, const AccountId& author, const MessageId& id);
/// `author` says how far our messages have come.
void on_receipt(Machine& m, Chat& chat, const AccountId& author, const Receipt& receipt);
/// `author` asks for messages again.
void on_resend(Machine& m, Chat& chat, const AccountId& author, const Resend& resend);
/// Takes the command MarkRead.
void mark_read(Machine& m, CommandId id, const MarkRead& command);
/// Moves what is owed into the outbox, although other things wait in it: they have all been sent on another way.
void queue_owed(Machine& m, Chat& chat);
/// Moves what is owed into the outbox.
void pump_owed(Machine& m, Chat& chat);

}  // namespace godwit::engine
