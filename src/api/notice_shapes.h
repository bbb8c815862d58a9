#pragma once
// The table's part about answers, notices and the records and values inside them.

#include <array>

#include "api/call_shapes.h"
#include "api/content_shapes.h"
#include "api/device_notice_shapes.h"
#include "api/kept_shapes.h"
#include "api/shapes.h"
#include "api/sticker_shapes.h"
#include "base/time.h"
#include "engine/ids.h"
#include "engine/mail_account.h"
#include "engine/notices.h"

namespace godwit::api {

// ---- values -------------------------------------------------------------------------------------------------------

inline constexpr Scalar kTextScalar{"text", "string", "UTF-8"};
inline constexpr Scalar kBytesScalar{"bytes", "string", "base64url without padding (RFC 4648 §5)"};
inline constexpr Scalar kBooleanScalar{"boolean", "boolean", "true or false"};
inline constexpr Scalar kCountScalar{"count", "integer", "0 and up"};
inline constexpr Scalar kIntegerScalar{"integer", "integer", "may be negative"};
inline constexpr Scalar kTimeScalar{"time", "integer", "milliseconds since 1970-01-01 UTC"};
inline constexpr Scalar kAccountIdScalar{"account_id", "string", "a person: 64 hexadecimal digits"};
inline constexpr Scalar kChatIdScalar{"chat_id", "string", "a chat: 32 hexadecimal digits"};
inline constexpr Scalar kMessageIdScalar{"message_id", "string",
                                         "a message, the same on every device that has it: 32 hexadecimal digits"};
inline constexpr Scalar kPositionScalar{
    "position", "integer", "where a message stands in this device's history of its chat: counts up from 1"};

inline constexpr Scalar kContactRequestIdScalar{"contact_request_id", "string",
                                                "a contact request on this device: 32 hexadecimal digits"};
inline constexpr Scalar kInviteIdScalar{"invite_id", "string",
                                        "an invite, or a link of a group: 32 hexadecimal digits"};
inline constexpr Scalar kChannelIdScalar{"channel_id", "string", "a channel: 64 hexadecimal digits"};
inline constexpr Scalar kBlobIdScalar{"blob_id", "string",
                                      "a file at its home, for its operator: 64 hexadecimal digits"};

/// All of them, for the description.
inline constexpr std::array kScalars{kTextScalar,      kBytesScalar,    kBooleanScalar,          kCountScalar,
                                     kIntegerScalar,   kTimeScalar,     kAccountIdScalar,        kChatIdScalar,
                                     kMessageIdScalar, kPositionScalar, kContactRequestIdScalar, kInviteIdScalar,
                                     kChannelIdScalar, kBlobIdScalar,   kDeviceIdScalar,         kStickerPackIdScalar,
                                     kCallIdScalar};

template <>
struct EnumShape<engine::Delivery> {
  using Value = EnumValue<engine::Delivery>;
  static constexpr std::string_view name = "delivery";
  static constexpr std::string_view about = "How far a message of one's own has come.";
  static constexpr std::array values{
      Value{engine::Delivery::kQueued, "queued", "safe on this device's disk"},
      Value{engine::Delivery::kSent, "sent", "the receiver's home has it on its disk"},
      Value{engine::Delivery::kDelivered, "delivered", "the receiver's device has it on its disk"},
      Value{engine::Delivery::kRead, "read", "the receiver has looked at it"},
      Value{engine::Delivery::kExpired, "expired", "it lay at the home for 30 days: send it again if it still matters"},
      Value{engine::Delivery::kFailed, "failed",
            "it cannot be delivered: the receiver has cut this chat off, or its file could not be sent"}};
};

template <>
struct EnumShape<engine::Connection> {
  using Value = EnumValue<engine::Connection>;
  static constexpr std::string_view name = "connection";
  static constexpr std::string_view about = "How this device is connected to its home.";
  static constexpr std::array values{
      Value{engine::Connection::kOffline, "offline", "no way to the home just now; it is tried again"},
      Value{engine::Connection::kConnecting, "connecting", "a way to the home is being tried"},
      Value{engine::Connection::kConnected, "connected", "the home answers"}};
};

template <>
struct EnumShape<routes::Carrier> {
  using Value = EnumValue<routes::Carrier>;
  static constexpr std::string_view name = "carrier";
  static constexpr std::string_view about = "How the bytes are carried to a home.";
  static constexpr std::array values{
      Value{routes::Carrier::kWss, "wss", "directly, as a web site's connection"},
      Value{routes::Carrier::kBridge, "bridge", "through a bridge, as a web site's connection"},
      Value{routes::Carrier::kObfs4, "obfs4", "through obfs4, which looks like nothing"},
      Value{routes::Carrier::kWebTunnel, "webtunnel", "through WebTunnel, behind somebody's web site"},
      Value{routes::Carrier::kSnowflake, "snowflake", "through Snowflake, by browsers of volunteers"},
      Value{routes::Carrier::kOnion, "onion", "through Tor"}};
};

template <>
struct EnumShape<routes::LookKind> {
  using Value = EnumValue<routes::LookKind>;
  static constexpr std::string_view name = "look";
  static constexpr std::string_view about = "What a route shows to whoever watches the network.";
  static constexpr std::array values{
      Value{routes::LookKind::kAsGiven, "as_given", "as the route says"},
      Value{routes::LookKind::kAddress, "address", "its own name, reached at the address that worked last"},
      Value{routes::LookKind::kNameless, "nameless", "no server name"},
      Value{routes::LookKind::kOtherName, "other_name", "the name of an ordinary site"}};
};

template <>
struct EnumShape<routes::RouteSource> {
  using Value = EnumValue<routes::RouteSource>;
  static constexpr std::string_view name = "route_source";
  static constexpr std::string_view about = "Who told of a route.";
  static constexpr std::array values{Value{routes::RouteSource::kInvite, "invite", "the link of the home or an invite"},
                                     Value{routes::RouteSource::kAdded, "added", "the user"},
                                     Value{routes::RouteSource::kBulletin, "bulletin", "the home itself"}};
};

template <>
struct EnumShape<Action> {
  using Value = EnumValue<Action>;
  static constexpr std::string_view name = "action";
  static constexpr std::string_view about = "What the one who receives an error must do.";
  static constexpr std::array values{
      Value{Action::kDrop, "drop", "throw this one thing away; everything else goes on"},
      Value{Action::kCloseSession, "close_session", "the connection is of no use any more; another is made"},
      Value{Action::kRetryLater, "retry_later", "the same thing may succeed later, unchanged"},
      Value{Action::kFix, "fix", "somebody has to change something first"},
      Value{Action::kStop, "stop", "going on could lose data"}};
};

// ---- records ------------------------------------------------------------------------------------------------------

template <>
struct Shape<engine::FileInfo> {
  static constexpr std::string_view name = "file";
  static constexpr std::string_view about = "The file of a message. What is in it never passes through this interface.";
  static constexpr auto fields = fields_in_order(
      field("name", &engine::FileInfo::name, "a name only: no folders, nothing hidden"),
      field("mime", &engine::FileInfo::mime, "what the sender says it is"),
      field("size", &engine::FileInfo::size, "bytes"),
      field("media", &engine::FileInfo::media, "what is known of it as a picture, video, voice note or sticker"),
      field("sending", &engine::FileInfo::sending, "it is being brought to the home: the message has not gone out yet"),
      field("fetching", &engine::FileInfo::fetching, "it is being fetched from the home"),
      field("paused", &engine::FileInfo::paused, "it is to be brought to the home when pause_file says so"));
};

template <>
struct Shape<engine::Message> {
  static constexpr std::string_view name = "message";
  static constexpr std::string_view about = "One message as shown to people.";
  static constexpr auto fields = fields_in_order(
      field("id", &engine::Message::id, "its id"),
      field("position", &engine::Message::position, "its place in the chat"),
      field("own", &engine::Message::own, "true if this side sent it"),
      field("author", &engine::Message::author, "who said it"),
      field("author_name", &engine::Message::author_name,
            "how he calls himself; empty of one who has left and is no contact"),
      field("kind", &engine::Message::kind, "what it is"),
      field("text", &engine::Message::text, "what it says; under a file: its caption"),
      field("spans", &engine::Message::spans, "the formatting of the text"),
      field("mentions", &engine::Message::mentions, "whom the text names"),
      field("sent_at", &engine::Message::sent_at, "by the sender's clock"),
      field("delivery", &engine::Message::delivery, "how far it has come; means something for own ones only"),
      field("clock", &engine::Message::clock, "messages stand in the order of (clock, id), the same on every device"),
      field("reply_to", &engine::Message::reply_to, "the message that it answers; this device may not have it"),
      field("forwarded", &engine::Message::forwarded, "its sender has it from somebody else"),
      field("reactions", &engine::Message::reactions, "the most frequent first"),
      field("edits", &engine::Message::edits, "how often it was edited; read_edits shows how"),
      field("deleted", &engine::Message::deleted, "it was taken back; nothing else of it is left"),
      field("pinned", &engine::Message::pinned, "pinned for all"),
      field("delivered_to", &engine::Message::delivered_to, "members that have it; of own ones only"),
      field("read_by", &engine::Message::read_by, "members that have read it; of own ones only"),
      field("expire_seconds", &engine::Message::expire_seconds,
            "it disappears so long after it was sent or read; 0: it stays"),
      field("expires_at", &engine::Message::expires_at, "when it disappears, if that is known"),
      field("file", &engine::Message::file, "of a file"), field("poll", &engine::Message::poll, "of a poll"),
      field("location", &engine::Message::location, "of a place"),
      field("contact", &engine::Message::contact, "of a contact"),
      field("about", &engine::Message::about, "of a comment: the post of a channel that it is about"),
      field("preview", &engine::Message::preview, "of a link in the text: what the sender's program has said of it"),
      field("disappear_seconds", &engine::Message::disappear_seconds,
            "of settings: after how long messages disappear from then on"),
      field("line", &engine::Message::line, "of a line: what it tells"),
      field("kept", &engine::Message::kept, "of a message in a chat that is only kept; else null"));
};

template <>
struct Shape<engine::ChatInfo> {
  static constexpr std::string_view name = "chat";
  static constexpr std::string_view about = "One chat as shown in a list.";
  static constexpr auto fields = fields_in_order(
      field("chat", &engine::ChatInfo::chat, "its id"),
      field("peer", &engine::ChatInfo::peer, "the other person; zeros: a group"),
      field("name", &engine::ChatInfo::name, "as the peer calls himself; of a group, its own"),
      field("verified", &engine::ChatInfo::verified, "the safety number was compared"),
      field("new_devices", &engine::ChatInfo::new_devices,
            "the peer has a device that nobody here knows of: acknowledge_devices"),
      field(
          "came_back_in", &engine::ChatInfo::came_back_in,
          "the peer has lost all devices and is back by the recovery words, in this other chat; here nobody hears it"),
      field("inviter", &engine::ChatInfo::inviter,
            "this side's invite was taken: who took it is unverified until compared"),
      field("ready", &engine::ChatInfo::ready, "both sides are in"),
      field("group", &engine::ChatInfo::group, "of any number of people, with roles and settings"),
      field("saved", &engine::ChatInfo::saved, "a group of oneself alone: what one keeps for oneself"),
      field("member", &engine::ChatInfo::member, "false: we left, or were removed"),
      field("members", &engine::ChatInfo::members, "how many accounts, one's own included"),
      field("epoch", &engine::ChatInfo::epoch, "MLS epoch: how often the keys have changed"),
      field("last", &engine::ChatInfo::last, "the newest message, 0: none"),
      field("read", &engine::ChatInfo::read, "read up to here on this side"),
      field("unread", &engine::ChatInfo::unread,
            "how many messages of others come after that, among the newest 4,096; lines do not count"),
      field("newest", &engine::ChatInfo::newest, "the newest message itself"),
      field("settings", &engine::ChatInfo::settings, "what its owner has set for it"),
      field("disappear_seconds", &engine::ChatInfo::disappear_seconds,
            "what is said from now on disappears after so long; 0: it stays"),
      field("kept", &engine::ChatInfo::kept, "imported or restored: it is only read"),
      field("older_of", &engine::ChatInfo::older_of,
            "of a kept one: it is what was said in that chat before; else null"),
      field("hidden", &engine::ChatInfo::hidden,
            "it was deleted, and nothing was said in it since: show it in no list"));
};

template <>
struct Shape<engine::RouteInfo> {
  static constexpr std::string_view name = "route";
  static constexpr std::string_view about = "One route to the own home.";
  static constexpr auto fields = fields_in_order(
      field("route", &engine::RouteInfo::route, "as a URI"),
      field("source", &engine::RouteInfo::source, "who told of it"),
      field("in_use", &engine::RouteInfo::in_use, "the mailbox is connected by it"),
      field("small_only", &engine::RouteInfo::small_only, "on this network connections by it do not last"),
      field("worked_at", &engine::RouteInfo::worked_at, "when it last led to the home on this network"));
};

template <>
struct Shape<engine::MailAccount> {
  static constexpr std::string_view name = "mail_account";
  static constexpr std::string_view about = "A mail account of the user. It is given, and never shown again.";
  static constexpr auto fields = fields_in_order(
      field("address", &engine::MailAccount::address, "what stands in From"),
      field("smtp", &engine::MailAccount::smtp,
            "smtps://host[:port] or smtp://host[:port], where letters are handed in"),
      field("imap", &engine::MailAccount::imap, "imaps://host[:port] or imap://host[:port], where they come"),
      field("user", &engine::MailAccount::user, "of both"),
      field("password", &engine::MailAccount::password, "of both"));
};

template <>
struct Shape<Error> {
  static constexpr std::string_view name = "error";
  static constexpr std::string_view
      about =
          "What went wrong: `code` (a number, listed below), `name`, `action` (what to do), `rule` (which rule was "
          "broken, " "for programmers) and `message` (one sentence for people).";
  static constexpr auto fields = fields_in_order();  // written by hand: its fields are not members
};

// ---- answers ------------------------------------------------------------------------------------------------------

template <>
struct Shape<engine::Nothing> {
  static constexpr std::string_view name = "nothing";
  static constexpr std::string_view about = "It is done.";
  static constexpr auto fields = fields_in_order();
};

template <>
struct Shape<engine::AccountMade> {
  static constexpr std::string_view name = "account_made";
  static constexpr std::string_view about = "The account and its mailbox exist.";
  static constexpr auto fields =
      fields_in_order(field("account", &engine::AccountMade::account, "its id"),
                      field("recovery_key", &engine::AccountMade::recovery_key,
                            "shown once, to be written down on paper: it is not kept on the device"));
};

template <>
struct Shape<engine::InviteMade> {
  static constexpr std::string_view name = "invite_made";
  static constexpr std::string_view about = "An invite that works once.";
  static constexpr auto fields =
      fields_in_order(field("link", &engine::InviteMade::link, "to be handed to one person"));
};

template <>
struct Shape<engine::InviteInfo> {
  static constexpr std::string_view name = "invite";
  static constexpr std::string_view about = "An invite for one person that nobody has taken.";
  static constexpr auto fields = fields_in_order(
      field("invite", &engine::InviteInfo::invite, "names it"), field("made", &engine::InviteInfo::made, "when"),
      field("expires", &engine::InviteInfo::expires, "until when"),
      field("link", &engine::InviteInfo::link, "to be handed to one person"));
};

template <>
struct Shape<engine::Invites> {
  static constexpr std::string_view name = "invites";
  static constexpr std::string_view about = "The invites for one person that this device has made.";
  static constexpr auto fields = fields_in_order(field("invites", &engine::Invites::invites, "oldest first"));
};

template <>
struct Shape<engine::ChatMade> {
  static constexpr std::string_view name = "chat_made";
  static constexpr std::string_view about = "The chat exists on this device.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::ChatMade::chat, "the new chat"));
};

template <>
struct Shape<engine::MessageQueued> {
  static constexpr std::string_view name = "message_queued";
  static constexpr std::string_view about = "The message is safe on this device's disk.";
  static constexpr auto fields = fields_in_order(field("message", &engine::MessageQueued::message, "as it was stored"));
};

template <>
struct Shape<engine::Chats> {
  static constexpr std::string_view name = "chats";
  static constexpr std::string_view about = "All chats.";
  static constexpr auto fields = fields_in_order(field("chats", &engine::Chats::chats, "all chats"));
};

template <>
struct Shape<engine::Messages> {
  static constexpr std::string_view name = "messages";
  static constexpr std::string_view about = "A part of a chat's history.";
  static constexpr auto fields = fields_in_order(field("messages", &engine::Messages::messages, "oldest first"));
};

template <>
struct Shape<engine::SafetyNumber> {
  static constexpr std::string_view name = "safety_number";
  static constexpr std::string_view about = "What people compare.";
  static constexpr auto fields =
      fields_in_order(field("digits", &engine::SafetyNumber::digits, "60 digits, the same on both sides"));
};

template <>
struct Shape<engine::Account> {
  static constexpr std::string_view name = "account";
  static constexpr std::string_view about = "Whose profile this is.";
  static constexpr auto fields = fields_in_order(
      field("account", &engine::Account::account, "its id"),
      field("name", &engine::Account::name, "what others are shown"),
      field("home", &engine::Account::home, "how its home is reached, as a URI"),
      field("former_home", &engine::Account::former_home,
            "of an account that has moved: the home where it was, while that is looked into; else empty"),
      field("chats_to_tell", &engine::Account::chats_to_tell, "chats that have still to hear of the move"),
      field("moving_to", &engine::Account::moving_to,
            "the home to which it is being moved, and which has not taken it yet; else empty"),
      field("former_contacts", &engine::Account::former_contacts,
            "names of those whom one knew before a recovery, and has not met again"));
};

template <>
struct Shape<engine::BundleWritten> {
  static constexpr std::string_view name = "bundle_written";
  static constexpr std::string_view about = "A bundle.";
  static constexpr auto fields = fields_in_order(
      field("bundle", &engine::BundleWritten::bundle, "the bundle"),
      field("parcels", &engine::BundleWritten::parcels, "how many messages, receipts and hints are in it"),
      field("left", &engine::BundleWritten::left, "how many did not fit: they are for the next one"),
      field("requests", &engine::BundleWritten::requests, "how many sealed requests for homes are in it"));
};

template <>
struct Shape<engine::BundleRead> {
  static constexpr std::string_view name = "bundle_read";
  static constexpr std::string_view about = "What a bundle had.";
  static constexpr auto fields = fields_in_order(
      field("taken", &engine::BundleRead::taken, "parcels for this profile, also those that it had already"),
      field("passed_over", &engine::BundleRead::passed_over, "parcels for others, or that do not open"),
      field("answers", &engine::BundleRead::answers, "sealed replies to requests of this profile"),
      field("requests", &engine::BundleRead::requests, "sealed requests of others in it"),
      field("passed_on", &engine::BundleRead::passed_on, "of these, how many their homes have answered"),
      field("replies", &engine::BundleRead::replies,
            "a bundle with these answers, to be carried back; empty if there are none"));
};

template <>
struct Shape<engine::Routes> {
  static constexpr std::string_view name = "routes";
  static constexpr std::string_view about = "Every way to the own home that is known.";
  static constexpr auto fields =
      fields_in_order(field("routes", &engine::Routes::routes, "in the order of preference"),
                      field("clear", &engine::Routes::clear, "as that of read_call_relays, without asking anybody"));
};

template <>
struct Shape<engine::PageFound> {
  static constexpr std::string_view name = "page_found";
  static constexpr std::string_view about = "Where people find the page.";
  static constexpr auto fields = fields_in_order(
      field("address", &engine::PageFound::address, "https://..., without a \"#\"; empty: the home knows of none"));
};

template <>
struct Shape<engine::HomeLinkMade> {
  static constexpr std::string_view name = "home_link_made";
  static constexpr std::string_view about = "A link for one newcomer at the own home.";
  static constexpr auto fields = fields_in_order(
      field("home_link", &engine::HomeLinkMade::link, "for new_account; empty: the home takes newcomers without one"));
};

template <>
struct Shape<engine::BulletinShared> {
  static constexpr std::string_view name = "bulletin_shared";
  static constexpr std::string_view about = "A bulletin to hand on.";
  static constexpr auto fields = fields_in_order(field("text", &engine::BulletinShared::text, "the whole text"));
};

template <>
struct Shape<engine::MailState> {
  static constexpr std::string_view name = "mail_state";
  static constexpr std::string_view about = "The mail account, and how mail goes.";
  static constexpr auto fields = fields_in_order(
      field("set", &engine::MailState::set, "an account is set; else the rest is empty"),
      field("address", &engine::MailState::address, "what stands in From"),
      field("smtp", &engine::MailState::smtp, "where letters are handed in"),
      field("imap", &engine::MailState::imap, "where they come"), field("user", &engine::MailState::user, "of both"),
      field("outstanding", &engine::MailState::outstanding, "letters that wait for an answer"),
      field("trouble", &engine::MailState::trouble, "why the last letter could not be sent"),
      field("answered_at", &engine::MailState::answered_at,
            "when an answer last came by mail, since the program started"));
};

template <>
struct Shape<engine::LanState> {
  static constexpr std::string_view name = "lan_state";
  static constexpr std::string_view about = "How the local network is used.";
  static constexpr auto fields = fields_in_order(
      field("on", &engine::LanState::on, "whether contacts are looked for, and may find this device"),
      field("nearby", &engine::LanState::nearby, "chats whose other side is connected over the local network now"));
};

// ---- notices ------------------------------------------------------------------------------------------------------

template <>
struct Shape<engine::MessageReceived> {
  static constexpr std::string_view name = "message_received";
  static constexpr std::string_view about = "A message came in and is safe on this device's disk.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::MessageReceived::chat, "where"),
                                                 field("message", &engine::MessageReceived::message, "what"));
};

template <>
struct Shape<engine::MessageMoved> {
  static constexpr std::string_view name = "message_moved";
  static constexpr std::string_view about = "A message of one's own has come further.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::MessageMoved::chat, "where"),
                                                 field("id", &engine::MessageMoved::id, "which"),
                                                 field("delivery", &engine::MessageMoved::delivery, "how far"));
};

template <>
struct Shape<engine::ChatChanged> {
  static constexpr std::string_view name = "chat_changed";
  static constexpr std::string_view about = "A chat is new or has changed: the peer came in, a name, a key.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::ChatChanged::chat, "the chat as it is now"));
};

template <>
struct Shape<engine::HistoryCleared> {
  static constexpr std::string_view name = "history_cleared";
  static constexpr std::string_view about = "All messages of a chat up to this position are no more.";
  static constexpr auto fields =
      fields_in_order(field("chat", &engine::HistoryCleared::chat, "which"),
                      field("through", &engine::HistoryCleared::through, "the last of them"));
};

template <>
struct Shape<engine::ChatGone> {
  static constexpr std::string_view name = "chat_gone";
  static constexpr std::string_view about = "A chat is no more on this device: it was deleted, here or on another one.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::ChatGone::chat, "which"));
};

template <>
struct Shape<engine::LogMoved> {
  static constexpr std::string_view name = "log_moved";
  static constexpr std::string_view about =
      "The log of a chat goes on at another home, since the one where it was is gone. What only that one knew is lost.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::LogMoved::chat, "which"),
                                                 field("by", &engine::LogMoved::by, "who says so"),
                                                 field("host", &engine::LogMoved::host, "where it is now"));
};

template <>
struct Shape<engine::MemberRenamed> {
  static constexpr std::string_view name = "member_renamed";
  static constexpr std::string_view about =
      "Somebody in a chat calls himself otherwise now. Show it among the messages: anybody may take anybody's name.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::MemberRenamed::chat, "where"),
                                                 field("account", &engine::MemberRenamed::account, "who"),
                                                 field("before", &engine::MemberRenamed::before, "the name of before"),
                                                 field("name", &engine::MemberRenamed::name, "the name of now"));
};

template <>
struct Shape<engine::AccountChanged> {
  static constexpr std::string_view name = "account_changed";
  static constexpr std::string_view about =
      "What others are shown of this account was changed, here or on another own device (read_account "
      "tells), or its name at the home on another own device (read_name).";
  static constexpr auto fields = fields_in_order();
};

template <>
struct Shape<engine::ConnectionChanged> {
  static constexpr std::string_view name = "connection_changed";
  static constexpr std::string_view about = "One honest line about how this device is connected.";
  static constexpr auto fields = fields_in_order(
      field("connection", &engine::ConnectionChanged::connection, "how it is connected"),
      field("route", &engine::ConnectionChanged::route, "by which way, as a URI"),
      field("why", &engine::ConnectionChanged::why, "of offline: what stands in the way"),
      field("carrier", &engine::ConnectionChanged::carrier, "how that way carries the bytes"),
      field("look", &engine::ConnectionChanged::look, "what it shows to whoever watches"),
      field("small", &engine::ConnectionChanged::small,
            "connections do not last here: messages go in small exchanges, and long ones in parts"),
      field("trying", &engine::ConnectionChanged::trying, "of connecting: how many ways are tried at this moment"),
      field("by_mail", &engine::ConnectionChanged::by_mail,
            "of connected: there is no connection, but letters by mail are answered, within minutes"),
      field("through_home", &engine::ConnectionChanged::through_home,
            "some contacts' homes are not reached but through the own home"),
      field("nearby", &engine::ConnectionChanged::nearby,
            "how many chats have their other side connected over the local network, whatever the home does"),
      field("home_full", &engine::ConnectionChanged::home_full,
            "the own home has no room left (wire_home_full): what it is to keep waits on this device, and is tried "
            "again by itself; false when it has taken something again, or was not asked for 15 minutes"),
      field("others_full", &engine::ConnectionChanged::others_full,
            "the same of a home of somebody else, to which something from here goes"));
};

template <>
struct Shape<engine::FileSaved> {
  static constexpr std::string_view name = "file_saved";
  static constexpr std::string_view about = "The file is there.";
  static constexpr auto fields = fields_in_order(field("path", &engine::FileSaved::path, "where"));
};

template <>
struct Shape<engine::FileProgress> {
  static constexpr std::string_view name = "file_progress";
  static constexpr std::string_view about = "How far a file is; at most four times a second for each.";
  static constexpr auto fields =
      fields_in_order(field("chat", &engine::FileProgress::chat, "where; null: in a channel"),
                      field("channel", &engine::FileProgress::channel, "where; null: in a chat"),
                      field("message", &engine::FileProgress::message, "which; in a channel: the id of the file"),
                      field("sending", &engine::FileProgress::sending, "true: to the home; false: from it"),
                      field("done", &engine::FileProgress::done, "bytes of the file"),
                      field("total", &engine::FileProgress::total, "bytes of the whole file"),
                      field("paused", &engine::FileProgress::paused, "it goes on when pause_file says so"),
                      field("error", &engine::FileProgress::error,
                            "why it does not go on; with the action retry_later it is tried again by itself"));
};

template <>
struct Shape<engine::Trouble> {
  static constexpr std::string_view name = "trouble";
  static constexpr std::string_view about = "Something that the person should know and Godwit cannot mend by itself.";
  static constexpr auto fields = fields_in_order(field("error", &engine::Trouble::error, "what it is"));
};

}  // namespace godwit::api
