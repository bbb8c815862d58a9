#include "cli/webm.h"

#include <algorithm>
#include <string_view>

#include "engine/errors.h"

namespace godwit::cli {
namespace {

using engine::kBadMedia;

// Elements (RFC 9559 §5.1, RFC 8794 §11.3).
constexpr uint32_t kEbml = 0x1a45dfa3;
constexpr uint32_t kVoid = 0xec;
constexpr uint32_t kCrc32 = 0xbf;
constexpr uint32_t kSegment = 0x18538067;
constexpr uint32_t kSeekHead = 0x114d9b74;
constexpr uint32_t kSeek = 0x4dbb;
constexpr uint32_t kInfo = 0x1549a966;
constexpr uint32_t kTracks = 0x1654ae6b;
constexpr uint32_t kTrackEntry = 0xae;
constexpr uint32_t kCluster = 0x1f43b675;
constexpr uint32_t kTags = 0x1254c367;
constexpr uint32_t kAttachments = 0x1941a469;
constexpr uint32_t kChapters = 0x1043a770;
constexpr uint32_t kEdition = 0x45b9;
constexpr uint32_t kChapter = 0xb6;
// What an edition or a chapter is called, and programs of a player; the times of chapters stay.
constexpr uint32_t kOfChapters[] = {0x4520, 0x80, 0x5654, 0x6944};
// Chapters within chapters; deeper ones go.
constexpr size_t kChapterDepthMax = 8;
constexpr uint32_t kMuxingApp = 0x4d80;
constexpr uint32_t kWritingApp = 0x5741;
// Titles, dates, names of files, numbers of films and the like.
constexpr uint32_t kOfInfo[] = {0x7ba9, 0x4461, 0x73a4, 0x7384, 0x3cb923, 0x3c83ab, 0x3eb923, 0x3e83bb, 0x4444};
constexpr uint32_t kOfTrack[] = {0x536e, 0x258688};  // what it is called, and its codec
// Those that stand in a Segment: where one of them begins, a Cluster of unknown length is over.
constexpr uint32_t kOfSegment[] = {kSeekHead,    kInfo,      kTracks,    kCluster, kTags,
                                   kAttachments, 0x1c53bb6b, kChapters, kSegment, kEbml};
constexpr uint64_t kUnknown = UINT64_MAX;
// A sound that is streamed has fifty for each second.
constexpr size_t kElementsMax = 10'000'000;
constexpr size_t kSizeMax = 8;
constexpr size_t kSeekMax = 256;

bool is_among(uint32_t id, const auto& ids) { return std::find(std::begin(ids), std::end(ids), id) != std::end(ids); }

struct Element {
  uint32_t id = 0;
  uint64_t offset = 0;
  uint64_t body = 0;
  uint64_t end = 0;  // kUnknown: as far as it goes
};

// Bytes that a number of variable size takes, by its first one (RFC 8794 §4.1); 0: none.
size_t width_of(uint8_t first) {
  size_t out = 1;
  for (uint8_t bit = 0x80; bit != 0 && (first & bit) == 0; bit >>= 1) ++out;
  return out > kSizeMax ? 0 : out;
}

// An emptiness that takes `size` bytes with its head; `head` bytes were the head of what was there.
Bytes void_head(uint64_t size, uint64_t head) {
  const auto width = static_cast<size_t>(std::min<uint64_t>(kSizeMax, head - 1));
  const uint64_t body = size - 1 - width;
  Bytes out{static_cast<uint8_t>(kVoid)};
  for (size_t i = width; i-- > 0;) out.push_back(static_cast<uint8_t>(i < 8 ? body >> 8 * i : 0));
  out[1] |= static_cast<uint8_t>(0x80 >> (width - 1));
  return out;
}

class WebM {
 public:
  explicit WebM(const ReadAt& read) : read_(read) {}

  Result<Picture> look() {
    bool has_segment = false;
    for (uint64_t at = 0; !read_(at, 1).empty();) {
      const Element element = TRY(element_at(at, kUnknown));
      REQUIRE(element.id == kSegment || element.end != kUnknown, kBadMedia, "an element has its length");
      if (element.id == kSegment) {
        has_segment = true;
        keep(element.offset, element.body);
        at = TRY(walk(element));
        continue;
      }
      REQUIRE(element.id == kEbml || element.id == kVoid, kBadMedia, "a film is EBML and a Segment");
      if (element.id == kVoid) {
        empty(element);
      } else {
        keep(element.offset, element.end);
      }
      at = element.end;
    }
    REQUIRE(has_segment, kBadMedia, "a film is EBML and a Segment");
    return std::move(out_);
  }

 private:
  Result<Element> element_at(uint64_t at, uint64_t end) {
    REQUIRE(++count_ < kElementsMax, kBadMedia, "a film has so many elements at most");
    const Bytes head = read_(at, 12);
    REQUIRE(!head.empty(), kBadMedia, "an element is there as a whole");
    const size_t width = width_of(head[0]);
    REQUIRE(width >= 1 && width <= 4 && head.size() > width, kBadMedia, "an element has its id");
    const size_t wide = width_of(head[width]);
    REQUIRE(wide >= 1 && head.size() >= width + wide, kBadMedia, "an element has its length");
    Element out;
    for (size_t i = 0; i < width; ++i) out.id = out.id << 8 | head[i];
    uint64_t size = head[width] & (0xffU >> wide);
    bool ones = size == (0xffU >> wide);
    for (size_t i = 1; i < wide; ++i) {
      size = size << 8 | head[width + i];
      ones = ones && head[width + i] == 0xff;
    }
    out.offset = at;
    out.body = at + width + wide;
    out.end = ones ? kUnknown : out.body + size;
    if (ones) return out;
    REQUIRE(out.end <= end, kBadMedia, "an element ends within the one that it is in");
    REQUIRE(!read_(out.end - 1, 1).empty(), kBadMedia, "an element is there as a whole");
    return out;
  }

  // What stands in one of these; where it ends.
  Result<uint64_t> walk(const Element& outer) {
    uint64_t at = outer.body;
    while (at < outer.end) {
      if (outer.end == kUnknown && read_(at, 1).empty()) return at;
      const Element inner = TRY(element_at(at, outer.end));
      // A Segment without a length ends where the next file begins.
      if (outer.end == kUnknown && (inner.id == kEbml || inner.id == kSegment)) return at;
      at = TRY(take(outer, inner));
    }
    return at;
  }

  Result<uint64_t> take(const Element& outer, const Element& inner) {
    if (inner.end == kUnknown) {
      REQUIRE(outer.id == kSegment && inner.id == kCluster, kBadMedia, "an element has its length");
      return cluster(inner, outer.end);
    }
    const bool goes_in =
        (outer.id == kSegment && (inner.id == kInfo || inner.id == kTracks || inner.id == kSeekHead)) ||
        (outer.id == kTracks && inner.id == kTrackEntry);
    if (goes_in) {
      keep(inner.offset, inner.body);
      return walk(inner);
    }
    if (is_of_chapters(outer.id, inner.id) && depth_ < kChapterDepthMax) {
      keep(inner.offset, inner.body);
      ++depth_;
      auto end = walk(inner);
      --depth_;
      return end;
    }
    // A checksum would be that of what was there; what is empty may have what was there before.
    if (inner.id == kVoid || inner.id == kCrc32 || is_note(outer.id, inner) || TRY(leads_to_note(inner))) {
      empty(inner);
    } else if (outer.id == kInfo && (inner.id == kMuxingApp || inner.id == kWritingApp)) {
      // They have to be there.
      keep(inner.offset, inner.body);
      blank_piece(out_, inner.body, inner.end - inner.body);
    } else {
      keep(inner.offset, inner.end);
    }
    return inner.end;
  }

  static bool is_of_chapters(uint32_t outer, uint32_t inner) {
    return (outer == kSegment && inner == kChapters) || (outer == kChapters && inner == kEdition) ||
           ((outer == kEdition || outer == kChapter) && inner == kChapter);
  }

  static bool is_note(uint32_t outer, const Element& inner) {
    return (outer == kSegment && (inner.id == kTags || inner.id == kAttachments)) ||
           (outer == kChapter && inner.id == kChapter) ||  // too deep
           ((outer == kEdition || outer == kChapter) && is_among(inner.id, kOfChapters)) ||
           (outer == kInfo && is_among(inner.id, kOfInfo)) || (outer == kTrackEntry && is_among(inner.id, kOfTrack));
  }

  // Where tags were, there is nothing to be found any more.
  Result<bool> leads_to_note(const Element& seek) {
    if (seek.id != kSeek) return false;
    REQUIRE(seek.end - seek.body <= kSeekMax, kBadMedia, "what leads to an element is short");
    const Bytes body = read_(seek.body, static_cast<size_t>(seek.end - seek.body));
    for (const uint32_t id : {kTags, kAttachments}) {
      const Bytes wanted{static_cast<uint8_t>(id >> 24), static_cast<uint8_t>(id >> 16), static_cast<uint8_t>(id >> 8),
                         static_cast<uint8_t>(id)};
      if (std::search(body.begin(), body.end(), wanted.begin(), wanted.end()) != body.end()) return true;
    }
    return false;
  }

  // A Cluster without a length, as what is recorded in a browser has it.
  Result<uint64_t> cluster(const Element& outer, uint64_t end) {
    keep(outer.offset, outer.body);
    uint64_t at = outer.body;
    while (at < end && !read_(at, 1).empty()) {
      const Element inner = TRY(element_at(at, end));
      if (is_among(inner.id, kOfSegment)) break;
      REQUIRE(inner.end != kUnknown, kBadMedia, "an element has its length");
      keep(inner.offset, inner.end);
      at = inner.end;
    }
    return at;
  }

  void keep(uint64_t from, uint64_t to) { keep_piece(out_, from, to - from); }

  void empty(const Element& element) {
    Bytes head = void_head(element.end - element.offset, element.body - element.offset);
    const uint64_t size = head.size();
    out_.pieces.push_back({element.offset, size, std::move(head), false});
    blank_piece(out_, element.offset + size, element.end - element.offset - size);
  }

  const ReadAt& read_;
  Picture out_;
  size_t count_ = 0;
  size_t depth_ = 0;  // of chapters
};

}  // namespace

Result<std::optional<Picture>> webm_to_send(const ReadAt& read) {
  constexpr uint8_t kMagic[] = {0x1a, 0x45, 0xdf, 0xa3};
  if (!equal(read(0, sizeof kMagic), ByteView(kMagic))) return std::optional<Picture>();
  return std::optional(TRY(WebM(read).look()));
}

}  // namespace godwit::cli
