#include "cli/tagged_sound.h"

#include "cli/boxes.h"
#include "engine/errors.h"

namespace godwit::cli {
namespace {

using engine::kBadMedia;

constexpr size_t kHead = 10;
constexpr size_t kTail = 128;  // of ID3v1
// Some programs put one before the other.
constexpr size_t kTagsMax = 64;

// Seven bits in each byte (ID3v2.4 §6.2), and a footer of ten bytes if the flags say so.
Result<uint64_t> tag_size(ByteView head) {
  uint64_t size = 0;
  for (size_t i = 6; i < kHead; ++i) {
    REQUIRE(head[i] < 0x80, kBadMedia, "a tag has its length");
    size = size << 7 | head[i];
  }
  return kHead + size + ((head[5] & 0x10) != 0 ? kHead : 0);
}

}  // namespace

Result<std::optional<Picture>> tagged_sound_to_send(const ReadAt& read) {
  uint64_t begin = 0;
  for (size_t tags = 0;; ++tags) {
    const Bytes head = read(begin, kHead);
    if (head.size() < kHead || as_text(head).substr(0, 3) != "ID3") break;
    REQUIRE(tags < kTagsMax, kBadMedia, "a sound has so many tags at most");
    begin += TRY(tag_size(head));
  }
  if (begin == 0) return std::optional<Picture>();
  REQUIRE(!read(begin, 1).empty(), kBadMedia, "behind a tag is a sound");
  uint64_t end = file_end(read, begin);
  if (end - begin >= kTail && as_text(read(end - kTail, 3)) == "TAG") end -= kTail;
  Picture out;
  keep_piece(out, begin, end - begin);
  // A picture there would go with what is in it.
  const ReadAt behind = [&](uint64_t offset, size_t size) { return read_picture(out, read, offset, size); };
  REQUIRE(!TRY(picture_to_send(behind)), kBadMedia, "behind a tag is a sound");
  return std::optional(std::move(out));
}

}  // namespace godwit::cli
