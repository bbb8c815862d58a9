#include "engine/inbox.h"

#include "crypto/sealed_item.h"
#include "engine/commits.h"
#include "engine/contacts.h"
#include "engine/history.h"
#include "engine/messages.h"
#include "engine/receipts.h"
#include "engine/sync.h"
#include "mls/errors.h"

namespace godwit::engine {
namespace {

// The envelope in an item to a chat's address. It came under the token of that chat or, before the inviter had changed
// it, under the invite's.
Result<Envelope> open_for_chat(const Chat& chat, const wire::Item& item) {
  const ChatRecord& record = chat.record;
  auto payload = crypto::open_item(record.keys.own_token.value.reveal(), item.alias.view(), item.sealed);
  if (!payload && record.inviter) {
    payload = crypto::open_item(record.invite_token.value.reveal(), item.alias.view(), item.sealed);
  }
  REQUIRE(payload.has_value(), kBadEnvelope, "an item opens with a token of its address");
  return open_envelope(*payload, record.keys.own_envelope.value, item.alias);
}

// A welcome that does not hold is passed over; the invite stands as before.
bool take_invite_payload(Machine& m, const Invite& invite, const wire::Alias& alias, ByteView payload) {
  auto envelope = open_envelope(payload, invite_welcome_key(invite.record.key.value), alias);
  if (!envelope || envelope->kind != EnvelopeKind::kWelcome) return false;
  const bool joined = join_by_welcome(m, alias, *envelope).has_value();
  crypto::wipe(envelope->body);  // with the log key in it
  return joined;
}

void take_invite_item(Machine& m, const Invite& invite, const wire::Item& item) {
  const auto payload = crypto::open_item(invite.record.token.value.reveal(), item.alias.view(), item.sealed);
  if (payload) static_cast<void>(take_invite_payload(m, invite, item.alias, *payload));
}

// False: there is no room.
bool keep_pending(Machine& m, Chat& chat, const Envelope& envelope) {
  // The same bytes come on several ways, and on a local network with every connection.
  for (const auto& [number, kept] : chat.pending) {
    if (kept.message == envelope.body) return true;
  }
  if (chat.pending.size() >= kPendingMax) return false;
  const uint64_t number = chat.record.pending_next++;
  PendingRecord record{envelope.ref, envelope.body};
  m.journal.put(record_key(RecordKind::kPending, chat.record.chat.view(), number), record);
  chat.pending.emplace(number, std::move(record));
  m.put(chat);  // the number must not be given twice
  want_log(m, chat);
  return true;
}

Result<mls::ApplicationMessage> open_past(Machine& m, Chat& chat, ByteView message) {
  auto opened = TRY(chat.past.open(message, &*chat.group));
  m.put_group(chat);
  return opened;
}

// The application message in an MLSMessage of this chat.
Result<mls::ApplicationMessage> open_message(Machine& m, Chat& chat, ByteView message) {
  const mls::MessageHead head = TRY(mls::peek(message));
  REQUIRE(equal(head.group_id, chat.record.chat.view()), kBadEnvelope, "a message is of its chat's group");
  // The log alone carries commits, and proposals are not used in a chat of two.
  REQUIRE(head.content_type == mls::ContentType::kApplication && head.wire_format == mls::WireFormat::kPrivateMessage,
          kBadEnvelope, "only application messages are delivered");
  if (head.epoch < chat.group->epoch()) return open_past(m, chat, message);
  auto processed = TRY(chat.group->process(message, m.wall()));
  auto* opened = std::get_if<mls::ApplicationMessage>(&processed);
  REQUIRE(opened != nullptr, kBadEnvelope, "only application messages are delivered");
  m.put_group(chat);
  return std::move(*opened);
}

// The same, of the one who may speak here.
Result<mls::ApplicationMessage> open_from_peer(Machine& m, Chat& chat, ByteView message) {
  auto opened = TRY(open_message(m, chat, message));
  REQUIRE(opened.sender == peer_leaf(chat), kBadEnvelope, "in a chat of two the other one speaks");
  return opened;
}

// The same bytes came again. If it is a text that we have, its sender does not know that it came: the receipt was lost. If
// not, he uses keys twice: an old copy of a profile.
void take_replayed(Machine& m, Chat& chat, const MessageId& id) {
  ++m.counters.duplicates;
  const auto found = chat.positions.find(id);
  if (found == chat.positions.end()) return ask_again(m, chat, id);
  if (!chat.index.at(found->second).own) owe_delivered(m, chat, id);
}

// False: there is no room for it.
bool take_message(Machine& m, Chat& chat, const Envelope& envelope) {
  const auto opened = open_from_peer(m, chat, envelope.body);
  const ErrorCode code = opened ? ErrorCode{} : opened.error().code;
  if (opened) {
    take_content(m, chat, chat.record.peer.account, opened->plaintext);
  } else if (code == mls::kFutureEpoch) {
    return keep_pending(m, chat, envelope);
  } else if (code == mls::kReplayed) {
    take_replayed(m, chat, envelope.ref);
  } else if (code != mls::kOwnMessage && code != kBadEnvelope) {
    ask_again(m, chat, envelope.ref);
  }
  return true;
}

// False: there is no room for it.
bool take_envelope(Machine& m, Chat& chat, const Envelope& envelope) {
  if (envelope.kind == EnvelopeKind::kHint) want_log(m, chat);
  return envelope.kind != EnvelopeKind::kMls || take_message(m, chat, envelope);
}

void take_item(Machine& m, const wire::Item& item) {
  if (item.alias == wire::Alias{}) return take_sync(m, item.sealed);
  const auto chat_of = m.chat_of_alias.find(item.alias);
  if (chat_of == m.chat_of_alias.end()) {
    const auto invite = m.invites.find(item.alias);
    if (invite != m.invites.end()) take_invite_item(m, invite->second, item);
    return;
  }
  Chat& chat = m.chats.at(chat_of->second);
  const auto envelope = open_for_chat(chat, item);
  // The home forgets what it has given out. Who brings a parcel keeps what there was no room for, so nobody is asked for it:
  // that would use up the asks before they help.
  if (envelope && !take_envelope(m, chat, *envelope)) ask_again(m, chat, envelope->ref);
}

void acknowledge(Machine& m, wire::Sequence through) {
  if (m.acknowledging || through <= m.acknowledged) return;
  m.acknowledging = true;
  m.mailbox().submit(wire::Acknowledge{through}, [&m, through](const Result<wire::Reply>& reply) {
    m.acknowledging = false;
    // What was not acknowledged is acknowledged with what comes next.
    if (outcome_of(reply).ok()) m.acknowledged = std::max(m.acknowledged, through);
    if (m.stored_cursor > through) acknowledge(m, m.stored_cursor);
  });
}

// Items in their order, all that there are after the cursor.
void take_items(Machine& m, const wire::Items& items) {
  const wire::Sequence before = m.cursor;
  for (const wire::Item& item : items.items) {
    if (item.sequence <= m.cursor) continue;
    m.cursor = item.sequence;
    take_item(m, item);
  }
  if (m.cursor == before) return;
  m.journal.put(record_key(RecordKind::kCursor), CursorRecord{m.cursor});
  m.journal.then([&m, through = m.cursor] {
    m.stored_cursor = std::max(m.stored_cursor, through);
    acknowledge(m, m.stored_cursor);
  });
}

}  // namespace

void fetch(Machine& m) {
  m.fetch_again = m.fetching;
  if (m.fetching) return;
  m.fetching = true;
  acknowledge(m, m.stored_cursor);
  m.mailbox().submit(wire::Fetch{m.cursor, kFetchBytes, true}, [&m](const Result<wire::Reply>& reply) {
    m.fetching = false;
    const auto* items = reply ? std::get_if<wire::Items>(&*reply) : nullptr;
    if (items == nullptr) {
      m.fetch_at = m.now + std::max(outcome_of(reply).retry_after, kAttemptPauseFirst);
      return;
    }
    take_items(m, *items);
    if (items->more || std::exchange(m.fetch_again, false)) fetch(m);
  });
}

void on_push(Machine& m, const wire::Items& items) {
  // A small push overtakes a large one and the reply to a Fetch: only what follows our cursor without a gap is taken as
  // it comes. A gap is an item on its way, or one that expired; a Fetch tells.
  uint64_t next = m.cursor.value + 1;
  for (const wire::Item& item : items.items) {
    if (item.sequence.value > next) return fetch(m);
    if (item.sequence.value == next) ++next;
  }
  take_items(m, items);
}

void take_carried_items(Machine& m, const wire::Items& items) { take_items(m, items); }

ParcelTaken take_parcel(Machine& m, const wire::Alias& alias, ByteView payload) {
  const auto chat_of = m.chat_of_alias.find(alias);
  if (chat_of == m.chat_of_alias.end()) {
    const auto invite = m.invites.find(alias);
    const bool joined = invite != m.invites.end() && take_invite_payload(m, invite->second, alias, payload);
    return joined ? ParcelTaken::kTaken : ParcelTaken::kNotForUs;
  }
  Chat& chat = m.chats.at(chat_of->second);
  const auto envelope = open_envelope(payload, chat.record.keys.own_envelope.value, alias);
  if (!envelope) return ParcelTaken::kNotForUs;
  return take_envelope(m, chat, *envelope) ? ParcelTaken::kTaken : ParcelTaken::kNoRoom;
}

void take_pending(Machine& m, Chat& chat) {
  // What belongs to a still later epoch goes back to the end, in its order.
  for (auto& [number, record] : std::exchange(chat.pending, {})) {
    m.journal.erase(record_key(RecordKind::kPending, chat.record.chat.view(), number));
    static_cast<void>(
        take_message(m, chat, {EnvelopeKind::kMls, record.ref, std::move(record.message)}));  // it had room
  }
}

void give_up_pending(Machine& m, Chat& chat) {
  for (const auto& [number, record] : std::exchange(chat.pending, {})) {
    m.journal.erase(record_key(RecordKind::kPending, chat.record.chat.view(), number));
    ask_again(m, chat, record.ref);
  }
}

}  // namespace godwit::engine
