// Pictures lose what is not the picture, and stay whole.

#include "cli/picture.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/errors.h"

namespace godwit::cli {
namespace {

ReadAt reader(const Bytes& file) {
  return [&file](uint64_t offset, size_t size) {
    if (offset >= file.size()) return Bytes{};
    const auto first = file.begin() + static_cast<ptrdiff_t>(offset);
    return Bytes(first, first + static_cast<ptrdiff_t>(std::min<size_t>(size, file.size() - offset)));
  };
}

Bytes sent(const Bytes& file) {
  const auto picture = picture_to_send(reader(file));
  EXPECT_TRUE(picture.has_value() && picture->has_value());
  if (!picture || !*picture) return {};
  // In pieces of odd sizes, as chunks cut it.
  Bytes out;
  while (out.size() < (*picture)->size()) append(out, read_picture(**picture, reader(file), out.size(), 7));
  EXPECT_EQ(out, read_picture(**picture, reader(file), 0, file.size() + 100));
  return out;
}

bool holds(const Bytes& bytes, std::string_view text) { return as_text(bytes).find(text) != std::string_view::npos; }

void segment(Bytes& out, uint8_t marker, std::string_view body) {
  const size_t size = body.size() + 2;
  append(out, Bytes{0xff, marker, static_cast<uint8_t>(size >> 8), static_cast<uint8_t>(size)});
  append(out, as_bytes(body));
}

// Way up 6, and a place.
std::string exif() {
  const Bytes bytes{'E',  'x', 'i', 'f', 0, 0, 'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0,
                    0x12, 1,   3,   0,   1, 0, 0,   0,   6,  0, 0, 0, 0, 0, 0, 0};
  return std::string(as_text(bytes)) + "GPS 55.75 37.62";
}

Bytes jpeg(bool with_exif = true) {
  Bytes out{0xff, 0xd8};
  segment(out, 0xe0, std::string_view("JFIF\0\1\1\0\0\1\0\1\0\0", 14));
  if (with_exif) segment(out, 0xe1, exif());
  segment(out, 0xe1, "http://ns.adobe.com/xap/1.0/ GPS by XMP");
  segment(out, 0xe2, std::string_view("ICC_PROFILE\0colours", 19));
  segment(out, 0xe2, "MPF with another picture");
  segment(out, 0xed, "Photoshop GPS");
  segment(out, 0xfe, "GPS in a comment");
  segment(out, 0xc0, std::string_view("\x08\x00\x20\x00\x40\x03", 6));
  segment(out, 0xda, "scan");
  append(out, Bytes{1, 2, 0xff, 0, 3, 0xff, 0xd0, 4, 0xff, 0xd9});
  append(out, as_bytes("GPS of a film behind the picture"));
  return out;
}

void chunk(Bytes& out, std::string_view type, std::string_view body) {
  append(out, Bytes{0, 0, 0, static_cast<uint8_t>(body.size())});
  append(out, as_bytes(type));
  append(out, as_bytes(body));
  append(out, Bytes(4, 9));
}

Bytes png() {
  Bytes out{0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  chunk(out, "IHDR", std::string_view("\0\0\0\x30\0\0\0\x10\x08\6\0\0\0", 13));
  chunk(out, "gAMA", "1234");
  chunk(out, "eXIf", "GPS");
  chunk(out, "tEXt", "GPS");
  chunk(out, "IDAT", "pixels");
  chunk(out, "IEND", "");
  append(out, as_bytes("GPS behind"));
  return out;
}

TEST(Picture, jpeg_goes_without_place_comment_and_what_follows_it) {
  const Bytes out = sent(jpeg());
  EXPECT_FALSE(holds(out, "GPS"));
  EXPECT_FALSE(holds(out, "MPF"));
  EXPECT_TRUE(holds(out, "ICC_PROFILE"));
  EXPECT_TRUE(holds(out, "JFIF"));
  EXPECT_EQ(out[out.size() - 2], 0xff);
  EXPECT_EQ(out.back(), 0xd9);
}

TEST(Picture, jpeg_keeps_which_way_is_up_and_its_size) {
  const Bytes file = jpeg();
  const auto picture = picture_to_send(reader(file));
  ASSERT_TRUE(picture.has_value() && picture->has_value());
  EXPECT_EQ((*picture)->width, 64U);
  EXPECT_EQ((*picture)->height, 32U);
  EXPECT_EQ((*picture)->head.size(), 2U + 36U);
  EXPECT_EQ((*picture)->head[2 + 29], 6);
  const Bytes once = sent(file);
  EXPECT_EQ(sent(once), once) << "what was sent is sent on unchanged";
  const Bytes plain = jpeg(false);
  EXPECT_EQ(picture_to_send(reader(plain)).value()->head.size(), 2U);
}

TEST(Picture, png_goes_without_text_and_what_follows_it) {
  const Bytes out = sent(png());
  EXPECT_FALSE(holds(out, "GPS"));
  EXPECT_TRUE(holds(out, "gAMA") && holds(out, "pixels") && holds(out, "IEND"));
  const Bytes file = png();
  EXPECT_EQ(picture_to_send(reader(file)).value()->width, 48U);
  EXPECT_EQ(sent(out), out);
}

void riff(Bytes& out, std::string_view type, std::string_view body) {
  append(out, as_bytes(type));
  append(out, Bytes{static_cast<uint8_t>(body.size()), 0, 0, 0});
  append(out, as_bytes(body));
  if (body.size() % 2 == 1) out.push_back(0);
}

Bytes webp() {
  Bytes chunks;
  riff(chunks, "VP8X", std::string_view("\x2c\0\0\0\x3f\0\0\x1f\0\0", 10));
  riff(chunks, "ICCP", "colours");
  riff(chunks, "VP8L", "pixels");
  riff(chunks, "EXIF", "GPS");
  riff(chunks, "XMP ", "GPS by XMP");
  Bytes out{'R', 'I', 'F', 'F', static_cast<uint8_t>(chunks.size() + 4), 0, 0, 0, 'W', 'E', 'B', 'P'};
  append(out, chunks);
  append(out, as_bytes("GPS behind"));
  return out;
}

TEST(Picture, webp_goes_without_exif_and_xmp_and_says_so) {
  const Bytes file = webp();
  const Bytes out = sent(file);
  EXPECT_FALSE(holds(out, "GPS") || holds(out, "EXIF"));
  EXPECT_TRUE(holds(out, "colours") && holds(out, "pixels"));
  EXPECT_EQ(out[4] + 8U, out.size());
  EXPECT_EQ(out[20], 0x20) << "the flag of colours alone";
  EXPECT_EQ(picture_to_send(reader(file)).value()->width, 64U);
  EXPECT_EQ(picture_to_send(reader(file)).value()->height, 32U);
  EXPECT_EQ(sent(out), out);
}

TEST(Picture, other_files_are_left_alone) {
  for (const std::string_view text : {"", "\xff", "GIF", "ID3", "plain text"}) {
    const Bytes file = to_bytes(as_bytes(text));
    const auto picture = picture_to_send(reader(file));
    ASSERT_TRUE(picture.has_value());
    EXPECT_FALSE(picture->has_value());
  }
}

TEST(Picture, broken_ones_are_refused_at_whatever_byte_they_end) {
  for (const Bytes& whole : {jpeg(), png(), webp()}) {
    for (size_t size = 12; size < whole.size(); ++size) {
      const Bytes file(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));
      const auto picture = picture_to_send(reader(file));
      if (!picture) {
        EXPECT_EQ(picture.error().code, engine::kBadMedia);
      } else {
        EXPECT_FALSE(holds(sent(file), "GPS")) << size;
      }
    }
  }
}

}  // namespace
}  // namespace godwit::cli
