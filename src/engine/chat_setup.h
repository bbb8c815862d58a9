#pragma once
// What a new chat needs at homes before anything can be delivered: an address of one's own, and the group log.

#include "engine/machine.h"

namespace godwit::engine {

/// Asks for what is missing.
void pump_setup(Machine& m, Chat& chat);

}  // namespace godwit::engine
