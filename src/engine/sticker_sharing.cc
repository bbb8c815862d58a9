#include "engine/sticker_sharing.h"

#include <algorithm>

#include "crypto/hash.h"
#include "engine/content_bodies.h"
#include "engine/devices.h"
#include "engine/file_content.h"
#include "engine/sticker_pack.h"
#include "engine/stickers.h"
#include "engine/sync.h"
#include "engine/taking_over.h"

namespace godwit::engine {
namespace {

bool is_other_device(const Machine& m, const ByteArray<32>& key) {
  const auto& devices = m.devices.record.devices;
  return key != m.self->device.public_key && std::ranges::find(devices, key, &OwnDevice::device_key) != devices.end();
}

// Once more gives what it was.
ByteArray<16> masked(const Machine& m, ByteArray<16> value) {
  Bytes input = to_bytes(as_bytes("godwit sticker parcel 1"));
  append(input, m.self->record.device_seed.value.reveal());
  const auto digest = crypto::sha256(input);
  crypto::wipe(input);
  for (size_t i = 0; i < value.size(); ++i) value[i] = static_cast<uint8_t>(value[i] ^ digest[i]);
  return value;
}

void put(Machine& m, const StickersComingRecord& record) {
  m.journal.put(record_key(RecordKind::kStickersComing, record.pack.view()), record);
}

// The device gets the pack with what else is handed over, in its turn.
void hand_over(Machine& m, const StickerPackId& pack, const ByteArray<32>& device) {
  auto& histories = m.devices.record.histories;
  const ChatId name = parcel_name(m, pack);
  const bool under_way = std::ranges::any_of(
      histories, [&](const HistoryOut& each) { return each.device_key == device && each.chat == name; });
  if (under_way || !is_other_device(m, device)) return;
  histories.push_back({device, name, 1, 0});
  put_devices(m);
}

}  // namespace

ChatId parcel_name(const Machine& m, const StickerPackId& pack) { return ChatId{masked(m, pack.value)}; }
StickerPackId pack_named(const Machine& m, const ChatId& name) { return StickerPackId{masked(m, name.value)}; }

void take_stickers_field(Machine& m, ByteView key, ByteView value, const ByteArray<32>& sender) {
  StickerPackId pack;
  if (!StickerPackId::from(key, pack)) return;
  if (value.empty()) {
    end_stickers_coming(m, pack);
    return drop_stickers(m, pack);
  }
  const auto field = codec::decoded<SyncedStickers>(value);
  if (!field || field->name.empty() || !is_plain_line(field->name, kPackSizeMax)) return;
  if (m.stickers.packs.contains(pack) || m.stickers.coming.contains(pack)) return;
  if (m.stickers.packs.size() + m.stickers.coming.size() >= kStickerPacksMax) return;
  StickersComing& coming = m.stickers.coming[pack];
  coming.record.pack = pack;
  coming.record.name = field->name;
  coming.record.from = sender;
  put(m, coming.record);
  m.tell_then(StickerPacksChanged{});
}

void take_stickers_wanted(Machine& m, const SyncStickersWanted& wanted, const ByteArray<32>& sender) {
  if (wanted.to != m.self->device.public_key) return;
  if (m.stickers.packs.contains(wanted.pack)) return hand_over(m, wanted.pack, sender);
  const auto coming = m.stickers.coming.find(wanted.pack);
  if (coming == m.stickers.coming.end()) return;
  auto& askers = coming->second.record.askers;
  if (std::ranges::find(askers, sender) != askers.end()) return;
  std::erase_if(askers, [&](const ByteArray<32>& each) { return !is_other_device(m, each); });
  askers.push_back(sender);
  put(m, coming->second.record);
}

void take_stickers_parcel(Machine& m, SyncStickersParcel news, const ByteArray<32>& sender) {
  if (news.to != m.self->device.public_key || news.parcel.size > kStickerPackSizeMax) return;
  const auto coming = m.stickers.coming.find(news.pack);
  if (coming == m.stickers.coming.end() || coming->second.record.from != sender) return;
  coming->second.record.parcel = std::move(news.parcel);
  put(m, coming->second.record);
}

void pump_stickers(Machine& m) {
  if (m.stickers.coming.empty() || !m.has_account()) return;
  std::vector<SyncItem> items;
  for (auto& [pack, coming] : m.stickers.coming) {
    StickersComingRecord& record = coming.record;
    const bool there = is_other_device(m, record.from);
    if (record.parcel || (coming.asked && there)) continue;
    if (!there) {
      const auto& devices = m.devices.record.devices;
      const auto other = std::ranges::find_if(
          devices, [&](const OwnDevice& each) { return is_other_device(m, each.device_key); });
      if (other == devices.end()) continue;
      record.from = other->device_key;
      put(m, record);
    }
    coming.asked = true;
    items.push_back({SyncItem::Kind::kStickersWanted, codec::encoded(SyncStickersWanted{record.from, pack})});
  }
  if (!items.empty()) send_items(m, std::move(items));
}

const StickersComing* next_stickers(const Machine& m) {
  const auto found = std::ranges::find_if(m.stickers.coming, [](const auto& each) { return each.second.record.parcel.has_value(); });
  return found == m.stickers.coming.end() ? nullptr : &found->second;
}

const HistoryParcel* stickers_parcel(const Machine& m, const ChatId& name) {
  const auto found = m.stickers.coming.find(pack_named(m, name));
  return found == m.stickers.coming.end() || !found->second.record.parcel ? nullptr : &*found->second.record.parcel;
}

void open_stickers_parcel(Machine& m, const ChatId& name, ByteView file) {
  const StickerPackId pack = pack_named(m, name);
  const auto unpacked = unpack_stickers(file);
  if (!unpacked || sticker_pack_id(file) != pack || !keep_stickers(m, file, *unpacked))
    return drop_stickers_parcel(m, name);
  end_stickers_coming(m, pack);
}

void drop_stickers_parcel(Machine& m, const ChatId& name) {
  const auto found = m.stickers.coming.find(pack_named(m, name));
  if (found == m.stickers.coming.end()) return;
  found->second.record.parcel.reset();
  put(m, found->second.record);
}

void end_stickers_coming(Machine& m, const StickerPackId& pack) {
  const auto node = m.stickers.coming.extract(pack);
  if (node.empty()) return;
  m.journal.erase(record_key(RecordKind::kStickersComing, pack.view()));
  m.tell_then(StickerPacksChanged{});
  if (!m.stickers.packs.contains(pack)) return;
  for (const ByteArray<32>& each : node.mapped().record.askers) hand_over(m, pack, each);
}

}  // namespace godwit::engine
