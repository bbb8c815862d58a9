#pragma once
// What the owner of this profile has set: for a chat, for himself, and what is to be said later. Nobody else sees it.

#include "engine/machine.h"

namespace godwit::engine {

/// Takes the command SetChat.
void set_chat(Machine& m, CommandId id, const SetChat& command);
/// Takes the command SetPrivacy.
void set_privacy(Machine& m, CommandId id, const SetPrivacy& command);
/// Takes the command ReadPrivacy.
void read_privacy(Machine& m, CommandId id);
/// Takes the command ScheduleMessage.
void schedule_message(Machine& m, CommandId id, const ScheduleMessage& command);
/// Takes the command ListScheduled.
void list_scheduled(Machine& m, CommandId id, const ListScheduled& command);
/// Takes the command CancelScheduled.
void cancel_scheduled(Machine& m, CommandId id, const CancelScheduled& command);
/// Says what is due; lowers the chat's wake to the next.
void pump_scheduled(Machine& m, Chat& chat);

}  // namespace godwit::engine
