#include "engine/kept_sharing.h"

#include <algorithm>

#include "engine/devices.h"
#include "engine/handing_over.h"
#include "engine/kept_chats.h"
#include "engine/sync.h"
#include "engine/taking_over.h"

namespace godwit::engine {
namespace {

// Chats on their way to this device at a time: more than anybody has, as a bound.
constexpr size_t kComingMax = 10'000;
// Parcels of one that wait: more than anybody has.
constexpr size_t kParcelsMax = 100'000;

// Of offers in one message to the other devices.
constexpr size_t kOfferBytesMax = 48 * 1024;

bool is_own_device(const Machine& m, const ByteArray<32>& device_key) {
  const auto& devices = m.devices.record.devices;
  return std::ranges::find(devices, device_key, &OwnDevice::device_key) != devices.end();
}

// A chat of version 1 is read whole once, to know what it has.
void with_digest(Machine& m, KeptChat& kept, std::function<void(const KeptChat&)> done) {
  if (kept.record.digest) return done(kept);
  with_known_messages(m, kept, [&m, chat = kept.record.chat, done = std::move(done)] {
    const auto found = m.kept.find(chat);
    if (found != m.kept.end() && found->second.record.digest) done(found->second);
  });
}

SyncItem item_of(const KeptOffer& offer, const std::optional<ByteArray<32>>& to) {
  return {SyncItem::Kind::kKeptOffer, codec::encoded(SyncKeptOffer{to, offer})};
}

SyncItem item_of(const KeptChat& kept, const std::optional<ByteArray<32>>& to) {
  const KeptChatRecord& record = kept.record;
  return item_of(KeptOffer{record.chat, record.name, record.older_of, record.last.value, *record.digest}, to);
}

// Says that this device has these chats, as far as it knows what it has of them; of the others in messages of their own.
void offer_kept(Machine& m, const std::vector<KeptChat*>& chats, const std::optional<ByteArray<32>>& to) {
  std::vector<SyncItem> items;
  size_t bytes = 0;
  for (KeptChat* each : chats) {
    if (!each->record.digest) {
      with_digest(m, *each, [&m, to](const KeptChat& kept) { send_items(m, {item_of(kept, to)}); });
      continue;
    }
    items.push_back(item_of(*each, to));
    bytes += items.back().body.size();
    if (bytes < kOfferBytesMax) continue;
    send_items(m, std::exchange(items, {}));
    bytes = 0;
  }
  if (!items.empty()) send_items(m, std::move(items));
}

void end_coming(Machine& m, const ChatId& chat) {
  const auto found = m.devices.kept_coming.find(chat);
  if (found == m.devices.kept_coming.end()) return;
  const std::vector<KeptOfferFrom> later = std::move(found->second.later);
  m.devices.kept_coming.erase(found);
  m.journal.erase(record_key(RecordKind::kKeptComing, chat.view()));
  m.tell_then(DevicesChanged{});
  for (const KeptOfferFrom& each : later) {
    if (is_own_device(m, each.device_key)) take_kept_offer(m, {std::nullopt, each.offer}, each.device_key);
  }
}

void want(Machine& m, const KeptOffer& offer, const ByteArray<32>& sender) {
  KeptComingRecord record;
  record.from = {sender, offer};
  put_kept_coming(m, record);
  m.devices.kept_coming.insert_or_assign(offer.chat, std::move(record));
  send_items(m, {{SyncItem::Kind::kKeptWanted, codec::encoded(SyncKeptWanted{sender, offer.chat})}});
  m.tell_then(DevicesChanged{});
}

bool is_sound(const KeptOffer& offer) {
  return !offer.name.empty() && offer.name.size() <= kKeptNameMax && is_utf8(offer.name);
}

// The chat is there, if perhaps without a message.
KeptChat& chat_of(Machine& m, const KeptOffer& offer) {
  KeptChat& kept = m.kept[offer.chat];
  if (kept.record.name.empty()) {
    kept.record.chat = offer.chat;
    kept.record.name = offer.name;
  }
  if (offer.older_of) kept.record.older_of = offer.older_of;
  return kept;
}

void store_parcel(Machine& m, KeptChat& kept, const std::vector<HandedKept>& messages) {
  // The device that hands them over tells the others of them too.
  const bool all_told = kept.record.offered == kept.record.last.value;
  uint64_t stored = 0;
  for (const HandedKept& each : messages) {
    const auto record = codec::decoded<KeptMessageRecord>(each.record);
    if (!record || !check_kept(*record) || kept.known->contains(record->id)) continue;
    store_kept_message(m, kept, *record);
    ++stored;
  }
  if (all_told) kept.record.offered = kept.record.last.value;
  put_kept(m, kept);
  if (stored > 0) m.tell_then(ChatChanged{kept_chat_info(kept)});
}

}  // namespace

void put_kept_coming(Machine& m, const KeptComingRecord& record) {
  m.journal.put(record_key(RecordKind::kKeptComing, record.from.offer.chat.view()), record);
}

void offer_kept_to(Machine& m, const ByteArray<32>& device_key) {
  std::vector<KeptChat*> all;
  for (auto& [id, kept] : m.kept) {
    if (kept.record.last.value > 0) all.push_back(&kept);
  }
  offer_kept(m, all, device_key);
}

void pump_kept_sharing(Machine& m, Instant& wake) {
  std::vector<ChatId> orphaned;
  for (const auto& [id, record] : m.devices.kept_coming) {
    const bool goes_on = next_kept_parcel(record) != nullptr || is_own_device(m, record.from.device_key);
    if (!goes_on) orphaned.push_back(id);
  }
  for (const ChatId& id : orphaned) end_coming(m, id);
  if (m.devices.record.devices.size() < 2) return;
  std::vector<KeptChat*> news;
  for (auto& [id, kept] : m.kept) {
    if (kept.record.offered < kept.record.last.value) news.push_back(&kept);
  }
  if (news.empty()) return;
  if (m.now < m.devices.kept_quiet_at) {
    wake = std::min(wake, m.devices.kept_quiet_at);
    return;
  }
  for (KeptChat* each : news) {
    each->record.offered = each->record.last.value;
    put_kept(m, *each);
  }
  offer_kept(m, news, std::nullopt);
}

void take_kept_offer(Machine& m, SyncKeptOffer sync, const ByteArray<32>& sender) {
  const KeptOffer& offer = sync.offer;
  if (sync.to && *sync.to != m.self->device.public_key) return;
  const auto coming = m.devices.kept_coming.find(offer.chat);
  if (coming != m.devices.kept_coming.end()) {
    if (offer.messages > 0) {
      std::vector<KeptOfferFrom>& later = coming->second.later;
      std::erase_if(later, [&](const KeptOfferFrom& each) { return each.device_key == sender; });
      later.push_back({sender, offer});
      put_kept_coming(m, coming->second);
    } else if (coming->second.from.device_key == sender && coming->second.parcels.empty()) {
      end_coming(m, offer.chat);
    } else if (coming->second.from.device_key == sender) {
      // What it has told of before is still fetched.
      coming->second.count = coming->second.taken + static_cast<uint32_t>(coming->second.parcels.size());
      coming->second.gaps = true;
      put_kept_coming(m, coming->second);
    }
    return;
  }
  if (offer.messages == 0 || !is_sound(offer) || m.deletions.contains(offer.chat) || m.chats.contains(offer.chat))
    return;
  if (m.devices.kept_coming.size() >= kComingMax) return;
  const auto found = m.kept.find(offer.chat);
  if (found == m.kept.end()) return want(m, offer, sender);
  if (found->second.record.taken == offer.digest) return;
  with_digest(m, found->second, [&m, offer, sender](const KeptChat& kept) {
    if (*kept.record.digest != offer.digest && !m.devices.kept_coming.contains(offer.chat)) want(m, offer, sender);
  });
}

void take_kept_wanted(Machine& m, const SyncKeptWanted& wanted, const ByteArray<32>& sender) {
  if (wanted.to != m.self->device.public_key) return;
  const auto found = m.kept.find(wanted.chat);
  if (found == m.kept.end()) return send_items(m, {item_of(KeptOffer{wanted.chat, {}, {}, 0, {}}, sender)});
  auto& histories = m.devices.record.histories;
  const bool under_way = std::ranges::any_of(
      histories, [&](const HistoryOut& each) { return each.device_key == sender && each.chat == wanted.chat; });
  if (under_way) return;
  histories.push_back({sender, wanted.chat, found->second.record.last.value, 0});
  put_devices(m);
}

void take_kept_parcel(Machine& m, SyncKeptParcel news, const ByteArray<32>& sender) {
  if (news.to != m.self->device.public_key || news.parcel.parcel.size > kParcelSizeMax) return;
  const auto found = m.devices.kept_coming.find(news.chat);
  if (found == m.devices.kept_coming.end() || found->second.parcels.size() >= kParcelsMax) return;
  KeptComingRecord& record = found->second;
  if (record.from.device_key != sender) return;  // another one's numbers
  const auto& known = record.parcels;
  const bool is_known = news.parcel.number <= record.taken ||
                        std::ranges::find(known, news.parcel.number, &KeptParcel::number) != known.end();
  if (is_known) return;
  if (news.parcel.parcel.parcels != 0) record.count = news.parcel.parcel.parcels;
  record.parcels.push_back(std::move(news.parcel));
  put_kept_coming(m, record);
}

const HistoryParcel* next_kept_parcel(const KeptComingRecord& record) {
  const auto found = std::ranges::find(record.parcels, record.taken + 1, &KeptParcel::number);
  return found == record.parcels.end() ? nullptr : &found->parcel;
}

void open_kept_parcel(Machine& m, const ChatId& chat, Bytes bytes) {
  const auto messages = codec::decoded<std::vector<HandedKept>>(bytes);
  crypto::wipe(bytes);
  const auto coming = m.devices.kept_coming.find(chat);
  if (!messages || coming == m.devices.kept_coming.end() || m.deletions.contains(chat)) {
    if (!messages) m.tell(Trouble{{kBadSync, "a parcel of history is well-formed"}});
    return end_kept_parcel(m, chat, false);
  }
  with_known_messages(m, chat_of(m, coming->second.from.offer), [&m, chat, messages = std::move(*messages)] {
    const auto kept = m.kept.find(chat);
    const bool stored = kept != m.kept.end() && kept->second.known;
    if (stored) store_parcel(m, kept->second, messages);
    end_kept_parcel(m, chat, stored);
  });
}

void end_kept_parcel(Machine& m, const ChatId& chat, bool whole) {
  drop_fetched(m);
  m.devices.parcel_in.succeed();
  const auto found = m.devices.kept_coming.find(chat);
  if (found == m.devices.kept_coming.end()) return;
  KeptComingRecord& record = found->second;
  ++record.taken;
  record.gaps = record.gaps || !whole;
  std::erase_if(record.parcels, [&](const KeptParcel& each) { return each.number <= record.taken; });
  put_kept_coming(m, record);
  if (record.count == 0 || record.taken < record.count) return;
  if (const auto kept = m.kept.find(chat); kept != m.kept.end() && !record.gaps) {
    kept->second.record.taken = record.from.offer.digest;
    put_kept(m, kept->second);
  }
  end_coming(m, chat);
}

void stop_kept_sharing(Machine& m, const ChatId& chat) {
  m.devices.kept_coming.erase(chat);
  m.journal.erase(record_key(RecordKind::kKeptComing, chat.view()));
  for (const HistoryOut& each : m.devices.record.histories) {
    if (each.chat == chat) send_items(m, {item_of(KeptOffer{chat, {}, {}, 0, {}}, each.device_key)});
  }
}

void restore_kept_coming(Machine& m, KeptComingRecord record) {
  const ChatId id = record.from.offer.chat;
  m.devices.kept_coming.insert_or_assign(id, std::move(record));
}

}  // namespace godwit::engine
