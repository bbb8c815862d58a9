#include "engine/outbox.h"

#include <algorithm>

#include "engine/bundle.h"
#include "engine/commits.h"
#include "engine/history.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

// What a delivery may be kept for less than a home allows: a day.
constexpr uint64_t kTtlSpreadSeconds = 86'400;
constexpr size_t kCarriedMax = 60;          // deliveries in one sealed request, with room for what is beside them
constexpr size_t kParcelOverhead = 16 + 4;  // alias and length

Bytes outbox_key(const Chat& chat, uint64_t number) {
  return record_key(RecordKind::kOutbox, chat.record.chat.view(), number);
}

void enqueue(Machine& m, Chat& chat, OutboxRecord item) {
  const uint64_t number = chat.record.outbox_next++;
  item.queued_ms = m.wall().ms;
  m.journal.put(outbox_key(chat, number), item);
  chat.outbox.emplace(number, std::move(item));
  m.put(chat);
  m.touch(chat);
}

void drop(Machine& m, Chat& chat, uint64_t number, Delivery delivery) {
  const auto node = chat.outbox.extract(number);
  m.journal.erase(outbox_key(chat, number));
  if (!node.empty() && node.mapped().position.value > 0) {
    move_message(m, chat, node.mapped().position.value, delivery);
  }
  chat.other_token = false;
  m.touch(chat);
}

// Which token opens the peer's address now, and which one may. The inviter changes his from the invite's to the derived
// one when he has joined, and the taker learns of it by the inviter's first message.
const crypto::Secret<32>& token_of(const Chat& chat, bool other) {
  const ChatRecord& record = chat.record;
  if (record.inviter) return record.keys.peer_token.value;
  return record.ready != other ? record.keys.peer_token.value : record.invite_token.value;
}

// Encrypts the item, if that has not been done in this epoch. The new state is in the journal before the bytes leave.
Status prepare(Machine& m, Chat& chat, uint64_t number, OutboxRecord& item) {
  const uint64_t epoch = item.kind == OutboxRecord::Kind::kContent ? chat.group->epoch() : 0;
  if (!item.payload.empty() && item.epoch == epoch) return {};
  Envelope envelope{EnvelopeKind::kHint, {}, {}};
  if (item.kind == OutboxRecord::Kind::kContent) {
    envelope = {EnvelopeKind::kMls, item.id, TRY(chat.group->protect(item.content, {}, m.random, mls::Padding::kNone))};
    m.put_group(chat);
  }
  item.payload = seal_envelope(envelope, chat.record.keys.peer_envelope.value, chat.record.peer.alias, m.random);
  item.epoch = epoch;
  item.delivery = m.random_id<wire::DeliveryId>();
  m.journal.put(outbox_key(chat, number), item);
  return {};
}

void on_refused(Machine& m, Chat& chat, uint64_t number, const Outcome& outcome) {
  const bool has_other = !chat.record.inviter && !chat.other_token;
  if (outcome.is(wire::kAddressRefused) && has_other) {
    chat.other_token = true;
    return chat.delivery.cancel();
  }
  if (outcome.error->code.action == Action::kRetryLater) {
    // An old token's quota is low: the new one may do.
    if (outcome.is(wire::kQuotaFull) && !chat.record.inviter) chat.other_token = !chat.other_token;
    return chat.delivery.fail(m.now, outcome.retry_after, m.random);
  }
  chat.delivery.cancel();
  drop(m, chat, number, Delivery::kFailed);
}

void on_delivered(Machine& m, const ChatId& id, uint64_t number, const Result<wire::Reply>& reply) {
  Chat* chat = m.find_chat(id);
  if (chat == nullptr || !chat->sending || chat->sending->number != number) return;
  chat->sending.reset();
  m.touch(*chat);
  const Outcome outcome = outcome_of(reply);
  if (!outcome.ok()) return on_refused(m, *chat, number, outcome);
  chat->delivery.succeed();
  drop(m, *chat, number, Delivery::kSent);
}

void call_off(Machine& m, Chat& chat) {
  if (!chat.sending) return;
  m.link(chat.record.chat, chat.record.peer.home).cancel(chat.sending->request);
  chat.sending.reset();
  chat.delivery.cancel();
}

wire::Deliver deliver_request(Machine& m, const Chat& chat, const OutboxRecord& item) {
  wire::Deliver request;
  request.recipient = {chat.record.peer.alias, to_token(token_of(chat, chat.other_token)), item.delivery};
  // Not the same for everybody, so that its end does not say on which day it came (docs/protocol/home.md, Times).
  request.ttl_seconds = wire::kTtlSecondsMax - static_cast<uint32_t>(m.random.below(kTtlSpreadSeconds));
  request.payload = item.payload;
  return request;
}

// The item is on our disk: it may leave, unless it was called off meanwhile.
void deliver(Machine& m, const ChatId& id, uint64_t number, const wire::DeliveryId& delivery) {
  Chat* chat = m.find_chat(id);
  const auto found = chat->outbox.find(number);
  const bool old =
      found != chat->outbox.end() && found->second.epoch != 0 && found->second.epoch != chat->group->epoch();
  if (found == chat->outbox.end() || found->second.delivery != delivery || old) {
    chat->delivery.cancel();
    return m.touch(*chat);
  }
  const OutboxRecord& item = found->second;
  const wire::Deliver request = deliver_request(m, *chat, item);
  const RequestId sent =
      m.link(id, chat->record.peer.home).submit(request, [&m, id, number](const Result<wire::Reply>& reply) {
        on_delivered(m, id, number, reply);
      });
  chat->sending = Sending{number, item.delivery, sent};
}

}  // namespace

void send_text(Machine& m, CommandId id, const SendText& command) {
  Chat* chat = m.find_chat(command.chat);
  if (chat == nullptr && m.kept.contains(command.chat)) return m.fail(id, {kChatOnlyKept, "a chat with somebody in it"});
  if (chat == nullptr) return m.fail(id, {kNoSuchChat, "a chat of this device"});
  if (command.text.size() > kTextSizeMax) return m.fail(id, {kTooLong, "a text has at most 100 KiB"});
  if (command.text.empty() || !is_utf8(command.text)) return m.fail(id, {kNotText, "a text is UTF-8, not empty"});
  if (chat->outbox.size() >= kOutboxMax) return m.fail(id, {kOutboxFull, "at most 10,000 messages wait in a chat"});
  const auto message_id = m.random_id<MessageId>();
  const Message message = append_message(m, *chat, message_id, true, m.wall().ms, command.text);
  queue_again(m, *chat, {message_id, true, m.wall().ms, command.text, std::nullopt}, message.position.value);
  want_refresh_by_itself(m, *chat);
  m.done_then(id, MessageQueued{message});
}

void queue_welcome(Machine& m, Chat& chat, const WelcomeBody& body, const crypto::Secret<32>& invite_key) {
  Envelope envelope{EnvelopeKind::kWelcome, {}, codec::encoded(body)};
  OutboxRecord item;
  item.kind = OutboxRecord::Kind::kWelcome;
  item.payload = seal_envelope(envelope, invite_welcome_key(invite_key), chat.record.peer.alias, m.random);
  crypto::wipe(envelope.body);
  item.delivery = m.random_id<wire::DeliveryId>();
  enqueue(m, chat, std::move(item));
}

void queue_content(Machine& m, Chat& chat, ContentKind kind, Bytes body) {
  OutboxRecord item;
  item.kind = OutboxRecord::Kind::kContent;
  item.id = m.random_id<MessageId>();
  item.content = codec::encoded(
      Content{1, item.id, static_cast<uint64_t>(std::max<int64_t>(m.wall().ms, 0)), kind, std::move(body)});
  enqueue(m, chat, std::move(item));
}

void queue_again(Machine& m, Chat& chat, const HistoryRecord& history, uint64_t position) {
  OutboxRecord item;
  item.kind = OutboxRecord::Kind::kContent;
  item.id = history.id;
  item.position = Position{position};
  const ContentKind kind = history.file ? ContentKind::kFile : ContentKind::kText;
  item.content =
      codec::encoded(Content{1, history.id, static_cast<uint64_t>(std::max<int64_t>(history.sent_ms, 0)), kind,
                             history.file ? codec::encoded(*history.file) : to_bytes(as_bytes(history.text))});
  enqueue(m, chat, std::move(item));
}

void queue_hint(Machine& m, Chat& chat) {
  OutboxRecord item;
  item.kind = OutboxRecord::Kind::kHint;
  enqueue(m, chat, std::move(item));
}

void pump_outbox(Machine& m, Chat& chat) {
  if (chat.outbox.empty()) return;
  auto& [number, item] = *chat.outbox.begin();
  const Instant expires = m.when(item.queued_ms) + kMessageLifetime;
  if (expires <= m.now) {
    call_off(m, chat);
    return drop(m, chat, number, Delivery::kExpired);
  }
  chat.wake = std::min(chat.wake, expires);
  if (!chat.record.address_ready || !chat.record.log_ready || !chat.delivery.may_start(m.now, chat.wake)) return;
  if (!prepare(m, chat, number, item)) {
    // Nothing is wrong with the message: this epoch takes none, the next one will.
    chat.delivery.fail(m.now, Duration{}, m.random);
    chat.record.refresh_wanted = true;
    return m.put(chat);
  }
  chat.delivery.start();
  m.journal.then(
      [&m, id = chat.record.chat, first = number, delivery = item.delivery] { deliver(m, id, first, delivery); });
}

void collect_parcels(Machine& m, Chat& chat, ParcelBag& bag, uint64_t after) {
  for (auto it = chat.outbox.upper_bound(after); it != chat.outbox.end(); ++it) {
    auto& [number, item] = *it;
    const bool fits = bag.left == 0 && bag.parcels.size() < bag.parcels_max && prepare(m, chat, number, item) &&
                      item.payload.size() + kParcelOverhead <= bag.bytes_left;
    if (!fits) {
      ++bag.left;  // what comes after it waits as well: the order of the sender holds
      continue;
    }
    bag.bytes_left -= item.payload.size() + kParcelOverhead;
    bag.parcels.push_back({chat.record.peer.alias, item.payload});
    bag.numbers.push_back(number);
  }
}

std::vector<Carried> carry_outbox(Machine& m, Chat& chat, uint64_t after, size_t bytes_max) {
  std::vector<Carried> out;
  if (!chat.record.address_ready || !chat.record.log_ready) return out;
  size_t bytes = 0;
  for (auto it = chat.outbox.upper_bound(after); it != chat.outbox.end(); ++it) {
    if (out.size() == kCarriedMax || !prepare(m, chat, it->first, it->second)) break;
    Bytes request = wire::encode_request(deliver_request(m, chat, it->second));
    bytes += request.size();
    if (bytes > bytes_max) break;  // what comes after it waits as well: the order of the sender holds
    out.push_back({it->first, it->second.delivery, std::move(request)});
  }
  return out;
}

void on_carried(Machine& m, const ChatId& id, uint64_t number, const wire::DeliveryId& delivery,
                const Result<wire::Reply>& reply) {
  Chat* chat = m.find_chat(id);
  if (chat == nullptr || !outcome_of(reply).ok()) return;
  const auto found = chat->outbox.find(number);
  if (found == chat->outbox.end() || found->second.delivery != delivery) return;
  if (chat->sending && chat->sending->number == number) call_off(m, *chat);
  drop(m, *chat, number, Delivery::kSent);
}

namespace {

// Once more at the home does no harm.
void take_out(Machine& m, Chat& chat, std::map<uint64_t, OutboxRecord>::iterator item) {
  if (chat.sending && chat.sending->number == item->first) call_off(m, chat);
  m.journal.erase(outbox_key(chat, item->first));
  chat.outbox.erase(item);
  m.touch(chat);
}

}  // namespace

void outbox_taken(Machine& m, Chat& chat, uint64_t number, const wire::DeliveryId& delivery) {
  const auto found = chat.outbox.find(number);
  if (found == chat.outbox.end() || found->second.delivery != delivery) return;
  const bool has_receipt = found->second.kind == OutboxRecord::Kind::kContent && found->second.position.value > 0;
  if (found->second.kind != OutboxRecord::Kind::kWelcome && !has_receipt) take_out(m, chat, found);
}

void outbox_arrived(Machine& m, Chat& chat, const MessageId& id) {
  const auto found = std::find_if(chat.outbox.begin(), chat.outbox.end(), [&](const auto& entry) {
    return entry.second.kind == OutboxRecord::Kind::kContent && entry.second.id == id;
  });
  if (found != chat.outbox.end()) take_out(m, chat, found);
}

void outbox_epoch_ended(Machine& m, Chat& chat) {
  m.touch(chat);
  if (!chat.sending) return;
  const auto found = chat.outbox.find(chat.sending->number);
  if (found != chat.outbox.end() && found->second.epoch == 0) return;  // no epoch encrypts it
  call_off(m, chat);
}

}  // namespace godwit::engine
