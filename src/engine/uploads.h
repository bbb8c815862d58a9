#pragma once
// Files on their way to the own home: a grant is asked for by the mailbox, chunks go there as nobody, and when all are there the
// message goes into the outbox. What is stored is enough to go on after a restart: the home is asked how far the blob is.

#include "engine/machine.h"

namespace godwit::engine {

/// The chat id of the link by which all files go to the own home; it belongs to no chat. The uploads of a mailbox are joined by
/// their grants whatever carries them, for a home that records: on the links of chats they would join those with the mailbox.
ChatId uploader();

/// Takes the command SendFile.
void send_file(Machine& m, CommandId id, const SendFile& command);
/// Calls one off, if there is one: its message is not wanted any more.
void cancel_upload(Machine& m, Chat& chat, uint64_t position);
/// Goes on with one file.
void pump_upload(Machine& m, Chat& chat, uint64_t position);

}  // namespace godwit::engine
