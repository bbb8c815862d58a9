#include "cli/boxes.h"

#include <algorithm>

#include "engine/errors.h"

namespace godwit::cli {
namespace {

using engine::kBadMedia;

// No file is longer; of those that may be sent none is by far.
constexpr uint64_t kFileMax = uint64_t{1} << 62;

}  // namespace

uint64_t file_end(const ReadAt& read, uint64_t has) {
  uint64_t lacks = kFileMax;
  while (lacks - has > 1) {
    const uint64_t middle = has + (lacks - has) / 2;
    (read(middle, 1).empty() ? lacks : has) = middle;
  }
  return lacks;
}

uint64_t big_endian(ByteView bytes, size_t at, size_t size) {
  uint64_t out = 0;
  for (size_t i = 0; i < size; ++i) out = out << 8 | bytes[at + i];
  return out;
}

bool is_one_of(std::string_view type, std::initializer_list<std::string_view> types) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

Result<std::optional<Box>> box_at(const ReadAt& read, uint64_t at, uint64_t end) {
  const Bytes head = read(at, 16);
  if (head.empty() && end == UINT64_MAX) return std::optional<Box>();
  REQUIRE(head.size() >= 8, kBadMedia, "a file of boxes is made of boxes");
  Box box{std::string(as_text(head).substr(4, 4)), at, at + 8, 0};
  uint64_t size = big_endian(head, 0, 4);
  if (size == 1) {
    REQUIRE(head.size() == 16, kBadMedia, "a large box has its length");
    size = big_endian(head, 8, 8);
    box.body = at + 16;
  }
  if (size == 0) {  // to the end of the file, which is nobody's inner box
    REQUIRE(end == UINT64_MAX && box.type == "mdat", kBadMedia, "a box has its length");
    size = file_end(read, at) - at;
  }
  REQUIRE(size >= box.body - at && size <= end - at, kBadMedia, "a box lies within its outer one");
  box.end = at + size;
  REQUIRE(end != UINT64_MAX || !read(box.end - 1, 1).empty(), kBadMedia, "a box is there as a whole");
  return std::optional(box);
}

}  // namespace godwit::cli
