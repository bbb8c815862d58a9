#include "engine/scheduled.h"

#include <algorithm>
#include <utility>

#include "codec/members.h"
#include "crypto/hash.h"
#include "engine/history.h"
#include "engine/outbox.h"
#include "engine/speaking.h"
#include "engine/sync.h"

namespace godwit::engine {
namespace {

constexpr Error kNoChat{kNoSuchChat, "a chat of this device"};

// Numbers of what is written elsewhere begin here; programs that read JSON count to 2^53.
constexpr uint64_t kElsewhereFirst = uint64_t{1} << 32;
constexpr uint64_t kElsewhereMask = (uint64_t{1} << 50) - 1;

// Which field it is: of the device that wrote it, in the chat, with its number there.
struct FieldKey {
  ByteArray<32> device{};
  ChatId chat;
  uint64_t number = 0;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.device, self.chat, self.number);
  }
};

Bytes scheduled_key(const Chat& chat, uint64_t number) {
  return record_key(RecordKind::kScheduled, chat.record.chat.view(), number);
}

FieldKey own_key(const Machine& m, const Chat& chat, uint64_t number) {
  return {m.self->device.public_key, chat.record.chat, number};
}

ByteArray<32> digest_of(ByteView key, const ScheduledRecord& record) {
  Bytes input = to_bytes(as_bytes("godwit scheduled 1"));
  append(input, key);
  append(input, codec::encoded(record));
  return crypto::sha256(input);
}

// The same whichever device says it.
MessageId message_id(const FieldKey& key, const ScheduledRecord& record) {
  const auto digest = digest_of(codec::encoded(key), record);
  MessageId out;
  std::copy_n(digest.begin(), MessageId::kSize, out.value.begin());
  return out;
}

// How it is named here: it stays so as long as it waits.
uint64_t number_elsewhere(ByteView key) {
  const auto digest = digest_of(key, {});
  uint64_t out = 0;
  for (size_t i = 0; i < 8; ++i) out = (out << 8) | digest[i];
  return kElsewhereFirst + (out & kElsewhereMask);
}

// True if it may be said as it is.
bool is_sound(const ScheduledRecord& record) {
  size_t bytes = 0;
  for (const ContentExtension& each : record.extensions) bytes += each.data.size();
  return record.version == kRecordVersion && check_text(record.text) && record.extensions.size() < kExtensionsMax &&
         bytes <= kExtensionBytesMax;
}

// It is over, on all devices.
void tell_over(Machine& m, Bytes key) {
  const Bytes* told = find_field(m, SyncKind::kScheduled, key);
  if (told != nullptr && !told->empty()) put_field(m, SyncKind::kScheduled, std::move(key), {});
}

void forget_own(Machine& m, Chat& chat, uint64_t number) {
  m.journal.erase(scheduled_key(chat, number));
  chat.talk.scheduled.erase(number);
}

// False: by now not everybody writes here, or nobody reads.
bool may_be_said(const Machine& m, const Chat& chat) {
  const Status turn = check_turn(m, chat, ContentKind::kText);
  return turn || (turn.error().code != kNotAllowed && turn.error().code != kCameBack);
}

void speak(Machine& m, Chat& chat, const FieldKey& key, const ScheduledRecord& record) {
  HistoryRecord history = own_record(m, chat, ContentKind::kText);
  history.id = message_id(key, record);
  if (chat.positions.contains(history.id)) return;  // another device has said it
  history.text = record.text;
  history.extensions = record.extensions;
  history.reply_to = record.reply_to;
  if (!may_be_said(m, chat)) {
    const uint64_t position = chat.record.last.value + 1;
    m.tell_then(MessageReceived{chat.record.chat, append_message(m, chat, std::move(history))});
    return move_message(m, chat, position, Delivery::kFailed);
  }
  m.tell_then(MessageReceived{chat.record.chat, say(m, chat, std::move(history))});
}

// True if it is time, and slow mode lets us; else the chat is woken when it is.
bool is_due(Machine& m, Chat& chat, int64_t at_ms, Duration patience) {
  const Instant at = std::max(m.when(at_ms) + patience, m.when(next_turn(m, chat).ms));
  if (at > m.now) chat.wake = std::min(chat.wake, at);
  return at <= m.now && chat.outbox.size() < kOutboxMax;
}

// The one that fell due first: after a time without the program there may be several.
std::map<uint64_t, ScheduledRecord>::iterator next_own(Machine& m, Chat& chat) {
  auto& all = chat.talk.scheduled;
  auto next = all.end();
  for (auto it = all.begin(); it != all.end(); ++it) {
    if (!is_due(m, chat, it->second.at_ms, {})) continue;
    if (next == all.end() || it->second.at_ms < next->second.at_ms) next = it;
  }
  return next;
}

void pump_own(Machine& m, Chat& chat) {
  for (auto next = next_own(m, chat); next != chat.talk.scheduled.end(); next = next_own(m, chat)) {
    const FieldKey key = own_key(m, chat, next->first);
    const ScheduledRecord record = std::move(next->second);
    forget_own(m, chat, key.number);
    tell_over(m, codec::encoded(key));
    speak(m, chat, key, record);
  }
}

void pump_elsewhere(Machine& m, Chat& chat) {
  auto& all = chat.talk.elsewhere;
  for (auto it = all.begin(); it != all.end();) {
    const auto entry = it++;
    if (!is_due(m, chat, entry->second.record.at_ms, kScheduledPatience)) continue;
    const ScheduledElsewhere waiting = std::move(entry->second);
    all.erase(entry);
    // Whether it fails is for the device that wrote it to say: this one may be behind.
    if (!may_be_said(m, chat)) continue;
    tell_over(m, waiting.key);
    const auto key = codec::decoded<FieldKey>(waiting.key);
    if (key) speak(m, chat, *key, waiting.record);
  }
}

void keep_elsewhere(Chat& chat, ByteView key, ByteView value) {
  auto& all = chat.talk.elsewhere;
  const uint64_t number = number_elsewhere(key);
  all.erase(number);
  auto record = codec::decoded<ScheduledRecord>(value);
  if (!record || !is_sound(*record) || all.size() >= kScheduledMax * wire::kDevicesMax) return;
  all.emplace(number, ScheduledElsewhere{to_bytes(key), std::move(*record)});
}

}  // namespace

void schedule_message(Machine& m, CommandId id, const ScheduleMessage& command) {
  Chat* chat = m.find_chat(command.chat);
  if (chat == nullptr) return m.fail(id, kNoChat);
  if (const Status right = check_text(command.text); !right) return m.fail(id, right.error());
  auto extensions = formatting(command.text, command.spans, command.mentions);
  if (!extensions) return m.fail(id, extensions.error());
  auto& all = chat->talk.scheduled;
  if (all.size() >= kScheduledMax) return m.fail(id, {kScheduledFull, "at most 100 messages wait for their time"});
  const uint64_t number = all.empty() ? 1 : all.rbegin()->first + 1;
  ScheduledRecord record;
  record.at_ms = command.at.ms;
  record.text = command.text;
  record.extensions = std::move(*extensions);
  record.reply_to = command.reply_to;
  m.journal.put(scheduled_key(*chat, number), record);
  put_field(m, SyncKind::kScheduled, codec::encoded(own_key(m, *chat, number)), codec::encoded(record));
  all.emplace(number, std::move(record));
  m.touch(*chat);
  m.done_then(id, ScheduledQueued{number});
}

void list_scheduled(Machine& m, CommandId id, const ListScheduled& command) {
  const Chat* chat = m.find_chat(command.chat);
  if (chat == nullptr) return m.fail(id, kNoChat);
  ScheduledMessages out;
  for (const auto& [number, record] : chat->talk.scheduled) {
    out.scheduled.push_back({number, Instant{record.at_ms}, record.text, record.reply_to});
  }
  for (const auto& [number, waiting] : chat->talk.elsewhere) {
    const ScheduledRecord& record = waiting.record;
    out.scheduled.push_back({number, Instant{record.at_ms}, record.text, record.reply_to});
  }
  std::sort(out.scheduled.begin(), out.scheduled.end(), [](const ScheduledInfo& a, const ScheduledInfo& b) {
    return std::tie(a.at, a.number) < std::tie(b.at, b.number);
  });
  m.done(id, std::move(out));
}

void cancel_scheduled(Machine& m, CommandId id, const CancelScheduled& command) {
  Chat* chat = m.find_chat(command.chat);
  if (chat == nullptr) return m.fail(id, kNoChat);
  if (chat->talk.scheduled.contains(command.number)) {
    forget_own(m, *chat, command.number);
    tell_over(m, codec::encoded(own_key(m, *chat, command.number)));
    return m.done_then(id, Nothing{});
  }
  const auto node = chat->talk.elsewhere.extract(command.number);
  if (node.empty()) return m.fail(id, {kNoSuchMessage, "a message that waits"});
  tell_over(m, node.mapped().key);
  m.done_then(id, Nothing{});
}

void pump_scheduled(Machine& m, Chat& chat) {
  pump_own(m, chat);
  pump_elsewhere(m, chat);
}

void forget_scheduled(Machine& m, Chat& chat) {
  while (!chat.talk.scheduled.empty()) {
    const FieldKey key = own_key(m, chat, chat.talk.scheduled.begin()->first);
    forget_own(m, chat, key.number);
    tell_over(m, codec::encoded(key));
  }
  for (auto& [number, waiting] : std::exchange(chat.talk.elsewhere, {})) tell_over(m, std::move(waiting.key));
}

void take_scheduled(Machine& m, ByteView key, ByteView value) {
  const auto named = codec::decoded<FieldKey>(key);
  Chat* chat = named ? m.find_chat(named->chat) : nullptr;
  if (chat == nullptr || chat->deleted) return;
  if (named->device != m.self->device.public_key) {
    keep_elsewhere(*chat, key, value);
  } else if (value.empty()) {
    forget_own(m, *chat, named->number);  // taken back, or said, by another device
  }
  m.touch(*chat);
  m.tell_then(ChatChanged{chat_info(m, *chat)});
}

void load_scheduled(Machine& m, Chat& chat) {
  for (const auto& [at, field] : m.devices.fields) {
    if (field.kind != static_cast<uint16_t>(SyncKind::kScheduled) || field.value.empty()) continue;
    const auto key = codec::decoded<FieldKey>(field.key);
    const bool elsewhere = key && key->chat == chat.record.chat && key->device != m.self->device.public_key;
    if (elsewhere) keep_elsewhere(chat, field.key, field.value);
  }
}

}  // namespace godwit::engine
