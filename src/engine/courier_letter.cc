// What goes into a sealed request, and what its answer is to.

#include <algorithm>

#include "engine/account.h"
#include "engine/bulletins.h"
#include "engine/courier.h"
#include "engine/inbox.h"
#include "engine/machine.h"
#include "engine/members.h"
#include "engine/outbox.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

// What may be done twice, late, and beside others of a later time, and fits. Not files, which are too large for it, and not
// what belongs to a session.
struct MayTravel {
  template <typename T>
  bool operator()(const T&) const {
    return false;
  }
  bool operator()(const wire::AddressCreate&) const { return true; }
  bool operator()(const wire::AddressToken&) const { return true; }
  bool operator()(const wire::AddressRevoke&) const { return true; }
  bool operator()(const wire::Deliver& request) const { return request.ttl_seconds != 0; }
  bool operator()(const wire::DeliverMany& request) const { return request.ttl_seconds != 0; }
  bool operator()(const wire::KeyPackagePublish&) const { return true; }
  bool operator()(const wire::KeyPackageTake&) const { return true; }
  bool operator()(const wire::KeyPackageCount&) const { return true; }
  bool operator()(const wire::LogOpen&) const { return true; }
  bool operator()(const wire::LogAppend&) const { return true; }
  bool operator()(const wire::LogRead&) const { return true; }
};

bool may_travel(const Bytes& bytes) {
  const auto request = wire::decode_request(bytes);
  return request.has_value() && std::visit(MayTravel{}, *request);
}

// A batch in the making.
struct Batch {
  std::vector<Bytes> requests;
  std::vector<LetterItem> items;
  size_t bytes_left = kSealedBatchMax;

  bool add(Bytes request, LetterItem item) {
    if (requests.size() == session::kSealedRequestsMax || request.size() > bytes_left) return false;
    bytes_left -= request.size();
    requests.push_back(std::move(request));
    items.push_back(item);
    return true;
  }
};

void add_waiting(const Link& link, Batch& batch) {
  for (auto& waiting : link.waiting_requests()) {
    if (!may_travel(waiting.bytes)) continue;
    if (!batch.add(std::move(waiting.bytes), {LetterItem::Kind::kRequest, waiting.id.value, {}})) return;
  }
}

// A chat gives one delivery at a time to its link. Where a round trip takes minutes the others go with it, in their order.
void add_outbox(Machine& m, const LinkKey& key, Batch& batch) {
  Chat* chat = m.find_chat(key.chat);
  const MemberRecord* peer = chat == nullptr ? nullptr : peer_of(*chat);
  if (peer == nullptr || peer->home.key != key.home) return;
  uint64_t after = 0;
  for (const auto& [number, sending] : chat->sending) {
    if (std::ranges::find(sending.members, peer->number) != sending.members.end()) after = sending.number;
  }
  for (Carried& carried : carry_outbox(m, *chat, after, batch.bytes_left)) {
    if (!batch.add(std::move(carried.request), {LetterItem::Kind::kDelivery, carried.number, carried.delivery})) return;
  }
}

void add_mailbox(Machine& m, const wire::HomeKey& home, Batch& batch) {
  const MailboxQueue* queue = queue_at(m, home);
  if (queue == nullptr) return;
  if (bulletin_ends_soon(m, home)) {
    batch.add(wire::encode_request(wire::BulletinGet{}), {LetterItem::Kind::kBulletin, 0, {}});
  }
  if (queue->stored > queue->acknowledged) {
    batch.add(wire::encode_request(wire::Acknowledge{queue->stored}),
              {LetterItem::Kind::kAcknowledge, queue->stored.value, {}});
  }
  batch.add(wire::encode_request(wire::Fetch{queue->cursor, kMailFetchBytes, false}), {LetterItem::Kind::kFetch, 0, {}});
}

void take_answer(Machine& m, const LinkKey& key, const LetterItem& item, wire::Reply reply) {
  switch (item.kind) {
    case LetterItem::Kind::kRequest:
      if (const auto found = m.link_of.find(key); found != m.link_of.end()) {
        found->second->answer(RequestId{item.number}, std::move(reply));
      }
      return;
    case LetterItem::Kind::kDelivery:
      return on_carried(m, key.chat, item.number, item.delivery, Result<wire::Reply>(std::move(reply)));
    case LetterItem::Kind::kAcknowledge:
      if (MailboxQueue* queue = queue_at(m, key.home); queue != nullptr && std::holds_alternative<wire::Done>(reply)) {
        queue->acknowledged = std::max(queue->acknowledged, wire::Sequence{item.number});
      }
      return;
    case LetterItem::Kind::kFetch:
      if (const auto* items = std::get_if<wire::Items>(&reply)) take_carried_items(m, key.home, *items);
      return;
    case LetterItem::Kind::kBulletin:
      if (const auto* text = std::get_if<wire::BulletinText>(&reply)) take_proved_bulletin(m, key.home, text->bytes);
      return;
    case LetterItem::Kind::kProof:
      return;
  }
}

// The way by which it was sent has got through: what comes next need not wait.
void note_answer(Machine& m, const LinkKey& key, const ReplyHead& head, bool more) {
  const auto found = m.courier.ways.find(key);
  if (found == m.courier.ways.end()) return;
  CourierWay& way = found->second;
  // The answer to an older letter shows as well that letters get through; the newest one is still on its way.
  if (way.letter == head) way.letter.reset();
  way.letter_pause = kLetterPause;
  way.mailed_at = m.now;
  m.courier.mail_answered = m.wall();
  m.courier.mail_trouble.reset();
  const bool active = more || m.links.active_at + kMailPollFirst > m.now;
  way.poll_pause = active ? kMailPollFirst : std::min(milliseconds(way.poll_pause.ms * 3 / 2), kMailPollLast);
  // Of a chat: whatever is asked next, at once. The mailbox asks for news, now if there are more.
  way.letter_at = key.chat == ChatId{} && !more ? m.now + way.poll_pause : m.now;
}

}  // namespace

Instant cargo_since(const Link& link) {
  for (const auto& waiting : link.waiting_requests()) {
    if (may_travel(waiting.bytes)) return waiting.since;
  }
  return kNever;
}

std::optional<SealedLetter> seal_waiting(Machine& m, const LinkKey& key, const Link& link, Duration lifetime) {
  const Bytes* sealing_key = sealing_key_of(m, key.home);
  if (sealing_key == nullptr) return std::nullopt;
  auto setup = session::SealedSetup::create(*sealing_key, m.random);
  if (!setup) return std::nullopt;
  Batch batch;
  if (key.chat == ChatId{}) {
    batch.add(wire::encode_request(mailbox_proof(m, setup->binding())), {LetterItem::Kind::kProof, 0, {}});
  }
  add_waiting(link, batch);
  add_outbox(m, key, batch);
  if (key.chat == ChatId{}) add_mailbox(m, key.home, batch);
  if (batch.requests.empty()) return std::nullopt;
  auto sealed = std::move(*setup).seal(batch.requests, m.wall() + lifetime, m.random);
  if (!sealed) return std::nullopt;
  return SealedLetter{std::move(sealed->bytes),
                      Letter{key, std::move(sealed->reply_key), std::move(batch.items), false, false, 0}};
}

ReplyHead keep_letter(Machine& m, Letter letter) {
  const ReplyHead head = letter.key.reply_head();
  const bool stored = letter.stored;
  letter.order = ++m.courier.last_order;
  m.courier.letters.insert_or_assign(head, std::move(letter));
  size_t kept = 0;
  auto oldest = m.courier.letters.end();
  for (auto it = m.courier.letters.begin(); it != m.courier.letters.end(); ++it) {
    if (it->second.stored != stored) continue;
    ++kept;
    if (oldest == m.courier.letters.end() || it->second.order < oldest->second.order) oldest = it;
  }
  if (kept > (stored ? kStoredReplyKeysMax : kReplyKeysMax)) {
    if (stored) m.journal.erase(record_key(RecordKind::kLetter, oldest->first));
    m.courier.letters.erase(oldest);
  }
  return head;
}

bool take_sealed_reply(Machine& m, ByteView bytes) {
  ReplyHead head{};
  if (bytes.size() < head.size()) return false;
  std::copy_n(bytes.begin(), head.size(), head.begin());
  const auto found = m.courier.letters.find(head);
  if (found == m.courier.letters.end()) return false;
  const auto opened = found->second.key.open(bytes);
  if (!opened || opened->size() != found->second.items.size()) return false;
  std::vector<wire::Reply> replies;
  for (const Bytes& each : *opened) {
    auto reply = wire::decode_reply(each);
    if (!reply) return false;
    replies.push_back(std::move(*reply));
  }
  // The first answer is taken; whatever comes again finds no key.
  const auto node = m.courier.letters.extract(found);
  const Letter& letter = node.mapped();
  if (letter.stored) m.journal.erase(record_key(RecordKind::kLetter, head));
  const bool proved =
      letter.items.front().kind != LetterItem::Kind::kProof || std::holds_alternative<wire::Done>(replies.front());
  const auto* last = std::get_if<wire::Items>(&replies.back());
  if (letter.by_mail) note_answer(m, letter.link, head, proved && last != nullptr && last->more);
  // Refused to somebody unproven means nothing: it is asked again.
  for (size_t i = 0; proved && i < replies.size(); ++i)
    take_answer(m, letter.link, letter.items[i], std::move(replies[i]));
  return true;
}

}  // namespace godwit::engine
