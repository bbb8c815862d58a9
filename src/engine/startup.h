#pragma once
// Reads the profile: every record but the history, kind by kind, until the engine stands where it stood.

#include "engine/machine.h"

namespace godwit::engine {

/// Asks the host for the stored records; `ready` is called when all have come. A damaged record stops the engine.
void load_profile(Machine& m, std::function<void()> ready);

}  // namespace godwit::engine
