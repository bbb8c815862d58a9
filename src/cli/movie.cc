#include "cli/movie.h"

#include <string>
#include <string_view>

#include "cli/boxes.h"
#include "engine/errors.h"

namespace godwit::cli {
namespace {

using engine::kBadMedia;

// Boxes below boxes: real ones that are gone into lie five deep.
constexpr size_t kDepthMax = 8;
// A film that is streamed has some ten for each second.
constexpr size_t kBoxesMax = 1'000'000;
// Those that are gone into.
bool is_container(std::string_view type) { return is_one_of(type, {"moov", "trak", "mdia", "minf", "moof", "traf"}); }

// Places, names, devices, covers, Adobe's and everybody's own: nothing that a player needs. What is already free is emptied too,
// since programs that edit in place leave there what was before.
bool is_note(std::string_view type) {
  return is_one_of(type, {"udta", "meta", "uuid", "prft", "loci", "Xtra", "free", "skip", "wide"});
}

class Movie {
 public:
  explicit Movie(const ReadAt& read) : read_(read) {}

  Result<std::optional<Picture>> look() {
    const Bytes head = read_(0, 8);
    if (head.size() < 8) return std::optional<Picture>();
    const std::string first(as_text(head).substr(4));
    // A raw picture of Canon's lies in boxes too, and is found by its "uuid": it is sent as it is.
    if (first == "ftyp" && as_text(read_(8, 4)) == "crx ") return std::optional<Picture>();
    // Old films of QuickTime begin with any box; that a text does so by chance is seen by its length.
    const bool sure = first == "ftyp";
    if (!sure && !is_one_of(first, {"moov", "wide", "mdat", "free", "skip"})) return std::optional<Picture>();
    const Status walked = boxes(0, UINT64_MAX, 0);
    if (!walked && sure) return walked.error();
    if (!walked || !has_moov_) return std::optional<Picture>();
    return std::optional(std::move(out_));
  }

 private:
  Status boxes(uint64_t at, uint64_t end, size_t depth) {
    REQUIRE(depth < kDepthMax, kBadMedia, "boxes lie so deep at most");
    while (at < end) {
      if (end != UINT64_MAX && end - at < 8) return blank(at, end - at);  // QuickTime ends some lists with zeros
      REQUIRE(++count_ < kBoxesMax, kBadMedia, "a film has so many boxes at most");
      const auto box = TRY(box_at(read_, at, end));
      if (!box) return {};
      has_moov_ |= depth == 0 && box->type == "moov";
      TRY(take(*box, depth));
      at = box->end;
    }
    return {};
  }

  Status take(const Box& box, size_t depth) {
    if (is_container(box.type)) {
      keep(box.offset, box.body - box.offset);
      return boxes(box.body, box.end, depth + 1);
    }
    if (is_note(box.type)) {
      keep(box.offset, 4);
      out_.pieces.push_back({0, 4, to_bytes(as_bytes("free")), false});
      keep(box.offset + 8, box.body - box.offset - 8);
      return blank(box.body, box.end - box.body);
    }
    if (is_one_of(box.type, {"mvhd", "tkhd", "mdhd"})) return times(box);
    // Its name is the camera's or the program's.
    if (box.type == "hdlr") return part_blank(box, 12, UINT64_MAX);
    keep(box.offset, box.end - box.offset);
    return {};
  }

  // When it was made and changed (§8.2.2), 32 or 64 bits each after the version and its flags.
  Status times(const Box& box) {
    const Bytes version = read_(box.body, 1);
    REQUIRE(version.size() == 1 && version[0] <= 1, kBadMedia, "a header of a version that is known");
    return part_blank(box, 4, version[0] == 1 ? 16 : 8);
  }

  Status part_blank(const Box& box, uint64_t from, uint64_t size) {
    const uint64_t body = box.end - box.body;
    REQUIRE(body >= from && (size == UINT64_MAX || body - from >= size), kBadMedia, "a header is there as a whole");
    const uint64_t count = std::min(size, body - from);
    keep(box.offset, box.body - box.offset + from);
    TRY(blank(box.body + from, count));
    keep(box.body + from + count, body - from - count);
    return {};
  }

  void keep(uint64_t offset, uint64_t size) { keep_piece(out_, offset, size); }

  Status blank(uint64_t offset, uint64_t size) {
    blank_piece(out_, offset, size);
    return {};
  }

  const ReadAt& read_;
  Picture out_;
  size_t count_ = 0;
  bool has_moov_ = false;
};

}  // namespace

Result<std::optional<Picture>> movie_to_send(const ReadAt& read) { return Movie(read).look(); }

}  // namespace godwit::cli
