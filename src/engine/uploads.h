#pragma once
// Files on their way to the own home: a grant is asked for by the mailbox, chunks go there as nobody, and when all are there the
// message goes into the outbox, or the post into its channel. What is stored is enough to go on after a restart: the home is asked
// how far the blob is.

#include "engine/machine.h"

namespace godwit::engine {

/// The chat id of the link by which all files go to the own home; it belongs to no chat. The uploads of a mailbox are joined by
/// their grants whatever carries them, for a home that records: on the links of chats they would join those with the mailbox.
ChatId uploader();

/// Takes the command SendFile.
void send_file(Machine& m, CommandId id, const SendFile& command);
/// What a message or a post says of a file of `size` bytes: with a new blob id and key, and a cleaned name.
FileBody file_to_send(Machine& m, const SendFile& command, uint64_t size);
/// Begins to bring a file to the home: goes on across restarts. `number` is its own among the owner's.
void add_upload(Machine& m, const FileOwner& of, uint64_t number, Upload upload);
/// Calls one off, if there is one: its message or post is not wanted any more.
void cancel_upload(Machine& m, const FileOwner& of, uint64_t number);
/// Holds one of a chat up, or lets it go on. False: there is none for that message.
bool pause_upload(Machine& m, const ChatId& chat, const MessageId& message, bool paused);
/// Goes on with one file.
void pump_upload(Machine& m, const FileOwner& of, uint64_t number);

}  // namespace godwit::engine
