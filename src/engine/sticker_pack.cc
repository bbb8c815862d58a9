#include "engine/sticker_pack.h"

#include "codec/codec.h"
#include "crypto/hash.h"
#include "engine/content_bodies.h"
#include "engine/errors.h"
#include "engine/file_content.h"

namespace godwit::engine {
namespace {

constexpr std::string_view kLabel = "godwit stickers ";

// PackedStickers, as long as nobody knows how many there are: millions of empty ones would be many times as large in memory.
struct PackedHead {
  uint8_t version = 0;
  std::string name;
  Bytes stickers;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.name, self.stickers);
  }
};

uint32_t number_at(ByteView bytes, size_t at, size_t size, bool little) {
  uint32_t out = 0;
  for (size_t i = 0; i < size; ++i) out = out << 8 | bytes[at + (little ? size - 1 - i : i)];
  return out;
}

bool says_at(ByteView bytes, size_t at, std::string_view word) {
  return bytes.size() >= at + word.size() && as_text(bytes.subspan(at, word.size())) == word;
}

// The first chunk says the size, each kind in its own way.
std::optional<StickerPicture> look_at_webp(ByteView bytes) {
  if (bytes.size() < 30) return std::nullopt;
  StickerPicture out{"image/webp", 0, 0};
  if (says_at(bytes, 12, "VP8X")) {
    out.width = number_at(bytes, 24, 3, true) + 1;
    out.height = number_at(bytes, 27, 3, true) + 1;
  } else if (says_at(bytes, 12, "VP8L") && bytes[20] == 0x2f) {
    const uint32_t bits = number_at(bytes, 21, 4, true);
    out.width = (bits & 0x3fff) + 1;
    out.height = (bits >> 14 & 0x3fff) + 1;
  } else if (says_at(bytes, 12, "VP8 ") && says_at(bytes, 23, "\x9d\x01\x2a")) {
    out.width = number_at(bytes, 26, 2, true) & 0x3fff;
    out.height = number_at(bytes, 28, 2, true) & 0x3fff;
  } else {
    return std::nullopt;
  }
  return out;
}

std::optional<StickerPicture> look_at(ByteView bytes) {
  if (says_at(bytes, 0, "\x89PNG\r\n\x1a\n") && says_at(bytes, 12, "IHDR") && bytes.size() >= 24)
    return StickerPicture{"image/png", number_at(bytes, 16, 4, false), number_at(bytes, 20, 4, false)};
  if ((says_at(bytes, 0, "GIF87a") || says_at(bytes, 0, "GIF89a")) && bytes.size() >= 13)
    return StickerPicture{"image/gif", number_at(bytes, 6, 2, true), number_at(bytes, 8, 2, true)};
  if (says_at(bytes, 0, "RIFF") && says_at(bytes, 8, "WEBP")) return look_at_webp(bytes);
  return std::nullopt;
}

Status check(const PackedStickers& pack) {
  REQUIRE(pack.version == 1, kBadStickerPack, "a pack of version 1");
  REQUIRE(!pack.name.empty() && is_plain_line(pack.name, kPackSizeMax), kBadStickerPack, "a pack has a short name");
  REQUIRE(!pack.stickers.empty() && pack.stickers.size() <= kStickersMax, kBadStickerPack,
          "a pack has 1 to 60 stickers");
  for (const PackedSticker& each : pack.stickers) {
    REQUIRE(!each.emoji.empty() && is_plain_line(each.emoji, kReactionSizeMax), kBadSticker,
            "a sticker stands for an emoji");
    TRY(look_at_sticker(each.picture));
  }
  return {};
}

}  // namespace

Result<StickerPicture> look_at_sticker(ByteView picture) {
  REQUIRE(picture.size() <= kStickerSizeMax, kBadSticker, "a sticker has at most 512 KiB");
  const auto found = look_at(picture);
  REQUIRE(found.has_value(), kBadSticker, "a sticker is a PNG, GIF or WebP");
  const auto fits = [](uint32_t side) { return side >= 1 && side <= kStickerSideMax; };
  REQUIRE(fits(found->width) && fits(found->height), kBadSticker, "a sticker has at most 1,024 pixels each way");
  return *found;
}

Result<Bytes> pack_stickers(const PackedStickers& pack) {
  TRY(check(pack));
  codec::Writer writer;
  writer.raw(as_bytes(kLabel));
  codec::encode(writer, pack);
  Bytes out = writer.take();
  REQUIRE(out.size() <= kStickerPackSizeMax, kBadStickerPack, "a pack has at most 8 MiB");
  return out;
}

Result<PackedStickers> unpack_stickers(ByteView file) {
  REQUIRE(file.size() <= kStickerPackSizeMax && says_at(file, 0, kLabel), kBadStickerPack, "a pack of stickers");
  codec::Reader reader(file.subspan(kLabel.size()));
  auto head = codec::decode<PackedHead>(reader);
  REQUIRE(head.has_value() && reader.at_end(), kBadStickerPack, "a pack is well-formed");
  PackedStickers pack{head->version, std::move(head->name), {}};
  codec::Reader inner(head->stickers);
  while (!inner.at_end()) {
    REQUIRE(pack.stickers.size() < kStickersMax, kBadStickerPack, "a pack has 1 to 60 stickers");
    auto each = codec::decode<PackedSticker>(inner);
    REQUIRE(each.has_value(), kBadStickerPack, "a pack is well-formed");
    pack.stickers.push_back(std::move(*each));
  }
  TRY(check(pack));
  return pack;
}

StickerPackId sticker_pack_id(ByteView file) {
  StickerPackId id;
  const auto digest = crypto::sha256(file);
  std::copy_n(digest.begin(), StickerPackId::kSize, id.value.begin());
  return id;
}

}  // namespace godwit::engine
