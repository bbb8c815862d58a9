#include "engine/history.h"

#include <algorithm>
#include <tuple>

#include "engine/kept_chats.h"
#include "engine/search.h"
#include "engine/transfers.h"

namespace godwit::engine {
namespace {

// How far along a state is; nothing goes back.
int rank(Delivery delivery) {
  switch (delivery) {
    case Delivery::kQueued:
      return 0;
    case Delivery::kSent:
      return 1;
    case Delivery::kExpired:
    case Delivery::kFailed:
      return 2;
    case Delivery::kDelivered:
      return 3;
    case Delivery::kRead:
      return 4;
  }
  return 0;
}

void put_index(Machine& m, const Chat& chat, uint64_t position) {
  m.journal.put(record_key(RecordKind::kIndex, chat.record.chat.view(), position), chat.index.at(position));
}

// The second half of ReadHistory: the states of the messages that were loaded.
void answer_history(Machine& m, CommandId id, const ChatId& chat, std::map<uint64_t, HistoryRecord> history) {
  if (history.empty()) return m.done(id, Messages{});
  const uint64_t first = history.begin()->first;
  const uint64_t last = history.rbegin()->first;
  auto shared = std::make_shared<std::map<uint64_t, HistoryRecord>>(std::move(history));
  m.load(record_key(RecordKind::kIndex, chat.view(), first), record_key(RecordKind::kIndex, chat.view(), last + 1),
         kHistoryPageMax, false, [&m, id, chat, shared](const std::vector<LoadedRecord>& records) {
           std::map<uint64_t, IndexRecord> index;
           for (const LoadedRecord& record : records) {
             auto parsed = codec::decoded<IndexRecord>(record.value.reveal());
             if (parsed) index.insert_or_assign(number_at_end(record.key), *parsed);
           }
           Messages out;
           const Chat& of = m.chats.at(chat);
           for (const auto& [position, one] : *shared) {
             const auto found = index.find(position);
             out.messages.push_back(to_message(one, found == index.end() ? nullptr : &found->second, position));
             note_transfer(of, out.messages.back());
           }
           m.done(id, std::move(out));
         });
}

}  // namespace

Message to_message(const HistoryRecord& history, const IndexRecord* index, uint64_t position) {
  const Delivery delivery = index == nullptr ? Delivery::kQueued : index->delivery;
  Message out{history.id, Position{position}, history.own, history.text, Instant{history.sent_ms}, delivery};
  if (history.file) out.file = file_info(*history.file);
  return out;
}

namespace {
// Before messages had files.
struct TextRecord {
  MessageId id;
  bool own = false;
  int64_t sent_ms = 0;
  std::string text;
  template <typename Self>
  static auto fields(Self& self) {
    return std::tie(self.id, self.own, self.sent_ms, self.text);
  }
};
}  // namespace

Result<HistoryRecord> parse_history(ByteView bytes) {
  auto record = codec::decoded<HistoryRecord>(bytes);
  if (record) return record;
  auto text = codec::decoded<TextRecord>(bytes);
  REQUIRE(text.has_value(), kProfileDamaged, "a message of the history is well-formed");
  return HistoryRecord{text->id, text->own, text->sent_ms, std::move(text->text), std::nullopt};
}

Message append_message(Machine& m, Chat& chat, const MessageId& id, bool own, int64_t sent_ms, std::string text,
                       std::optional<FileBody> file) {
  const uint64_t position = ++chat.record.last.value;
  const HistoryRecord history{id, own, sent_ms, std::move(text), std::move(file)};
  m.journal.put(record_key(RecordKind::kHistory, chat.record.chat.view(), position), history);
  chat.index[position] = {id, own, own ? Delivery::kQueued : Delivery::kDelivered, 0};
  chat.positions[id] = position;
  put_index(m, chat, position);
  while (chat.index.size() > kIndexWindow) {
    const auto oldest = chat.index.begin();
    const auto found = chat.positions.find(oldest->second.id);
    if (found != chat.positions.end() && found->second == oldest->first) chat.positions.erase(found);
    chat.index.erase(oldest);
  }
  chat.newest = to_message(history, &chat.index.at(position), position);
  m.put(chat);
  search_note(m, chat.record.chat, *chat.newest);
  Message message = *chat.newest;
  note_transfer(chat, message);
  return message;
}

void move_message(Machine& m, Chat& chat, uint64_t position, Delivery delivery) {
  const auto found = chat.index.find(position);
  if (found == chat.index.end() || !found->second.own || rank(found->second.delivery) >= rank(delivery)) return;
  found->second.delivery = delivery;
  if (delivery == Delivery::kSent) {
    found->second.accepted_ms = m.wall().ms;
    chat.sweep_at = std::min(chat.sweep_at, m.now + kMessageLifetime);
  }
  put_index(m, chat, position);
  if (chat.newest && chat.newest->position.value == position) chat.newest->delivery = delivery;
  m.tell_then(MessageMoved{chat.record.chat, found->second.id, delivery});
}

void sweep_messages(Machine& m, Chat& chat) {
  for (const auto& [position, entry] : chat.index) {
    if (!entry.own || entry.delivery != Delivery::kSent) continue;
    const Instant expires = m.when(entry.accepted_ms) + kMessageLifetime;
    if (expires <= m.now) {
      move_message(m, chat, position, Delivery::kExpired);
    } else {
      chat.sweep_at = std::min(chat.sweep_at, expires);
    }
  }
}

ChatInfo chat_info(const Chat& chat) {
  const ChatRecord& record = chat.record;
  ChatInfo info;
  info.chat = record.chat;
  info.peer = record.peer.account;
  info.name = record.peer.name;
  info.verified = record.verified;
  info.inviter = record.inviter;
  info.ready = record.ready;
  info.epoch = chat.group ? chat.group->epoch() : 0;
  info.last = record.last;
  info.read = record.read;
  info.newest = chat.newest;
  if (info.newest) note_transfer(chat, *info.newest);
  return info;
}

void list_chats(Machine& m, CommandId id) {
  Chats out;
  for (const auto& [chat_id, chat] : m.chats) out.chats.push_back(chat_info(chat));
  for (const auto& [chat_id, kept] : m.kept) out.chats.push_back(kept_chat_info(kept));
  // The one with the latest message first, as people expect.
  std::sort(out.chats.begin(), out.chats.end(), [](const ChatInfo& a, const ChatInfo& b) {
    const int64_t when_a = a.newest ? a.newest->sent_at.ms : 0;
    const int64_t when_b = b.newest ? b.newest->sent_at.ms : 0;
    return std::tie(when_b, a.chat) < std::tie(when_a, b.chat);
  });
  m.done(id, std::move(out));
}

void read_history(Machine& m, CommandId id, const ReadHistory& command) {
  if (m.kept.contains(command.chat)) return read_kept(m, id, command);
  if (m.find_chat(command.chat) == nullptr) return m.fail(id, {kNoSuchChat, "a chat of this device"});
  const uint32_t count = std::min(command.count, kHistoryPageMax);
  if (count == 0) return m.done(id, Messages{});
  // What is on its way to the disk is read after it is there.
  m.journal.then([&m, id, chat = command.chat, before = command.before, count] {
    const Bytes first = record_key(RecordKind::kHistory, chat.view());
    const Bytes last = before ? record_key(RecordKind::kHistory, chat.view(), before->value) : after_prefix(first);
    m.load(first, last, count, true, [&m, id, chat](const std::vector<LoadedRecord>& records) {
      std::map<uint64_t, HistoryRecord> history;
      for (const LoadedRecord& record : records) {
        auto parsed = parse_history(record.value.reveal());
        if (!parsed) return m.stop(parsed.error());
        history.insert_or_assign(number_at_end(record.key), std::move(*parsed));
      }
      answer_history(m, id, chat, std::move(history));
    });
  });
}

}  // namespace godwit::engine
