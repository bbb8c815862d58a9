#pragma once
// Word that somebody writes: delivered only to who is connected, and stored nowhere.

#include "engine/machine.h"

namespace godwit::engine {

/// Takes the command SendTyping.
void send_typing(Machine& m, CommandId id, const SendTyping& command);
/// A member writes, or has stopped.
void take_typing(Machine& m, const Chat& chat, const AccountId& author, const Content& content);

}  // namespace godwit::engine
