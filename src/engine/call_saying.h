#pragma once
// What a device says of a call, on its way: past the outbox, since it is of use now or never.

#include <functional>

#include "engine/machine.h"

namespace godwit::engine {

/// Says it to all devices of the chat, or of those accounts that it names, once all before is stored. Nothing happens in a chat that is gone.
void say_of_call(Machine& m, const SayCall& said);
/// Once a call is over, nothing of it but the end has to arrive.
bool is_last_word(CallStep step);
/// Takes back what has not left yet: where nothing comes through it would ring long after.
void call_off_said(Machine& m, const std::function<bool(const CallSaid&)>& wanted);

}  // namespace godwit::engine
