#include "cli/thumbnail.h"

#include <png.h>
#include <turbojpeg.h>
#include <webp/decode.h>

#include <algorithm>
#include <memory>

#include "engine/file_content.h"

namespace godwit::cli {
namespace {

constexpr size_t kChannels = 3;
// What libjpeg-turbo and libwebp make smaller while they decode is at least so large, so that averages are left to be taken.
constexpr uint32_t kFirstSide = 4 * kThumbnailSide;
constexpr int kQuality = 60;

struct Image {
  uint32_t width = 0;
  uint32_t height = 0;
  Bytes pixels;  // RGB, row by row

  ByteView at(uint32_t x, uint32_t y) const {
    return ByteView(pixels).subspan((size_t{y} * width + x) * kChannels, kChannels);
  }
};

struct EndTurbo {
  void operator()(void* handle) const { tjDestroy(handle); }
};
using Turbo = std::unique_ptr<void, EndTurbo>;

bool may_be_decoded(uint64_t width, uint64_t height, uint64_t pixels_max) {
  return width >= 1 && height >= 1 && width <= kDecodedSideMax && height <= kDecodedSideMax &&
         width * height <= pixels_max;
}

Image blank(uint32_t width, uint32_t height) { return {width, height, Bytes(size_t{width} * height * kChannels)}; }

// The smallest of the decoder's scales that leaves enough.
tjscalingfactor scale_for(int width, int height) {
  int count = 0;
  const tjscalingfactor* all = tjGetScalingFactors(&count);
  tjscalingfactor best{1, 1};
  for (int i = 0; i < count; ++i) {
    const int side = std::max(TJSCALED(width, all[i]), TJSCALED(height, all[i]));
    const bool smaller = all[i].num * best.denom < best.num * all[i].denom;
    if (smaller && static_cast<uint32_t>(side) >= kFirstSide) best = all[i];
  }
  return best;
}

std::optional<Image> decode_jpeg(ByteView bytes) {
  const Turbo turbo(tjInitDecompress());
  int width = 0, height = 0, sampling = 0, colours = 0;
  const auto size = static_cast<unsigned long>(bytes.size());
  if (!turbo || tjDecompressHeader3(turbo.get(), bytes.data(), size, &width, &height, &sampling, &colours) != 0)
    return std::nullopt;
  if (width < 1 || height < 1) return std::nullopt;
  if (!may_be_decoded(static_cast<uint64_t>(width), static_cast<uint64_t>(height), kDecodedPixelsMax))
    return std::nullopt;
  const tjscalingfactor scale = scale_for(width, height);
  const int w = TJSCALED(width, scale), h = TJSCALED(height, scale);
  Image out = blank(static_cast<uint32_t>(w), static_cast<uint32_t>(h));
  // Some thousand scans over a large picture would take minutes.
  const int done = tjDecompress2(turbo.get(), bytes.data(), size, out.pixels.data(), w, 0, h, TJPF_RGB, TJFLAG_LIMITSCANS);
  return done == 0 ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<Image> decode_png(ByteView bytes) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) == 0) return std::nullopt;
  if (!may_be_decoded(image.width, image.height, kDecodedWholeMax)) {
    png_image_free(&image);
    return std::nullopt;
  }
  image.format = PNG_FORMAT_RGB;
  Image out = blank(image.width, image.height);
  const png_color white{255, 255, 255};
  if (png_image_finish_read(&image, &white, out.pixels.data(), 0, nullptr) == 0) return std::nullopt;
  return out;
}

std::optional<Image> decode_webp(ByteView bytes) {
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0) return std::nullopt;
  if (WebPGetFeatures(bytes.data(), bytes.size(), &config.input) != VP8_STATUS_OK) return std::nullopt;
  const auto width = static_cast<uint32_t>(std::max(config.input.width, 0));
  const auto height = static_cast<uint32_t>(std::max(config.input.height, 0));
  if (config.input.has_animation != 0 || !may_be_decoded(width, height, kDecodedWholeMax)) return std::nullopt;
  const uint32_t side = std::max(width, height);
  const uint32_t to = std::min(side, kFirstSide);
  Image out = blank(std::max(1U, width * to / side), std::max(1U, height * to / side));
  Bytes pixels(size_t{out.width} * out.height * 4);
  config.options.use_scaling = 1;
  config.options.scaled_width = static_cast<int>(out.width);
  config.options.scaled_height = static_cast<int>(out.height);
  config.output.colorspace = MODE_RGBA;
  config.output.is_external_memory = 1;
  config.output.u.RGBA = {pixels.data(), static_cast<int>(out.width * 4), pixels.size()};
  const bool done = WebPDecode(bytes.data(), bytes.size(), &config) == VP8_STATUS_OK;
  WebPFreeDecBuffer(&config.output);
  if (!done) return std::nullopt;
  // On white.
  for (size_t i = 0; i < out.pixels.size(); ++i) {
    const uint32_t alpha = pixels[i / kChannels * 4 + 3];
    const uint32_t value = pixels[i / kChannels * 4 + i % kChannels];
    out.pixels[i] = static_cast<uint8_t>((value * alpha + 255 * (255 - alpha)) / 255);
  }
  return out;
}

std::optional<Image> decode(ByteView bytes) {
  const auto begins = [&](std::string_view text, size_t at) {
    return bytes.size() >= at + text.size() && as_text(bytes.subspan(at, text.size())) == text;
  };
  if (begins("\xff\xd8\xff", 0)) return decode_jpeg(bytes);
  if (begins("\x89PNG\r\n\x1a\n", 0)) return decode_png(bytes);
  if (begins("RIFF", 0) && begins("WEBP", 8)) return decode_webp(bytes);
  return std::nullopt;
}

// Each pixel is the average of those that it stands for.
Image shrunk(const Image& image) {
  const uint32_t side = std::max(image.width, image.height);
  if (side <= kThumbnailSide) return image;
  const auto scaled = [&](uint32_t length) { return std::max(1U, (length * kThumbnailSide + side / 2) / side); };
  Image out = blank(scaled(image.width), scaled(image.height));
  for (uint32_t y = 0; y < out.height; ++y) {
    const uint32_t top = y * image.height / out.height, bottom = std::max(top + 1, (y + 1) * image.height / out.height);
    for (uint32_t x = 0; x < out.width; ++x) {
      const uint32_t left = x * image.width / out.width, right = std::max(left + 1, (x + 1) * image.width / out.width);
      uint64_t sums[kChannels] = {};
      for (uint32_t row = top; row < bottom; ++row) {
        for (uint32_t column = left; column < right; ++column) {
          for (size_t channel = 0; channel < kChannels; ++channel) sums[channel] += image.at(column, row)[channel];
        }
      }
      const uint64_t count = uint64_t{bottom - top} * (right - left);
      for (size_t channel = 0; channel < kChannels; ++channel)
        out.pixels[(size_t{y} * out.width + x) * kChannels + channel] = static_cast<uint8_t>(sums[channel] / count);
    }
  }
  return out;
}

// Exif 2.32 §4.6.4: from 5 on the sides are exchanged; the corner that is the first one stands elsewhere.
Image upright(const Image& image, uint8_t orientation) {
  if (orientation <= 1 || orientation > 8) return image;
  const bool turned = orientation >= 5;
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_below = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  Image out = turned ? blank(image.height, image.width) : blank(image.width, image.height);
  for (uint32_t y = 0; y < out.height; ++y) {
    for (uint32_t x = 0; x < out.width; ++x) {
      const uint32_t along = turned ? y : x, across = turned ? x : y;
      const uint32_t column = from_right ? image.width - 1 - along : along;
      const uint32_t row = from_below ? image.height - 1 - across : across;
      const ByteView pixel = image.at(column, row);
      std::copy(pixel.begin(), pixel.end(), out.pixels.begin() + (std::ptrdiff_t{y} * out.width + x) * 3);
    }
  }
  return out;
}

std::optional<Bytes> encode(const Image& image) {
  const Turbo turbo(tjInitCompress());
  if (!turbo) return std::nullopt;
  const int width = static_cast<int>(image.width), height = static_cast<int>(image.height);
  Bytes out(tjBufSize(width, height, TJSAMP_420));
  unsigned char* place = out.data();
  unsigned long size = out.size();
  if (tjCompress2(turbo.get(), image.pixels.data(), width, 0, height, TJPF_RGB, &place, &size, TJSAMP_420, kQuality,
                  TJFLAG_NOREALLOC) != 0)
    return std::nullopt;
  out.resize(size);
  return out.size() <= engine::kThumbnailSizeMax ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace

std::optional<Bytes> thumbnail_of(ByteView picture, uint8_t orientation) {
  if (picture.size() > kDecodedBytesMax) return std::nullopt;
  const auto image = decode(picture);
  return image ? encode(upright(shrunk(*image), orientation)) : std::nullopt;
}

}  // namespace godwit::cli
