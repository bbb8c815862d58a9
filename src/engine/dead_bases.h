#pragma once
// Bases that only a log has had where nobody follows (log_move.h): whose keys are used, and how long others are kept.

#include "engine/machine.h"

namespace godwit::engine {

/// True if these are of one base: two branches can have bases of one number.
bool is_same_base(const ChatKeys& one, const ChatKeys& other);
/// Others are reached under the keys of the last base that they share with us: the one that held in `epoch`. Those of later ones are kept
/// behind all others for a time, since something may still come under them, and we may be where they hold after all.
void take_base_of(const Machine& m, Chat& chat, uint64_t epoch);
/// Forgets those that have been dead for so long that nothing comes under them any more.
void drop_dead_bases(Machine& m, Chat& chat);

}  // namespace godwit::engine
