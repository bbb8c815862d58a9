#pragma once
// Calls of groups: the machine (group_call_machine.h) bound to chats, homes, the disk and the time. calls.h asks here for what concerns both.

#include "engine/machine.h"

namespace godwit::engine {

/// Takes the command StartGroupCall.
void start_group_call(Machine& m, CommandId id, const StartGroupCall& command);
/// Takes the command JoinGroupCall.
void join_group_call(Machine& m, CommandId id, const JoinGroupCall& command);
/// Takes the command IgnoreGroupCall.
void ignore_group_call(Machine& m, CommandId id, const IgnoreGroupCall& command);

/// The call of a group that this device is in, or null.
const LiveGroupCall* group_call_of(const Machine& m);
/// Whether it is in this one.
bool is_in_group_call(const Machine& m, const CallId& call);
/// Takes the command EndCall of such a call.
void leave_group_call(Machine& m, CommandId id, const EndCall& command);
/// Takes the command SendCallSignal of such a call.
void signal_in_group_call(Machine& m, CommandId id, const SendCallSignal& command);
/// Takes the command SayCallMedia of such a call.
void say_group_call_media(Machine& m, CommandId id, const SayCallMedia& command);
/// What ReadCalls answers with of groups.
void list_group_calls(Machine& m, const ReadCalls& command, Calls& out);

/// A device has said something about a call in a group; `clock`: where a line stands that it brings.
void take_group_call(Machine& m, const Chat& chat, const CallSpeaker& from, const CallBody& body, uint64_t clock);
/// Goes on with the call that was stored; once all is loaded.
void resume_group_calls(Machine& m);
/// Does what is due, also where the members of a group are others; lowers `wake` to when to call again.
void pump_group_calls(Machine& m, Instant& wake);

}  // namespace godwit::engine
