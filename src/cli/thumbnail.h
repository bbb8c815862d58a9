#pragma once
// The small picture that goes inside of a message, made of one that is sent: shown before the picture itself was fetched. Decoding is
// libjpeg-turbo's, libpng's and libwebp's; nothing is decoded whose header claims more than a camera makes.

#include <optional>

#include "base/bytes.h"

namespace godwit::cli {

/// Its longer side, in pixels: as the page makes it, so that it does not tell by which program it was sent.
constexpr uint32_t kThumbnailSide = 48;
/// Pixels of a picture that is decoded, and of either side. What is decoded whole, and not made smaller on the way, may have fewer.
constexpr uint64_t kDecodedPixelsMax = 64'000'000;
constexpr uint64_t kDecodedWholeMax = 32'000'000;
constexpr uint32_t kDecodedSideMax = 20'000;
/// Bytes of one.
constexpr uint64_t kDecodedBytesMax = 64 * 1024 * 1024;

/// A JPEG with nothing but its picture, the right way up, of at most engine::kThumbnailSizeMax bytes. `picture`: a JPEG, PNG or WebP;
/// `orientation`: as Exif says it, 1 to 8. Nothing: it is of no such kind, too large, broken, or moves.
std::optional<Bytes> thumbnail_of(ByteView picture, uint8_t orientation);

}  // namespace godwit::cli
