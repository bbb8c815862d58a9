#pragma once
// Rooms of the forwarding units of homes, for calls of more than the few that connect to each other: what the page wants is taken to the home
// that has the room. Inside engine/ only.

#include "engine/commands.h"

namespace godwit::engine {

struct Machine;

/// Takes the command OpenCallRoom.
void open_call_room(Machine& m, CommandId id, const OpenCallRoom& command);
/// Takes the command AskCallRoom.
void ask_call_room(Machine& m, CommandId id, const AskCallRoom& command);

}  // namespace godwit::engine
