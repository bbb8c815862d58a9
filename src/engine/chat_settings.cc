#include "engine/chat_settings.h"

#include <algorithm>

#include "engine/history.h"
#include "engine/outbox.h"
#include "engine/speaking.h"
#include "engine/sync.h"

namespace godwit::engine {
namespace {

constexpr Error kNoChat{kNoSuchChat, "a chat of this device"};

Bytes scheduled_key(const Chat& chat, uint64_t number) {
  return record_key(RecordKind::kScheduled, chat.record.chat.view(), number);
}

}  // namespace

void set_chat(Machine& m, CommandId id, const SetChat& command) {
  Chat* chat = m.find_chat(command.chat);
  if (chat == nullptr) return m.fail(id, kNoChat);
  if (command.draft && command.draft->size() > kTextSizeMax)
    return m.fail(id, {kTooLong, "a text has at most 100 KiB"});
  if (command.draft && !is_utf8(*command.draft)) return m.fail(id, {kNotText, "a draft is UTF-8"});
  ChatSettingsRecord& set = chat->talk.settings;
  set.changed_ms = std::max(m.wall().ms, set.changed_ms + 1);
  if (command.muted_until) set.muted_until_ms = command.muted_until->ms;
  set.archived = command.archived.value_or(set.archived);
  set.pinned = command.pinned.value_or(set.pinned);
  set.marked_unread = command.marked_unread.value_or(set.marked_unread);
  if (command.draft) set.draft = *command.draft;
  m.journal.put(record_key(RecordKind::kChatSettings, command.chat.view()), set);
  put_field(m, SyncKind::kChatSettings, to_bytes(command.chat.view()), codec::encoded(set));
  m.done_then(id, Nothing{});
  m.tell_then(ChatChanged{chat_info(m, *chat)});
}

void set_privacy(Machine& m, CommandId id, const SetPrivacy& command) {
  m.privacy.read_receipts = command.read_receipts;
  m.privacy.typing = command.typing;
  m.journal.put(record_key(RecordKind::kPrivacy), m.privacy);
  if (m.has_account()) put_field(m, SyncKind::kPrivacy, {}, codec::encoded(m.privacy));
  m.done_then(id, Nothing{});
}

void read_privacy(Machine& m, CommandId id) {
  m.done(id, Privacy{m.privacy.read_receipts && m.options.read_receipts, m.privacy.typing});
}

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
  std::sort(out.scheduled.begin(), out.scheduled.end(), [](const ScheduledInfo& a, const ScheduledInfo& b) {
    return std::tie(a.at, a.number) < std::tie(b.at, b.number);
  });
  m.done(id, std::move(out));
}

void cancel_scheduled(Machine& m, CommandId id, const CancelScheduled& command) {
  Chat* chat = m.find_chat(command.chat);
  if (chat == nullptr) return m.fail(id, kNoChat);
  if (chat->talk.scheduled.erase(command.number) == 0) return m.fail(id, {kNoSuchMessage, "a message that waits"});
  m.journal.erase(scheduled_key(*chat, command.number));
  m.done_then(id, Nothing{});
}

void pump_scheduled(Machine& m, Chat& chat) {
  auto& all = chat.talk.scheduled;
  for (auto it = all.begin(); it != all.end();) {
    const auto entry = it++;
    const Instant at = m.when(entry->second.at_ms);
    if (at > m.now || chat.outbox.size() >= kOutboxMax) {
      if (at > m.now) chat.wake = std::min(chat.wake, at);
      continue;
    }
    HistoryRecord history = own_record(m, chat, ContentKind::kText);
    history.text = std::move(entry->second.text);
    history.extensions = std::move(entry->second.extensions);
    history.reply_to = entry->second.reply_to;
    m.journal.erase(scheduled_key(chat, entry->first));
    all.erase(entry);
    m.tell_then(MessageReceived{chat.record.chat, say(m, chat, std::move(history))});
  }
}

}  // namespace godwit::engine
