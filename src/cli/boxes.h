#pragma once
// The boxes of films and of still pictures (ISO/IEC 14496-12 §4.2). Only their heads are read.

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "cli/picture.h"

namespace godwit::cli {

/// One box: [offset, end) of the file, its content from `body` on.
struct Box {
  std::string type;
  uint64_t offset = 0;
  uint64_t body = 0;
  uint64_t end = 0;
};

/// The box at `at` of the outer one that ends at `end`; UINT64_MAX: of the file, where nothing is its end. engine::kBadMedia: what is
/// there is none, or not all of it.
Result<std::optional<Box>> box_at(const ReadAt& read, uint64_t at, uint64_t end);
/// Where the file ends, of which the byte at `has` is there: found by halving, without reading what is between.
uint64_t file_end(const ReadAt& read, uint64_t has);
/// An unsigned number of `size` bytes, most significant first. They have to be there.
uint64_t big_endian(ByteView bytes, size_t at, size_t size);
/// True if the type is among them.
bool is_one_of(std::string_view type, std::initializer_list<std::string_view> types);

}  // namespace godwit::cli
