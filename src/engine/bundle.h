#pragma once
// Messages that people carry themselves: what waits in the outboxes, written into a bundle that goes to its receivers on a
// stick, by mail, or over a local network (docs/protocol/bundle.md). What came this way may come again over the home: the
// receiver shows each message once. Sealed requests for homes may stand beside them (courier.h), and their answers.
//
// Not here: which file, which network; the bytes of a bundle (wire/bundle.h).

#include "engine/machine.h"

namespace godwit::engine {

/// Takes the command WriteBundle.
void write_bundle(Machine& m, CommandId id, const WriteBundle& command);
/// Takes the command ReadBundle.
void read_bundle(Machine& m, CommandId id, const ReadBundle& command);

}  // namespace godwit::engine
