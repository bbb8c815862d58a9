#include "engine/outbox.h"

#include <algorithm>

#include "engine/bundle.h"
#include "engine/chat_people.h"
#include "engine/fanout.h"
#include "engine/history.h"
#include "engine/known_devices.h"
#include "engine/members.h"
#include "engine/message_view.h"

namespace godwit::engine {
namespace {

constexpr size_t kCarriedMax = 60;          // deliveries in one sealed request, with room for what is beside them
constexpr size_t kParcelOverhead = 16 + 4;  // alias and length

Bytes outbox_key(const Chat& chat, uint64_t number) {
  return record_key(RecordKind::kOutbox, chat.record.chat.view(), number);
}

Bytes progress_key(const Chat& chat, uint64_t number) {
  return record_key(RecordKind::kProgress, chat.record.chat.view(), number);
}

void enqueue(Machine& m, Chat& chat, OutboxRecord item) {
  if (item.recipients.empty()) return;
  const uint64_t number = chat.record.outbox_next++;
  item.queued_ms = m.wall().ms;
  m.journal.put(outbox_key(chat, number), item);
  chat.outbox.emplace(number, std::move(item));
  m.put(chat);
  m.touch(chat);
}

std::map<uint64_t, OutboxRecord>::iterator forget(Machine& m, Chat& chat,
                                                  std::map<uint64_t, OutboxRecord>::iterator item) {
  m.journal.erase(outbox_key(chat, item->first));
  m.journal.erase(progress_key(chat, item->first));
  m.touch(chat);
  return chat.outbox.erase(item);
}

void drop(Machine& m, Chat& chat, std::map<uint64_t, OutboxRecord>::iterator item, Delivery delivery) {
  const uint64_t position = item->second.position.value;
  forget(m, chat, item);
  if (position > 0) move_message(m, chat, position, delivery);
}

MemberSet recipients(const Machine& m, const Chat& chat, const AccountId* to) {
  return to == nullptr ? everybody(m, chat) : only(chat, *to);
}

// What is encrypted: what is said, and of what people read the signature by which whoever gets it can show it.
Bytes to_be_said(const Machine& m, const Chat& chat, const Bytes& encoded) {
  Said out{1, encoded, {}};
  const auto content = parse_content(encoded);
  // As the own leaf says in this epoch: whoever gets it looks there.
  const auto home = home_now(chat, chat.group->own_leaf().value);
  if (content && needs_proof(content->kind) && home) {
    out.signature = to_bytes(sign_said(m.self->device, chat.record.chat, *home, encoded));
  }
  return codec::encoded(out);
}

// What is said without MLS, under the keys of the base alone.
std::optional<EnvelopeKind> plain_kind(OutboxRecord::Kind kind) {
  switch (kind) {
    case OutboxRecord::Kind::kHint:
      return EnvelopeKind::kHint;
    case OutboxRecord::Kind::kLeaving:
      return EnvelopeKind::kLeaving;
    case OutboxRecord::Kind::kReturn:
      return EnvelopeKind::kReturn;
    case OutboxRecord::Kind::kMoved:
      return EnvelopeKind::kMoved;
    case OutboxRecord::Kind::kLogAsked:
      return EnvelopeKind::kLogAsked;
    default:
      return std::nullopt;
  }
}

// Encrypts the item, if that has not been done in this epoch. The new state is in the journal before the bytes leave.
Status prepare(Machine& m, Chat& chat, uint64_t number, OutboxRecord& item) {
  const uint64_t epoch = item.kind == OutboxRecord::Kind::kContent ? chat.group->epoch() : 0;
  if (!item.payload.empty() && item.epoch == epoch) return {};
  Envelope envelope{EnvelopeKind::kHint, {}, {}, chat.group->own_leaf().value};
  if (const auto kind = plain_kind(item.kind)) {
    envelope.kind = *kind;
    envelope.body = item.content;
  } else if (item.kind == OutboxRecord::Kind::kContent) {
    envelope.kind = EnvelopeKind::kMls;
    envelope.ref = item.id;
    envelope.body = TRY(chat.group->protect(to_be_said(m, chat, item.content), {}, m.random, mls::Padding::kNone));
    m.put_group(chat);
  }
  item.payload = seal_envelope(envelope, chat.record.keys.envelope.value, chat.record.chat.view(), m.random);
  item.epoch = epoch;
  item.delivery = m.random_id<wire::DeliveryId>();
  m.journal.put(outbox_key(chat, number), item);
  return {};
}

}  // namespace

void queue_welcome(Machine& m, Chat& chat, const AccountId& account, Bytes payload) {
  OutboxRecord item;
  item.kind = OutboxRecord::Kind::kWelcome;
  item.payload = std::move(payload);
  item.delivery = m.random_id<wire::DeliveryId>();
  item.recipients = only(chat, account);
  enqueue(m, chat, std::move(item));
}

void queue_encoded(Machine& m, Chat& chat, const MessageId& id, Bytes content, const AccountId* to) {
  queue_for(m, chat, id, std::move(content), recipients(m, chat, to));
}

void queue_for(Machine& m, Chat& chat, const MessageId& id, Bytes content, MemberSet recipients) {
  OutboxRecord item;
  item.kind = OutboxRecord::Kind::kContent;
  item.id = id;
  item.content = std::move(content);
  item.recipients = std::move(recipients);
  enqueue(m, chat, std::move(item));
}

void queue_content(Machine& m, Chat& chat, ContentKind kind, Bytes body, const AccountId* to) {
  const auto id = m.random_id<MessageId>();
  const auto sent_ms = static_cast<uint64_t>(std::max<int64_t>(m.wall().ms, 0));
  queue_encoded(m, chat, id, codec::encoded(Content{1, id, sent_ms, kind, std::move(body)}), to);
}

void queue_again(Machine& m, Chat& chat, const HistoryRecord& history, uint64_t position, const AccountId* to) {
  // A file was on its way, or a message was read from the disk for somebody, and meanwhile we have gone: nothing encrypts it any more.
  if (chat.record.membership != Membership::kActive) {
    if (to == nullptr) move_message(m, chat, position, Delivery::kFailed);
    return;
  }
  MemberSet who = recipients(m, chat, to);
  if (who.empty()) return move_message(m, chat, position, Delivery::kSent);  // nobody else is here
  queue_again_for(m, chat, history, position, std::move(who));
}

void queue_again_for(Machine& m, Chat& chat, const HistoryRecord& history, uint64_t position, MemberSet recipients) {
  if (chat.record.membership != Membership::kActive) return;
  OutboxRecord item;
  item.kind = OutboxRecord::Kind::kContent;
  item.id = history.id;
  item.position = Position{position};
  item.content = codec::encoded(content_of(history));
  item.recipients = std::move(recipients);
  // It was said before: what becomes of this copy does not unsay it.
  const auto entry = chat.index.find(position);
  item.accepted = entry != chat.index.end() && entry->second.delivery != Delivery::kQueued &&
                  entry->second.delivery != Delivery::kFailed;
  enqueue(m, chat, std::move(item));
}

std::optional<OutboxRecord> seal_at_once(Machine& m, Chat& chat, const Content& content) {
  auto message = chat.group->protect(to_be_said(m, chat, codec::encoded(content)), {}, m.random, mls::Padding::kNone);
  if (!message) return std::nullopt;
  m.put_group(chat);
  OutboxRecord item;
  item.payload = seal_envelope({EnvelopeKind::kMls, {}, std::move(*message), chat.group->own_leaf().value},
                               chat.record.keys.envelope.value, chat.record.chat.view(), m.random);
  item.delivery = m.random_id<wire::DeliveryId>();
  return item;
}

void deliver_fleeting(Machine& m, Chat& chat, const Content& content) {
  const bool ready = chat.group && chat.record.ready && chat.record.address_ready && chat.record.log_ready;
  // Where nothing comes through now it would be late when it does.
  const bool online = m.mailbox().state().connection == Connection::kConnected;
  if (!ready || !online || !chat.outbox.empty() || chat.talk.typing_futile) return;
  if (!gives_receipts(chat)) return;
  std::map<wire::HomeKey, std::vector<const Member*>> at_home;
  for (const AccountId& account : others_of(m, chat)) {
    const Member* member = find_member(chat, account);
    if (!m.link(chat.record.chat, member->record.home).is_small()) at_home[member->record.home.key].push_back(member);
  }
  if (at_home.empty()) return;
  const auto item = seal_at_once(m, chat, content);
  if (!item) return;
  for (const auto& [key, members] : at_home) {
    m.journal.then([&m, id = chat.record.chat, home = members.front()->record.home,
                    request = delivery_request(chat, *item, members, 0), alone = at_home.size() == 1] {
      m.link(id, home).submit(request, [&m, id, alone](const Result<wire::Reply>& reply) {
        // Where there is one other home, and nobody of it is connected, nobody wants to know.
        const bool answered = reply && std::holds_alternative<wire::Delivered>(*reply);
        Chat* of = m.find_chat(id);
        if (of != nullptr && alone && !answered && !outcome_of(reply).ok()) of->talk.typing_futile = true;
      });
    });
  }
}

void queue_hint(Machine& m, Chat& chat) {
  OutboxRecord item;
  item.kind = OutboxRecord::Kind::kHint;
  item.content = codec::encoded(chat.record.log.log);
  item.recipients = everybody(m, chat);
  enqueue(m, chat, std::move(item));
}

void queue_proposal(Machine& m, Chat& chat, Bytes proposal) {
  OutboxRecord item;
  item.kind = OutboxRecord::Kind::kLeaving;
  item.content = std::move(proposal);
  item.recipients = everybody(m, chat);
  enqueue(m, chat, std::move(item));
}

void queue_return(Machine& m, Chat& chat, Bytes body, const AccountId& to) {
  OutboxRecord item;
  item.kind = OutboxRecord::Kind::kReturn;
  item.content = std::move(body);
  item.recipients = only(chat, to);
  enqueue(m, chat, std::move(item));
}

void queue_moved(Machine& m, Chat& chat, const Bytes& moves, const AccountId* to) {
  const auto sealed_under = [&](const ChatKeys& keys, const MemberSet& recipients) {
    OutboxRecord item;
    item.kind = OutboxRecord::Kind::kMoved;
    item.content = moves;
    item.recipients = recipients;
    item.delivery = m.random_id<wire::DeliveryId>();
    item.payload = seal_envelope({EnvelopeKind::kMoved, {}, moves, chat.group->own_leaf().value}, keys.envelope.value,
                                 chat.record.chat.view(), m.random);
    return item;
  };
  // Who is behind a Remove opens nothing that is under the keys of now. He learns where the log is, and reads nothing of it.
  MemberSet behind;
  for (const auto& [account, member] : chat.members) {
    const bool asked = to == nullptr ? account != m.self->record.account : account == *to;
    if (asked && member.heard < chat.record.keys.base) behind.add(member.record.number);
  }
  for (const ChatKeys& before : chat.record.previous) enqueue(m, chat, sealed_under(before, behind));
  enqueue(m, chat, sealed_under(chat.record.keys, recipients(m, chat, to)));
}

void queue_log_asked(Machine& m, Chat& chat, Bytes body, const std::vector<AccountId>& to) {
  OutboxRecord item;
  item.kind = OutboxRecord::Kind::kLogAsked;
  item.content = std::move(body);
  for (const AccountId& account : to) {
    if (const Member* member = find_member(chat, account)) item.recipients.add(member->record.number);
  }
  enqueue(m, chat, std::move(item));
}

bool encrypt_item(Machine& m, Chat& chat, uint64_t number, OutboxRecord& item) {
  if (!chat.encryption.may_start(m.now, chat.wake)) return false;
  if (prepare(m, chat, number, item)) {
    chat.encryption.succeed();
    return true;
  }
  // Nothing is wrong with the message: this epoch takes none, the next one will.
  chat.encryption.fail(m.now, Duration{}, m.random);
  chat.record.refresh_wanted = true;
  m.put(chat);
  return false;
}

void close_recipient(Machine& m, Chat& chat, uint64_t number, uint32_t member, bool accepted) {
  const auto found = chat.outbox.find(number);
  if (found == chat.outbox.end()) return;
  found->second.recipients.remove(member);
  found->second.accepted = found->second.accepted || accepted;
  m.touch(chat);
}

void end_if_done(Machine& m, Chat& chat, uint64_t number) {
  const auto found = chat.outbox.find(number);
  if (found == chat.outbox.end()) return;
  OutboxRecord& item = found->second;
  if (item.recipients.empty()) return drop(m, chat, found, item.accepted ? Delivery::kSent : Delivery::kFailed);
  if (chat.members.size() > 2)
    m.journal.put(progress_key(chat, number), ProgressRecord{item.recipients, item.accepted});
}

void clear_outbox(Machine& m, Chat& chat) {
  for (auto at = chat.outbox.begin(); at != chat.outbox.end();) {
    const auto item = at++;
    // Whom we let in is a member, and nobody else has his welcome: it needs nothing of us but to be delivered.
    if (item->second.kind == OutboxRecord::Kind::kWelcome) continue;
    call_off(m, chat, item->first);
    drop(m, chat, item, item->second.accepted ? Delivery::kSent : Delivery::kFailed);
  }
}

void keep_contents(Machine& m, Chat& chat) {
  for (auto at = chat.outbox.begin(); at != chat.outbox.end();) {
    call_off(m, chat, at->first);
    at = at->second.kind == OutboxRecord::Kind::kContent ? std::next(at) : forget(m, chat, at);
  }
}

void address_anew(Machine& m, Chat& chat) {
  for (auto at = chat.outbox.begin(); at != chat.outbox.end();) {
    OutboxRecord& item = at->second;
    m.journal.erase(progress_key(chat, at->first));
    // These two are sealed for somebody who has other keys than those of now.
    if (item.kind != OutboxRecord::Kind::kWelcome && item.kind != OutboxRecord::Kind::kMoved) item.payload.clear();
    if (item.recipients.empty()) {
      at = forget(m, chat, at);
      continue;
    }
    m.journal.put(outbox_key(chat, at->first), item);
    ++at;
  }
}

void forget_recipients(Machine& m, Chat& chat) {
  std::vector<uint64_t> changed;
  for (auto& [number, item] : chat.outbox) {
    for (const uint32_t who : item.recipients.numbers()) {
      if (chat.accounts.contains(who)) continue;
      item.recipients.remove(who);
      item.accepted = true;  // it is no failure that he does not get it
      if (changed.empty() || changed.back() != number) changed.push_back(number);
    }
  }
  for (const uint64_t number : changed) end_if_done(m, chat, number);
}

void pump_outbox(Machine& m, Chat& chat) {
  while (!chat.outbox.empty()) {
    const auto first = chat.outbox.begin();
    const Instant expires = m.when(first->second.queued_ms) + kMessageLifetime;
    if (expires > m.now) {
      chat.wake = std::min(chat.wake, expires);
      break;
    }
    call_off(m, chat, first->first);
    drop(m, chat, first, first->second.accepted ? Delivery::kSent : Delivery::kExpired);
  }
  if (!chat.outbox.empty() && chat.record.address_ready && chat.record.log_ready) pump_fanout(m, chat);
}

bool is_held(const OutboxRecord& item, bool held_back) {
  if (!held_back || item.kind != OutboxRecord::Kind::kContent) return false;
  const auto content = parse_content(item.content);
  return content && says_words(content->kind);
}

void collect_parcels(Machine& m, Chat& chat, ParcelBag& bag, uint64_t after) {
  const Member* peer = find_member(chat, chat.record.peer);
  const bool held_back = is_held_back(m, chat);
  for (auto it = chat.outbox.upper_bound(after); chat.group && it != chat.outbox.end(); ++it) {
    auto& [number, item] = *it;
    if (is_held(item, held_back)) continue;
    // In a group one parcel for each who has not got it.
    for (const uint32_t who : item.recipients.numbers()) {
      const auto account = chat.accounts.find(who);
      const Member* member = account == chat.accounts.end() ? nullptr : find_member(chat, account->second);
      if (member == nullptr || (chat.record.kind == ChatKind::kDirect && member != peer)) continue;
      const bool fits = bag.left == 0 && bag.parcels.size() < bag.parcels_max && prepare(m, chat, number, item) &&
                        item.payload.size() + kParcelOverhead <= bag.bytes_left;
      if (!fits) {
        ++bag.left;  // what comes after it waits as well: the order of the sender holds
        continue;
      }
      bag.bytes_left -= item.payload.size() + kParcelOverhead;
      bag.parcels.push_back({member->record.alias, item.payload});
      bag.numbers.push_back(number);
    }
  }
}

std::vector<Carried> carry_outbox(Machine& m, Chat& chat, uint64_t after, size_t bytes_max) {
  std::vector<Carried> out;
  const Member* peer = find_member(chat, chat.record.peer);
  if (!chat.group || peer == nullptr || chat.record.kind != ChatKind::kDirect) return out;
  if (!chat.record.address_ready || !chat.record.log_ready) return out;
  size_t bytes = 0;
  const bool held_back = is_held_back(m, chat);
  for (auto it = chat.outbox.upper_bound(after); it != chat.outbox.end(); ++it) {
    if (is_held(it->second, held_back)) continue;
    if (!it->second.recipients.has(peer->record.number)) continue;
    if (out.size() == kCarriedMax || !prepare(m, chat, it->first, it->second)) break;
    Bytes request = wire::encode_request(delivery_request(chat, it->second, {peer}, time_to_live(m.random)));
    bytes += request.size();
    if (bytes > bytes_max) break;  // what comes after it waits as well: the order of the sender holds
    out.push_back({it->first, it->second.delivery, std::move(request)});
  }
  return out;
}

namespace {

// Nothing of this item has to go out to the member any more. Once more at the home does no harm.
void take_out(Machine& m, Chat& chat, uint64_t number, const AccountId& account, bool told) {
  const Member* member = find_member(chat, account);
  const auto item = chat.outbox.find(number);
  if (member == nullptr || item == chat.outbox.end() || !item->second.recipients.has(member->record.number)) return;
  call_off(m, chat, number);
  close_recipient(m, chat, number, member->record.number, true);
  if (!item->second.recipients.empty() || told) return end_if_done(m, chat, number);
  forget(m, chat, item);
}

}  // namespace

void on_carried(Machine& m, const ChatId& id, uint64_t number, const wire::DeliveryId& delivery,
                const Result<wire::Reply>& reply) {
  Chat* chat = m.find_chat(id);
  if (chat == nullptr || !outcome_of(reply).ok()) return;
  const auto found = chat->outbox.find(number);
  if (found != chat->outbox.end() && found->second.delivery == delivery) {
    take_out(m, *chat, number, chat->record.peer, true);
  }
}

void outbox_taken(Machine& m, Chat& chat, uint64_t number, const wire::DeliveryId& delivery) {
  const auto found = chat.outbox.find(number);
  const MemberRecord* peer = peer_of(chat);
  // Of several devices one has it; the others get it from the home.
  if (found == chat.outbox.end() || found->second.delivery != delivery || !peer || peer->leaves.size() != 1) return;
  const bool has_receipt = found->second.kind == OutboxRecord::Kind::kContent && found->second.position.value > 0;
  if (found->second.kind != OutboxRecord::Kind::kWelcome && !has_receipt) {
    take_out(m, chat, number, chat.record.peer, false);
  }
}

void outbox_arrived(Machine& m, Chat& chat, const AccountId& account, const MessageId& id) {
  const Member* member = find_member(chat, account);
  if (member == nullptr || member->record.leaves.size() != 1) return;
  const auto found = std::find_if(chat.outbox.begin(), chat.outbox.end(), [&](const auto& entry) {
    return entry.second.kind == OutboxRecord::Kind::kContent && entry.second.id == id;
  });
  // In a chat of two the receipt says more than that it was sent; in a group it is not yet everybody's.
  if (found != chat.outbox.end()) take_out(m, chat, found->first, account, chat.members.size() > 2);
}

namespace {

// Those contents for which `gone` is true go out to nobody any more.
template <typename Gone>
void withdraw(Machine& m, Chat& chat, const Gone& gone) {
  for (auto it = chat.outbox.begin(); it != chat.outbox.end();) {
    if (it->second.kind != OutboxRecord::Kind::kContent || !gone(it->second)) {
      ++it;
      continue;
    }
    call_off(m, chat, it->first);
    it = forget(m, chat, it);
  }
}

bool is_edit_of(const OutboxRecord& item, const MessageId& target) {
  if (item.position.value != 0) return false;  // it is a message itself
  const auto content = parse_content(item.content);
  return content && content->kind == ContentKind::kEdit && target_of(*content) == target;
}

}  // namespace

void outbox_withdraw(Machine& m, Chat& chat, const MessageId& id) {
  withdraw(m, chat, [&](const OutboxRecord& item) { return item.id == id; });
}

void outbox_withdraw_edits(Machine& m, Chat& chat, const MessageId& target) {
  withdraw(m, chat, [&](const OutboxRecord& item) { return is_edit_of(item, target); });
}

void outbox_epoch_ended(Machine& m, Chat& chat) {
  m.touch(chat);
  chat.encryption.succeed();
  call_off(m, chat, 0);
}

}  // namespace godwit::engine
