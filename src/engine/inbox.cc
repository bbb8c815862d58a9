#include "engine/inbox.h"

#include <algorithm>

#include "crypto/sealed_item.h"
#include "engine/blocks.h"
#include "engine/chat_people.h"
#include "engine/commits.h"
#include "engine/contacts.h"
#include "engine/doors.h"
#include "engine/groups.h"
#include "engine/history.h"
#include "engine/home_move.h"
#include "engine/log_move.h"
#include "engine/members.h"
#include "engine/messages.h"
#include "engine/own_addresses.h"
#include "engine/receipts.h"
#include "engine/requests.h"
#include "engine/returning.h"
#include "engine/sync.h"
#include "mls/errors.h"

namespace godwit::engine {

MailboxQueue* queue_at(Machine& m, const wire::HomeKey& home) {
  if (m.self && m.self->record.home.key == home) return &m.queue;
  const auto found = m.move.queues.find(home);
  return found == m.move.queues.end() ? nullptr : &found->second;
}

namespace {

// Of what overtakes the welcome to one group, and of that welcome itself, which comes in pieces: with the tree of the largest group it
// has some 3 MB. Each piece writes them all anew, so there are not more.
constexpr size_t kEarlyBytesMax = size_t{6} << 20;
constexpr size_t kEarlyMax = 256;
// Of what waits for the log of a chat in which we are: whoever was away for an hour gets everything that was said meanwhile in one go,
// with all receipts, before the first answer of the log. What is under keys that we do not have yet names nobody who could be asked.
constexpr size_t kWaitingMax = 4'096;
constexpr size_t kWaitingBytesMax = size_t{8} << 20;

// An envelope under the keys of the base as we know it, or of one before.
Result<Envelope> open_of_chat(const Chat& chat, ByteView payload) {
  const ChatRecord& record = chat.record;
  auto envelope = open_envelope(payload, record.keys.envelope.value, record.chat.view());
  for (const ChatKeys& before : record.previous) {
    if (!envelope) envelope = open_envelope(payload, before.envelope.value, record.chat.view());
  }
  return envelope;
}

// The envelope in an item to a chat's address. It came under a token of this base or one before, or under the one that the
// address had before the chat.
Result<Envelope> open_for_chat(const Chat& chat, const wire::Alias& alias, ByteView sealed) {
  const ChatRecord& record = chat.record;
  auto payload = crypto::open_item(address_token(record.keys, alias).reveal(), alias.view(), sealed);
  for (const ChatKeys& before : record.previous) {
    if (!payload) payload = crypto::open_item(address_token(before, alias).reveal(), alias.view(), sealed);
  }
  if (!payload && record.entry_token) {
    payload = crypto::open_item(record.entry_token->value.reveal(), alias.view(), sealed);
  }
  REQUIRE(payload.has_value(), kBadEnvelope, "an item opens with a token of its address");
  return open_of_chat(chat, *payload);
}

// The same in an item that waited: to which of our addresses it came is not kept.
Result<Envelope> open_kept(const Chat& chat, ByteView sealed) {
  auto envelope = open_for_chat(chat, chat.record.own_alias, sealed);
  for (const wire::Alias& alias : chat.record.former_aliases) {
    if (!envelope) envelope = open_for_chat(chat, alias, sealed);
  }
  if (!envelope) envelope = open_for_chat(chat, chat.record.next_alias, sealed);
  return envelope;
}

// A welcome that does not hold is passed over; the invite stands as before.
bool take_invite_payload(Machine& m, const Invite& invite, const wire::Alias& alias, ByteView payload) {
  auto envelope = open_envelope(payload, invite_welcome_key(invite.record.key.value), alias.view());
  if (envelope && envelope->kind == EnvelopeKind::kRefusal) {
    return on_return_refused(m, alias) || on_join_refused(m, alias, *envelope);
  }
  if (!envelope || envelope->kind != EnvelopeKind::kWelcome) return false;
  const bool joined = join_by_welcome(m, alias, *envelope).has_value();
  crypto::wipe(envelope->body);  // with the log key in it
  return joined;
}

// What others say in a group may overtake the welcome to it. It is kept until we are in.
void keep_early(Machine& m, Invite& invite, const wire::Item& item) {
  size_t bytes = item.sealed.size();
  for (const Bytes& kept : invite.record.early) bytes += kept.size();
  const bool full = invite.record.early.size() >= kEarlyMax || bytes > kEarlyBytesMax;
  if (full && (!is_by_own_device(m, invite.record) || invite.record.early.empty())) return;
  if (full) invite.record.early.erase(invite.record.early.begin());  // what is older, our other devices have
  invite.record.early.push_back(item.sealed);
  m.journal.put(record_key(RecordKind::kInvite, item.alias.view()), invite.record);
}

// A welcome that came in pieces, all of which are there.
std::optional<Envelope> whole_welcome(const Invite& invite, const wire::Alias& alias) {
  std::map<ByteArray<16>, std::map<uint8_t, Bytes>> found;
  for (const Bytes& item : invite.record.early) {
    const auto payload = crypto::open_item(invite.record.token.value.reveal(), alias.view(), item);
    if (!payload) continue;
    const auto envelope = open_envelope(*payload, invite_welcome_key(invite.record.key.value), alias.view());
    if (!envelope || envelope->kind != EnvelopeKind::kWelcomePart) continue;
    auto part = codec::decoded<WelcomePart>(envelope->body);
    if (!part || part->index >= part->count) continue;
    auto& parts = found[part->whole];
    parts[part->index] = std::move(part->bytes);
    if (parts.size() != part->count) continue;
    Envelope whole{EnvelopeKind::kWelcome, {}, {}};
    for (const auto& [index, bytes] : parts) append(whole.body, bytes);
    return whole;
  }
  return std::nullopt;
}

void take_invite_item(Machine& m, Invite& invite, const wire::Item& item) {
  const auto payload = crypto::open_item(invite.record.token.value.reveal(), item.alias.view(), item.sealed);
  // To the address of our other devices comes what only members can open.
  if (!payload && is_by_own_device(m, invite.record)) return keep_early(m, invite, item);
  if (!payload || take_invite_payload(m, invite, item.alias, *payload)) return;
  if (invite.record.group == ChatId{}) return;
  keep_early(m, invite, item);
  auto whole = whole_welcome(invite, item.alias);
  if (!whole) return;
  static_cast<void>(join_by_welcome(m, item.alias, *whole));
  crypto::wipe(whole->body);
}

// False: there is no room.
bool keep_pending(Machine& m, Chat& chat, PendingRecord record) {
  // The same bytes come on several ways, and on a local network with every connection.
  size_t bytes = record.bytes.size();
  for (const auto& [number, kept] : chat.pending) {
    if (kept.bytes == record.bytes) return true;
    bytes += kept.bytes.size();
  }
  if (chat.pending.size() >= kWaitingMax || bytes > kWaitingBytesMax) return false;
  const uint64_t number = chat.record.pending_next++;
  m.journal.put(record_key(RecordKind::kPending, chat.record.chat.view(), number), record);
  chat.pending.emplace(number, std::move(record));
  m.put(chat);  // the number must not be given twice
  want_log(m, chat);
  return true;
}

Result<mls::ApplicationMessage> open_past(Machine& m, Chat& chat, ByteView message) {
  auto opened = TRY(chat.past.open(message, chat.group ? &*chat.group : nullptr));
  m.put_group(chat);
  return opened;
}

// An application message, whose it is, and what the group was in its epoch.
struct Opened {
  mls::ApplicationMessage message;
  Said said;
  Author author;
  const GroupSettings* settings = nullptr;  // null: a chat of two
  uint64_t epoch = 0;
  wire::HomeKey home;  // of the author, in the epoch of the message
};

// The application message in an MLSMessage of this chat.
Result<mls::ApplicationMessage> open_message(Machine& m, Chat& chat, ByteView message) {
  const mls::MessageHead head = TRY(mls::peek(message));
  REQUIRE(equal(head.group_id, chat.record.chat.view()), kBadEnvelope, "a message is of its chat's group");
  // The log alone carries commits and proposals.
  REQUIRE(head.content_type == mls::ContentType::kApplication && head.wire_format == mls::WireFormat::kPrivateMessage,
          kBadEnvelope, "only application messages are delivered");
  if (!chat.group || head.epoch < chat.group->epoch()) return open_past(m, chat, message);
  auto processed = TRY(chat.group->process(message, m.wall()));
  auto* opened = std::get_if<mls::ApplicationMessage>(&processed);
  REQUIRE(opened != nullptr, kBadEnvelope, "only application messages are delivered");
  m.put_group(chat);
  return std::move(*opened);
}

// The same, and the account whose leaf it was in its epoch.
Result<Opened> open_of_member(Machine& m, Chat& chat, ByteView message) {
  const mls::MessageHead head = TRY(mls::peek(message));
  auto opened = TRY(open_message(m, chat, message));
  auto said = TRY(parse_said(opened.plaintext));
  const auto author = account_at(chat, head.epoch, opened.sender);
  REQUIRE(author.has_value(), kBadEnvelope, "a leaf is a member's");
  const GroupSettings* settings = settings_at(chat, head.epoch);
  const wire::HomeKey home = home_at(chat, head.epoch, opened.sender).value_or(wire::HomeKey{});
  Author by{*author, settings == nullptr ? Role::kMember : settings->role_of(*author)};
  if (!DeviceId::from(opened.signature_key, by.device)) by.device = {};
  return Opened{std::move(opened), std::move(said), by, settings, head.epoch, home};
}

// Who is to be asked for what did not open: whose leaf sent it, as the envelope says.
AccountId sender_of(const Chat& chat, uint32_t leaf) {
  const auto found = chat.owners.find(leaf);
  if (found != chat.owners.end()) return found->second;
  return chat.record.kind == ChatKind::kDirect ? chat.record.peer : AccountId{};
}

// The same bytes came again. If it is a text that we have, its sender does not know that it came: the receipt was lost. If
// not, he uses keys twice: an old copy of a profile.
void take_replayed(Machine& m, Chat& chat, const AccountId& author, const MessageId& id) {
  ++m.counters.duplicates;
  const auto found = chat.positions.find(id);
  // A receipt that came on two ways: who asked for it would be asked for his asking in turn, which came on two ways as well, and
  // so without end.
  if (std::ranges::find(chat.talk.heard, id) != chat.talk.heard.end()) return;
  if (found == chat.positions.end()) return ask_again(m, chat, author, id);
  if (!chat.index.at(found->second).own) owe_delivered(m, chat, author, id);
}

// A sender's clock may be ahead of ours by so much.
constexpr Duration kClockAheadMax = minutes(1);

// Slow mode, by the clock that its sender shows to everybody: what comes again has the time that it had.
bool keeps_pace(Machine& m, Chat& chat, const Opened& opened, const Content& content) {
  const uint64_t pause = uint64_t{opened.settings->slow_mode_seconds} * 1000;
  Member* member = find_member(chat, opened.author.account);
  if (pause == 0 || member == nullptr || chat.positions.contains(content.id)) return true;
  const auto ahead = static_cast<uint64_t>(std::max<int64_t>((m.wall() + kClockAheadMax).ms, 0));
  const uint64_t said = std::min(content.sent_ms, ahead);
  if (said < member->record.spoke_ms + pause) return false;
  member->record.spoke_ms = said;
  put_member(m, chat, *member);
  return true;
}

// Whether what somebody wrote in a group is shown: as the group was in the epoch of his message, so all members judge alike.
bool is_wanted(Machine& m, Chat& chat, const Opened& opened) {
  if (opened.settings == nullptr) return true;
  const auto content = parse_content(opened.said.content);
  if (!content) return true;
  if (!may_say(opened.settings, opened.author.role, content->kind)) return false;
  return opened.author.is_admin() || !is_slowed(content->kind) || keeps_pace(m, chat, opened, *content);
}

// What people read carries the signature that shows to others who has said it. It is judged by everybody alike, so that nobody can
// say what cannot be reported.
bool is_provable(const Chat& chat, const Opened& opened, std::optional<SaidProof>& proof) {
  const auto content = parse_content(opened.said.content);
  if (!content || !needs_proof(content->kind)) return true;
  SaidProof said{{}, opened.home, {}, content->clock, std::nullopt};
  const Bytes& key = opened.message.signature_key;
  if (key.size() != said.device_key.size() || opened.said.signature.size() != said.signature.size()) return false;
  std::ranges::copy(key, said.device_key.begin());
  std::ranges::copy(opened.said.signature, said.signature.begin());
  if (!check_said(key, chat.record.chat, said.home, opened.said.content, said.signature)) return false;
  proof = std::move(said);
  return true;
}

// What opened: shown, done, or passed over.
void take_opened(Machine& m, Chat& chat, const Opened& opened, const MessageId& id) {
  note_seen(m, chat, opened.author.account, opened.epoch);
  std::optional<SaidProof> proof;
  if (!is_provable(chat, opened, proof)) return ask_again(m, chat, opened.author.account, id);
  if (!is_wanted(m, chat, opened)) return;
  if (proof) note_speaker(m, chat, opened.author.account, opened.message.sender, proof->device_key);
  take_content(m, chat, opened.author, opened.said.content, std::move(proof));
  if (id == MessageId{} || chat.positions.contains(id)) return;
  chat.talk.heard.push_back(id);
  if (chat.talk.heard.size() > kHeardMax) chat.talk.heard.pop_front();
}

// False: there is no room for it.
bool take_message(Machine& m, Chat& chat, const Envelope& envelope) {
  // What we say comes back from our own address, for our other devices.
  if (chat.group && envelope.sender == chat.group->own_leaf().value) return true;
  const auto opened = open_of_member(m, chat, envelope.body);
  const ErrorCode code = opened ? ErrorCode{} : opened.error().code;
  if (opened) {
    take_opened(m, chat, *opened, envelope.ref);
  } else if (code == mls::kFutureEpoch) {
    if (envelope.ref == MessageId{}) return true;  // it was not to be kept
    return keep_pending(m, chat, {PendingRecord::Kind::kMessage, envelope.ref, envelope.sender, envelope.body});
  } else if (code == mls::kReplayed) {
    take_replayed(m, chat, sender_of(chat, envelope.sender), envelope.ref);
  } else if (code != mls::kOwnMessage && code != kBadEnvelope) {
    ask_again(m, chat, sender_of(chat, envelope.sender), envelope.ref);
  }
  return true;
}

// False: there is no room for it.
bool take_leaving(Machine& m, Chat& chat, const Envelope& envelope) {
  const auto head = mls::peek(envelope.body);
  if (head && chat.group && head->epoch > chat.group->epoch()) {
    return keep_pending(m, chat, {PendingRecord::Kind::kMessage, envelope.ref, envelope.sender, envelope.body});
  }
  take_proposal(m, chat, envelope.body);
  return true;
}

bool is_proposal(ByteView message) {
  const auto head = mls::peek(message);
  return head && head->content_type == mls::ContentType::kProposal;
}

// There is something new in the log, which may be another one than ours.
void take_hint(Machine& m, Chat& chat, const Envelope& envelope) {
  want_log(m, chat);
  const auto log = codec::decoded<wire::LogId>(envelope.body);
  const auto by = chat.owners.find(envelope.sender);
  if (log && *log != chat.record.log.log && by != chat.owners.end()) meet_other_log(m, chat, *log, by->second);
}

// False: there is no room for it.
bool take_envelope(Machine& m, Chat& chat, const Envelope& envelope) {
  if (is_cut_off(m, chat)) return true;  // what was on its way before his address was revoked
  if (envelope.kind == EnvelopeKind::kHint && chat.group) take_hint(m, chat, envelope);
  if (envelope.kind == EnvelopeKind::kReturn) on_return_asked(m, chat, nullptr, envelope.body);
  if (envelope.kind == EnvelopeKind::kMoved && chat.group) take_moves(m, chat, envelope.body);
  if (envelope.kind == EnvelopeKind::kLogAsked && chat.group) on_log_asked(m, chat, envelope.body);
  if (envelope.kind == EnvelopeKind::kLeaving) return take_leaving(m, chat, envelope);
  return envelope.kind != EnvelopeKind::kMls || take_message(m, chat, envelope);
}

void take_item(Machine& m, const wire::HomeKey& home, const wire::Item& item) {
  if (item.alias == wire::Alias{}) return take_sync(m, item.sealed);
  auto chat_of = m.chat_of_alias.find(item.alias);
  if (chat_of == m.chat_of_alias.end()) {
    const auto chat = chat_after_return(m, home, item.alias);
    if (chat) chat_of = m.chat_of_alias.emplace(item.alias, *chat).first;
  }
  if (chat_of == m.chat_of_alias.end()) {
    const auto invite = m.invites.find(item.alias);
    if (invite != m.invites.end()) take_invite_item(m, invite->second, item);
    if (!take_door_item(m, home, item)) take_request_item(m, home, item);
    return;
  }
  Chat& chat = m.chats.at(chat_of->second);
  const auto envelope = open_for_chat(chat, item.alias, item.sealed);
  if (!envelope) {
    // Perhaps somebody was removed, and its sender knows it already: then the log has the keys.
    if (chat.group) return static_cast<void>(keep_pending(m, chat, {PendingRecord::Kind::kItem, {}, 0, item.sealed}));
    return take_welcome_item(m, item);  // perhaps we are about to come in again
  }
  // The home forgets what it has given out. Who brings a parcel keeps what there was no room for, so nobody is asked for it:
  // that would use up the asks before they help.
  if (!take_envelope(m, chat, *envelope)) ask_again(m, chat, sender_of(chat, envelope->sender), envelope->ref);
}

Link& link_at(Machine& m, const wire::HomeKey& home) {
  return m.self->record.home.key == home ? m.mailbox() : m.mailbox_at(find_former_home(m, home)->home);
}

void put_cursor(Machine& m, const wire::HomeKey& home, const MailboxQueue& queue) {
  if (&queue == &m.queue) return m.journal.put(record_key(RecordKind::kCursor), CursorRecord{queue.cursor});
  find_former_home(m, home)->through = queue.cursor;
  put_move(m);
}

void acknowledge(Machine& m, const wire::HomeKey& home) {
  MailboxQueue* queue = queue_at(m, home);
  if (queue == nullptr || queue->acknowledging || queue->stored <= queue->acknowledged) return;
  queue->acknowledging = true;
  const wire::Sequence through = queue->stored;
  link_at(m, home).submit(wire::Acknowledge{through}, [&m, home, through](const Result<wire::Reply>& reply) {
    MailboxQueue* now = queue_at(m, home);
    if (now == nullptr) return;
    now->acknowledging = false;
    // What was not acknowledged is acknowledged with what comes next.
    if (outcome_of(reply).ok()) now->acknowledged = std::max(now->acknowledged, through);
    if (now->stored > through) acknowledge(m, home);
  });
}

// Items in their order, all that there are after the cursor.
void take_items(Machine& m, const wire::HomeKey& home, const wire::Items& items) {
  MailboxQueue* queue = queue_at(m, home);
  if (queue == nullptr) return;
  const wire::Sequence before = queue->cursor;
  for (const wire::Item& item : items.items) {
    const bool kept = item.sequence != wire::Sequence{};  // by the home
    if (kept && item.sequence <= queue->cursor) continue;
    if (kept && queue == &m.queue) note_item_number(m, queue->cursor.value, item.sequence.value);
    if (kept) queue->cursor = item.sequence;
    take_item(m, home, item);
    queue = queue_at(m, home);  // the account may have moved with it
    if (queue == nullptr) return;
  }
  if (queue->cursor == before) return;
  put_cursor(m, home, *queue);
  m.journal.then([&m, home, through = queue->cursor] {
    MailboxQueue* now = queue_at(m, home);
    if (now == nullptr) return;
    now->stored = std::max(now->stored, through);
    acknowledge(m, home);
  });
}

}  // namespace

void fetch(Machine& m) { fetch_from(m, m.self->record.home.key); }

void fetch_from(Machine& m, const wire::HomeKey& home) {
  MailboxQueue* queue = queue_at(m, home);
  if (queue == nullptr) return;
  queue->fetch_again = queue->fetching;
  if (queue->fetching) return;
  queue->fetching = true;
  acknowledge(m, home);
  const wire::Fetch request{queue->cursor, kFetchBytes, true};
  link_at(m, home).submit(request, [&m, home, after = queue->cursor](const Result<wire::Reply>& reply) {
    MailboxQueue* now = queue_at(m, home);
    if (now == nullptr) return;
    now->fetching = false;
    const auto* items = reply ? std::get_if<wire::Items>(&*reply) : nullptr;
    if (items == nullptr) {
      now->fetch_at = m.now + std::max(outcome_of(reply).retry_after, kAttemptPauseFirst);
      return;
    }
    take_items(m, home, *items);
    now = queue_at(m, home);
    if (now == nullptr) return;
    // More of what brings nothing new would be asked for without end.
    if (items->more && now->cursor == after) {
      now->fetch_at = m.now + kAttemptPauseFirst;
      return;
    }
    if (items->more || std::exchange(now->fetch_again, false)) return fetch_from(m, home);
    now->fetched = true;
  });
}

void on_push(Machine& m, const wire::HomeKey& home, const wire::Items& items) {
  const MailboxQueue* queue = queue_at(m, home);
  if (queue == nullptr) return;
  // A small push overtakes a large one and the reply to a Fetch: only what follows our cursor without a gap is taken as
  // it comes. A gap is an item on its way, or one that expired; a Fetch tells.
  uint64_t next = queue->cursor.value + 1;
  for (const wire::Item& item : items.items) {
    if (item.sequence.value > next) return fetch_from(m, home);
    if (item.sequence.value == next) ++next;
  }
  m.calls.fresh = true;
  take_items(m, home, items);
  m.calls.fresh = false;
}

void take_welcome_item(Machine& m, const wire::Item& item) {
  const auto invite = m.invites.find(item.alias);
  if (invite != m.invites.end()) take_invite_item(m, invite->second, item);
}

void take_carried_items(Machine& m, const wire::HomeKey& home, const wire::Items& items) { take_items(m, home, items); }

ParcelTaken take_parcel(Machine& m, const wire::Alias& alias, ByteView payload) {
  const auto chat_of = m.chat_of_alias.find(alias);
  if (chat_of == m.chat_of_alias.end()) {
    const auto invite = m.invites.find(alias);
    const bool joined = invite != m.invites.end() && take_invite_payload(m, invite->second, alias, payload);
    return joined ? ParcelTaken::kTaken : ParcelTaken::kNotForUs;
  }
  Chat& chat = m.chats.at(chat_of->second);
  const auto envelope = open_of_chat(chat, payload);
  if (!envelope) return ParcelTaken::kNotForUs;
  return take_envelope(m, chat, *envelope) ? ParcelTaken::kTaken : ParcelTaken::kNoRoom;
}

void take_pending(Machine& m, Chat& chat) {
  // What belongs to a still later epoch goes back to the end, in its order.
  for (auto& [number, record] : std::exchange(chat.pending, {})) {
    m.journal.erase(record_key(RecordKind::kPending, chat.record.chat.view(), number));
    // It had room.
    if (record.kind == PendingRecord::Kind::kMessage) {
      const EnvelopeKind kind = is_proposal(record.bytes) ? EnvelopeKind::kLeaving : EnvelopeKind::kMls;
      static_cast<void>(take_envelope(m, chat, {kind, record.ref, std::move(record.bytes), record.sender}));
    } else if (const auto envelope = open_kept(chat, record.bytes)) {
      static_cast<void>(take_envelope(m, chat, *envelope));
    } else {
      static_cast<void>(keep_pending(m, chat, std::move(record)));
    }
  }
}

void give_up_pending(Machine& m, Chat& chat) {
  for (const auto& [number, record] : std::exchange(chat.pending, {})) {
    m.journal.erase(record_key(RecordKind::kPending, chat.record.chat.view(), number));
    if (record.kind == PendingRecord::Kind::kMessage && !is_proposal(record.bytes))
      ask_again(m, chat, sender_of(chat, record.sender), record.ref);
  }
}

}  // namespace godwit::engine
