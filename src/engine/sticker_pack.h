#pragma once
// A pack of stickers as one file: what people hand to each other (docs/protocol/chat.md, "Sticker packs"). It is sent like any other
// file, so encrypted; whoever gets it looks through all of it before anything is kept.

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/members.h"
#include "engine/sticker_notices.h"

namespace godwit::engine {

/// Stickers of one pack.
constexpr size_t kStickersMax = 60;
/// Bytes of a pack as a file.
constexpr uint64_t kStickerPackSizeMax = 8 * 1024 * 1024;
/// Pixels of a sticker in either direction: what is shown by dozens has to be small when it is decoded, too.
constexpr uint32_t kStickerSideMax = 1024;

/// One sticker in the file.
struct PackedSticker {
  std::string emoji;  ///< What it stands for.
  Bytes picture;      ///< PNG, GIF or WebP.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.emoji, self.picture);
  }
};
/// What the file says behind its label.
struct PackedStickers {
  uint8_t version = 1;
  std::string name;
  std::vector<PackedSticker> stickers;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.name, self.stickers);
  }
};

/// What a picture says of itself in its first bytes. Nothing is decoded.
struct StickerPicture {
  std::string_view mime;
  uint32_t width = 0;
  uint32_t height = 0;
};
/// Of PNG (W3C PNG 3rd edition), GIF (89a) and WebP (RFC 9649). kBadSticker: it is none, or has more pixels than a sticker.
Result<StickerPicture> look_at_sticker(ByteView picture);

/// The file of a pack. kBadStickerPack: no name, or more or fewer stickers, or more bytes than a pack has; kBadSticker.
Result<Bytes> pack_stickers(const PackedStickers& pack);
/// The reverse, with all checks; every pack has one file only. kBadStickerPack, kBadSticker.
Result<PackedStickers> unpack_stickers(ByteView file);
/// By what the same pack is known again: the first bytes of the SHA-256 of its file.
StickerPackId sticker_pack_id(ByteView file);

}  // namespace godwit::engine
