#pragma once
// Random bytes for what everybody on the way may see: fillings, masks. Never for keys.

#include "base/bytes.h"

namespace godwit::net {

/// Fills `out` from OpenSSL's random source, asked for some KiB at a time: asking costs more than what is asked for. Each thread has its own.
/// Ends the program if there is none.
void draw_noise(ByteSpan out);

}  // namespace godwit::net
