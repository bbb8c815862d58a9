#pragma once
// Saying something in a chat: the commands that make a message of one's own.

#include "engine/machine.h"

namespace godwit::engine {

/// A new message of one's own, with everything but what it says.
HistoryRecord own_record(Machine& m, const Chat& chat, ContentKind kind);
/// The extensions that say how a text is formatted and whom it names. kBadFormatting.
Result<std::vector<ContentExtension>> formatting(const std::string& text, const std::vector<TextSpan>& spans,
                                                 const std::vector<Mention>& mentions);
/// Checks a text that is to be sent. kTooLong, kNotText.
Status check_text(const std::string& text);
/// Checks that something of this kind may be said now. kNotMember, kNotAllowed, kTooSoon, kNewDevices,
/// kOutboxFull.
Status check_turn(const Machine& m, const Chat& chat, ContentKind kind);
/// From when on slow mode lets us say something in the chat; the past, if now.
Instant next_turn(const Machine& m, const Chat& chat);
/// Stores a message and sends it.
Message say(Machine& m, Chat& chat, HistoryRecord history);
/// Does something to a message, here and at all others. Errors as check_turn.
Status do_to_message(Machine& m, Chat& chat, Held& held, ContentKind kind, Bytes body,
                     std::vector<ContentExtension> extensions = {});

/// Takes the command SendText.
void send_text(Machine& m, CommandId id, const SendText& command);
/// Takes the command SendMessage.
void send_message(Machine& m, CommandId id, const SendMessage& command);
/// Takes the command SendLocation.
void send_location(Machine& m, CommandId id, const SendLocation& command);
/// Takes the command SendContact.
void send_contact(Machine& m, CommandId id, const SendContact& command);
/// Takes the command SendPoll.
void send_poll(Machine& m, CommandId id, const SendPoll& command);
/// Takes the command SetDisappearing.
void set_disappearing(Machine& m, CommandId id, const SetDisappearing& command);
/// Takes the command ForwardMessage.
void forward_message(Machine& m, CommandId id, const ForwardMessage& command);

}  // namespace godwit::engine
