#include "engine/taking_over.h"

#include <algorithm>

#include "crypto/sealed_item.h"
#include "engine/account.h"
#include "engine/deleting.h"
#include "engine/devices.h"
#include "engine/file_chunks.h"
#include "engine/group_content.h"
#include "engine/handing_over.h"
#include "engine/history.h"
#include "engine/home_move.h"
#include "engine/inbox.h"
#include "engine/invites.h"
#include "engine/kept_sharing.h"
#include "engine/returning.h"
#include "engine/search.h"
#include "engine/sticker_sharing.h"
#include "engine/sync.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

// Chats that this device may be coming into at a time, and parcels of one: more than anybody has, as a bound.
constexpr size_t kEnteringMax = 10'000;
constexpr size_t kParcelsMax = 100'000;
// Of an offer: so far on no chat has gone.
constexpr uint64_t kPositionMax = uint64_t{1} << 48;
constexpr uint64_t kClockMax = uint64_t{1} << 62;

Bytes entering_key(const ChatId& chat) { return record_key(RecordKind::kLinking, chat.view()); }

void put(Machine& m, const EnteringRecord& record) { m.journal.put(entering_key(record.offer.chat), record); }

Invite* invite_to(Machine& m, const ChatOffer& offer) {
  const auto found = m.invites.find(offer.alias);
  return found == m.invites.end() || found->second.record.group != offer.chat ? nullptr : &found->second;
}

// Keys of ours for a chat. There is no address to be made: the account's stands already.
Invite* make_keys(Machine& m, const mls::CipherSuite& suite, const ChatId& chat, OwnAddress address,
                  const ByteArray<32>* replaces = nullptr) {
  const wire::Alias alias = address.alias;
  Invite invite;
  InviteRecord& record = invite.record;
  record.alias = alias;
  record.token.value = crypto::Secret<32>::random(m.random);
  record.key.value = crypto::Secret<32>::random(m.random);
  const auto package = mls::KeyPackagePrivate::generate(suite, own_leaf(m, std::move(address), nullptr, replaces),
                                                        kInviteLifetime, m.random, m.wall());
  record.key_packages.push_back({package.serialize()});
  record.made_ms = m.wall().ms;
  record.published = true;
  record.group = chat;
  record.asker = m.self->record.account;
  invite.stored = true;
  m.journal.put(record_key(RecordKind::kInvite, alias.view()), record);
  return &m.invites.insert_or_assign(alias, std::move(invite)).first->second;
}

void give_keys(Machine& m, const Invite& invite, const ByteArray<32>& to) {
  if (invite.record.key_packages.empty()) return;  // it was revoked
  const auto package = mls::KeyPackagePrivate::deserialize(invite.record.key_packages.front().value.reveal());
  if (!package) return m.stop({kProfileDamaged, "an invite holds its key packages"});
  const SyncChatKeys keys{to, invite.record.group, invite.record.key.clone(), package->encode_message()};
  send_items(m, {{SyncItem::Kind::kChatKeys, codec::encoded(keys)}});
}

// Positions and clocks go on from what an offer says, and its records are stored as they are.
bool is_sound(const ChatOffer& offer) {
  return offer.settings.version == kRecordVersion && offer.settings.draft.size() <= kTextSizeMax &&
         is_utf8(offer.settings.draft) && offer.last.value <= kPositionMax && offer.read <= offer.last &&
         offer.talk.clock <= kClockMax;
}

// Where the account takes messages of a chat that we were in before is where it takes them when it has come in again; what leads
// into anything else does not lead into this chat.
bool leads_elsewhere(const Machine& m, const ChatOffer& offer) {
  const auto found = m.chat_of_alias.find(offer.alias);
  return m.invites.contains(offer.alias) || (found != m.chat_of_alias.end() && found->second != offer.chat);
}

// Nothing more of this chat's history is to come.
void end_entering(Machine& m, const ChatId& id) {
  m.journal.erase(entering_key(id));
  m.devices.entering.erase(id);
  if (m.find_chat(id) != nullptr) search_read_again(m, id);
  m.tell_then(DevicesChanged{});
}

// The parcel that comes next of a chat; null if there is none, or no chat to put it into.
const HistoryParcel* next_parcel(const Machine& m, const ChatId& id) {
  if (const HistoryParcel* stickers = stickers_parcel(m, id)) return stickers;
  if (const auto kept = m.devices.kept_coming.find(id); kept != m.devices.kept_coming.end()) {
    return next_kept_parcel(kept->second);
  }
  const auto found = m.devices.entering.find(id);
  if (found == m.devices.entering.end() || found->second.parcels.empty()) return nullptr;
  const auto chat = m.chats.find(id);
  return chat == m.chats.end() || !chat->second.group ? nullptr : &found->second.parcels.front();
}

// The parcel is done with: opened, or not to be had any more.
void end_parcel(Machine& m, const ChatId& id) {
  if (stickers_parcel(m, id) != nullptr) {
    drop_fetched(m);
    m.devices.parcel_in.succeed();
    return drop_stickers_parcel(m, id);
  }
  if (m.devices.kept_coming.contains(id)) return end_kept_parcel(m, id, false);
  const auto found = m.devices.entering.find(id);
  if (found == m.devices.entering.end()) return;
  EnteringRecord& record = found->second;
  drop_fetched(m);
  m.devices.parcel_in.succeed();
  record.parcels.erase(record.parcels.begin());
  ++record.taken;
  const bool whole = record.count != 0 && record.taken >= record.count;
  if (!whole) return put(m, record);
  end_entering(m, id);
}

void open_parcel(Machine& m, Chat& chat, const EnteringRecord& record) {
  auto messages = codec::decoded<std::vector<HandedMessage>>(m.devices.fetched);
  if (!messages) return m.tell(Trouble{{kBadSync, "a parcel of history is well-formed"}});
  // The newest first, so that those that have no room in memory any more are the oldest.
  std::ranges::reverse(*messages);
  for (HandedMessage& each : *messages) {
    if (each.position > record.offer.last.value) each.position = 0;
    take_old_message(m, chat, std::move(each));
  }
  m.put(chat);
  m.tell_then(ChatChanged{chat_info(m, chat)});
}

void on_chunk(Machine& m, const ChatId& id, const wire::BlobId& blob, uint32_t index,
              const Result<wire::Reply>& reply) {
  const HistoryParcel* parcel = next_parcel(m, id);
  if (parcel == nullptr || parcel->blob != blob) {  // its chat was deleted meanwhile
    drop_fetched(m);
    return m.devices.parcel_in.cancel();
  }
  if (m.devices.fetched_chunks != index) return;
  const auto* chunk = reply ? std::get_if<wire::BlobChunk>(&*reply) : nullptr;
  if (chunk == nullptr) {
    const Outcome outcome = outcome_of(reply);
    if (outcome.error->code.action == Action::kRetryLater)
      return m.devices.parcel_in.fail(m.now, outcome.retry_after, m.random);
    if (stickers_parcel(m, id) == nullptr)
      m.tell(Trouble{{kHistoryGap, "a home keeps the history for a new device for 30 days"}});
    return end_parcel(m, id);
  }
  const ChunkCipher cipher(parcel->key.value, parcel->size);
  auto plain = cipher.open(index, chunk->bytes);
  if (!plain) {
    if (stickers_parcel(m, id) == nullptr) m.tell(Trouble{{kHistoryGap, "what the home gives opens"}});
    return end_parcel(m, id);
  }
  append(m.devices.fetched, *plain);
  crypto::wipe(*plain);
  if (++m.devices.fetched_chunks < cipher.chunks()) return m.devices.parcel_in.cancel();
  if (stickers_parcel(m, id) != nullptr) {
    open_stickers_parcel(m, id, m.devices.fetched);
    drop_fetched(m);
    m.end_link(id, m.self->record.home);
    return m.devices.parcel_in.succeed();
  }
  if (m.devices.kept_coming.contains(id)) return open_kept_parcel(m, id, std::move(m.devices.fetched));
  open_parcel(m, *m.find_chat(id), m.devices.entering.at(id));
  end_parcel(m, id);
}

}  // namespace

void take_chat_offer(Machine& m, ChatOffer offer, const ByteArray<32>& sender) {
  if (!is_sound(offer)) return;
  const Chat* known = m.find_chat(offer.chat);
  if ((known != nullptr && known->group) || m.devices.entering.size() >= kEnteringMax) return;
  Invite* invite = invite_to(m, offer);
  if (invite == nullptr) {
    if (leads_elsewhere(m, offer)) return;
    const auto suite = mls::find_suite(mls::suites_default(), static_cast<mls::CipherSuiteId>(offer.suite));
    if (!suite) return;
    auto address = address_by_number(m, offer.alias, offer.home_number);
    if (!address) return;  // this device has not heard of a move; it is offered again
    invite = make_keys(m, **suite, offer.chat, std::move(*address));
  }
  const ChatId id = offer.chat;
  EnteringRecord& record = m.devices.entering[id];
  record.offer = std::move(offer);
  put(m, record);
  give_keys(m, *invite, sender);
}

void ask_own_devices(Machine& m, const Chat& chat, const ByteArray<32>& place) {
  auto address = address_by_number(m, chat.record.own_alias, chat.record.home_number);
  if (!address) return;
  const Invite* invite = make_keys(m, chat.group->suite(), chat.record.chat, std::move(*address), &place);
  const auto package = mls::KeyPackagePrivate::deserialize(invite->record.key_packages.front().value.reveal());
  if (!package) return m.stop({kProfileDamaged, "an invite holds its key packages"});
  const ReturnAskedBody body{chat.record.chat, invite->record.key.clone(), package->encode_message()};
  send_items(m, {{SyncItem::Kind::kReturnAsked, codec::encoded(body)}});
}

void take_own_welcome(Machine& m, SyncWelcome welcome) {
  const auto found = m.invites.find(welcome.alias);
  if (found == m.invites.end() || !is_by_own_device(m, found->second.record)) return;
  const auto entering = m.devices.entering.find(found->second.record.group);
  if (entering != m.devices.entering.end() && welcome.previous.size() <= kPreviousBasesMax) {
    entering->second.previous = std::move(welcome.previous);
    entering->second.entry_token = std::move(welcome.entry_token);
    put(m, entering->second);
  }
  // As if it had come to the address, so that pieces are put together alike.
  const crypto::Secret<32> token = found->second.record.token.value.clone();
  take_welcome_item(m, {wire::Sequence{}, welcome.alias,
                        crypto::seal_item(token.reveal(), welcome.alias.view(), welcome.payload, m.random)});
}

void take_history(Machine& m, SyncHistory history) {
  if (history.to != m.self->device.public_key || history.parcel.size > kParcelSizeMax) return;
  const auto found = m.devices.entering.find(history.chat);
  if (found == m.devices.entering.end() || found->second.parcels.size() >= kParcelsMax) return;
  EnteringRecord& record = found->second;
  if (history.parcel.parcels != 0) record.count = history.parcel.parcels;
  record.parcels.push_back(std::move(history.parcel));
  put(m, record);
}

void apply_offer(Machine& m, Chat& chat) {
  const auto found = m.devices.entering.find(chat.record.chat);
  if (found == m.devices.entering.end()) return;
  for (const ChatKeys& before : found->second.previous) {
    if (before.base < chat.record.keys.base) chat.record.previous.push_back(before.clone());
  }
  // Who has come by keys of his own has the token of that address, and what is offered may be of one that he left.
  const std::optional<SecretField>& token = found->second.entry_token;
  if (token && !chat.record.entry_token) chat.record.entry_token = token->clone();
  if (chat.record.last.value != 0) return;  // it was in before, and has a history of its own
  const ChatOffer& offer = found->second.offer;
  chat.record.last = offer.last;
  chat.record.read = offer.read;
  chat.record.verified = offer.verified;
  chat.talk.record = offer.talk;
  chat.talk.settings = offer.settings;
  m.journal.put(record_key(RecordKind::kTalk, chat.record.chat.view()), chat.talk.record);
  m.journal.put(record_key(RecordKind::kChatSettings, chat.record.chat.view()), chat.talk.settings);
  const Bytes* deleted = find_field(m, SyncKind::kDeleted, chat.record.chat.view());
  if (deleted != nullptr) take_deletion_before(m, chat, *deleted);
}

void end_orphaned(Machine& m) {
  if (own_list(m).devices().size() > 1) return;  // nothing says whose history it is
  std::vector<ChatId> orphaned;
  for (const auto& [id, record] : m.devices.entering) {
    if (record.parcels.empty()) orphaned.push_back(id);
  }
  for (const ChatId& id : orphaned) {
    if (m.find_chat(id) != nullptr) m.tell(Trouble{{kHistoryGap, "the device that hands the history over stays"}});
    end_entering(m, id);
  }
}

namespace {

// The chat whose parcel is fetched next.
std::optional<ChatId> next_to_fetch(const Machine& m) {
  for (const auto& [id, record] : m.devices.entering) {
    if (next_parcel(m, id) != nullptr) return id;
  }
  for (const auto& [id, record] : m.devices.kept_coming) {
    if (next_kept_parcel(record) != nullptr) return id;
  }
  if (const StickersComing* stickers = next_stickers(m)) return parcel_name(m, stickers->record.pack);
  return std::nullopt;
}

}  // namespace

void drop_fetched(Machine& m) {
  crypto::wipe(m.devices.fetched);
  m.devices.fetched.clear();
  m.devices.fetched_chunks = 0;
}

void pump_history_in(Machine& m, Instant& wake) {
  const auto id = next_to_fetch(m);
  if (!id || !m.devices.parcel_in.may_start(m.now, wake)) return;
  m.devices.parcel_in.start();
  const HistoryParcel& parcel = *next_parcel(m, *id);
  if (m.devices.fetching != parcel.blob) {
    m.devices.fetching = parcel.blob;
    drop_fetched(m);
  }
  const uint32_t index = m.devices.fetched_chunks;
  const FormerHome* former = find_former_home(m, parcel.home);
  m.link(*id, former == nullptr ? m.self->record.home : former->home)
      .submit(wire::BlobGet{parcel.blob, index},
              [&m, chat_id = *id, blob = parcel.blob, index](const Result<wire::Reply>& reply) {
                on_chunk(m, chat_id, blob, index, reply);
              });
}

bool has_parcels(const Machine& m) { return next_to_fetch(m).has_value(); }

void restore_entering(Machine& m, EnteringRecord record) {
  const ChatId id = record.offer.chat;
  m.devices.entering.insert_or_assign(id, std::move(record));
}

}  // namespace godwit::engine
