#include "engine/history.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "engine/chat_people.h"
#include "engine/deleting.h"
#include "engine/held.h"
#include "engine/kept_chats.h"
#include "engine/known_devices.h"
#include "engine/members.h"
#include "engine/message_changes.h"
#include "engine/message_view.h"
#include "engine/reading_again.h"
#include "engine/search.h"
#include "engine/transfers.h"
#include "engine/vanishing.h"

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

void put_talk(Machine& m, const Chat& chat) {
  m.journal.put(record_key(RecordKind::kTalk, chat.record.chat.view()), chat.talk.record);
}

void trim_index(Chat& chat) {
  while (chat.index.size() > kIndexWindow) {
    const auto oldest = chat.index.begin();
    const auto found = chat.positions.find(oldest->second.id);
    if (found != chat.positions.end() && found->second == oldest->first) chat.positions.erase(found);
    chat.talk.states.erase(oldest->first);
    chat.index.erase(oldest);
  }
}

OrderKey key_of(const HistoryRecord& history) { return {history.clock, history.id}; }

// ---- a page of history ----------------------------------------------------------------------------------------------

struct Page {
  CommandId command;
  ChatId chat;
  uint32_t count = 0;
};

void read_page(Machine& m, const Page& page, const Bytes& before);

void answer_page(Machine& m, const Page& page, const std::vector<uint64_t>& order, std::map<uint64_t, Held> held) {
  Messages out;
  const Chat& chat = m.chats.at(page.chat);
  // From the end of the chat backwards; people read it the other way.
  for (auto it = order.rbegin(); it != order.rend(); ++it) {
    const auto found = held.find(*it);
    if (found == held.end() || has_expired(m, found->second.index)) continue;
    out.messages.push_back(to_message(m, chat, found->second));
  }
  m.done(page.command, std::move(out));
}

void read_page(Machine& m, const Page& page, const Bytes& before) {
  const Bytes first = record_key(RecordKind::kOrder, page.chat.view());
  m.load(first, before, page.count, true, [&m, page](const std::vector<LoadedRecord>& records) {
    std::vector<uint64_t> order;
    for (const LoadedRecord& record : records) {
      const auto place = codec::decoded<PlaceRecord>(record.value.reveal());
      if (!place) return m.stop({kProfileDamaged, "the order of messages is well-formed"});
      order.push_back(place->position);
    }
    load_held(m, page.chat, order,
              [&m, page, order](std::map<uint64_t, Held> held) { answer_page(m, page, order, std::move(held)); });
  });
}

// The page ends before the message at `before`, or after the last one that was stored before that.
void read_page_before(Machine& m, const Page& page, uint64_t before) {
  const Bytes first = record_key(RecordKind::kIndex, page.chat.view());
  const Bytes last = record_key(RecordKind::kIndex, page.chat.view(), before == UINT64_MAX ? before : before + 1);
  m.load(first, last, 1, true, [&m, page, before](const std::vector<LoadedRecord>& records) {
    if (records.empty()) return m.done(page.command, Messages{});
    const auto index = codec::decoded<IndexRecord>(records.front().value.reveal());
    if (!index) return m.stop({kProfileDamaged, "the index of a message is well-formed"});
    Bytes end = order_key(page.chat, {index->clock, index->id});
    if (number_at_end(records.front().key) != before) end.push_back(0);
    read_page(m, page, end);
  });
}

}  // namespace

HistoryRecord HistoryRecord::clone() const {
  HistoryRecord out;
  std::tie(out.id, out.own, out.sent_ms, out.text) = std::tie(id, own, sent_ms, text);
  if (file) out.file = file->clone();
  std::tie(out.author, out.clock, out.kind, out.reply_to) = std::tie(author, clock, kind, reply_to);
  std::tie(out.expire_seconds, out.extensions, out.body, out.newer) = std::tie(expire_seconds, extensions, body, newer);
  out.proof = proof;
  return out;
}

Result<HistoryRecord> parse_history(ByteView bytes) {
  auto record = codec::decoded<HistoryRecord>(bytes);
  REQUIRE(record.has_value(), kProfileDamaged, "a message of the history is well-formed");
  read_again(*record);
  return record;
}

uint64_t next_clock(Machine& m, Chat& chat) {
  ++chat.talk.record.clock;
  put_talk(m, chat);
  return chat.talk.record.clock;
}

uint64_t take_clock(Machine& m, Chat& chat, uint64_t claimed) {
  uint64_t& largest = chat.talk.record.clock;
  const uint64_t most = largest == 0 ? kClockFirstMax : largest + kClockJumpMax;
  if (claimed == 0 || claimed > most) return next_clock(m, chat);
  if (claimed <= largest) return claimed;
  largest = claimed;
  put_talk(m, chat);
  return claimed;
}

void put_index(Machine& m, const Chat& chat, uint64_t position) {
  m.journal.put(record_key(RecordKind::kIndex, chat.record.chat.view(), position), chat.index.at(position));
}

Message append_message(Machine& m, Chat& chat, HistoryRecord history) {
  const uint64_t position = ++chat.record.last.value;
  const ChatId& id = chat.record.chat;
  history.clock = history.own && history.clock == 0 ? next_clock(m, chat) : take_clock(m, chat, history.clock);
  m.journal.put(record_key(RecordKind::kHistory, id.view(), position), history);
  m.journal.put(order_key(id, key_of(history)), PlaceRecord{position});
  m.journal.put(record_key(RecordKind::kPlace, id.view(), history.id.view()), PlaceRecord{position});
  IndexRecord& index = chat.index[position];
  index = {history.id, history.own, history.own ? Delivery::kQueued : Delivery::kDelivered};
  index.author = history.author;
  index.clock = history.clock;
  index.sent_ms = history.sent_ms;
  index.kind = history.newer == 0 ? history.kind : ContentKind{};
  index.expire_seconds = history.expire_seconds.value_or(0);
  chat.positions[history.id] = position;
  put_index(m, chat, position);
  trim_index(chat);
  take_waiting(m, chat, position);
  m.put(chat);
  Held held{position, history.clone(), chat.index.at(position), {}};
  const auto state = chat.talk.states.find(position);
  if (state != chat.talk.states.end()) held.state = state->second;
  if (!chat.talk.newest || key_of(*chat.talk.newest) < key_of(history)) {
    chat.talk.newest_position = position;
    if (held.state.deleted_by) history.text.clear();
    chat.talk.newest = std::move(history);
  }
  Message message = to_message(m, chat, held);
  search_note(m, id, message);
  if (message.kind != MessageKind::kLine) show_again(m, chat);
  return message;
}

void take_old_message(Machine& m, Chat& chat, HandedMessage old) {
  if (chat.positions.contains(old.history.id) || old.index.gone || was_deleted(m, chat, key_of(old.history))) return;
  const ChatId& id = chat.record.chat;
  const bool kept = old.position != 0 && old.position <= chat.record.last.value && !chat.index.contains(old.position);
  const uint64_t position = kept ? old.position : ++chat.record.last.value;
  m.journal.put(record_key(RecordKind::kHistory, id.view(), position), old.history);
  m.journal.put(order_key(id, key_of(old.history)), PlaceRecord{position});
  m.journal.put(record_key(RecordKind::kPlace, id.view(), old.history.id.view()), PlaceRecord{position});
  m.journal.put(record_key(RecordKind::kState, id.view(), position), old.state);
  if (old.state.pinned) m.journal.put(record_key(RecordKind::kPinned, id.view(), position), PlaceRecord{position});
  chat.positions[old.history.id] = position;
  chat.index.insert_or_assign(position, std::move(old.index));
  chat.talk.states.insert_or_assign(position, std::move(old.state));
  // What was read here before it came has begun to run.
  if (!chat.index.at(position).own && position <= chat.record.read.value) start_timer(m, chat, position);
  put_index(m, chat, position);
  put_timer(m, chat, position);
  take_waiting(m, chat, position);
  if (!chat.talk.newest || key_of(*chat.talk.newest) < key_of(old.history)) {
    chat.talk.newest_position = position;
    if (chat.talk.states.at(position).deleted_by) old.history.text.clear();
    chat.talk.newest = std::move(old.history);
  }
  trim_index(chat);
  show_again(m, chat);
}

void move_message(Machine& m, Chat& chat, uint64_t position, Delivery delivery) {
  const auto found = chat.index.find(position);
  if (found == chat.index.end() || !found->second.own || rank(found->second.delivery) >= rank(delivery)) return;
  found->second.delivery = delivery;
  if (delivery == Delivery::kSent) {
    if (gives_receipts(chat)) {
      found->second.accepted_ms = m.wall().ms;
      chat.sweep_at = std::min(chat.sweep_at, m.now + kMessageLifetime);
    }
  }
  start_timer(m, chat, position);
  put_index(m, chat, position);
  m.tell_then(MessageMoved{chat.record.chat, found->second.id, delivery});
}

void sweep_messages(Machine& m, Chat& chat) {
  if (!gives_receipts(chat)) return;
  for (const auto& [position, entry] : chat.index) {
    if (!entry.own || entry.delivery != Delivery::kSent || entry.accepted_ms == 0) continue;
    // Who was away for so long asks for it when he comes; it is not lost as long as others have it.
    const auto state = chat.talk.states.find(position);
    if (state != chat.talk.states.end() && !state->second.receipts.empty()) continue;
    const Instant expires = m.when(entry.accepted_ms) + kMessageLifetime;
    if (expires <= m.now) {
      move_message(m, chat, position, Delivery::kExpired);
    } else {
      chat.sweep_at = std::min(chat.sweep_at, expires);
    }
  }
}

void refresh_newest(Machine& m, Chat& chat) {
  chat.talk.newest.reset();
  do_late(m, chat, [&m, id = chat.record.chat] {
    const Bytes first = record_key(RecordKind::kOrder, id.view());
    m.load(first, after_prefix(first), 1, true, [&m, id](const std::vector<LoadedRecord>& records) {
      const auto place = records.empty() ? Result<PlaceRecord>(PlaceRecord{})
                                         : codec::decoded<PlaceRecord>(records.front().value.reveal());
      if (!place) return m.stop({kProfileDamaged, "the order of messages is well-formed"});
      load_held(m, id, {place->position}, [&m, id, position = place->position](std::map<uint64_t, Held> held) {
        Talk& talk = m.chats.at(id).talk;
        // Unless something newer has come meanwhile.
        if (!talk.newest && held.contains(position)) {
          talk.newest = std::move(held.at(position).history);
          talk.newest_position = position;
        }
        late_done(m, id);
      });
    });
  });
}

namespace {

uint32_t count_unread(const Machine& m, const Chat& chat) {
  uint32_t count = 0;
  for (auto at = chat.index.upper_bound(chat.record.read.value); at != chat.index.end(); ++at) {
    const IndexRecord& index = at->second;
    const bool there = !index.gone && !has_expired(m, index) && !is_deleted(m, chat, at->first, index);
    if (there && !index.own && index.kind != ContentKind::kLine) ++count;
  }
  return count;
}

}  // namespace

namespace {

// All but `came_back_in`, for which the other chats are looked through.
ChatInfo info_of_itself(const Machine& m, const Chat& chat) {
  const ChatRecord& record = chat.record;
  ChatInfo info;
  info.chat = record.chat;
  info.peer = record.peer;
  info.name = record.kind == ChatKind::kGroup ? shown_name(record.name) : member_name(chat, record.peer);
  info.group = record.kind == ChatKind::kGroup;
  info.saved = chat.settings && chat.settings->saved;
  info.member = record.membership == Membership::kActive;
  info.members = static_cast<uint32_t>(chat.members.size());
  info.verified = record.verified;
  info.new_devices = has_new_devices(m, chat);
  info.inviter = record.inviter;
  info.ready = record.ready;
  info.epoch = chat.group ? chat.group->epoch() : 0;
  info.last = record.last;
  info.read = record.read;
  info.unread = count_unread(m, chat);
  const ChatSettingsRecord& set = chat.talk.settings;
  info.settings = {{}, set.archived, set.pinned, set.marked_unread, set.draft};
  if (set.muted_until_ms > m.wall().ms) info.settings.muted_until = Instant{set.muted_until_ms};
  info.disappear_seconds = chat.talk.record.disappear_seconds;
  info.hidden = is_hidden(m, chat);
  if (!chat.talk.newest) return info;
  Held held{chat.talk.newest_position, chat.talk.newest->clone(), {}, {}};
  const auto index = chat.index.find(held.position);
  if (index != chat.index.end()) held.index = index->second;
  const auto state = chat.talk.states.find(held.position);
  if (state != chat.talk.states.end()) held.state = state->second;
  const bool seen = !held.index.gone && !is_deleted(m, chat, held.position, held.index);
  if (seen && !has_expired(m, held.index)) info.newest = to_message(m, chat, held);
  return info;
}

}  // namespace

ChatInfo chat_info(const Machine& m, const Chat& chat) {
  ChatInfo info = info_of_itself(m, chat);
  info.came_back_in = came_back_in(m, chat);
  return info;
}

void list_chats(Machine& m, CommandId id, const ListChats& command) {
  Chats out;
  // Who has come back has more than one chat with us: of the others nothing is to be looked for.
  std::map<AccountId, size_t> chats_with;
  for (const auto& [chat_id, chat] : m.chats) ++chats_with[chat.record.peer];
  for (const auto& [chat_id, chat] : m.chats) {
    if (chat.deleted || (!command.hidden && is_hidden(m, chat))) continue;
    const bool direct = chat.record.kind == ChatKind::kDirect;
    const bool several = direct && chats_with.at(chat.record.peer) > 1;
    out.chats.push_back(several ? chat_info(m, chat) : info_of_itself(m, chat));
  }
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
  const Page page{id, command.chat, std::min(command.count, kHistoryPageMax)};
  if (page.count == 0) return m.done(id, Messages{});
  // What is on its way to the disk is read after it is there.
  m.journal.then([&m, page, before = command.before] {
    if (before) return read_page_before(m, page, before->value);
    read_page(m, page, after_prefix(record_key(RecordKind::kOrder, page.chat.view())));
  });
}

}  // namespace godwit::engine
