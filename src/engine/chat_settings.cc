#include "engine/chat_settings.h"

#include <algorithm>

#include "engine/history.h"
#include "engine/sync.h"

namespace godwit::engine {
namespace {

constexpr Error kNoChat{kNoSuchChat, "a chat of this device"};

}  // namespace

bool fits_field(const ChatSettingsRecord& set) {
  return codec::encoded(set).size() + ChatId::kSize <= kSyncFieldSizeMax;
}

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
  ChatSettingsRecord told = set;
  if (!fits_field(set)) told.draft.clear();
  put_field(m, SyncKind::kChatSettings, to_bytes(command.chat.view()), codec::encoded(told));
  m.done_then(id, Nothing{});
  m.tell_then(ChatChanged{chat_info(m, *chat)});
}

bool take_chat_settings(Machine& m, Chat& chat, ByteView value) {
  auto settings = codec::decoded<ChatSettingsRecord>(value);
  if (!settings || settings->version != kRecordVersion) return false;
  if (settings->draft.size() > kTextSizeMax || !is_utf8(settings->draft)) return false;
  // What of ours is too long to be told is not replaced by nothing.
  if (settings->draft.empty() && !fits_field(chat.talk.settings)) settings->draft = chat.talk.settings.draft;
  chat.talk.settings = std::move(*settings);
  m.journal.put(record_key(RecordKind::kChatSettings, chat.record.chat.view()), chat.talk.settings);
  return true;
}

void take_settings_told_before(Machine& m, Chat& chat) {
  const Bytes* told = find_field(m, SyncKind::kChatSettings, chat.record.chat.view());
  const auto settings =
      told != nullptr ? codec::decoded<ChatSettingsRecord>(*told) : Result<ChatSettingsRecord>(kNoChat);
  if (settings && settings->changed_ms > chat.talk.settings.changed_ms) take_chat_settings(m, chat, *told);
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

}  // namespace godwit::engine
