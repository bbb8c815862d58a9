#pragma once
// What an opened message does.

#include "engine/machine.h"

namespace godwit::engine {

/// Takes in the plaintext of a message of `author`: another account in this chat, or one's own on another device.
void take_content(Machine& m, Chat& chat, const Author& author, ByteView plaintext);

}  // namespace godwit::engine
