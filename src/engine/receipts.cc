#include "engine/receipts.h"

#include <algorithm>

#include "engine/chat_people.h"
#include "engine/fanout.h"
#include "engine/held.h"
#include "engine/history.h"
#include "engine/members.h"
#include "engine/message_changes.h"
#include "engine/outbox.h"
#include "engine/sync.h"
#include "engine/vanishing.h"

namespace godwit::engine {
namespace {

// How far back is looked for what is said again after a parting: messages of all, and what we have done to messages.
constexpr size_t kSaidAgainMax = 512;
constexpr size_t kDoneAgainMax = 64;
// What is still to be said again is written once for so many that are.
constexpr size_t kResendsBetween = 16;

void owe(std::vector<MessageId>& list, const MessageId& id) {
  if (std::find(list.begin(), list.end(), id) == list.end()) list.push_back(id);
}

// What is owed to this member; made if there is nothing yet.
OwedRecord& owed_to(Chat& chat, const AccountId& account) {
  for (OwedRecord& owed : chat.record.owed) {
    if (owed.account == account) return owed;
  }
  chat.record.owed.push_back({account, {}, {}, {}, {}});
  return chat.record.owed.back();
}

void queue_owed_to(Machine& m, Chat& chat, OwedRecord& owed) {
  // A message that names nobody we know as its sender: anybody may have it.
  const AccountId* to = owed.account == AccountId{} ? nullptr : &owed.account;
  if (!owed.ask.empty() && chat.asking.may_start(m.now, chat.wake)) {
    chat.asking.fail(m.now, {}, m.random);  // as far as anybody knows
    queue_content(m, chat, ContentKind::kResend, codec::encoded(Resend{std::exchange(owed.ask, {})}), to);
  }
  if (owed.delivered.empty() && owed.read.empty()) return;
  Receipt receipt{std::exchange(owed.delivered, {}), std::exchange(owed.read, {})};
  // What was read was delivered.
  for (const MessageId& id : receipt.read) std::erase(receipt.delivered, id);
  queue_content(m, chat, ContentKind::kReceipt, codec::encoded(receipt), to);
}

void queue_if_full(Machine& m, Chat& chat, OwedRecord& owed) {
  if (std::max({owed.delivered.size(), owed.read.size(), owed.ask.size()}) >= kContentIdsMax) {
    queue_owed_to(m, chat, owed);
  }
  if (owed.ask.size() > kContentIdsMax) owed.ask.erase(owed.ask.begin());
}

void drop_settled(Chat& chat) {
  std::erase_if(chat.record.owed, [](const OwedRecord& owed) { return owed.empty(); });
}

// True if this message is in the outbox for this member.
bool holds_content(const Chat& chat, const AccountId& account, const MessageId& id) {
  const Member* member = find_member(chat, account);
  return member != nullptr && std::any_of(chat.outbox.begin(), chat.outbox.end(), [&](const auto& entry) {
           const OutboxRecord& item = entry.second;
           return item.kind == OutboxRecord::Kind::kContent && item.id == id &&
                  item.recipients.has(member->record.number);
         });
}

// Our own message `id`, or 0.
uint64_t own_position(const Chat& chat, const MessageId& id) {
  const auto found = chat.positions.find(id);
  return found != chat.positions.end() && chat.index.at(found->second).own ? found->second : 0;
}

bool was_said(const Chat& chat, const MessageId& id) {
  return std::find(chat.talk.said.begin(), chat.talk.said.end(), id) != chat.talk.said.end();
}

// To whom what has this clock is said again for `to` (zeros: for all others): who was a member when it was said, and has it not on its way.
MemberSet owed_this(const Machine& m, const Chat& chat, const AccountId& to, const MessageId& id, uint64_t clock) {
  MemberSet out;
  for (const auto& [account, member] : chat.members) {
    const bool asked = to == AccountId{} ? !is_self(m, account) : account == to;
    if (asked && clock > member.record.since_clock && !holds_content(chat, account, id)) out.add(member.record.number);
  }
  return out;
}

bool may_say_again(const Chat& chat, const MessageId& id) { return own_position(chat, id) != 0 || was_said(chat, id); }

// One thing less is to be said again to `to`. If that is forgotten in a crash it is said once more, which is less than to write so long a
// list anew each time.
void resend_settled(Machine& m, Chat& chat, OwedRecord& owed, const MessageId& message) {
  std::erase(owed.resend, message);
  if (owed.resend.size() % kResendsBetween == 0) m.put(chat);
}

// What was read for `to` is said again, if it still stands.
void resent(Machine& m, Chat& chat, const AccountId& to, const MessageId& message, const Held* held) {
  chat.resend_loading = false;
  m.touch(chat);
  resend_settled(m, chat, owed_to(chat, to), message);
  if (held == nullptr || held->state.deleted_by || has_expired(m, held->index)) return;
  if (chat.uploads.contains(held->position)) return;  // it goes out when the file is there
  queue_again_for(m, chat, held->history, held->position, owed_this(m, chat, to, message, held->index.clock));
}

void resent_said(Machine& m, const ChatId& id, const AccountId& to, const MessageId& message,
                 const std::vector<LoadedRecord>& records) {
  Chat& chat = m.chats.at(id);
  chat.resend_loading = false;
  m.touch(chat);
  resend_settled(m, chat, owed_to(chat, to), message);
  const auto content = records.size() == 1 ? parse_content(records.front().value.reveal())
                                           : Result<Content>(Error{kBadContent, "what was said is one record"});
  if (!content || owed_this(m, chat, to, message, content->clock).empty()) return;
  const auto target = target_of(*content);
  with_message(m, chat, target.value_or(MessageId{}), [&m, to, content = *content](Chat& now, Held* held) {
    // What was done to words that are gone is not told again; that they are to go, is.
    const bool gone = held != nullptr && (held->state.deleted_by || has_expired(m, held->index));
    if (gone && content.kind != ContentKind::kDelete) return;
    queue_for(m, now, content.id, codec::encoded(content), owed_this(m, now, to, content.id, content.clock));
  });
}

// Reads the next message that is to be sent again; one at a time.
void pump_resend(Machine& m, Chat& chat, OwedRecord& record) {
  auto& owed = record.resend;
  while (!owed.empty() && !chat.resend_loading) {
    const MessageId message = owed.front();
    if (!may_say_again(chat, message)) {
      resend_settled(m, chat, record, MessageId(message));
      continue;
    }
    chat.resend_loading = true;
    if (own_position(chat, message) != 0) {
      with_message(m, chat, message,
                   [&m, to = record.account, message](Chat& of, Held* held) { resent(m, of, to, message, held); });
      continue;
    }
    m.journal.then([&m, id = chat.record.chat, to = record.account, message] {
      Bytes key = record_key(RecordKind::kSaid, id.view(), message.view());
      Bytes last = key;
      last.push_back(0);
      m.load(std::move(key), std::move(last), 1, false,
             [&m, id, to, message](const std::vector<LoadedRecord>& records) {
               resent_said(m, id, to, message, records);
             });
    });
  }
}

}  // namespace

// What is owed goes into the outbox, as many ids as one message may name.
void queue_owed(Machine& m, Chat& chat) {
  for (OwedRecord& owed : chat.record.owed) queue_owed_to(m, chat, owed);
}

void owe_delivered(Machine& m, Chat& chat, const AccountId& author, const MessageId& id) {
  if (!gives_receipts(chat) || is_self(m, author)) return;
  OwedRecord& owed = owed_to(chat, author);
  owe(owed.delivered, id);
  queue_if_full(m, chat, owed);
  m.put(chat);
  m.touch(chat);
}

void ask_again(Machine& m, Chat& chat, const AccountId& author, const MessageId& id) {
  if (!chat.group) return;
  const Member* member = find_member(chat, author);
  if (is_self(m, author) && (member == nullptr || member->record.leaves.size() < 2)) return;  // there is nobody else
  if (id == MessageId{}) return;                                                              // it was not to be kept
  if (chat.asked.size() >= kContentIdsMax && !chat.asked.contains(id)) chat.asked.erase(chat.asked.begin());
  if (chat.asked[id]++ >= kAsksMax) return;
  ++m.counters.resends;
  OwedRecord& owed = owed_to(chat, author);
  owe(owed.ask, id);
  queue_if_full(m, chat, owed);
  m.put(chat);
  m.touch(chat);
}

void say_again_since_parting(Machine& m, Chat& chat, const AccountId* to) {
  const int64_t parted_ms = chat.record.parted_ms;
  if (parted_ms == 0 || (to != nullptr && is_self(m, *to))) return;
  if (m.when(parted_ms) + kPastEpochLifetime * 2 < m.now) return;
  std::vector<MessageId>& again = owed_to(chat, to == nullptr ? AccountId{} : *to).resend;
  size_t looked_at = 0;
  for (auto at = chat.index.rbegin(); at != chat.index.rend() && looked_at < kSaidAgainMax; ++at, ++looked_at) {
    const IndexRecord& entry = at->second;
    // Of what failed people were told so: as far as is known nobody has it, and said to those alone who are asked now it would part the
    // history.
    if (!entry.own || entry.gone || entry.delivery == Delivery::kFailed || entry.sent_ms < parted_ms) continue;
    owe(again, entry.id);
  }
  const auto& said = chat.talk.said;
  for (size_t i = said.size(); i-- > 0 && said.size() - i <= kDoneAgainMax;) owe(again, said[i]);
  m.put(chat);
  m.touch(chat);
}

namespace {

// In a group a message has come as far as it has with the last of them.
void arrived(Machine& m, Chat& chat, const AccountId& author, const MessageId& id, bool read) {
  const uint64_t position = own_position(chat, id);
  outbox_arrived(m, chat, author, id);
  if (position == 0) return;
  note_receipt(m, chat, position, author, read);
  size_t others = count_others(chat);
  size_t have = 1;
  if (others > 1) {
    const uint64_t clock = chat.index.at(position).clock;
    const auto was_there = [&](const auto& each) {
      return !is_self(m, each.first) && each.second.record.since_clock < clock;
    };
    others = static_cast<size_t>(std::ranges::count_if(chat.members, was_there));
    const auto state = chat.talk.states.find(position);
    if (state == chat.talk.states.end()) return;
    const auto counts = [&](const ReceiptState& each) {
      const Member* member = find_member(chat, each.account);
      return member != nullptr && member->record.since_clock < clock && (!read || each.read_ms > 0);
    };
    have = static_cast<size_t>(std::ranges::count_if(state->second.receipts, counts));
  }
  if (others > 0 && have >= others) move_message(m, chat, position, read ? Delivery::kRead : Delivery::kDelivered);
}

}  // namespace

void on_receipt(Machine& m, Chat& chat, const AccountId& author, const Receipt& receipt) {
  if (is_self(m, author)) return;
  for (const MessageId& id : receipt.delivered) arrived(m, chat, author, id, false);
  for (const MessageId& id : receipt.read) arrived(m, chat, author, id, true);
}

void on_resend(Machine& m, Chat& chat, const AccountId& author, const Resend& resend) {
  for (const MessageId& id : resend.ids) {
    if (!may_say_again(chat, id) || holds_content(chat, author, id)) continue;
    ++m.counters.resends;
    owe(owed_to(chat, author).resend, id);
  }
  m.put(chat);
  m.touch(chat);
}

void mark_read(Machine& m, CommandId id, const MarkRead& command) {
  if (m.kept.contains(command.chat)) return m.done(id, Nothing{});  // all of it has been read
  Chat* chat = m.find_chat(command.chat);
  if (chat == nullptr) return m.fail(id, m.no_chat(command.chat));
  const bool wants_receipts = m.options.read_receipts && m.privacy.read_receipts && gives_receipts(*chat);
  const uint64_t through = std::min(command.through.value, chat->record.last.value);
  for (auto it = chat->index.upper_bound(chat->record.read.value); it != chat->index.end() && it->first <= through;
       ++it) {
    if (it->second.own || it->second.kind == ContentKind::kLine) continue;
    start_timer(m, *chat, it->first);
    put_index(m, *chat, it->first);
    if (!wants_receipts) continue;
    OwedRecord& owed = owed_to(*chat, it->second.author);
    owe(owed.read, it->second.id);
    queue_if_full(m, *chat, owed);
  }
  if (through > chat->record.read.value) {
    chat->record.read = Position{through};
    auto newest = chat->index.find(through);
    // Another own device may not have made a line yet.
    while (newest != chat->index.end() && newest->second.kind == ContentKind::kLine)
      newest = newest == chat->index.begin() ? chat->index.end() : std::prev(newest);
    if (newest != chat->index.end()) {
      put_field(m, SyncKind::kRead, to_bytes(command.chat.view()), to_bytes(newest->second.id.view()));
    }
    m.put(*chat);
    m.touch(*chat);
  }
  m.done_then(id, Nothing{});
}

void pump_owed(Machine& m, Chat& chat) {
  drop_settled(chat);
  for (OwedRecord& owed : chat.record.owed) pump_resend(m, chat, owed);
  if (!chat.record.address_ready || !chat.record.log_ready) return;
  for (OwedRecord& owed : chat.record.owed) {
    // While something is on its way to him more may come to be owed: it goes together then.
    const Member* member = find_member(chat, owed.account);
    const bool busy = member == nullptr ? !chat.outbox.empty() : has_open_items(m, chat, member->record.number);
    if (!busy) queue_owed_to(m, chat, owed);
  }
}

}  // namespace godwit::engine
