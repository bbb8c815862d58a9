#pragma once
// The commands about messages that are there.

#include "engine/machine.h"

namespace godwit::engine {

/// Takes the command ReadMessage.
void read_message(Machine& m, CommandId id, const ReadMessage& command);
/// Takes the command EditMessage.
void edit_message(Machine& m, CommandId id, const EditMessage& command);
/// Takes the command ReadEdits.
void read_edits(Machine& m, CommandId id, const ReadEdits& command);
/// Takes the command DeleteMessage.
void delete_message(Machine& m, CommandId id, const DeleteMessage& command);
/// Takes the command React.
void react(Machine& m, CommandId id, const React& command);
/// Takes the command Vote.
void vote(Machine& m, CommandId id, const Vote& command);
/// Takes the command ClosePoll.
void close_poll(Machine& m, CommandId id, const ClosePoll& command);
/// Takes the command PinMessage.
void pin_message(Machine& m, CommandId id, const PinMessage& command);
/// Takes the command ListPinned.
void list_pinned(Machine& m, CommandId id, const ListPinned& command);
/// Takes the command ReadReceipts.
void read_receipts(Machine& m, CommandId id, const ReadReceipts& command);

}  // namespace godwit::engine
