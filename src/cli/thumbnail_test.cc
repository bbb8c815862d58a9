#include "cli/thumbnail.h"

#include <gtest/gtest.h>
#include <png.h>
#include <turbojpeg.h>
#include <webp/encode.h>

#include <algorithm>

#include "engine/content_bodies.h"
#include "engine/file_content.h"

namespace godwit::cli {
namespace {

struct Pixels {
  int width = 0;
  int height = 0;
  Bytes rgb;

  // Which of its colours stands there: 'r', 'g', 'b' or 'w'.
  char at(int x, int y) const {
    const uint8_t* pixel = rgb.data() + (y * width + x) * 3;
    const bool red = pixel[0] > 128, green = pixel[1] > 128, blue = pixel[2] > 128;
    return red && green && blue ? 'w' : red ? 'r' : green ? 'g' : blue ? 'b' : '?';
  }
  // Its corners, row by row.
  std::string corners() const {
    const int right = width - 4, below = height - 4;
    return {at(3, 3), at(right, 3), at(3, below), at(right, below)};
  }
};

// Red, green, blue and white quarters.
Pixels quarters(int width, int height) {
  Pixels out{width, height, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const bool right = x >= width / 2, below = y >= height / 2;
      const Bytes colours[] = {{255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {255, 255, 255}};
      append(out.rgb, colours[(below ? 2 : 0) + (right ? 1 : 0)]);
    }
  }
  return out;
}

Bytes jpeg_of(const Pixels& pixels) {
  void* turbo = tjInitCompress();
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  EXPECT_EQ(tjCompress2(turbo, pixels.rgb.data(), pixels.width, 0, pixels.height, TJPF_RGB, &bytes, &size, TJSAMP_444, 95, 0), 0);
  Bytes out(bytes, bytes + size);
  tjFree(bytes);
  tjDestroy(turbo);
  return out;
}

Bytes png_of(const Pixels& pixels) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<uint32_t>(pixels.width);
  image.height = static_cast<uint32_t>(pixels.height);
  image.format = PNG_FORMAT_RGB;
  png_alloc_size_t size = 0;
  EXPECT_NE(png_image_write_to_memory(&image, nullptr, &size, 0, pixels.rgb.data(), 0, nullptr), 0);
  Bytes out(size);
  EXPECT_NE(png_image_write_to_memory(&image, out.data(), &size, 0, pixels.rgb.data(), 0, nullptr), 0);
  return out;
}

Bytes webp_of(const Pixels& pixels) {
  uint8_t* bytes = nullptr;
  const size_t size = WebPEncodeRGB(pixels.rgb.data(), pixels.width, pixels.height, pixels.width * 3, 90, &bytes);
  Bytes out(bytes, bytes + size);
  WebPFree(bytes);
  return out;
}

Pixels decoded(const Bytes& jpeg) {
  void* turbo = tjInitDecompress();
  Pixels out;
  int sampling = 0, colours = 0;
  EXPECT_EQ(tjDecompressHeader3(turbo, jpeg.data(), jpeg.size(), &out.width, &out.height, &sampling, &colours), 0);
  out.rgb.resize(static_cast<size_t>(out.width) * static_cast<size_t>(out.height) * 3);
  EXPECT_EQ(tjDecompress2(turbo, jpeg.data(), jpeg.size(), out.rgb.data(), out.width, 0, out.height, TJPF_RGB, 0), 0);
  tjDestroy(turbo);
  return out;
}

TEST(Thumbnail, of_each_kind_is_a_small_jpeg_of_the_same_picture) {
  const Pixels pixels = quarters(1200, 800);
  for (const Bytes& picture : {jpeg_of(pixels), png_of(pixels), webp_of(pixels)}) {
    const auto small = thumbnail_of(picture, 1);
    ASSERT_TRUE(small.has_value());
    EXPECT_TRUE(engine::begins_as_jpeg(*small));
    EXPECT_LE(small->size(), engine::kThumbnailSizeMax);
    const Pixels seen = decoded(*small);
    EXPECT_EQ(seen.width, 48);
    EXPECT_EQ(seen.height, 32);
    EXPECT_EQ(seen.corners(), "rgbw");
  }
  EXPECT_EQ(decoded(*thumbnail_of(png_of(quarters(20, 10)), 1)).width, 20) << "a small one stays as small";
  EXPECT_EQ(decoded(*thumbnail_of(png_of(quarters(4000, 2)), 1)).height, 1);
}

TEST(Thumbnail, stands_upright_whichever_way_the_camera_was_held) {
  const Bytes picture = jpeg_of(quarters(1200, 800));
  const std::string_view corners[] = {"rgbw", "grwb", "wbgr", "bwrg", "rbgw", "brwg", "wgbr", "gwrb"};
  for (uint8_t orientation = 1; orientation <= 8; ++orientation) {
    const Pixels seen = decoded(thumbnail_of(picture, orientation).value());
    EXPECT_EQ(seen.corners(), corners[orientation - 1]) << int{orientation};
    EXPECT_EQ(seen.width, orientation >= 5 ? 32 : 48);
  }
  EXPECT_EQ(decoded(thumbnail_of(picture, 200).value()).corners(), "rgbw");
}

TEST(Thumbnail, of_what_claims_more_than_a_camera_makes_or_is_broken_there_is_none) {
  const auto with_number = [](Bytes bytes, size_t at, std::initializer_list<uint8_t> number) {
    std::copy(number.begin(), number.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
    return bytes;
  };
  const Pixels pixels = quarters(64, 64);
  EXPECT_FALSE(thumbnail_of(with_number(png_of(pixels), 16, {0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff}), 1));
  Bytes jpeg = jpeg_of(pixels);
  const auto frame = std::ranges::search(jpeg, Bytes{0xff, 0xc0}).begin() - jpeg.begin();
  EXPECT_FALSE(thumbnail_of(with_number(jpeg, static_cast<size_t>(frame) + 5, {0xff, 0xdc, 0xff, 0xdc}), 1));
  for (const Bytes& picture : {jpeg, png_of(pixels), webp_of(pixels)}) {
    EXPECT_FALSE(thumbnail_of(ByteView(picture).first(40), 1).has_value());
  }
  EXPECT_FALSE(thumbnail_of(as_bytes("GIF89a and so on"), 1));
  EXPECT_FALSE(thumbnail_of({}, 1));
}

}  // namespace
}  // namespace godwit::cli
