#include "engine/sticker_pack.h"

#include <gtest/gtest.h>

#include <functional>

#include "codec/codec.h"
#include "crypto/random_sources.h"
#include "engine/errors.h"
#include "engine/file_content.h"

namespace godwit::engine {
namespace {

Bytes png(uint32_t width, uint32_t height, size_t more = 10) {
  Bytes out = to_bytes(as_bytes(std::string_view("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", 16)));
  for (const uint32_t side : {width, height}) {
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<uint8_t>(side >> shift));
  }
  out.resize(out.size() + more, 7);
  return out;
}

PackedStickers cats() { return {1, "Cats", {{"😺", png(512, 300)}, {"😾", png(1, 1)}}}; }

TEST(StickerPack, comes_back_as_it_was_packed_and_the_same_has_the_same_id) {
  const auto file = pack_stickers(cats());
  ASSERT_TRUE(file.has_value());
  const auto back = unpack_stickers(*file);
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->name, "Cats");
  ASSERT_EQ(back->stickers.size(), 2U);
  EXPECT_EQ(back->stickers[1].emoji, "😾");
  EXPECT_EQ(back->stickers[0].picture, cats().stickers[0].picture);
  EXPECT_EQ(sticker_pack_id(*file), sticker_pack_id(*pack_stickers(*back)));
  PackedStickers other = cats();
  other.name = "Dogs";
  EXPECT_NE(sticker_pack_id(*file), sticker_pack_id(*pack_stickers(other)));
}

TEST(StickerPack, cut_off_or_lengthened_anywhere_it_is_none) {
  Bytes file = *pack_stickers(cats());
  for (size_t size = 0; size < file.size(); ++size) {
    EXPECT_FALSE(unpack_stickers(ByteView(file).first(size)).has_value()) << size;
  }
  file.push_back(0);
  EXPECT_FALSE(unpack_stickers(file).has_value());
}

TEST(StickerPack, names_counts_and_sizes_beyond_the_bounds_are_refused) {
  const auto refused = [](const std::function<void(PackedStickers&)>& change) {
    PackedStickers pack = cats();
    change(pack);
    EXPECT_FALSE(pack_stickers(pack).has_value());
    // By hand, as somebody sends it who checks nothing.
    Bytes file = to_bytes(as_bytes("godwit stickers "));
    append(file, codec::encoded(pack));
    EXPECT_FALSE(unpack_stickers(file).has_value());
  };
  refused([](PackedStickers& pack) { pack.name.clear(); });
  refused([](PackedStickers& pack) { pack.name = "two\nlines"; });
  refused([](PackedStickers& pack) { pack.name = std::string(kPackSizeMax + 1, 'a'); });
  refused([](PackedStickers& pack) { pack.version = 2; });
  refused([](PackedStickers& pack) { pack.stickers.clear(); });
  refused([](PackedStickers& pack) { pack.stickers.resize(kStickersMax + 1, pack.stickers.front()); });
  refused([](PackedStickers& pack) { pack.stickers[0].emoji.clear(); });
  refused([](PackedStickers& pack) { pack.stickers[0].emoji = "\xff"; });
  refused([](PackedStickers& pack) { pack.stickers[0].picture = png(1, 1, kStickerSizeMax); });
  refused([](PackedStickers& pack) { pack.stickers.resize(kStickersMax, {"a", png(1, 1, kStickerSizeMax - 100)}); });
  refused([](PackedStickers& pack) { pack.stickers[1].picture = to_bytes(as_bytes("<svg onload=alert(1)>")); });
  refused([](PackedStickers& pack) { pack.stickers[1].picture = png(kStickerSideMax + 1, 1); });
  refused([](PackedStickers& pack) { pack.stickers[1].picture = png(1, 0); });
}

TEST(StickerPack, each_kind_of_picture_says_its_size) {
  const auto look = [](std::string_view text) {
    const auto found = look_at_sticker(as_bytes(text));
    return found ? std::string(found->mime) + " " + std::to_string(found->width) + " " + std::to_string(found->height)
                 : "none";
  };
  using namespace std::literals;
  EXPECT_EQ(look("GIF89a\x40\x01\xf0\x00\0\0\0"sv), "image/gif 320 240");
  EXPECT_EQ(look("RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0\xff\x01\0\x2b\x01\0"sv), "image/webp 512 300");
  EXPECT_EQ(look("RIFF\0\0\0\0WEBPVP8 \x0a\0\0\0\x10\0\0\x9d\x01\x2a\x40\x01\xf0\x00"sv), "image/webp 320 240");
  EXPECT_EQ(look("RIFF\0\0\0\0WEBPVP8L\x0a\0\0\0\x2f\x3f\xc1\x3b\0\0\0\0\0\0"sv), "image/webp 320 240");
  EXPECT_EQ(look("RIFF\0\0\0\0WEBPVP8X"sv), "none");
  EXPECT_EQ(look("\xff\xd8\xff\xe0"sv), "none");
  EXPECT_EQ(look(""sv), "none");
}

}  // namespace
}  // namespace godwit::engine
