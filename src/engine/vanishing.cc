#include "engine/vanishing.h"

#include <algorithm>

#include "engine/held.h"
#include "engine/message_changes.h"

namespace godwit::engine {
namespace {

constexpr uint32_t kLooked = 256;  // messages at once
constexpr size_t kTimeSize = 8;

Bytes expiry_key(const Chat& chat, int64_t expires_ms, uint64_t position) {
  codec::Writer within;
  within.u64(static_cast<uint64_t>(expires_ms));
  within.u64(position);
  return record_key(RecordKind::kExpiry, chat.record.chat.view(), within.take());
}

int64_t time_in(const Bytes& key) { return static_cast<int64_t>(number_at_end(ByteView(key).first(key.size() - kTimeSize))); }

// The messages were read: what is due goes, with the record that it is due.
void remove_due(Machine& m, const ChatId& id, const std::vector<Bytes>& due, const std::map<uint64_t, Held>& held) {
  Chat& chat = m.chats.at(id);
  for (const Bytes& key : due) {
    m.journal.erase(key);
    const auto found = held.find(number_at_end(key));
    if (found != held.end()) remove_message(m, chat, found->first, found->second.index);
  }
  chat.talk.expiring = false;
  m.touch(chat);
}

void look(Machine& m, const ChatId& id) {
  const Bytes first = record_key(RecordKind::kExpiry, id.view());
  m.load(first, after_prefix(first), kLooked, false, [&m, id](const std::vector<LoadedRecord>& records) {
    Chat& chat = m.chats.at(id);
    std::vector<Bytes> due;
    std::vector<uint64_t> positions;
    for (const LoadedRecord& record : records) {
      if (m.when(time_in(record.key)) > m.now) break;
      due.push_back(record.key);
      positions.push_back(number_at_end(record.key));
    }
    // What has begun to run meanwhile has lowered it.
    Instant next = chat.talk.expires_at;
    if (due.size() < records.size()) next = std::min(next, m.when(time_in(records[due.size()].key)));
    if (due.size() == kLooked) next = m.now;  // there are more
    chat.talk.expires_at = next;
    load_held(m, id, positions, [&m, id, due](const std::map<uint64_t, Held>& held) { remove_due(m, id, due, held); });
  });
}

}  // namespace

void start_timer(Machine& m, Chat& chat, uint64_t position) {
  IndexRecord& index = chat.index.at(position);
  if (index.expire_seconds == 0 || index.expires_ms != 0 || index.gone) return;
  index.expires_ms = m.wall().ms + int64_t{index.expire_seconds} * 1000;
  put_timer(m, chat, position);
}

void put_timer(Machine& m, Chat& chat, uint64_t position) {
  const IndexRecord& index = chat.index.at(position);
  if (index.expires_ms == 0 || index.gone) return;
  m.journal.put(expiry_key(chat, index.expires_ms, position), PlaceRecord{position});
  chat.talk.expires_at = std::min(chat.talk.expires_at, m.when(index.expires_ms));
  m.touch(chat);
}

void drop_timer(Machine& m, const Chat& chat, uint64_t position, const IndexRecord& index) {
  if (index.expires_ms != 0) m.journal.erase(expiry_key(chat, index.expires_ms, position));
}

bool has_expired(const Machine& m, const IndexRecord& index) {
  return index.expires_ms != 0 && m.when(index.expires_ms) <= m.now;
}

void pump_vanishing(Machine& m, Chat& chat) {
  if (chat.talk.expiring) return;
  if (chat.talk.expires_at > m.now) {
    chat.wake = std::min(chat.wake, chat.talk.expires_at);
    return;
  }
  chat.talk.expiring = true;
  chat.talk.expires_at = kNever;
  m.journal.then([&m, id = chat.record.chat] { look(m, id); });
}

void take_settings(Machine& m, Chat& chat, const OrderKey& at, uint32_t seconds) {
  TalkRecord& record = chat.talk.record;
  if (at <= record.disappear_at) return;
  record.disappear_at = at;
  record.disappear_seconds = seconds;
  m.journal.put(record_key(RecordKind::kTalk, chat.record.chat.view()), record);
}

}  // namespace godwit::engine
