#pragma once
// What is to be said later. The device on which it was written says it; the other devices of the account know of it, show it and can
// take it back, and one of them says it when the first has let its time go by. It has the same id whoever says it, so it is there
// once. A long one is on its own device alone (kSyncFieldSizeMax).

#include "engine/machine.h"

namespace godwit::engine {

/// So long after its time another device says what the first has not.
constexpr Duration kScheduledPatience = minutes(10);

/// Takes the command ScheduleMessage.
void schedule_message(Machine& m, CommandId id, const ScheduleMessage& command);
/// Takes the command ListScheduled.
void list_scheduled(Machine& m, CommandId id, const ListScheduled& command);
/// Takes the command CancelScheduled.
void cancel_scheduled(Machine& m, CommandId id, const CancelScheduled& command);
/// Says what is due; lowers the chat's wake to the next.
void pump_scheduled(Machine& m, Chat& chat);
/// Forgets all that is to be said in this chat, on all devices: its owner has deleted it.
void forget_scheduled(Machine& m, Chat& chat);
/// Another own device has written something for later, or it is over: a field of SyncKind::kScheduled.
void take_scheduled(Machine& m, ByteView key, ByteView value);
/// What other devices have written for this chat, out of the fields: the chat is new in memory.
void load_scheduled(Machine& m, Chat& chat);

}  // namespace godwit::engine
