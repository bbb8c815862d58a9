#pragma once
// What an opened message does.

#include "engine/machine.h"

namespace godwit::engine {

/// Takes in the plaintext of a message of the peer.
void take_content(Machine& m, Chat& chat, ByteView plaintext);

}  // namespace godwit::engine
