#include "engine/speaking.h"

#include <algorithm>

#include "engine/chat_people.h"
#include "engine/commits.h"
#include "engine/held.h"
#include "engine/history.h"
#include "engine/known_devices.h"
#include "engine/members.h"
#include "engine/message_changes.h"
#include "engine/message_view.h"
#include "engine/outbox.h"
#include "engine/roles.h"
#include "engine/said.h"
#include "engine/vanishing.h"

namespace godwit::engine {
namespace {

// Bytes of the extensions that may stand beside formatting: where it is from, and what it is about.
constexpr size_t kRoomBeside = 64;

bool have_room(const std::vector<ContentExtension>& extensions) {
  size_t bytes = 0;
  for (const ContentExtension& each : extensions) bytes += each.data.size();
  return bytes <= kExtensionBytesMax - kRoomBeside;
}

// All that may stand beside the text.
Result<std::vector<ContentExtension>> beside(const SendMessage& command) {
  auto out = TRY(formatting(command.text, command.spans, command.mentions));
  if (command.preview) {
    REQUIRE(check_preview(command.text, *command.preview).has_value(), kBadPreview, "of a link in the text");
    out.push_back({ExtensionId::kPreview, codec::encoded(*command.preview)});
    REQUIRE(have_room(out), kBadPreview, "with the formatting it has at most 16 KiB");
  }
  if (command.about) out.push_back({ExtensionId::kAboutPost, codec::encoded(*command.about)});
  return out;
}

// The next turn is counted from now on.
void take_turn(Machine& m, Chat& chat) {
  Member* own = find_member(chat, m.self->record.account);
  if (!chat.settings || chat.settings->slow_mode_seconds == 0 || own == nullptr) return;
  own->record.spoke_ms = static_cast<uint64_t>(std::max<int64_t>(m.wall().ms, 0));
  put_member(m, chat, *own);
}

// Says what has a body of its own, if that is right; `bad` is why not.
template <typename Body>
void send_body(Machine& m, CommandId id, const ChatId& to, ContentKind kind, const Body& body, std::string text,
               Error bad) {
  Chat* chat = m.find_chat(to);
  if (chat == nullptr) return m.fail(id, m.no_chat(to));
  if (!check(body)) return m.fail(id, bad);
  if (const Status right = check_turn(m, *chat, kind); !right) return m.fail(id, right.error());
  HistoryRecord history = own_record(m, *chat, kind);
  history.text = std::move(text);
  history.body = codec::encoded(body);
  m.done_then(id, MessageQueued{say(m, *chat, std::move(history))});
}

// What another chat gets of a message: what it says now.
Result<HistoryRecord> forwarded(Machine& m, const Chat& from, const Chat& to, const Held& held) {
  const HistoryRecord& history = held.history;
  const bool shown = !held.state.deleted_by && history.newer == 0 && history.kind != ContentKind::kSettings &&
                     history.kind != ContentKind::kLine;
  REQUIRE(shown && !has_expired(m, held.index), kNotForwardable, "what stands and can be shown is forwarded");
  REQUIRE(!from.uploads.contains(held.position), kNotForwardable, "a file is forwarded when it is at the home");
  HistoryRecord out = own_record(m, to, history.kind);
  out.text = history.text;
  out.extensions = history.extensions;
  if (is_edited(held)) {
    out.text = held.state.edits.back().text;
    out.extensions = held.state.edits.back().extensions;
  }
  // Elsewhere it is no comment, and what is said of its link is what is shown here.
  std::erase_if(out.extensions, [](const ContentExtension& each) {
    return each.id == ExtensionId::kAboutPost || each.id == ExtensionId::kPreview;
  });
  if (const auto preview = preview_of(held, out.text)) {
    out.extensions.push_back({ExtensionId::kPreview, codec::encoded(*preview)});
    if (!have_room(out.extensions)) out.extensions.pop_back();
  }
  if (history.file) out.file = history.file->clone();
  out.body = history.body;
  if (find_extension(out.extensions, ExtensionId::kForwarded) == nullptr) {
    out.extensions.push_back({ExtensionId::kForwarded, {}});
  }
  REQUIRE(out.extensions.size() <= kExtensionsMax, kNotForwardable, "a message has at most 16 extensions");
  return out;
}

}  // namespace

HistoryRecord own_record(Machine& m, const Chat& chat, ContentKind kind) {
  HistoryRecord out;
  out.id = m.random_id<MessageId>();
  out.own = true;
  out.sent_ms = m.wall().ms;
  out.author = m.self->record.account;
  out.kind = kind;
  const uint32_t seconds = chat.talk.record.disappear_seconds;
  if (seconds != 0 && kind != ContentKind::kSettings) out.expire_seconds = seconds;
  return out;
}

Result<std::vector<ContentExtension>> formatting(const std::string& text, const std::vector<TextSpan>& spans,
                                                 const std::vector<Mention>& mentions) {
  REQUIRE(check_spans(text, spans).has_value(), kBadFormatting, "a span is a piece of the text");
  REQUIRE(check_mentions(text, mentions).has_value(), kBadFormatting, "a mention is a piece of the text");
  std::vector<ContentExtension> out;
  if (!spans.empty()) out.push_back({ExtensionId::kSpans, codec::encoded(spans)});
  if (!mentions.empty()) out.push_back({ExtensionId::kMentions, codec::encoded(mentions)});
  REQUIRE(have_room(out), kBadFormatting, "formatting has at most 16 KiB");
  return out;
}

Status check_text(const std::string& text) {
  REQUIRE(text.size() <= kTextSizeMax, kTooLong, "a text has at most 100 KiB");
  REQUIRE(!text.empty() && is_utf8(text), kNotText, "a text is UTF-8, not empty");
  return {};
}

Instant next_turn(const Machine& m, const Chat& chat) {
  const AccountId& account = m.self->record.account;
  const Member* own = find_member(chat, account);
  if (!chat.settings || chat.settings->slow_mode_seconds == 0 || own == nullptr) return {};
  if (role_of(chat, account) >= Role::kAdmin) return {};
  return Instant{static_cast<int64_t>(own->record.spoke_ms)} + seconds(chat.settings->slow_mode_seconds);
}

Status check_turn(const Machine& m, const Chat& chat, ContentKind kind) {
  REQUIRE(chat.group.has_value(), kNotMember, "who writes in a chat is a member of it");
  REQUIRE(may_say(settings_at(chat, UINT64_MAX), self_in(m, chat).role, kind), kNotAllowed,
          "here not everybody writes");
  REQUIRE(!is_slowed(kind) || next_turn(m, chat) <= m.wall(), kTooSoon, "slow mode has a pause between two messages");
  REQUIRE(!says_words(kind) || !is_held_back(m, chat), kNewDevices, "what is said goes to devices that are known");
  REQUIRE(!says_words(kind) || !came_back_in(m, chat), kCameBack, "who has lost all devices reads nothing here");
  REQUIRE(chat.outbox.size() < kOutboxMax, kOutboxFull, "at most 10,000 messages wait in a chat");
  return {};
}

Message say(Machine& m, Chat& chat, HistoryRecord history) {
  const uint64_t position = chat.record.last.value + 1;
  HistoryRecord said = history.clone();
  take_turn(m, chat);
  Message message = append_message(m, chat, std::move(history));
  said.clock = message.clock;
  queue_again(m, chat, said, position);
  want_refresh_by_itself(m, chat);
  return message;
}

Status do_to_message(Machine& m, Chat& chat, Held& held, ContentKind kind, Bytes body,
                     std::vector<ContentExtension> extensions) {
  TRY(check_turn(m, chat, kind));
  Content content;
  content.id = m.random_id<MessageId>();
  content.sent_ms = static_cast<uint64_t>(std::max<int64_t>(m.wall().ms, 0));
  content.kind = kind;
  content.body = std::move(body);
  content.clock = next_clock(m, chat);
  content.extensions = std::move(extensions);
  Bytes encoded = codec::encoded(content);
  keep_said(m, chat, content, held.history.id);
  queue_encoded(m, chat, content.id, std::move(encoded));
  change_message(m, chat, held, self_in(m, chat), content);
  return {};
}

namespace {

// A line is no message: nothing answers it.
bool is_line(const Chat& chat, const MessageId& id) {
  const auto found = chat.positions.find(id);
  return found != chat.positions.end() && chat.index.at(found->second).kind == ContentKind::kLine;
}

}  // namespace

void send_text(Machine& m, CommandId id, const SendText& command) {
  send_message(m, id, SendMessage{command.chat, command.text});
}

void send_message(Machine& m, CommandId id, const SendMessage& command) {
  Chat* chat = m.find_chat(command.chat);
  if (chat == nullptr) return m.fail(id, m.no_chat(command.chat));
  if (const Status right = check_text(command.text); !right) return m.fail(id, right.error());
  if (const Status right = check_turn(m, *chat, ContentKind::kText); !right) return m.fail(id, right.error());
  if (command.reply_to && is_line(*chat, *command.reply_to)) return m.fail(id, {kNoSuchMessage, "messages are answered"});
  auto extensions = beside(command);
  if (!extensions) return m.fail(id, extensions.error());
  HistoryRecord history = own_record(m, *chat, ContentKind::kText);
  history.text = command.text;
  history.reply_to = command.reply_to;
  history.extensions = std::move(*extensions);
  m.done_then(id, MessageQueued{say(m, *chat, std::move(history))});
}

void send_location(Machine& m, CommandId id, const SendLocation& command) {
  const bool on_earth = command.latitude >= -kLatitudeMax && command.latitude <= kLatitudeMax &&
                        command.longitude >= -kLongitudeMax && command.longitude <= kLongitudeMax;
  constexpr Error kBad{kBadLocation, "a place on the earth, with a short name"};
  if (!on_earth) return m.fail(id, kBad);
  const LocationBody body{static_cast<int32_t>(command.latitude), static_cast<int32_t>(command.longitude),
                          command.accuracy_m, command.name};
  send_body(m, id, command.chat, ContentKind::kLocation, body, command.name, kBad);
}

void send_contact(Machine& m, CommandId id, const SendContact& command) {
  const ContactBody body{command.name, command.account, command.text};
  send_body(m, id, command.chat, ContentKind::kContact, body, command.name, {kBadContact, "a name, and at most 4 KiB"});
}

void send_poll(Machine& m, CommandId id, const SendPoll& command) {
  const int64_t closes_ms = command.closes_at ? command.closes_at->ms : 0;
  constexpr Error kBad{kBadPoll, "a question, and 2 to 32 different options"};
  if (closes_ms < 0 || (closes_ms > 0 && closes_ms <= m.wall().ms)) return m.fail(id, kBad);
  const PollBody body{command.question, command.options, command.multiple, static_cast<uint64_t>(closes_ms)};
  send_body(m, id, command.chat, ContentKind::kPoll, body, command.question, kBad);
}

void set_disappearing(Machine& m, CommandId id, const SetDisappearing& command) {
  Chat* chat = m.find_chat(command.chat);
  if (chat == nullptr) return m.fail(id, m.no_chat(command.chat));
  const uint32_t seconds = command.seconds;
  if (seconds != 0 && (seconds < kDisappearSecondsMin || seconds > kDisappearSecondsMax)) {
    return m.fail(id, {kBadTimer, "messages disappear after 5 s to a year"});
  }
  if (const Status right = check_turn(m, *chat, ContentKind::kSettings); !right) return m.fail(id, right.error());
  HistoryRecord history = own_record(m, *chat, ContentKind::kSettings);
  history.body = codec::encoded(SettingsBody{seconds});
  const Message message = say(m, *chat, std::move(history));
  take_settings(m, *chat, {message.clock, message.id}, seconds);
  m.done_then(id, MessageQueued{message});
  m.tell_then(ChatChanged{chat_info(m, *chat)});
}

void forward_message(Machine& m, CommandId id, const ForwardMessage& command) {
  Chat* from = m.find_chat(command.chat);
  if (from == nullptr) return m.fail(id, m.no_chat(command.chat));
  if (m.find_chat(command.to) == nullptr) return m.fail(id, m.no_chat(command.to));
  with_message(m, *from, command.message, [&m, id, of = command.to](Chat& chat, Held* held) {
    Chat* to = m.find_chat(of);
    if (held == nullptr || to == nullptr) return m.fail(id, {kNoSuchMessage, "a message of this chat"});
    auto history = forwarded(m, chat, *to, *held);
    if (!history) return m.fail(id, history.error());
    if (const Status right = check_turn(m, *to, history->kind); !right) return m.fail(id, right.error());
    m.done_then(id, MessageQueued{say(m, *to, std::move(*history))});
  });
}

}  // namespace godwit::engine
