#pragma once
// What a profile keeps of packs of stickers, and what own devices tell each other of them (records.h names the other records).

#include <map>
#include <optional>

#include "codec/members.h"
#include "engine/device_records.h"
#include "engine/sticker_notices.h"

namespace godwit::engine {

/// Where one sticker stands in its pack's file.
struct StickerPlace {
  std::string emoji;
  std::string mime;
  uint32_t offset = 0;
  uint32_t size = 0;
  uint32_t width = 0;
  uint32_t height = 0;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.emoji, self.mime, self.offset, self.size, self.width, self.height);
  }
};
/// A pack that is here. Its file stands in pieces of kChunkPlainSize, in records of their own.
struct StickerPackRecord {
  uint8_t version = kDeviceRecordVersion;
  StickerPackId pack;
  std::string name;
  uint32_t size = 0;
  std::vector<StickerPlace> stickers;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.pack, self.name, self.size, self.stickers);
  }
};
/// A pack that another own device has, and that is to come here.
struct StickersComingRecord {
  uint8_t version = kDeviceRecordVersion;
  StickerPackId pack;
  std::string name;
  ByteArray<32> from{};                 ///< The device that is asked for it.
  std::optional<HistoryParcel> parcel;  ///< Where that has put it; none: it has not answered.
  std::vector<ByteArray<32>> askers;    ///< Own devices that have asked for it here.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.pack, self.name, self.from, self.parcel, self.askers);
  }
};

/// The value of a field kStickerPack.
struct SyncedStickers {
  std::string name;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.name);
  }
};
/// Of SyncItem::kStickersWanted.
struct SyncStickersWanted {
  ByteArray<32> to{};
  StickerPackId pack;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.to, self.pack);
  }
};
/// Of SyncItem::kStickersParcel: the pack's file.
struct SyncStickersParcel {
  ByteArray<32> to{};
  StickerPackId pack;
  HistoryParcel parcel;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.to, self.pack, self.parcel);
  }
};

/// A StickersComingRecord in memory.
struct StickersComing {
  StickersComingRecord record;
  bool asked = false;  ///< Since this program runs.
};
/// What the engine holds in memory of packs: a member of Machine.
struct StickerBook {
  std::map<StickerPackId, StickerPackRecord> packs;
  std::map<StickerPackId, StickersComing> coming;
  std::map<MessageId, Bytes> arriving;  ///< Packs that are being fetched out of chats, as far as they are here.
};

}  // namespace godwit::engine
