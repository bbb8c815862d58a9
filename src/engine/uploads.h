#pragma once
// Files on their way to the own home: a grant is asked for by the mailbox, chunks go there as nobody, and when all are there the
// message goes into the outbox. What is stored is enough to go on after a restart: the home is asked how far the blob is.

#include "engine/machine.h"

namespace godwit::engine {

/// Takes the command SendFile.
void send_file(Machine& m, CommandId id, const SendFile& command);
/// Goes on with one file.
void pump_upload(Machine& m, Chat& chat, uint64_t position);

}  // namespace godwit::engine
