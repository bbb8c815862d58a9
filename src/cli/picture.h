#pragma once
// Pictures and films as they are sent: without what cameras and programs write beside the picture itself (places, times, names, devices;
// smaller pictures that show what was cut off). Nothing is decoded: pieces of the file are left out. No file is opened here.

#include <functional>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace godwit::cli {

/// Segments, chunks and scans of one picture: real ones have some hundreds.
constexpr size_t kPicturePartsMax = 100'000;

/// A piece of what is sent.
struct PicturePiece {
  uint64_t offset = 0;  ///< In the file.
  uint64_t size = 0;
  Bytes instead = {};  ///< Not empty: these `size` bytes, and none of the file's.
  bool blank = false;  ///< So many zeros.
};
/// What is sent of a picture: `head`, then the pieces.
struct Picture {
  uint32_t width = 0;  ///< 0: no picture that stands still.
  uint32_t height = 0;
  uint8_t orientation = 1;  ///< Of a JPEG: which way is up, as Exif says it.
  Bytes
      head;  ///< Instead of the file's first bytes: of a JPEG with the one thing of EXIF that is kept, which way is up.
  std::vector<PicturePiece> pieces;

  /// Bytes of all of it.
  uint64_t size() const;
};

/// Gives `size` bytes of the file from `offset` on, fewer at its end.
using ReadAt = std::function<Bytes(uint64_t offset, size_t size)>;

/// Adds a piece to the end, joined to the one before if they touch.
void keep_piece(Picture& picture, uint64_t offset, uint64_t size);
/// Adds zeros in the place of a piece.
void blank_piece(Picture& picture, uint64_t offset, uint64_t size);

/// What to send of a file. Nothing: it is neither JPEG (ITU-T T.81), PNG (W3C PNG 3rd edition), WebP (RFC 9649), GIF (gif.h), HEIC or
/// AVIF (still.h), a film (movie.h, webm.h) nor a sound with a tag (tagged_sound.h, ogg.h) by its first bytes, and is sent as it is. kBadMedia: it begins as one and is broken, so that nobody can say what is in it.
Result<std::optional<Picture>> picture_to_send(const ReadAt& read);
/// Reads from the picture as it is sent.
Bytes read_picture(const Picture& picture, const ReadAt& read, uint64_t offset, size_t size);

}  // namespace godwit::cli
