#include "engine/sync.h"

#include <algorithm>

#include "crypto/hash.h"
#include "crypto/hpke.h"
#include "engine/blocks.h"
#include "engine/channel_marks.h"
#include "engine/channels.h"
#include "engine/chat_settings.h"
#include "engine/deleting.h"
#include "engine/devices.h"
#include "engine/doors.h"
#include "engine/healing.h"
#include "engine/history.h"
#include "engine/home_move.h"
#include "engine/kept_sharing.h"
#include "engine/known_devices.h"
#include "engine/names.h"
#include "engine/own_name.h"
#include "engine/requests.h"
#include "engine/scheduled.h"
#include "engine/sticker_sharing.h"
#include "engine/taking_over.h"
#include "engine/vanishing.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

// As long as homes keep it, less a bit, so that the end does not tell the hour (docs/protocol/home.md, "Times").
constexpr uint32_t kSyncTtlSeconds = 29 * 86'400;
constexpr std::string_view kKeyLabel = "godwit sync key 1";
// As many removals may be under way between two devices.
constexpr size_t kOldSyncKeysMax = 4;

crypto::HpkeSuite key_suite() { return {&crypto::kem_xwing(), &crypto::chacha20_poly1305()}; }

Bytes out_key(uint64_t number) { return record_key(RecordKind::kSyncOut, ChatId{}.view(), number); }

Bytes early_key(uint64_t number) { return record_key(RecordKind::kSyncEarly, ChatId{}.view(), number); }

Bytes field_key(uint16_t kind, ByteView key) {
  codec::Writer writer;
  writer.u16(kind);
  writer.raw(key);
  return record_key(RecordKind::kSyncField, ByteView(crypto::sha256(writer.view())).first(16));
}

void keep_old_key(DevicesRecord& record, crypto::Secret<32> next, uint32_t since) {
  record.old_sync_keys.push_back(std::move(record.sync_key));
  record.sync_key = SecretField{std::move(next)};
  record.sync_since = since;
  if (record.old_sync_keys.size() > kOldSyncKeysMax) record.old_sync_keys.erase(record.old_sync_keys.begin());
}

// Another device has shown the messages up to this one: it has said so to their authors, and their time runs here too.
void read_through(Machine& m, Chat& chat, const MessageId& through) {
  const auto found = chat.positions.find(through);
  if (found == chat.positions.end() || found->second <= chat.record.read.value) return;
  const uint64_t last = found->second;
  for (auto it = chat.index.upper_bound(chat.record.read.value); it != chat.index.end() && it->first <= last; ++it) {
    if (it->second.own) continue;
    start_timer(m, chat, it->first);
    put_index(m, chat, it->first);
  }
  chat.record.read = Position{last};
  m.put(chat);
  m.tell_then(ChatChanged{chat_info(m, chat)});
}

// What a field means to this device.
void apply_field(Machine& m, const SyncFieldRecord& field) {
  const auto kind = static_cast<SyncKind>(field.kind);
  if (kind == SyncKind::kDeviceName) {
    for (OwnDevice& device : m.devices.record.devices) {
      if (!equal(device.device_key, field.key) || !check_given_name(as_text(field.value)).has_value()) continue;
      device.name = shown_name(as_text(field.value));
      m.tell_then(DevicesChanged{});
    }
  } else if (kind == SyncKind::kVerified) {
    for (auto& [id, chat] : m.chats) {
      if (chat.record.verified || !equal(chat.record.peer.view(), field.key)) continue;
      chat.record.verified = true;
      m.put(chat);
      m.tell_then(ChatChanged{chat_info(m, chat)});
    }
  } else if (kind == SyncKind::kRead) {
    ChatId id;
    MessageId through;
    Chat* chat = ChatId::from(field.key, id) ? m.find_chat(id) : nullptr;
    if (chat != nullptr && MessageId::from(field.value, through)) read_through(m, *chat, through);
  } else if (kind == SyncKind::kChatSettings) {
    ChatId id;
    Chat* chat = ChatId::from(field.key, id) ? m.find_chat(id) : nullptr;
    if (chat == nullptr || !take_chat_settings(m, *chat, field.value)) return;
    m.tell_then(ChatChanged{chat_info(m, *chat)});
  } else if (kind == SyncKind::kPrivacy) {
    const auto privacy = codec::decoded<PrivacyRecord>(field.value);
    if (!privacy || privacy->version != kRecordVersion) return;
    m.privacy = *privacy;
    m.journal.put(record_key(RecordKind::kPrivacy), m.privacy);
  } else if (kind == SyncKind::kBlocked) {
    AccountId account;
    if (AccountId::from(field.key, account) && field.value.size() == 1) take_block(m, account, field.value[0] == 1);
  } else if (kind == SyncKind::kKnownDevices) {
    AccountId account;
    if (AccountId::from(field.key, account)) take_known_devices(m, account);
  } else if (kind == SyncKind::kScheduled) {
    take_scheduled(m, field.key, field.value);
  } else if (kind == SyncKind::kFollowed) {
    take_followed(m, field.key, field.value);
  } else if (kind == SyncKind::kOwnChannel) {
    take_own_channel(m, field.key, field.value);
  } else if (kind == SyncKind::kChannelRead) {
    take_channel_read(m, field.key, field.value);
  } else if (kind == SyncKind::kChannelSettings) {
    take_channel_settings(m, field.key, field.value);
  } else if (kind == SyncKind::kGroupLink) {
    take_group_link(m, field.key, field.value);
  } else if (kind == SyncKind::kStickerPack) {
    take_stickers_field(m, field.key, field.value, field.writer);
  } else if (kind == SyncKind::kOwnName) {
    take_own_name(m, field.value);
  } else if (kind == SyncKind::kName) {
    take_name(m, field.value);
  } else if (kind == SyncKind::kHome) {
    take_home(m, field.value);
  } else if (kind == SyncKind::kDeleted) {
    ChatId id;
    Chat* chat = ChatId::from(field.key, id) ? m.find_chat(id) : nullptr;
    if (chat != nullptr && !chat->deleted) take_deletion(m, *chat, field.value);
  }
}

// No count goes further ahead at once, so that none comes to its end.
constexpr uint64_t kCountStepMax = uint64_t{1} << 32;
// Bytes of all fields together; looked at once there are many of them.
constexpr size_t kFieldsBytesMax = 32 * 1024 * 1024;
constexpr size_t kManyFields = kFieldsBytesMax / kSyncFieldSizeMax;

bool has_room(const Machine& m) {
  const auto& fields = m.devices.fields;
  if (fields.size() < kManyFields) return true;
  size_t bytes = 0;
  for (const auto& [key, field] : fields) bytes += field.key.size() + field.value.size();
  return fields.size() < kSyncFieldsMax && bytes < kFieldsBytesMax;
}

void take_field(Machine& m, SyncFieldRecord field, const ByteArray<32>& sender) {
  if (field.key.size() + field.value.size() > kSyncFieldSizeMax) return;
  if (field.count > m.devices.record.clock + kCountStepMax) return;
  field.writer = sender;
  const Bytes key = field_key(field.kind, field.key);
  const auto found = m.devices.fields.find(key);
  if (found == m.devices.fields.end() && !has_room(m)) return;
  if (found != m.devices.fields.end()) {
    const SyncFieldRecord& known = found->second;
    if (std::tie(field.count, field.writer) <= std::tie(known.count, known.writer)) return;
  }
  m.journal.put(key, field);
  const SyncFieldRecord& kept = m.devices.fields.insert_or_assign(key, std::move(field)).first->second;
  apply_field(m, kept);
}

// A key comes with an entry that has taken somebody out.
bool takes_out(const DeviceListIn& list, uint32_t sequence) {
  if (sequence == 0 || sequence > list.size()) return false;
  const DeviceEntry& entry = list[sequence - 1];
  return entry.change == DeviceChange::kRemove || entry.signer == list.front().signer;
}

void take_new_key(Machine& m, const SyncNewKey& news) {
  DevicesRecord& record = m.devices.record;
  if (news.since <= record.sync_since || !takes_out(m.self->record.devices, news.since)) return;
  const auto kem = crypto::XWingKeyPair::from_seed(record.sync_seed.value.clone());
  for (const SealedSyncKey& sealed : news.keys) {
    if (sealed.device_key != m.self->device.public_key) continue;
    const auto opened =
        crypto::hpke_open(key_suite(), {sealed.kem_output, sealed.ciphertext},
                          crypto::SecretBuffer::copy_of(kem.seed.reveal()), as_bytes(kKeyLabel), sealed.device_key);
    if (!opened) return;
    auto key = crypto::Secret<32>::copy_of(*opened);
    if (!key) return;
    keep_old_key(record, std::move(*key), news.since);
    return put_devices(m);
  }
}

void take_item(Machine& m, const SyncItem& item, const ByteArray<32>& sender) {
  if (item.kind == SyncItem::Kind::kList) {
    auto list = codec::decoded<SyncList>(item.body);
    if (list) take_list(m, std::move(list->list), std::move(list->devices));
  } else if (item.kind == SyncItem::Kind::kNewKey) {
    const auto news = codec::decoded<SyncNewKey>(item.body);
    if (news) take_new_key(m, *news);
  } else if (item.kind == SyncItem::Kind::kField) {
    auto field = codec::decoded<SyncFieldRecord>(item.body);
    if (field) take_field(m, std::move(*field), sender);
  } else if (item.kind == SyncItem::Kind::kChatOffer) {
    auto offer = codec::decoded<SyncChatOffer>(item.body);
    if (offer && offer->to == m.self->device.public_key) take_chat_offer(m, std::move(offer->offer), sender);
  } else if (item.kind == SyncItem::Kind::kChatKeys) {
    auto keys = codec::decoded<SyncChatKeys>(item.body);
    if (keys) take_chat_keys(m, std::move(*keys), sender);
  } else if (item.kind == SyncItem::Kind::kWelcome) {
    auto welcome = codec::decoded<SyncWelcome>(item.body);
    if (welcome) take_own_welcome(m, std::move(*welcome));
  } else if (item.kind == SyncItem::Kind::kReturnAsked) {
    on_own_return_asked(m, item.body, sender);
  } else if (item.kind == SyncItem::Kind::kKeptOffer) {
    auto offer = codec::decoded<SyncKeptOffer>(item.body);
    if (offer) take_kept_offer(m, std::move(*offer), sender);
  } else if (item.kind == SyncItem::Kind::kKeptWanted) {
    const auto wanted = codec::decoded<SyncKeptWanted>(item.body);
    if (wanted) take_kept_wanted(m, *wanted, sender);
  } else if (item.kind == SyncItem::Kind::kKeptParcel) {
    auto parcel = codec::decoded<SyncKeptParcel>(item.body);
    if (parcel) take_kept_parcel(m, std::move(*parcel), sender);
  } else if (item.kind == SyncItem::Kind::kStickersWanted) {
    const auto wanted = codec::decoded<SyncStickersWanted>(item.body);
    if (wanted) take_stickers_wanted(m, *wanted, sender);
  } else if (item.kind == SyncItem::Kind::kStickersParcel) {
    auto parcel = codec::decoded<SyncStickersParcel>(item.body);
    if (parcel) take_stickers_parcel(m, std::move(*parcel), sender);
  } else if (item.kind == SyncItem::Kind::kRequestDone) {
    const auto done = codec::decoded<SyncRequestDone>(item.body);
    if (done) take_request_done(m, *done);
  } else if (item.kind == SyncItem::Kind::kHistory) {
    auto history = codec::decoded<SyncHistory>(item.body);
    if (history) take_history(m, std::move(*history));
  }
}

// A key of a list entry of which this device has not heard yet.
bool waits_for_list(const Machine& m, const SyncItem& item) {
  if (item.kind != SyncItem::Kind::kNewKey) return false;
  const auto news = codec::decoded<SyncNewKey>(item.body);
  return news && news->since > m.self->record.devices.size();
}

void note_seen(Machine& m, const ByteArray<32>& sender) {
  for (OwnDevice& device : m.devices.record.devices) {
    if (device.device_key == sender) device.seen_ms = m.wall().ms;
  }
}

Result<SyncMessage> open_any(const Machine& m, ByteView payload) {
  const DevicesRecord& record = m.devices.record;
  auto message = open_sync(record.sync_key.value, payload);
  for (auto old = record.old_sync_keys.rbegin(); !message && old != record.old_sync_keys.rend(); ++old) {
    message = open_sync(old->value, payload);
  }
  return message;
}

SyncItem list_item(const Machine& m) {
  return {SyncItem::Kind::kList, codec::encoded(SyncList{m.self->record.devices, m.devices.record.devices})};
}

// All fields, for a device that has none yet.
void send_fields(Machine& m) {
  std::vector<SyncItem> items;
  size_t bytes = 0;
  constexpr size_t kEach = 48 * 1024;
  for (const auto& [key, field] : m.devices.fields) {
    items.push_back({SyncItem::Kind::kField, codec::encoded(field)});
    bytes += items.back().body.size();
    if (bytes < kEach) continue;
    send_items(m, std::exchange(items, {}));
    bytes = 0;
  }
  if (!items.empty()) send_items(m, std::move(items));
}

// False: it may be taken once another key or list has come.
bool take_message(Machine& m, ByteView payload) {
  auto message = open_any(m, payload);
  if (!message || !own_list(m).has(message->sender)) return false;
  if (message->sender == m.self->device.public_key) return true;
  DevicesRecord& record = m.devices.record;
  if (message->clock > record.clock + kCountStepMax) return true;
  record.clock = std::max(record.clock, message->clock);
  note_seen(m, message->sender);
  bool here = false;
  for (const SyncItem& item : message->items) {
    here = here || item.kind == SyncItem::Kind::kHere;
    take_item(m, item, message->sender);
  }
  put_devices(m);
  if (here) {
    send_fields(m);
    offer_kept_to(m, message->sender);
  }
  return std::ranges::none_of(message->items, [&](const SyncItem& item) { return waits_for_list(m, item); });
}

using EarlyPlace = std::map<uint64_t, SyncEarlyRecord>::iterator;

EarlyPlace drop_early(Machine& m, EarlyPlace at) {
  m.journal.erase(early_key(at->first));
  return m.devices.early.erase(at);
}

void keep_early(Machine& m, ByteView payload) {
  auto& early = m.devices.early;
  const uint64_t number = early.empty() ? 1 : early.rbegin()->first + 1;
  SyncEarlyRecord record{to_bytes(payload), m.wall().ms};
  m.journal.put(early_key(number), record);
  early.emplace(number, std::move(record));
  size_t bytes = 0;
  for (const auto& [at, each] : early) bytes += each.payload.size();
  while (early.size() > kSyncEarlyMax || bytes > kSyncEarlyBytesMax) {
    bytes -= early.begin()->second.payload.size();
    drop_early(m, early.begin());
  }
}

}  // namespace

void send_items(Machine& m, std::vector<SyncItem> items) {
  DevicesRecord& record = m.devices.record;
  if (record.devices.size() < 2) return;
  const uint64_t number = record.next_out++;
  SyncOutRecord out{m.random.bytes<16>(), seal_sync(record.sync_key.value, {1, {}, record.clock, std::move(items), {}},
                                                    m.self->device, m.random)};
  m.journal.put(out_key(number), out);
  m.devices.out.emplace(number, std::move(out));
  put_devices(m);
}

void note_read_elsewhere(Machine& m, Chat& chat, const MessageId& id) {
  const Bytes* through = find_field(m, SyncKind::kRead, chat.record.chat.view());
  if (through != nullptr && equal(*through, id.view())) read_through(m, chat, id);
}

void put_field(Machine& m, SyncKind kind, Bytes key, Bytes value) {
  if (key.size() + value.size() > kSyncFieldSizeMax) return;
  // What was read of a chat, the next device is told when it is offered the chat.
  if (kind == SyncKind::kRead && m.devices.record.devices.size() < 2) return;
  SyncFieldRecord field{static_cast<uint16_t>(kind), std::move(key), std::move(value), ++m.devices.record.clock,
                        m.self->device.public_key};
  const Bytes at = field_key(field.kind, field.key);
  m.journal.put(at, field);
  put_devices(m);
  SyncItem item{SyncItem::Kind::kField, codec::encoded(field)};
  m.devices.fields.insert_or_assign(at, std::move(field));
  // What is not told now is told to the next device that comes, with everything else.
  if (m.devices.out.size() < kSyncOutMax) send_items(m, {std::move(item)});
}

void send_field_by(Machine& m, SyncKind kind, ByteView key, const wire::HomeAddress& home) {
  const auto found = m.devices.fields.find(field_key(static_cast<uint16_t>(kind), key));
  if (found == m.devices.fields.end()) return;
  const SyncMessage message{
      1, {}, m.devices.record.clock, {{SyncItem::Kind::kField, codec::encoded(found->second)}}, {}};
  const wire::SelfDeliver request{wire::DeliveryId{m.random.bytes<16>()}, kSyncTtlSeconds,
                                  seal_sync(m.devices.record.sync_key.value, message, m.self->device, m.random)};
  m.mailbox_at(home).submit(request, [](const Result<wire::Reply>&) {});
}

const Bytes* find_field(const Machine& m, SyncKind kind, ByteView key) {
  const auto found = m.devices.fields.find(field_key(static_cast<uint16_t>(kind), key));
  return found == m.devices.fields.end() ? nullptr : &found->second.value;
}

void send_list(Machine& m) {
  ++m.devices.record.clock;
  send_items(m, {list_item(m)});
}

void send_list_and_key(Machine& m, uint32_t since) {
  DevicesRecord& record = m.devices.record;
  auto next = crypto::Secret<32>::random(m.random);
  SyncNewKey news{since, {}};
  for (const OwnDevice& device : record.devices) {
    if (device.device_key == m.self->device.public_key) continue;
    auto sealed = crypto::hpke_seal(key_suite(), device.sync_key, as_bytes(kKeyLabel), device.device_key, next.reveal(),
                                    m.random);
    if (!sealed) continue;  // a key that takes nothing: that device has to be linked anew
    news.keys.push_back({device.device_key, std::move(sealed->kem_output), std::move(sealed->ciphertext)});
  }
  ++record.clock;
  send_items(m, {list_item(m), {SyncItem::Kind::kNewKey, codec::encoded(news)}});
  keep_old_key(record, std::move(next), since);
}

void send_here(Machine& m) { send_items(m, {{SyncItem::Kind::kHere, {}}}); }

void take_sync(Machine& m, ByteView payload) {
  if (!take_message(m, payload)) keep_early(m, payload);
}

void take_early_sync(Machine& m) {
  DeviceState& devices = m.devices;
  while (devices.early_seen != std::pair(devices.list_changes, devices.record.sync_since)) {
    devices.early_seen = {devices.list_changes, devices.record.sync_since};
    for (auto at = devices.early.begin(); at != devices.early.end();) {
      const bool over = at->second.came_ms + kSyncEarlyTime.ms < m.wall().ms || take_message(m, at->second.payload);
      at = over ? drop_early(m, at) : std::next(at);
    }
  }
}

void pump_sync(Machine& m, Instant& wake) {
  if (m.devices.out.empty() || !m.devices.sending.may_start(m.now, wake)) return;
  m.devices.sending.start();
  const uint64_t number = m.devices.out.begin()->first;
  m.journal.then([&m, number] {
    const auto found = m.devices.out.find(number);
    if (found == m.devices.out.end()) return m.devices.sending.cancel();
    const wire::SelfDeliver request{wire::DeliveryId{found->second.delivery}, kSyncTtlSeconds, found->second.payload};
    m.mailbox().submit(request, [&m, number](const Result<wire::Reply>& reply) {
      const Outcome outcome = outcome_of(reply);
      if (!outcome.ok() && outcome.error->code.action == Action::kRetryLater)
        return m.devices.sending.fail(m.now, outcome.retry_after, m.random);
      m.devices.sending.succeed();
      m.devices.out.erase(number);
      m.journal.erase(out_key(number));
    });
  });
}

void restore_sync_out(Machine& m, uint64_t number, SyncOutRecord record) {
  m.devices.out.insert_or_assign(number, std::move(record));
}

void restore_sync_early(Machine& m, uint64_t number, SyncEarlyRecord record) {
  m.devices.early.insert_or_assign(number, std::move(record));
}

void restore_sync_field(Machine& m, Bytes key, SyncFieldRecord record) {
  m.devices.fields.insert_or_assign(std::move(key), std::move(record));
}

}  // namespace godwit::engine
