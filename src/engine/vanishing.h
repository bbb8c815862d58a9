#pragma once
// Messages that disappear: for their sender so long after they went out, for the others after they were read. Nobody sees one from
// that moment on; its records go with the next batch.

#include "engine/machine.h"

namespace godwit::engine {

/// The time of a message in the window begins to run, if it has one and has not begun. The caller writes the index.
void start_timer(Machine& m, Chat& chat, uint64_t position);
/// Notes when a message in the window ends whose time began to run on another own device; nothing if it has none.
void put_timer(Machine& m, Chat& chat, uint64_t position);
/// The message goes before its time.
void drop_timer(Machine& m, const Chat& chat, uint64_t position, const IndexRecord& index);
/// True if the message is not to be seen any more.
bool has_expired(const Machine& m, const IndexRecord& index);
/// Removes what is due; lowers the chat's wake to the next.
void pump_vanishing(Machine& m, Chat& chat);
/// What somebody has set for the chat: the last setting by its order counts.
void take_settings(Machine& m, Chat& chat, const OrderKey& at, uint32_t seconds);

}  // namespace godwit::engine
