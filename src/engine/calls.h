#pragma once
// Calls: the machine (call_machine.h) bound to chats, homes, the disk and the time (docs/protocol/calls.md). Not here: media, and lines in
// the history (call_lines.h).

#include "engine/machine.h"

namespace godwit::engine {

/// Takes the command StartCall.
void start_call(Machine& m, CommandId id, const StartCall& command);
/// Takes the command AcceptCall.
void accept_call(Machine& m, CommandId id, const AcceptCall& command);
/// Takes the command TakeOverCall.
void take_over_call(Machine& m, CommandId id, const TakeOverCall& command);
/// Takes the command DeclineCall.
void decline_call(Machine& m, CommandId id, const DeclineCall& command);
/// Takes the command EndCall.
void end_call(Machine& m, CommandId id, const EndCall& command);
/// Takes the command HoldCall.
void hold_call(Machine& m, CommandId id, const HoldCall& command);
/// Takes the command SendCallSignal.
void send_call_signal(Machine& m, CommandId id, const SendCallSignal& command);
/// Takes the command SayCallMedia.
void say_call_media(Machine& m, CommandId id, const SayCallMedia& command);
/// Takes the command ReadCalls.
void read_calls(Machine& m, CommandId id, const ReadCalls& command);
/// Takes the command ReadCallRelays.
void read_call_relays(Machine& m, CommandId id);
/// What `home` has given, without what leads to another host than its link names: nobody is sent where he has not come by himself. Of
/// the own home all of it where this program leads calls there by the way of its messages, wherever that begins.
CallRelay relay_of(const Machine& m, const wire::HomeAddress& home, const wire::TurnCredentials& given);

/// True if this device speaks for this account in the chat as it is now: it has a leaf, and no list says that it was removed. What comes in an
/// epoch that is over may be of one that is out; one whose word a commit has overtaken is in.
bool is_device_now(const Machine& m, const Chat& chat, const AccountId& account, const DeviceId& device);
/// A device has said something about a call in this chat.
void take_call(Machine& m, Chat& chat, const Author& author, const Content& content);
/// An account was blocked: a call with it is over.
void end_call_with(Machine& m, const AccountId& account);
/// Goes on with the call that was stored; once all is loaded.
void resume_calls(Machine& m);
/// Does what is due; lowers `wake` to when to call again.
void pump_calls(Machine& m, Instant& wake);
/// True if nothing that was said of a call is still on its way.
bool calls_idle(const Machine& m);

}  // namespace godwit::engine
