#pragma once
// Whether a commit does only what its sender may do. Everybody judges alike, by the epoch that the commit ends, so that all
// find the same entries of the log void (docs/protocol/chat.md, "Group log" and "Groups").

#include "engine/machine.h"

namespace godwit::engine {

/// Whether `added` stands for `gone`: the same account, by another leaf that the same device has signed for this one's place, or for the
/// place for which `gone` stands itself until its owner's first commit.
bool stands_for(const mls::Member& added, const mls::Member& gone);
/// True if a commit takes somebody out, so that other keys and tokens hold from then on. Who only comes back has them anyway.
bool begins_base(const mls::CommitReport& commit);
/// Judges a commit. kBadLogEntry: void; of our own: it is not appended.
Status judge_commit(const Chat& chat, const mls::CommitReport& commit);

}  // namespace godwit::engine
