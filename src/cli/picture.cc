#include "cli/picture.h"

#include <algorithm>
#include <string_view>

#include "cli/gif.h"
#include "cli/movie.h"
#include "cli/ogg.h"
#include "cli/still.h"
#include "cli/tagged_sound.h"
#include "cli/webm.h"
#include "engine/errors.h"

namespace godwit::cli {
namespace {

using engine::kBadMedia;

constexpr uint8_t kPngMagic[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
constexpr size_t kBlock = 64 * 1024;

// Markers of JPEG (T.81 table B.1).
constexpr uint8_t kSoi = 0xd8;
constexpr uint8_t kEoi = 0xd9;
constexpr uint8_t kSos = 0xda;
constexpr uint8_t kApp0 = 0xe0;
constexpr uint8_t kApp1 = 0xe1;
constexpr uint8_t kApp2 = 0xe2;
constexpr uint8_t kApp14 = 0xee;
constexpr uint8_t kApp15 = 0xef;
constexpr uint8_t kComment = 0xfe;
// A JFIF header without a small picture in it (JFIF 1.02); that one may show what was cut away.
constexpr size_t kJfifSize = 14;

uint32_t big16(ByteView bytes, size_t at) { return uint32_t{bytes[at]} << 8 | bytes[at + 1]; }
uint32_t big32(ByteView bytes, size_t at) { return big16(bytes, at) << 16 | big16(bytes, at + 2); }

// ---- JPEG ------------------------------------------------------------------------------------------------------------

bool is_frame(uint8_t marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}
bool is_restart(uint8_t marker) { return marker >= 0xd0 && marker <= 0xd7; }

bool starts_with(ByteView bytes, std::string_view text) {
  return bytes.size() >= text.size() && std::equal(text.begin(), text.end(), bytes.begin());
}

// JFIF, colours, and how Adobe has turned them: without these the picture looks otherwise. The rest of APPn is about it.
bool is_kept(uint8_t marker, ByteView body) {
  if (marker == kComment) return false;
  if (marker < kApp0 || marker > kApp15) return true;
  if (marker == kApp0) return starts_with(body, std::string_view("JFIF\0", 5)) && body.size() == kJfifSize;
  if (marker == kApp2) return starts_with(body, std::string_view("ICC_PROFILE\0", 12));
  return marker == kApp14 && starts_with(body, "Adobe");
}

// The tag Orientation (Exif 2.32 §4.6.4) in the first directory of an APP1; 0: none.
uint8_t orientation_in(ByteView body) {
  if (!starts_with(body, std::string_view("Exif\0\0", 6))) return 0;
  const ByteView tiff = body.subspan(6);
  if (tiff.size() < 8) return 0;
  const bool little = tiff[0] == 'I';
  const auto get16 = [&](size_t at) { return little ? uint32_t{tiff[at + 1]} << 8 | tiff[at] : big16(tiff, at); };
  const auto get32 = [&](size_t at) {
    return little ? get16(at + 2) << 16 | get16(at) : get16(at) << 16 | get16(at + 2);
  };
  const size_t directory = get32(4);
  if (directory > tiff.size() - 2) return 0;
  const size_t count = get16(directory);
  for (size_t i = 0; i < count; ++i) {
    const size_t entry = directory + 2 + i * 12;
    if (entry + 12 > tiff.size()) return 0;
    if (get16(entry) != 0x0112) continue;
    const uint32_t value = get16(entry + 8);
    return value >= 1 && value <= 8 ? static_cast<uint8_t>(value) : 0;
  }
  return 0;
}

// SOI and an Exif that says which way is up and nothing else.
Bytes jpeg_head(uint8_t orientation) {
  Bytes out{0xff, kSoi};
  if (orientation <= 1) return out;
  const Bytes exif{0xff, kApp1, 0, 34,   'E', 'x', 'i', 'f', 0, 0, 'M', 'M',         0, 42, 0, 0, 0, 8,
                   0,    1,     1, 0x12, 0,   3,   0,   0,   0, 1, 0,   orientation, 0, 0,  0, 0, 0, 0};
  out.insert(out.end(), exif.begin(), exif.end());
  return out;
}

// Where the entropy-coded bytes of a scan end: at the next marker that is not one of theirs. They are scanned in blocks.
uint64_t scan_end(const ReadAt& read, uint64_t at) {
  for (bool last_was_ff = false;;) {
    const Bytes block = read(at, kBlock);
    if (block.empty()) return at;
    for (size_t i = 0; i < block.size(); ++i) {
      const uint8_t byte = block[i];
      if (last_was_ff && byte != 0 && byte != 0xff && !is_restart(byte)) return at + i - 1;
      last_was_ff = byte == 0xff;
    }
    at += block.size();
  }
}

struct Segment {
  uint8_t marker = 0;
  uint64_t offset = 0;  // of its marker
  uint64_t size = 0;    // with it
};

Result<Segment> segment_at(const ReadAt& read, uint64_t at) {
  Bytes head = read(at, 4);
  // Any number of 0xff may stand before a marker (B.1.1.2).
  for (size_t filled = 0; head.size() >= 2 && head[0] == 0xff && head[1] == 0xff; ++filled) {
    REQUIRE(filled < kBlock, kBadMedia, "a JPEG goes on");
    head = read(++at, 4);
  }
  REQUIRE(head.size() >= 2 && head[0] == 0xff && head[1] != 0, kBadMedia, "a JPEG is made of segments");
  if (head[1] == kEoi) return Segment{kEoi, at, 2};
  REQUIRE(head.size() == 4 && head[1] != kSoi && !is_restart(head[1]), kBadMedia, "a JPEG is made of segments");
  const uint32_t size = big16(head, 2);
  REQUIRE(size >= 2, kBadMedia, "a segment has its length");
  return Segment{head[1], at, uint64_t{size} + 2};
}

// The bytes of a frame header say how large the picture is (B.2.2).
void take_frame(Picture& picture, ByteView body) {
  if (body.size() < 5) return;
  picture.height = big16(body, 1);
  picture.width = big16(body, 3);
}

Result<Picture> jpeg(const ReadAt& read) {
  Picture out;
  uint8_t orientation = 0;
  bool scanned = false;
  uint64_t at = 2;
  for (size_t parts = 0;; ++parts) {
    REQUIRE(parts < kPicturePartsMax, kBadMedia, "a JPEG has so many segments at most");
    if (scanned && read(at, 1).empty()) break;  // cut off: what is there can be shown
    const Segment segment = TRY(segment_at(read, at));
    if (segment.marker == kEoi) {
      keep_piece(out, segment.offset, segment.size);
      break;  // whatever follows is not this picture
    }
    const Bytes body = read(segment.offset + 4, static_cast<size_t>(segment.size - 4));
    REQUIRE(body.size() == segment.size - 4, kBadMedia, "a segment is there as a whole");
    if (segment.marker == kApp1 && orientation == 0) orientation = orientation_in(body);
    if (is_frame(segment.marker)) take_frame(out, body);
    uint64_t size = segment.size;
    if (segment.marker == kSos) {
      size = scan_end(read, segment.offset + segment.size) - segment.offset;
      scanned = true;
    }
    if (is_kept(segment.marker, body)) keep_piece(out, segment.offset, size);
    at = segment.offset + size;
  }
  REQUIRE(scanned && out.width > 0, kBadMedia, "a JPEG has a picture in it");
  out.head = jpeg_head(orientation);
  if (orientation != 0) out.orientation = orientation;
  return out;
}

// ---- PNG -------------------------------------------------------------------------------------------------------------

// Those without which it looks otherwise, or does not move. All critical ones (PNG §5.4: upper case) are among them.
bool is_kept(std::string_view type) {
  constexpr std::string_view kKept[] = {"tRNS", "cHRM", "gAMA", "iCCP", "sBIT", "sRGB", "cICP",
                                        "mDCV", "cLLI", "bKGD", "pHYs", "acTL", "fcTL", "fdAT"};
  const bool critical = type[0] >= 'A' && type[0] <= 'Z';
  return critical || std::find(std::begin(kKept), std::end(kKept), type) != std::end(kKept);
}

Result<Picture> png(const ReadAt& read) {
  Picture out;
  keep_piece(out, 0, sizeof kPngMagic);
  uint64_t at = sizeof kPngMagic;
  for (size_t parts = 0;; ++parts) {
    REQUIRE(parts < kPicturePartsMax, kBadMedia, "a PNG has so many chunks at most");
    const Bytes head = read(at, 16);
    REQUIRE(head.size() >= 12, kBadMedia, "a PNG is made of chunks");
    const std::string_view type = as_text(head).substr(4, 4);
    const uint64_t size = uint64_t{big32(head, 0)} + 12;
    REQUIRE((parts == 0) == (type == "IHDR") && size <= UINT32_MAX / 2, kBadMedia, "a PNG begins with its size");
    REQUIRE(!read(at + size - 1, 1).empty(), kBadMedia, "a chunk is there as a whole");
    if (type == "IHDR" && head.size() == 16) {
      out.width = big32(head, 8);
      out.height = big32(head, 12);
    }
    if (is_kept(type)) keep_piece(out, at, size);
    at += size;
    if (type == "IEND") return out;  // whatever follows is not this picture
  }
}

// ---- WebP (RFC 9649) -------------------------------------------------------------------------------------------------

uint32_t little(ByteView bytes, size_t at, size_t size) {
  uint32_t out = 0;
  for (size_t i = size; i-- > 0;) out = out << 8 | bytes[at + i];
  return out;
}

// The canvas, or the one picture there is (§2.7, RFC 6386 §9.1, §3.4 of the lossless format).
void take_size(Picture& picture, std::string_view type, ByteView body) {
  if (picture.width != 0) return;
  if (type == "VP8X" && body.size() >= 10) {
    picture.width = little(body, 4, 3) + 1;
    picture.height = little(body, 7, 3) + 1;
  } else if (type == "VP8 " && body.size() >= 10) {
    picture.width = little(body, 6, 2) & 0x3fff;
    picture.height = little(body, 8, 2) & 0x3fff;
  } else if (type == "VP8L" && body.size() >= 5) {
    picture.width = (little(body, 1, 4) & 0x3fff) + 1;
    picture.height = (little(body, 1, 4) >> 14 & 0x3fff) + 1;
  }
}

Result<Picture> webp(const ReadAt& read) {
  constexpr std::string_view kKept[] = {"VP8 ", "VP8L", "VP8X", "ANIM", "ANMF", "ALPH", "ICCP"};
  constexpr uint8_t kSaysNotes = 0x08 | 0x04;  // the flags of EXIF and XMP
  Picture out;
  const uint64_t end = uint64_t{little(read(0, 8), 4, 4)} + 8;  // whatever follows is not this picture
  uint64_t at = 12;
  for (size_t parts = 0; at < end; ++parts) {
    REQUIRE(parts < kPicturePartsMax, kBadMedia, "a WebP has so many chunks at most");
    const Bytes head = read(at, 18);
    REQUIRE(head.size() >= 8, kBadMedia, "a WebP is made of chunks");
    const std::string_view type = as_text(head).substr(0, 4);
    const uint64_t size = little(head, 4, 4);
    const uint64_t whole = 8 + size + size % 2;
    REQUIRE(whole <= end - at && !read(at + whole - 1, 1).empty(), kBadMedia, "a chunk is there as a whole");
    take_size(out, type, ByteView(head).subspan(8, std::min<size_t>(size, head.size() - 8)));
    if (type == "VP8X" && size > 0) {
      keep_piece(out, at, 8);
      out.pieces.push_back({at + 8, 1, Bytes{static_cast<uint8_t>(head[8] & ~kSaysNotes)}, false});
      keep_piece(out, at + 9, whole - 9);
    } else if (std::find(std::begin(kKept), std::end(kKept), type) != std::end(kKept)) {
      keep_piece(out, at, whole);
    }
    at += whole;
  }
  REQUIRE(out.width > 0, kBadMedia, "a WebP has a picture in it");
  const auto size = static_cast<uint32_t>(out.size() + 4);
  out.head = {'R', 'I', 'F', 'F', 0, 0, 0, 0, 'W', 'E', 'B', 'P'};
  for (size_t i = 0; i < 4; ++i) out.head[4 + i] = static_cast<uint8_t>(size >> 8 * i);
  return out;
}

}  // namespace

void keep_piece(Picture& picture, uint64_t offset, uint64_t size) {
  if (size == 0) return;
  auto& pieces = picture.pieces;
  const bool joins = !pieces.empty() && pieces.back().instead.empty() && !pieces.back().blank &&
                     pieces.back().offset + pieces.back().size == offset;
  if (joins) {
    pieces.back().size += size;
  } else {
    pieces.push_back({offset, size, {}, false});
  }
}

void blank_piece(Picture& picture, uint64_t offset, uint64_t size) {
  if (size > 0) picture.pieces.push_back({offset, size, {}, true});
}

uint64_t Picture::size() const {
  uint64_t sum = head.size();
  for (const PicturePiece& each : pieces) sum += each.size;
  return sum;
}

Result<std::optional<Picture>> picture_to_send(const ReadAt& read) {
  const Bytes magic = read(0, sizeof kPngMagic);
  if (magic.size() >= 3 && magic[0] == 0xff && magic[1] == kSoi && magic[2] == 0xff) {
    return std::optional(TRY(jpeg(read)));
  }
  if (equal(magic, ByteView(kPngMagic))) return std::optional(TRY(png(read)));
  const Bytes riff = read(0, 12);
  if (riff.size() == 12 && starts_with(riff, "RIFF") && as_text(riff).substr(8) == "WEBP") {
    return std::optional(TRY(webp(read)));
  }
  for (const auto& look : {gif_to_send, tagged_sound_to_send, ogg_to_send, webm_to_send, still_to_send, movie_to_send}) {
    auto found = TRY(look(read));
    if (found) return found;
  }
  return std::optional<Picture>();
}

Bytes read_picture(const Picture& picture, const ReadAt& read, uint64_t offset, size_t size) {
  Bytes out;
  if (offset < picture.head.size()) {
    const auto first = picture.head.begin() + static_cast<ptrdiff_t>(offset);
    const size_t count = std::min<size_t>(size, picture.head.size() - offset);
    out.assign(first, first + static_cast<ptrdiff_t>(count));
  }
  uint64_t start = picture.head.size();  // of each piece, in what is sent
  for (const PicturePiece& each : picture.pieces) {
    const uint64_t at = offset + out.size();
    if (out.size() == size) break;
    if (at >= start && at < start + each.size) {
      const uint64_t within = at - start;
      const size_t count = std::min<uint64_t>(size - out.size(), each.size - within);
      if (each.blank) {
        out.resize(out.size() + count);
      } else if (!each.instead.empty()) {
        append(out, ByteView(each.instead).subspan(static_cast<size_t>(within), count));
      } else {
        append(out, read(each.offset + within, count));
      }
    }
    start += each.size;
  }
  return out;
}

}  // namespace godwit::cli
