#include "engine/receipts.h"

#include <algorithm>

#include "engine/history.h"
#include "engine/outbox.h"

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

// Our own message `id`, or 0.
uint64_t own_position(const Chat& chat, const MessageId& id) {
  const auto found = chat.positions.find(id);
  return found != chat.positions.end() && chat.index.at(found->second).own ? found->second : 0;
}

void resent(Machine& m, const ChatId& id, uint64_t position, const std::vector<LoadedRecord>& records) {
  Chat& chat = m.chats.at(id);
  chat.resend_loading = false;
  m.touch(chat);
  auto& owed = chat.record.owed.resend;
  if (owed.empty()) return;
  const MessageId message = owed.front();
  owed.erase(owed.begin());
  m.put(chat);
  if (records.size() != 1 || own_position(chat, message) != position || holds_content(chat, message)) return;
  if (chat.uploads.contains(position)) return;  // it goes out when the file is there
  const auto history = parse_history(records.front().value.reveal());
  if (!history) return m.stop(history.error());
  queue_again(m, chat, *history, position);
}

// Reads the next message that is to be sent again; one at a time.
void pump_resend(Machine& m, Chat& chat) {
  auto& owed = chat.record.owed.resend;
  while (!owed.empty() && !chat.resend_loading) {
    const uint64_t position = own_position(chat, owed.front());
    if (position == 0) {
      owed.erase(owed.begin());
      m.put(chat);
      continue;
    }
    chat.resend_loading = true;
    m.journal.then([&m, id = chat.record.chat, position] {
      m.load(record_key(RecordKind::kHistory, id.view(), position),
             record_key(RecordKind::kHistory, id.view(), position + 1), 1, false,
             [&m, id, position](const std::vector<LoadedRecord>& records) { resent(m, id, position, records); });
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
  if (chat.asked.size() >= kContentIdsMax && !chat.asked.contains(id)) chat.asked.erase(chat.asked.begin());
  if (chat.asked[id]++ >= kAsksMax) return;
  ++m.counters.resends;
  owe(chat.record.owed.ask, id);
  queue_if_full(m, chat);
  m.put(chat);
  m.touch(chat);
}

void on_receipt(Machine& m, Chat& chat, const Receipt& receipt) {
  for (const MessageId& id : receipt.delivered) {
    move_message(m, chat, own_position(chat, id), Delivery::kDelivered);
    outbox_arrived(m, chat, id);
  }
  for (const MessageId& id : receipt.read) {
    move_message(m, chat, own_position(chat, id), Delivery::kRead);
    outbox_arrived(m, chat, id);
  }
}

void on_resend(Machine& m, Chat& chat, const Resend& resend) {
  for (const MessageId& id : resend.ids) {
    if (own_position(chat, id) == 0 || holds_content(chat, id)) continue;
    ++m.counters.resends;
    owe(chat.record.owed.resend, id);
  }
  m.put(chat);
  m.touch(chat);
}

void mark_read(Machine& m, CommandId id, const MarkRead& command) {
  Chat* chat = m.find_chat(command.chat);
  if (chat == nullptr) return m.fail(id, {kNoSuchChat, "a chat of this device"});
  const uint64_t through = std::min(command.through.value, chat->record.last.value);
  for (auto it = chat->index.upper_bound(chat->record.read.value); it != chat->index.end() && it->first <= through;
       ++it) {
    if (it->second.own || !m.options.read_receipts) continue;
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
