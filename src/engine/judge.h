#pragma once
// Whether a commit does only what its sender may do. Everybody judges alike, by the epoch that the commit ends, so that all
// find the same entries of the log void (docs/protocol/chat.md, "Group log" and "Groups").

#include "engine/machine.h"

namespace godwit::engine {

/// Judges a commit. kBadLogEntry: void; of our own: it is not appended.
Status judge_commit(const Chat& chat, const mls::CommitReport& commit);

}  // namespace godwit::engine
