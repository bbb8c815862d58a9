#pragma once
// What sending and fetching files share: work on the host's files, progress, and turns.

#include "engine/machine.h"

namespace godwit::engine {

/// Asks the host to read a piece of a file.
void read_file(Machine& m, const std::string& source, uint64_t offset, uint32_t size,
               std::function<void(const FileRead&)> done);
/// Has the host write a piece of a file; `op` is filled in.
void write_file(Machine& m, WriteFile operation, std::function<void(const FileWritten&)> done);
/// Has it give the file its name, likewise.
void write_file(Machine& m, FinishFile operation, std::function<void(const FileWritten&)> done);
/// What was written of a file is of no use any more.
void drop_file(Machine& m, const std::string& destination, const MessageId& part);
/// Takes the host's answer to a read.
void on_file_read(Machine& m, const FileRead& event);
/// Takes the host's answer to a write.
void on_file_written(Machine& m, const FileWritten& event);

/// The files of a chat or a channel, or null: it has gone.
Transfers* find_transfers(Machine& m, const FileOwner& of);
/// The owner has something to do. It is there.
void touch(Machine& m, const FileOwner& of);
/// The key of the record of one transfer.
Bytes transfer_key(RecordKind of_chat, RecordKind of_channel, const FileOwner& of, uint64_t number);

/// How many chunks of a transfer may be under way over `link`.
uint32_t chunks_at_once(const Link& link);
/// Forgets what is under way: answers that come are ignored, and the next run begins at chunk `next`.
void begin_anew(Transfer& transfer, Link& link, uint32_t next);
/// How far a file is: `done` of `total` bytes.
FileProgress progress_of(const FileOwner& of, const MessageId& file, bool sending, uint64_t done, uint64_t total);
/// Tells how far a file is, if that was not told a moment ago or there is an error.
void tell_progress(Machine& m, Transfer& transfer, FileProgress progress);
/// The facts of a file for people.
FileInfo file_info(const FileBody& file);
/// Notes on the facts whether the file is under way.
void note_transfer(const Chat& chat, Message& message);

/// Takes the command PauseFile.
void pause_file(Machine& m, CommandId id, const PauseFile& command);
/// Goes on with the owner's files, as many as may be under way at once; lowers `wake` to when to call again.
void pump_transfers(Machine& m, const FileOwner& of, const Transfers& transfers, Instant& wake);

}  // namespace godwit::engine
