#pragma once
// Files on their way from a home: chunks are fetched as nobody, opened, and written in their order; what does not open is never
// written. The name is given when all is there.

#include "engine/machine.h"

namespace godwit::engine {

/// Takes the command GetFile.
void get_file(Machine& m, CommandId id, const GetFile& command);
/// Gives one up, if there is one, with what there is of it: what brought it is gone. Those who wait get `why`.
void drop_download(Machine& m, const FileOwner& of, uint64_t number, const Error& why);
/// Ends one, and keeps what there is of it. False: none is under way for that message or file of a post.
bool pause_download(Machine& m, const FileOwner& of, const MessageId& message);
/// Goes on with one file.
void pump_download(Machine& m, const FileOwner& of, uint64_t number);

}  // namespace godwit::engine
