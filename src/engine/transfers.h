#pragma once
// What sending and fetching files share: work on the host's files, progress, and turns.

#include "engine/machine.h"

namespace godwit::engine {

/// Asks the host to read a piece of a file.
void read_file(Machine& m, const std::string& source, uint64_t offset, uint32_t size,
               std::function<void(const FileRead&)> done);
/// Hands an operation to the host; its `op` is filled in.
template <typename Operation>
void write_file(Machine& m, Operation operation, std::function<void(const FileWritten&)> done) {
  operation.op = FileOpId{++m.last_file_op};
  m.file_writes.emplace(operation.op, std::move(done));
  m.effects.push_back(std::move(operation));
}
/// Takes the host's answer to a read.
void on_file_read(Machine& m, const FileRead& event);
/// Takes the host's answer to a write.
void on_file_written(Machine& m, const FileWritten& event);

/// How many chunks of a transfer may be under way over `link`.
uint32_t chunks_at_once(const Link& link);
/// Forgets what is under way: answers that come are ignored, and the next run begins at chunk `next`.
void begin_anew(Transfer& transfer, Link& link, uint32_t next);
/// Tells how far a file is, if that was not told a moment ago or there is an error.
void tell_progress(Machine& m, Transfer& transfer, FileProgress progress);
/// The facts of a file for people.
FileInfo file_info(const FileBody& file);
/// Notes on the facts whether the file is under way.
void note_transfer(const Chat& chat, Message& message);

/// Goes on with the chat's files, as many as may be under way at once.
void pump_transfers(Machine& m, Chat& chat);

}  // namespace godwit::engine
