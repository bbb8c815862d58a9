#pragma once
// The table's part about messages: commands, answers, notices, records and values.

#include <array>

#include "api/shapes.h"
#include "engine/commands.h"
#include "engine/errors.h"
#include "engine/notices.h"

namespace godwit::api {

// ---- values -------------------------------------------------------------------------------------------------------

template <>
struct EnumShape<engine::MessageKind> {
  using Value = EnumValue<engine::MessageKind>;
  static constexpr std::string_view name = "message_kind";
  static constexpr std::string_view about = "What a message is.";
  static constexpr std::array values{
      Value{engine::MessageKind::kText, "text", "a text"},
      Value{engine::MessageKind::kFile, "file", "a file, picture, video, voice note or sticker"},
      Value{engine::MessageKind::kLocation, "location", "a place"},
      Value{engine::MessageKind::kContact, "contact", "somebody is recommended"},
      Value{engine::MessageKind::kPoll, "poll", "a question to all"},
      Value{engine::MessageKind::kSettings, "settings", "somebody has changed what holds for the chat"},
      Value{engine::MessageKind::kNewer, "newer",
            "made by a newer version of Godwit: it is kept, and this one cannot show it"}};
};

template <>
struct EnumShape<engine::MediaKind> {
  using Value = EnumValue<engine::MediaKind>;
  static constexpr std::string_view name = "media_kind";
  static constexpr std::string_view about = "What a file is for.";
  static constexpr std::array values{Value{engine::MediaKind::kFile, "file", "just a file"},
                                     Value{engine::MediaKind::kPicture, "picture", "to be shown"},
                                     Value{engine::MediaKind::kVideo, "video", "to be played"},
                                     Value{engine::MediaKind::kVoice, "voice", "a voice note, to be played"},
                                     Value{engine::MediaKind::kSticker, "sticker", "of a pack of stickers"}};
};

template <>
struct EnumShape<engine::SpanStyle> {
  using Value = EnumValue<engine::SpanStyle>;
  static constexpr std::string_view name = "span_style";
  static constexpr std::string_view about = "How a piece of a text looks.";
  static constexpr std::array values{Value{engine::SpanStyle::kBold, "bold", "bold"},
                                     Value{engine::SpanStyle::kItalic, "italic", "italic"},
                                     Value{engine::SpanStyle::kStrike, "strike", "struck through"},
                                     Value{engine::SpanStyle::kCode, "code", "code"},
                                     Value{engine::SpanStyle::kPre, "pre", "a block of code"},
                                     Value{engine::SpanStyle::kLink, "link", "leads to an address"},
                                     Value{engine::SpanStyle::kQuote, "quote", "a quotation"},
                                     Value{engine::SpanStyle::kSpoiler, "spoiler", "hidden until it is tapped"}};
};

// ---- records ------------------------------------------------------------------------------------------------------

template <>
struct Shape<engine::TextSpan> {
  static constexpr std::string_view name = "text_span";
  static constexpr std::string_view about =
      "A piece of a text that is formatted. Places are counted in bytes of UTF-8.";
  static constexpr auto fields = fields_in_order(
      field("start", &engine::TextSpan::start, "where it begins"),
      field("length", &engine::TextSpan::length, "how long it is"),
      field("style", &engine::TextSpan::style, "how it looks"),
      field_or_default("link", &engine::TextSpan::link, "of a link: where it leads; http, https or mailto"));
};

template <>
struct Shape<engine::Mention> {
  static constexpr std::string_view name = "mention";
  static constexpr std::string_view about = "A piece of a text that names a person.";
  static constexpr auto fields = fields_in_order(
      field("start", &engine::Mention::start, "where it begins, in bytes of UTF-8"),
      field("length", &engine::Mention::length, "how long it is"), field("account", &engine::Mention::account, "who"));
};

template <>
struct Shape<engine::PostRef> {
  static constexpr std::string_view name = "post_ref";
  static constexpr std::string_view about = "A post of a channel.";
  static constexpr auto fields = fields_in_order(field("channel", &engine::PostRef::channel, "which channel"),
                                                 field("post", &engine::PostRef::post, "its place there"));
};

template <>
struct Shape<engine::MediaInfo> {
  static constexpr std::string_view name = "media";
  static constexpr std::string_view about = "What is known of a picture, video, voice note or sticker.";
  static constexpr auto fields = fields_in_order(
      field("kind", &engine::MediaInfo::kind, "what it is for"),
      field_or_default("width", &engine::MediaInfo::width, "0: not known"),
      field_or_default("height", &engine::MediaInfo::height, "0: not known"),
      field_or_default("duration_ms", &engine::MediaInfo::duration_ms, "of a video or voice note"),
      field_or_default("waveform", &engine::MediaInfo::waveform,
                       "of a voice note: at most 256 loudnesses in equal steps, a byte each"),
      field_or_default("thumbnail", &engine::MediaInfo::thumbnail, "a small picture: JPEG, at most 16 KiB"),
      field_or_default("pack", &engine::MediaInfo::pack, "of a sticker: its pack"),
      field_or_default("emoji", &engine::MediaInfo::emoji, "of a sticker: what it stands for"));
};

template <>
struct Shape<engine::ReactionInfo> {
  static constexpr std::string_view name = "reaction";
  static constexpr std::string_view about = "Who has given one reaction.";
  static constexpr auto fields =
      fields_in_order(field("reaction", &engine::ReactionInfo::reaction, "an emoji or a word"),
                      field("count", &engine::ReactionInfo::count, "by how many"),
                      field("own", &engine::ReactionInfo::own, "one of them is this side"),
                      field("accounts", &engine::ReactionInfo::accounts, "the latest of them, at most 32"),
                      field("names", &engine::ReactionInfo::names,
                            "in a chat that is only kept: of some of them, as far as it says"));
};

template <>
struct Shape<engine::PollOption> {
  static constexpr std::string_view name = "poll_option";
  static constexpr std::string_view about = "One answer to a poll.";
  static constexpr auto fields = fields_in_order(field("text", &engine::PollOption::text, "what it says"),
                                                 field("votes", &engine::PollOption::votes, "how many have chosen it"),
                                                 field("own", &engine::PollOption::own, "this side has"));
};

template <>
struct Shape<engine::PollInfo> {
  static constexpr std::string_view name = "poll";
  static constexpr std::string_view about = "A poll as it stands.";
  static constexpr auto fields = fields_in_order(
      field("question", &engine::PollInfo::question, "what is asked"),
      field("options", &engine::PollInfo::options, "in their order: votes name them by their number, from 0"),
      field("multiple", &engine::PollInfo::multiple, "more than one may be chosen"),
      field("closes_at", &engine::PollInfo::closes_at, "when it ends by itself"),
      field("closed", &engine::PollInfo::closed, "it takes no votes any more"),
      field("voters", &engine::PollInfo::voters, "how many have voted"));
};

template <>
struct Shape<engine::LocationInfo> {
  static constexpr std::string_view name = "location";
  static constexpr std::string_view about = "A place (WGS 84).";
  static constexpr auto fields =
      fields_in_order(field("latitude", &engine::LocationInfo::latitude, "millionths of a degree; south is negative"),
                      field("longitude", &engine::LocationInfo::longitude, "millionths of a degree; west is negative"),
                      field("accuracy_m", &engine::LocationInfo::accuracy_m, "metres; 0: not known"),
                      field("name", &engine::LocationInfo::name, "what it is called"));
};

template <>
struct Shape<engine::ContactInfo> {
  static constexpr std::string_view name = "contact";
  static constexpr std::string_view about = "Somebody who is recommended.";
  static constexpr auto fields = fields_in_order(
      field("name", &engine::ContactInfo::name, "as the sender calls him"),
      field("account", &engine::ContactInfo::account, "his account, if the sender gave it"),
      field("text", &engine::ContactInfo::text, "an invite, an address, a number: whatever the sender gave"));
};

template <>
struct Shape<engine::DeletedInfo> {
  static constexpr std::string_view name = "deleted";
  static constexpr std::string_view about = "That a message was taken back.";
  static constexpr auto fields =
      fields_in_order(field("by", &engine::DeletedInfo::by, "who did"),
                      field("by_admin", &engine::DeletedInfo::by_admin, "an admin, not its author"));
};

template <>
struct Shape<engine::ChatSettings> {
  static constexpr std::string_view name = "chat_settings";
  static constexpr std::string_view about = "What its owner has set for a chat; nobody else sees it.";
  static constexpr auto fields =
      fields_in_order(field("muted_until", &engine::ChatSettings::muted_until, "no sound before"),
                      field("archived", &engine::ChatSettings::archived, "out of the way"),
                      field("pinned", &engine::ChatSettings::pinned, "on top"),
                      field("marked_unread", &engine::ChatSettings::marked_unread, "as if something were new"),
                      field("draft", &engine::ChatSettings::draft, "what was begun"));
};

template <>
struct Shape<engine::EditInfo> {
  static constexpr std::string_view name = "edit";
  static constexpr std::string_view about = "One version of a text.";
  static constexpr auto fields = fields_in_order(field("text", &engine::EditInfo::text, "what it said"),
                                                 field("sent_at", &engine::EditInfo::sent_at, "by the sender's clock"),
                                                 field("spans", &engine::EditInfo::spans, "its formatting"),
                                                 field("mentions", &engine::EditInfo::mentions, "whom it names"));
};

template <>
struct Shape<engine::ReceiptInfo> {
  static constexpr std::string_view name = "receipt";
  static constexpr std::string_view about = "How one member has taken a message.";
  static constexpr auto fields =
      fields_in_order(field("account", &engine::ReceiptInfo::account, "who"),
                      field("delivered_at", &engine::ReceiptInfo::delivered_at,
                            "when this device heard that he has it; null: not known when"),
                      field("read_at", &engine::ReceiptInfo::read_at, "when this device heard that he has read it"),
                      field("delivered", &engine::ReceiptInfo::delivered, "he has it"),
                      field("read", &engine::ReceiptInfo::read, "he has read it"));
};

template <>
struct Shape<engine::ScheduledInfo> {
  static constexpr std::string_view name = "scheduled";
  static constexpr std::string_view about = "A message that waits for its time.";
  static constexpr auto fields =
      fields_in_order(field("number", &engine::ScheduledInfo::number, "by which it is cancelled"),
                      field("at", &engine::ScheduledInfo::at, "when it goes out"),
                      field("text", &engine::ScheduledInfo::text, "what it says"),
                      field("reply_to", &engine::ScheduledInfo::reply_to, "what it answers"));
};

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
                      field("about", &engine::SendMessage::about, "the post of a channel that it comments on"));
  static constexpr std::array errors{engine::kNoSuchChat,    engine::kTooLong,    engine::kNotText,
                                     engine::kBadFormatting, engine::kOutboxFull, engine::kNewDevices};
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
  static constexpr std::
      string_view
          about =
              "Says an own text, or what stands under an own file, otherwise. Receivers see that, and can read what it "
              "was " "before.";
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
                                     engine::kPollClosed, engine::kOutboxFull,    engine::kNewDevices};
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
