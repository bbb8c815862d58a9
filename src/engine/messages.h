#pragma once
// What an opened message does.

#include "engine/machine.h"

namespace godwit::engine {

/// Takes in the plaintext of a message of `author`: another account in this chat, or one's own on another device. `proof` is there if
/// people read it, and was checked.
void take_content(Machine& m, Chat& chat, const Author& author, ByteView plaintext, std::optional<SaidProof> proof);

}  // namespace godwit::engine
