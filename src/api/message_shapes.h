#pragma once
// The table's part about what a message is made of: records and values.

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
            "made by a newer version of Godwit: it is kept, and this one cannot show it"},
      Value{engine::MessageKind::kLine, "line", "nobody has said it: a quiet line about what was done to the group, or about a call"}};
};

template <>
struct EnumShape<engine::Role> {
  using Value = EnumValue<engine::Role>;
  static constexpr std::string_view name = "role";
  static constexpr std::string_view about = "What somebody is in a chat; each may what the ones before it may.";
  static constexpr std::array values{
      Value{engine::Role::kNone, "none", "not a member"},
      Value{engine::Role::kReader, "reader", "reads; what he writes is shown to nobody"},
      Value{engine::Role::kMember, "member", "reads and writes"},
      Value{engine::Role::kAdmin, "admin", "lets in, removes, changes name and settings"},
      Value{engine::Role::kOwner, "owner", "makes and unmakes admins and owners"}};
};

template <>
struct EnumShape<engine::LineKind> {
  using Value = EnumValue<engine::LineKind>;
  static constexpr std::string_view name = "line_kind";
  static constexpr std::string_view about = "What a quiet line tells. Each has the fields that are named here.";
  static constexpr std::array values{
      Value{engine::LineKind::kMade, "made", "`by` has made the group"},
      Value{engine::LineKind::kAdded, "added", "`by` has let `account` in"},
      Value{engine::LineKind::kJoined, "joined", "`account` came by a link, with the help of `by`"},
      Value{engine::LineKind::kRemoved, "removed", "`by` has removed `account`"},
      Value{engine::LineKind::kLeft, "left", "`account` has left"},
      Value{engine::LineKind::kRole, "role", "`by` has given `account` the role `role`"},
      Value{engine::LineKind::kRenamed, "renamed", "`by` calls the group `text`, and no more `before`"},
      Value{engine::LineKind::kWriters, "writers", "`by` has set who writes; `on`: admins alone"},
      Value{engine::LineKind::kSlowMode, "slow_mode", "`by` has set the pause between two messages to `seconds`"},
      Value{engine::LineKind::kApproval, "approval",
            "`by` has set whether who comes by a link waits for an admin; `on`: he does"},
      Value{engine::LineKind::kNamed, "named", "`account` calls himself `name`, and no more `before`"},
      Value{engine::LineKind::kLogMoved, "log_moved", "the group goes on at the home `text`, as `by` says"},
      Value{engine::LineKind::kBack, "back",
            "`account` had lost the thread of the group's keys and is back, with the help of `by`"},
      Value{engine::LineKind::kCall, "call", "in a chat of two: `by` has called, and `call` says what came of it"}};
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
                                     Value{engine::MediaKind::kSticker, "sticker", "of a pack of stickers"},
                                     Value{engine::MediaKind::kStickerPack, "sticker_pack",
                                           "a pack of stickers, for add_sticker_pack"}};
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
struct Shape<engine::LinkPreview> {
  static constexpr std::string_view name = "link_preview";
  static constexpr std::string_view about = "What its sender says of a page. Godwit has not looked, at neither end.";
  static constexpr auto fields = fields_in_order(
      field("link", &engine::LinkPreview::link, "http or https; it stands in the text as a word of its own"),
      field("title", &engine::LinkPreview::title, "one line, at most 256 bytes"),
      field_or_default("text", &engine::LinkPreview::text, "one line, at most 1,024 bytes"),
      field_or_default("thumbnail", &engine::LinkPreview::thumbnail, "a small picture: JPEG, at most 8 KiB"));
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
      field_or_default("pack", &engine::MediaInfo::pack, "of a sticker: the name of its pack; of a pack: its own"),
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
struct Shape<engine::LineInfo> {
  static constexpr std::string_view name = "line";
  static constexpr std::string_view about =
      "What was done to a group, or a call. Names are those of then. Of a line all else that a message has means nothing, but for "
      "its id, place and time.";
  static constexpr auto fields = fields_in_order(
      field("what", &engine::LineInfo::what, "what was done"),
      field("by", &engine::LineInfo::by, "who has done it; null: this device does not know"),
      field("by_name", &engine::LineInfo::by_name, "his name; empty: not known"),
      field("by_own", &engine::LineInfo::by_own, "it is this account"),
      field("account", &engine::LineInfo::account, "whom it is about, if it is about somebody"),
      field("name", &engine::LineInfo::name, "his name"),
      field("own", &engine::LineInfo::own, "it is about this account"),
      field("role", &engine::LineInfo::role, "of role"),
      field("text", &engine::LineInfo::text, "of renamed: the name of now; of log_moved: the host of the home"),
      field("before", &engine::LineInfo::before, "of renamed and named: the name of before"),
      field("seconds", &engine::LineInfo::seconds, "of slow_mode; 0: off"),
      field("on", &engine::LineInfo::on, "of writers and approval"),
      field("call", &engine::LineInfo::call, "of call: how it went"));
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

}  // namespace godwit::api
