// A picture that is to be sent: from a disk, perhaps from anybody. What is left of it is read the same in any pieces, and is sent on
// as it is.

#include <algorithm>

#include "base/assert.h"
#include "cli/picture.h"
#include "cli/thumbnail.h"
#include "engine/file_content.h"

namespace {

godwit::cli::ReadAt reader(godwit::ByteView file) {
  return [file](uint64_t offset, size_t size) {
    if (offset >= file.size()) return godwit::Bytes{};
    return godwit::to_bytes(file.subspan(static_cast<size_t>(offset), std::min<size_t>(size, file.size() - offset)));
  };
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit::cli;
  const auto picture = picture_to_send(reader({data, size}));
  if (!picture || !*picture) return 0;
  const godwit::Bytes out = read_picture(**picture, reader({data, size}), 0, size + 64);
  ASSERT(out.size() == (*picture)->size());
  const godwit::Bytes half = read_picture(**picture, reader({data, size}), out.size() / 2, size + 64);
  ASSERT(std::equal(half.begin(), half.end(), out.end() - static_cast<ptrdiff_t>(half.size()), out.end()));
  const auto small = thumbnail_of(out, (*picture)->orientation);
  ASSERT(!small || small->size() <= godwit::engine::kThumbnailSizeMax);
  const auto again = picture_to_send(reader(out));
  // Without its tags a sound is of no kind that is known.
  ASSERT(again && (!*again || (*again)->size() == out.size()));
  return 0;
}
