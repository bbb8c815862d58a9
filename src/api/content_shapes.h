#pragma once
// The table's part about messages: commands, answers and notices; what they are made of is in message_shapes.h.

#include <array>

#include "api/message_shapes.h"
#include "api/shapes.h"
#include "engine/commands.h"
#include "engine/errors.h"
#include "engine/notices.h"

namespace godwit::api {

// ---- answers ------------------------------------------------------------------------------------------------------

template <>
struct Shape<engine::MessageFound> {
  static constexpr std::string_view name = "message_found";
  static constexpr std::string_view about = "A message.";
  static constexpr auto fields = fields_in_order(field("message", &engine::MessageFound::message, "as it is now"));
};

template <>
struct Shape<engine::Edits> {
  static constexpr std::string_view name = "edits";
  static constexpr std::string_view about = "All versions of a text that are kept.";
  static constexpr auto fields =
      fields_in_order(field("versions", &engine::Edits::versions, "the first one, then the others in their order"));
};

template <>
struct Shape<engine::Receipts> {
  static constexpr std::string_view name = "receipts";
  static constexpr std::string_view about = "How members have taken a message.";
  static constexpr auto fields =
      fields_in_order(field("receipts", &engine::Receipts::receipts, "of each other member"));
};

template <>
struct Shape<engine::ScheduledQueued> {
  static constexpr std::string_view name = "scheduled_queued";
  static constexpr std::string_view about = "The message waits for its time.";
  static constexpr auto fields =
      fields_in_order(field("number", &engine::ScheduledQueued::number, "by which it is cancelled"));
};

template <>
struct Shape<engine::ScheduledMessages> {
  static constexpr std::string_view name = "scheduled_messages";
  static constexpr std::string_view about = "What waits for its time.";
  static constexpr auto fields =
      fields_in_order(field("scheduled", &engine::ScheduledMessages::scheduled, "the next one first"));
};

template <>
struct Shape<engine::Privacy> {
  static constexpr std::string_view name = "privacy";
  static constexpr std::string_view about = "What others may know.";
  static constexpr auto fields =
      fields_in_order(field("read_receipts", &engine::Privacy::read_receipts, "that something was read"),
                      field("typing", &engine::Privacy::typing, "that one writes"));
};

// ---- notices ------------------------------------------------------------------------------------------------------

template <>
struct Shape<engine::MessageChanged> {
  static constexpr std::string_view name = "message_changed";
  static constexpr std::string_view about =
      "Something was done to a message: edited, taken back, pinned, reacted or voted to.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::MessageChanged::chat, "where"),
                                                 field("message", &engine::MessageChanged::message, "as it is now"));
};

template <>
struct Shape<engine::LineAdded> {
  static constexpr std::string_view name = "line_added";
  static constexpr std::string_view about =
      "A group has a new line: somebody came or went, or something was changed; or a chat of two has one of a call. It stands among the messages and is none "
      "(message_kind line): nobody has said it, it is not unread, and nothing is to be done with it but to show it.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::LineAdded::chat, "which chat"),
                                                 field("message", &engine::LineAdded::message, "the line"));
};

template <>
struct Shape<engine::MessageGone> {
  static constexpr std::string_view name = "message_gone";
  static constexpr std::string_view about = "A message has disappeared: nothing of it is on this device any more.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::MessageGone::chat, "where"),
                                                 field("id", &engine::MessageGone::id, "which"));
};

template <>
struct Shape<engine::Typing> {
  static constexpr std::string_view name = "typing";
  static constexpr std::string_view about =
      "Somebody writes, or has stopped. What is not said again within 10 seconds is over.";
  static constexpr auto fields =
      fields_in_order(field("chat", &engine::Typing::chat, "where"), field("account", &engine::Typing::account, "who"),
                      field("typing", &engine::Typing::typing, "false: has stopped"));
};

// ---- commands -----------------------------------------------------------------------------------------------------

template <>
struct Shape<engine::SendMessage> {
  using Answer = engine::MessageQueued;
  static constexpr std::string_view name = "send_message";
  static constexpr std::string_view about = "As send_text, with all that a text may have.";
  static constexpr auto fields =
      fields_in_order(field("chat", &engine::SendMessage::chat, "where to"),
                      field("text", &engine::SendMessage::text, "at most 102,400 bytes of UTF-8"),
                      field("reply_to", &engine::SendMessage::reply_to, "what it answers"),
                      field_or_default("spans", &engine::SendMessage::spans, "its formatting"),
                      field_or_default("mentions", &engine::SendMessage::mentions, "whom it names"),
                      field("about", &engine::SendMessage::about, "the post of a channel that it comments on"),
                      field("preview", &engine::SendMessage::preview,
                            "of a link in the text, as the program has seen it; left out: none"));
  static constexpr std::array errors{engine::kNoSuchChat,    engine::kTooLong,    engine::kNotText,
                                     engine::kBadFormatting, engine::kBadPreview, engine::kOutboxFull,
                                     engine::kNewDevices,    engine::kNoSuchMessage};
};

template <>
struct Shape<engine::ReadMessage> {
  using Answer = engine::MessageFound;
  static constexpr std::string_view name = "read_message";
  static constexpr std::string_view about = "Reads one message, wherever it is in the history.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::ReadMessage::chat, "which chat"),
                                                 field("message", &engine::ReadMessage::message, "which message"));
  static constexpr std::array errors{engine::kNoSuchChat, engine::kNoSuchMessage};
};

template <>
struct Shape<engine::EditMessage> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "edit_message";
  static constexpr std::string_view about =
      "Says an own text, or what stands under an own file, otherwise. Receivers see that, and can read what it was "
      "before.";
  static constexpr auto fields =
      fields_in_order(field("chat", &engine::EditMessage::chat, "which chat"),
                      field("message", &engine::EditMessage::message, "which message"),
                      field("text", &engine::EditMessage::text, "what it says from now on"),
                      field_or_default("spans", &engine::EditMessage::spans, "its formatting"),
                      field_or_default("mentions", &engine::EditMessage::mentions, "whom it names"));
  static constexpr std::array errors{engine::kNoSuchChat,    engine::kNoSuchMessage, engine::kNotYourMessage,
                                     engine::kNotEditable,   engine::kTooLong,       engine::kNotText,
                                     engine::kBadFormatting, engine::kOutboxFull,    engine::kNewDevices};
};

template <>
struct Shape<engine::ReadEdits> {
  using Answer = engine::Edits;
  static constexpr std::string_view name = "read_edits";
  static constexpr std::string_view about = "Reads all versions of a text.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::ReadEdits::chat, "which chat"),
                                                 field("message", &engine::ReadEdits::message, "which message"));
  static constexpr std::array errors{engine::kNoSuchChat, engine::kNoSuchMessage};
};

template <>
struct Shape<engine::DeleteMessage> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "delete_message";
  static constexpr std::string_view about = "Takes a message back for everyone, or removes it from this device.";
  static constexpr auto fields =
      fields_in_order(field("chat", &engine::DeleteMessage::chat, "which chat"),
                      field("message", &engine::DeleteMessage::message, "which message"),
                      field_or_default("for_everyone", &engine::DeleteMessage::for_everyone,
                                       "true: its author, or an admin, takes it back; false if left out"));
  static constexpr std::array errors{engine::kNoSuchChat, engine::kNoSuchMessage, engine::kNotYourMessage,
                                     engine::kOutboxFull};
};

template <>
struct Shape<engine::React> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "react";
  static constexpr std::string_view about =
      "Gives a reaction or takes it back. Of one person the newest 8 on a message count.";
  static constexpr auto fields = fields_in_order(
      field("chat", &engine::React::chat, "which chat"), field("message", &engine::React::message, "which message"),
      field("reaction", &engine::React::reaction, "an emoji or a word, at most 64 bytes"),
      field_or_default("remove", &engine::React::remove, "true: takes it back"));
  static constexpr std::array errors{engine::kNoSuchChat, engine::kNoSuchMessage, engine::kBadReaction,
                                     engine::kOutboxFull, engine::kNewDevices};
};

template <>
struct Shape<engine::SendTyping> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "send_typing";
  static constexpr std::string_view about =
      "Tells those who are connected now that one writes, or has stopped. Say it again every few seconds.";
  static constexpr auto fields =
      fields_in_order(field("chat", &engine::SendTyping::chat, "which chat"),
                      field_or_default("typing", &engine::SendTyping::typing, "false: has stopped"));
  static constexpr std::array errors{engine::kNoSuchChat};
};

template <>
struct Shape<engine::SendLocation> {
  using Answer = engine::MessageQueued;
  static constexpr std::string_view name = "send_location";
  static constexpr std::string_view about = "Sends a place.";
  static constexpr auto fields =
      fields_in_order(field("chat", &engine::SendLocation::chat, "where to"),
                      field("latitude", &engine::SendLocation::latitude, "millionths of a degree"),
                      field("longitude", &engine::SendLocation::longitude, "millionths of a degree"),
                      field_or_default("accuracy_m", &engine::SendLocation::accuracy_m, "metres"),
                      field_or_default("name", &engine::SendLocation::name, "at most 256 bytes"));
  static constexpr std::array errors{engine::kNoSuchChat, engine::kBadLocation, engine::kOutboxFull,
                                     engine::kNewDevices};
};

template <>
struct Shape<engine::SendContact> {
  using Answer = engine::MessageQueued;
  static constexpr std::string_view name = "send_contact";
  static constexpr std::string_view about = "Recommends somebody.";
  static constexpr auto fields = fields_in_order(
      field("chat", &engine::SendContact::chat, "where to"),
      field("name", &engine::SendContact::name, "1 to 64 characters"),
      field("account", &engine::SendContact::account, "his account"),
      field_or_default("text", &engine::SendContact::text, "an invite, an address: at most 4,096 bytes"));
  static constexpr std::array errors{engine::kNoSuchChat, engine::kBadContact, engine::kOutboxFull,
                                     engine::kNewDevices};
};

template <>
struct Shape<engine::SendPoll> {
  using Answer = engine::MessageQueued;
  static constexpr std::string_view name = "send_poll";
  static constexpr std::string_view about = "Asks all.";
  static constexpr auto fields =
      fields_in_order(field("chat", &engine::SendPoll::chat, "where to"),
                      field("question", &engine::SendPoll::question, "at most 1,024 bytes"),
                      field("options", &engine::SendPoll::options, "2 to 32 different ones of at most 256 bytes"),
                      field_or_default("multiple", &engine::SendPoll::multiple, "more than one may be chosen"),
                      field("closes_at", &engine::SendPoll::closes_at, "when it ends by itself"));
  static constexpr std::array errors{engine::kNoSuchChat, engine::kBadPoll, engine::kOutboxFull, engine::kNewDevices};
};

template <>
struct Shape<engine::Vote> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "vote";
  static constexpr std::string_view about = "Chooses options of a poll, instead of those that were chosen before.";
  static constexpr auto fields = fields_in_order(
      field("chat", &engine::Vote::chat, "which chat"), field("message", &engine::Vote::message, "which message"),
      field("choices", &engine::Vote::choices, "their numbers, from 0; none takes the vote back"));
  static constexpr std::array errors{engine::kNoSuchChat, engine::kNoSuchMessage, engine::kBadVote,
                                     engine::kPollClosed, engine::kVotesUsedUp,   engine::kOutboxFull,
                                     engine::kNewDevices};
};

template <>
struct Shape<engine::ClosePoll> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "close_poll";
  static constexpr std::string_view about = "Ends an own poll.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::ClosePoll::chat, "which chat"),
                                                 field("message", &engine::ClosePoll::message, "which message"));
  static constexpr std::array errors{engine::kNoSuchChat, engine::kNoSuchMessage, engine::kNotYourMessage,
                                     engine::kBadVote,    engine::kOutboxFull,    engine::kNewDevices};
};

template <>
struct Shape<engine::PinMessage> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "pin_message";
  static constexpr std::string_view about = "Pins a message for all, or takes the pin away.";
  static constexpr auto fields =
      fields_in_order(field("chat", &engine::PinMessage::chat, "which chat"),
                      field("message", &engine::PinMessage::message, "which message"),
                      field_or_default("pinned", &engine::PinMessage::pinned, "false: takes it away"));
  static constexpr std::array errors{engine::kNoSuchChat, engine::kNoSuchMessage, engine::kOutboxFull,
                                     engine::kNewDevices};
};

template <>
struct Shape<engine::ListPinned> {
  using Answer = engine::Messages;
  static constexpr std::string_view name = "list_pinned";
  static constexpr std::string_view about = "Reads the pinned messages of a chat.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::ListPinned::chat, "which chat"));
  static constexpr std::array errors{engine::kNoSuchChat};
};

template <>
struct Shape<engine::SetDisappearing> {
  using Answer = engine::MessageQueued;
  static constexpr std::string_view name = "set_disappearing";
  static constexpr std::string_view about =
      "What is said in this chat from now on disappears so long after it was sent or read. All see that it was set.";
  static constexpr auto fields =
      fields_in_order(field("chat", &engine::SetDisappearing::chat, "which chat"),
                      field("seconds", &engine::SetDisappearing::seconds, "5 to 31,622,400; 0: it stays"));
  static constexpr std::array errors{engine::kNoSuchChat, engine::kBadTimer, engine::kOutboxFull, engine::kNewDevices};
};

template <>
struct Shape<engine::ForwardMessage> {
  using Answer = engine::MessageQueued;
  static constexpr std::string_view name = "forward_message";
  static constexpr std::string_view about =
      "Says in another chat what a message says, marked as forwarded. A file is not brought up again.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::ForwardMessage::chat, "where it is"),
                                                 field("message", &engine::ForwardMessage::message, "which message"),
                                                 field("to", &engine::ForwardMessage::to, "where to"));
  static constexpr std::array errors{engine::kNoSuchChat, engine::kNoSuchMessage, engine::kNotForwardable,
                                     engine::kOutboxFull, engine::kNewDevices};
};

template <>
struct Shape<engine::SetChat> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "set_chat";
  static constexpr std::string_view about =
      "Changes what its owner has set for a chat; what is left out stays. Nobody else sees it.";
  static constexpr auto fields =
      fields_in_order(field("chat", &engine::SetChat::chat, "which chat"),
                      field("muted_until", &engine::SetChat::muted_until, "0: not muted"),
                      field("archived", &engine::SetChat::archived, "out of the way"),
                      field("pinned", &engine::SetChat::pinned, "on top"),
                      field("marked_unread", &engine::SetChat::marked_unread, "as if something were new"),
                      field("draft", &engine::SetChat::draft, "what was begun"));
  static constexpr std::array errors{engine::kNoSuchChat, engine::kTooLong, engine::kNotText};
};

template <>
struct Shape<engine::ReadReceipts> {
  using Answer = engine::Receipts;
  static constexpr std::string_view name = "read_receipts";
  static constexpr std::string_view about = "Reads how each member has taken an own message.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::ReadReceipts::chat, "which chat"),
                                                 field("message", &engine::ReadReceipts::message, "which message"));
  static constexpr std::array errors{engine::kNoSuchChat, engine::kNoSuchMessage, engine::kNotYourMessage};
};

template <>
struct Shape<engine::ReportMessage> {
  using Answer = engine::MessageReported;
  static constexpr std::string_view name = "report_message";
  static constexpr std::string_view about =
      "Copies a message of somebody else for the operator of that person's home, who can check who has signed it. It "
      "does not " "say who reports. Own messages and imported ones cannot be reported.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::ReportMessage::chat, "which chat"),
                                                 field("message", &engine::ReportMessage::message, "which message"));
  static constexpr std::array errors{engine::kNoSuchChat, engine::kNoSuchMessage, engine::kNoProof};
};

template <>
struct Shape<engine::ScheduleMessage> {
  using Answer = engine::ScheduledQueued;
  static constexpr std::string_view name = "schedule_message";
  static constexpr std::string_view about =
      "Keeps a text and sends it at a time, across restarts, or as soon after it as Godwit runs.";
  static constexpr auto fields = fields_in_order(
      field("chat", &engine::ScheduleMessage::chat, "where to"), field("at", &engine::ScheduleMessage::at, "when"),
      field("text", &engine::ScheduleMessage::text, "at most 102,400 bytes of UTF-8"),
      field("reply_to", &engine::ScheduleMessage::reply_to, "what it answers"),
      field_or_default("spans", &engine::ScheduleMessage::spans, "its formatting"),
      field_or_default("mentions", &engine::ScheduleMessage::mentions, "whom it names"));
  static constexpr std::array errors{engine::kNoSuchChat, engine::kTooLong, engine::kNotText, engine::kBadFormatting,
                                     engine::kScheduledFull};
};

template <>
struct Shape<engine::ListScheduled> {
  using Answer = engine::ScheduledMessages;
  static constexpr std::string_view name = "list_scheduled";
  static constexpr std::string_view about = "Lists what waits for its time.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::ListScheduled::chat, "which chat"));
  static constexpr std::array errors{engine::kNoSuchChat};
};

template <>
struct Shape<engine::CancelScheduled> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "cancel_scheduled";
  static constexpr std::string_view about = "Forgets a message that waits for its time.";
  static constexpr auto fields =
      fields_in_order(field("chat", &engine::CancelScheduled::chat, "which chat"),
                      field("number", &engine::CancelScheduled::number, "as schedule_message gave it"));
  static constexpr std::array errors{engine::kNoSuchChat, engine::kNoSuchMessage};
};

template <>
struct Shape<engine::SetPrivacy> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "set_privacy";
  static constexpr std::string_view about = "Whether others learn that one has read something or is writing.";
  static constexpr auto fields =
      fields_in_order(field("read_receipts", &engine::SetPrivacy::read_receipts, "that something was read"),
                      field("typing", &engine::SetPrivacy::typing, "that one writes"));
  static constexpr std::array<ErrorCode, 0> errors{};
};

template <>
struct Shape<engine::ReadPrivacy> {
  using Answer = engine::Privacy;
  static constexpr std::string_view name = "read_privacy";
  static constexpr std::string_view about = "Tells what others may learn.";
  static constexpr auto fields = fields_in_order();
  static constexpr std::array<ErrorCode, 0> errors{};
};

}  // namespace godwit::api
