#pragma once
// What a new chat needs at homes before anything can be delivered: an address of one's own, and the group log.

#include "engine/machine.h"

namespace godwit::engine {

/// Asks for what is missing.
void pump_setup(Machine& m, Chat& chat);
/// True if the home asks for work that `work`, the nonce that it was shown, is not. One that refuses what it has asked for is not asked again
/// at once.
bool wants_other_work(const Outcome& outcome, const wire::LogId& log, uint64_t work);

}  // namespace godwit::engine
