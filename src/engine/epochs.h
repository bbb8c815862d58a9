#pragma once
// From one epoch to the next: judging an entry of the group log, adopting its commit, and what each epoch leaves behind.

#include "engine/machine.h"

namespace godwit::engine {

struct CommitSeen;

/// Takes in the entry that stands next in the log. False: it does not follow what we have, so that nothing after it can be
/// used either.
bool apply_log_entry(Machine& m, Chat& chat, const wire::LogEntry& entry);
/// No commit of ours can be made or appended for now: tells once, and answers the commands that wait for one.
void block_commits(Machine& m, Chat& chat, Error error);
/// In one epoch. Each is a key that is used up, and the next commit has to be made behind it.
constexpr size_t kCalledOffMax = 16;
/// Our staged commit will not be shown to anybody: another one is made in this epoch, under the next key.
void call_off_staged(Machine& m, Chat& chat);
/// Our own staged commit was accepted: its epoch begins.
void adopt_staged(Machine& m, Chat& chat);
/// We are not a member any more: what opens late messages stays, everything else of the group goes. `seen`: the commit that has put us
/// out, if we have read it.
void leave_chat(Machine& m, Chat& chat, const CommitSeen* seen = nullptr);
/// This device has lost the epoch and is about to come back: what waits is kept, and the group goes.
void lose_group(Machine& m, Chat& chat);
/// Drops past epochs that are too old; lowers the chat's sweep_at to the next such moment.
void sweep_past_epochs(Machine& m, Chat& chat);

}  // namespace godwit::engine
