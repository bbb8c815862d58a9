#include "engine/receipts.h"

#include <algorithm>

#include "engine/chat_people.h"
#include "engine/held.h"
#include "engine/history.h"
#include "engine/message_changes.h"
#include "engine/outbox.h"
#include "engine/vanishing.h"

namespace godwit::engine {
namespace {

void owe(std::vector<MessageId>& list, const MessageId& id) {
  if (std::find(list.begin(), list.end(), id) == list.end()) list.push_back(id);
}

void queue_if_full(Machine& m, Chat& chat) {
  const OwedRecord& owed = chat.record.owed;
  if (std::max({owed.delivered.size(), owed.read.size(), owed.ask.size()}) >= kContentIdsMax) queue_owed(m, chat);
  if (chat.record.owed.ask.size() > kContentIdsMax) chat.record.owed.ask.erase(chat.record.owed.ask.begin());
}

bool holds_content(const Chat& chat, const MessageId& id) {
  return std::any_of(chat.outbox.begin(), chat.outbox.end(), [&](const auto& entry) {
    return entry.second.kind == OutboxRecord::Kind::kContent && entry.second.id == id;
  });
}

bool was_said(const Chat& chat, const MessageId& id) {
  return std::find(chat.talk.said.begin(), chat.talk.said.end(), id) != chat.talk.said.end();
}

// Our own message `id`, or 0.
uint64_t own_position(const Chat& chat, const MessageId& id) {
  const auto found = chat.positions.find(id);
  return found != chat.positions.end() && chat.index.at(found->second).own ? found->second : 0;
}

bool may_say_again(const Chat& chat, const MessageId& id) { return own_position(chat, id) != 0 || was_said(chat, id); }

// What was read is said again, if it still stands.
void resent(Machine& m, Chat& chat, const MessageId& message, const Held* held) {
  chat.resend_loading = false;
  m.touch(chat);
  std::erase(chat.record.owed.resend, message);
  m.put(chat);
  if (held == nullptr || held->state.deleted_by || has_expired(m, held->index) || holds_content(chat, message)) return;
  if (chat.uploads.contains(held->position)) return;  // it goes out when the file is there
  queue_again(m, chat, held->history, held->position);
}

void resent_said(Machine& m, const ChatId& id, const MessageId& message, const std::vector<LoadedRecord>& records) {
  Chat& chat = m.chats.at(id);
  chat.resend_loading = false;
  m.touch(chat);
  std::erase(chat.record.owed.resend, message);
  m.put(chat);
  if (records.size() == 1 && !holds_content(chat, message)) {
    queue_encoded(m, chat, message, to_bytes(records.front().value.reveal()));
  }
}

// Reads the next message that is to be sent again; one at a time.
void pump_resend(Machine& m, Chat& chat) {
  auto& owed = chat.record.owed.resend;
  while (!owed.empty() && !chat.resend_loading) {
    const MessageId message = owed.front();
    if (!may_say_again(chat, message)) {
      owed.erase(owed.begin());
      m.put(chat);
      continue;
    }
    chat.resend_loading = true;
    if (own_position(chat, message) != 0) {
      with_message(m, chat, message, [&m, message](Chat& of, Held* held) { resent(m, of, message, held); });
      continue;
    }
    m.journal.then([&m, id = chat.record.chat, message] {
      Bytes key = record_key(RecordKind::kSaid, id.view(), message.view());
      Bytes last = key;
      last.push_back(0);
      m.load(std::move(key), std::move(last), 1, false,
             [&m, id, message](const std::vector<LoadedRecord>& records) { resent_said(m, id, message, records); });
    });
  }
}

}  // namespace

// What is owed goes into the outbox, as many ids as one message may name.
void queue_owed(Machine& m, Chat& chat) {
  OwedRecord& owed = chat.record.owed;
  if (!owed.ask.empty() && chat.asking.may_start(m.now, chat.wake)) {
    chat.asking.fail(m.now, {}, m.random);  // as far as anybody knows
    queue_content(m, chat, ContentKind::kResend, codec::encoded(Resend{std::exchange(owed.ask, {})}));
  }
  if (owed.delivered.empty() && owed.read.empty()) return;
  Receipt receipt{std::exchange(owed.delivered, {}), std::exchange(owed.read, {})};
  // What was read was delivered.
  for (const MessageId& id : receipt.read) std::erase(receipt.delivered, id);
  queue_content(m, chat, ContentKind::kReceipt, codec::encoded(receipt));
}

void owe_delivered(Machine& m, Chat& chat, const MessageId& id) {
  owe(chat.record.owed.delivered, id);
  queue_if_full(m, chat);
  m.put(chat);
  m.touch(chat);
}

void ask_again(Machine& m, Chat& chat, const MessageId& id) {
  if (id == MessageId{}) return;  // it was not to be kept
  if (chat.asked.size() >= kContentIdsMax && !chat.asked.contains(id)) chat.asked.erase(chat.asked.begin());
  if (chat.asked[id]++ >= kAsksMax) return;
  ++m.counters.resends;
  owe(chat.record.owed.ask, id);
  queue_if_full(m, chat);
  m.put(chat);
  m.touch(chat);
}

namespace {

// In a group a message has come as far as it has with the last of them.
void arrived(Machine& m, Chat& chat, const AccountId& author, const MessageId& id, bool read) {
  const uint64_t position = own_position(chat, id);
  outbox_arrived(m, chat, id);
  if (position == 0) return;
  note_receipt(m, chat, position, author, read);
  const size_t others = others_of(chat).size();
  size_t have = 1;
  if (others > 1) {
    const auto& receipts = chat.talk.states.at(position).receipts;
    have = static_cast<size_t>(std::count_if(receipts.begin(), receipts.end(),
                                             [read](const auto& each) { return !read || each.read_ms > 0; }));
  }
  if (have >= others) move_message(m, chat, position, read ? Delivery::kRead : Delivery::kDelivered);
}

}  // namespace

void on_receipt(Machine& m, Chat& chat, const AccountId& author, const Receipt& receipt) {
  if (is_self(m, author)) return;
  for (const MessageId& id : receipt.delivered) arrived(m, chat, author, id, false);
  for (const MessageId& id : receipt.read) arrived(m, chat, author, id, true);
}

void on_resend(Machine& m, Chat& chat, const Resend& resend) {
  for (const MessageId& id : resend.ids) {
    if (!may_say_again(chat, id) || holds_content(chat, id)) continue;
    ++m.counters.resends;
    owe(chat.record.owed.resend, id);
  }
  m.put(chat);
  m.touch(chat);
}

void mark_read(Machine& m, CommandId id, const MarkRead& command) {
  Chat* chat = m.find_chat(command.chat);
  if (chat == nullptr) return m.fail(id, {kNoSuchChat, "a chat of this device"});
  const bool wants_receipts =
      m.options.read_receipts && m.privacy.read_receipts && others_of(*chat).size() < kReadReceiptsMembersMax;
  const uint64_t through = std::min(command.through.value, chat->record.last.value);
  for (auto it = chat->index.upper_bound(chat->record.read.value); it != chat->index.end() && it->first <= through;
       ++it) {
    if (it->second.own) continue;
    start_timer(m, *chat, it->first);
    put_index(m, *chat, it->first);
    if (!wants_receipts) continue;
    owe(chat->record.owed.read, it->second.id);
    queue_if_full(m, *chat);
  }
  if (through > chat->record.read.value) {
    chat->record.read = Position{through};
    m.put(*chat);
    m.touch(*chat);
  }
  m.done_then(id, Nothing{});
}

void pump_owed(Machine& m, Chat& chat) {
  pump_resend(m, chat);
  // While something is on its way more may come to be owed: it goes together then.
  if (chat.outbox.empty() && chat.record.address_ready && chat.record.log_ready) queue_owed(m, chat);
}

}  // namespace godwit::engine
