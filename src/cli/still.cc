#include "cli/still.h"

#include <algorithm>
#include <set>

#include "cli/boxes.h"
#include "engine/errors.h"

namespace godwit::cli {
namespace {

using engine::kBadMedia;

constexpr size_t kBoxesMax = 10'000;
// What says where the items are: of a picture in hundreds of tiles some ten KiB.
constexpr uint64_t kMetaMax = 4 * 1024 * 1024;
constexpr size_t kItemsMax = 100'000;

struct Range {
  uint64_t offset = 0;
  uint64_t end = 0;
};

// Reads numbers one after the other.
class Cursor {
 public:
  explicit Cursor(ByteView bytes) : bytes_(bytes) {}
  Result<uint64_t> number(size_t size) {
    REQUIRE(size <= 8 && bytes_.size() - at_ >= size, kBadMedia, "a list of items is there as a whole");
    at_ += size;
    return big_endian(bytes_, at_ - size, size);
  }

 private:
  ByteView bytes_;
  size_t at_ = 0;
};

class Still {
 public:
  explicit Still(const ReadAt& read) : read_(read) {}

  Result<std::optional<Picture>> look() {
    uint64_t at = 0;
    for (size_t count = 0;; ++count) {
      REQUIRE(count < kBoxesMax, kBadMedia, "a picture has so many boxes at most");
      const auto box = TRY(box_at(read_, at, UINT64_MAX));
      if (!box) break;
      if (box->type == "meta") TRY(take_meta(*box));
      if (is_one_of(box->type, {"uuid", "udta", "free", "skip"})) away_.push_back({box->body, box->end});
      at = box->end;
    }
    REQUIRE(has_meta_, kBadMedia, "a picture says where its items are");
    return std::optional(TRY(without(at)));
  }

 private:
  Status take_meta(const Box& meta) {
    REQUIRE(!has_meta_ && meta.end - meta.body <= kMetaMax, kBadMedia, "a picture says once where its items are");
    has_meta_ = true;
    std::optional<Box> where;
    for (uint64_t at = meta.body + 4; at < meta.end;) {
      const auto box = TRY(box_at(read_, at, meta.end));
      if (box->type == "iinf") TRY(take_kinds(*box));
      if (box->type == "iloc") where = *box;
      if (box->type == "idat") inside_ = {box->body, box->end};
      at = box->end;
    }
    return where ? take_places(*where) : Status{};
  }

  Result<Bytes> content(const Box& box) {
    Bytes out = read_(box.body, static_cast<size_t>(box.end - box.body));
    REQUIRE(out.size() == box.end - box.body && out.size() >= 4, kBadMedia, "a list of items is there as a whole");
    return out;
  }

  // ItemInfoBox (ISO/IEC 14496-12 §8.11.6): which items are notes.
  Status take_kinds(const Box& box) {
    const uint8_t version = TRY(content(box))[0];
    for (uint64_t at = box.body + (version == 0 ? 6 : 8); at < box.end;) {
      const auto entry = TRY(box_at(read_, at, box.end));
      at = entry->end;
      if (entry->type != "infe") continue;
      const Bytes bytes = TRY(content(*entry));
      REQUIRE(bytes[0] == 2 || bytes[0] == 3, kBadMedia, "an item has a kind");
      Cursor cursor(ByteView(bytes).subspan(4));
      const uint64_t item = TRY(cursor.number(bytes[0] == 2 ? 2 : 4));
      TRY(cursor.number(2));
      const uint64_t kind = TRY(cursor.number(4));
      // EXIF; XMP and other texts; what a maker calls by an address.
      if (kind == 0x45786966 || kind == 0x6d696d65 || kind == 0x75726920) notes_.insert(item);
    }
    return {};
  }

  // ItemLocationBox (§8.11.3): where they lie.
  Status take_places(const Box& box) {
    const Bytes bytes = TRY(content(box));
    const uint8_t version = bytes[0];
    REQUIRE(version <= 2 && bytes.size() >= 6, kBadMedia, "a list of places of a version that is known");
    Cursor cursor(ByteView(bytes).subspan(6));
    const size_t offset_size = bytes[4] >> 4;
    const size_t length_size = bytes[4] & 0x0f;
    const size_t base_size = bytes[5] >> 4;
    const size_t index_size = version == 0 ? 0 : bytes[5] & 0x0f;
    const uint64_t items = TRY(cursor.number(version < 2 ? 2 : 4));
    REQUIRE(items <= kItemsMax, kBadMedia, "a picture has so many items at most");
    for (uint64_t i = 0; i < items; ++i) {
      const uint64_t item = TRY(cursor.number(version < 2 ? 2 : 4));
      const uint64_t method = version == 0 ? 0 : TRY(cursor.number(2)) & 0x0f;
      const uint64_t elsewhere = TRY(cursor.number(2));
      const uint64_t base = TRY(cursor.number(base_size));
      const uint64_t extents = TRY(cursor.number(2));
      for (uint64_t k = 0; k < extents; ++k) {
        TRY(cursor.number(index_size));
        const uint64_t offset = TRY(cursor.number(offset_size));
        const uint64_t length = TRY(cursor.number(length_size));
        if (notes_.contains(item)) TRY(take_away(method, elsewhere, base, offset, length));
      }
    }
    return {};
  }

  Status take_away(uint64_t method, uint64_t elsewhere, uint64_t base, uint64_t offset, uint64_t length) {
    REQUIRE(method <= 1 && elsewhere == 0 && length > 0, kBadMedia, "a note lies in the file");
    const Range whole = method == 1 ? inside_ : Range{0, UINT64_MAX};
    const uint64_t room = whole.end - whole.offset;
    REQUIRE(base <= room && offset <= room - base && length <= room - base - offset, kBadMedia,
            "a note lies in the file");
    const uint64_t first = whole.offset + base + offset;
    REQUIRE(!read_(first + length - 1, 1).empty(), kBadMedia, "a note is there as a whole");
    away_.push_back({first, first + length});
    return {};
  }

  // The file with zeros for what goes away.
  Result<Picture> without(uint64_t end) {
    std::ranges::sort(away_, {}, &Range::offset);
    Picture out;
    uint64_t at = 0;
    for (const Range& each : away_) {
      const uint64_t from = std::max(at, each.offset);
      if (each.end <= from) continue;  // two notes in one place
      REQUIRE(each.end <= end, kBadMedia, "a note lies in a box");
      keep_piece(out, at, from - at);
      blank_piece(out, from, each.end - from);
      at = each.end;
    }
    keep_piece(out, at, end - at);
    return out;
  }

  const ReadAt& read_;
  std::set<uint64_t> notes_;
  std::vector<Range> away_;
  Range inside_;
  bool has_meta_ = false;
};

}  // namespace

Result<std::optional<Picture>> still_to_send(const ReadAt& read) {
  const Bytes head = read(0, 12);
  if (head.size() < 12 || as_text(head).substr(4, 4) != "ftyp") return std::optional<Picture>();
  const std::string_view brand = as_text(head).substr(8);
  if (!is_one_of(brand, {"heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "avif", "avis"}))
    return std::optional<Picture>();
  return Still(read).look();
}

}  // namespace godwit::cli
