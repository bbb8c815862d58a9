#pragma once
// Files on their way from a home: chunks are fetched as nobody, opened, and written in their order; what does not open is never
// written. The name is given when all is there.

#include "engine/machine.h"

namespace godwit::engine {

/// Takes the command GetFile.
void get_file(Machine& m, CommandId id, const GetFile& command);
/// Goes on with one file.
void pump_download(Machine& m, Chat& chat, uint64_t position);

}  // namespace godwit::engine
