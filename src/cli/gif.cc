#include "cli/gif.h"

#include <algorithm>
#include <string_view>

#include "engine/errors.h"

namespace godwit::cli {
namespace {

using engine::kBadMedia;

// Introducers (§ 12 to 27) and labels of extensions.
constexpr uint8_t kImage = 0x2c;
constexpr uint8_t kExtension = 0x21;
constexpr uint8_t kTrailer = 0x3b;
constexpr uint8_t kComment = 0xfe;
constexpr uint8_t kApplication = 0xff;

constexpr size_t kScreenEnd = 13;
// What a GIF may have: each frame has some blocks of 255 bytes.
constexpr size_t kBlocksMax = 10'000'000;

uint64_t table_size(uint8_t flags) { return (flags & 0x80) == 0 ? 0 : uint64_t{3} << ((flags & 0x07) + 1); }

// How often it is shown, and its colours: without these it looks otherwise.
bool is_kept(std::string_view application) {
  constexpr std::string_view kKept[] = {"NETSCAPE2.0", "ANIMEXTS1.0", "ICCRGBG1012"};
  return std::find(std::begin(kKept), std::end(kKept), application) != std::end(kKept);
}

class Gif {
 public:
  explicit Gif(const ReadAt& read) : read_(read) {}

  Result<Picture> look() {
    const Bytes head = TRY(bytes(0, kScreenEnd));
    out_.width = uint32_t{head[7]} << 8 | head[6];
    out_.height = uint32_t{head[9]} << 8 | head[8];
    uint64_t at = kScreenEnd + table_size(head[10]);
    keep_piece(out_, 0, at);
    while (true) {
      const Bytes introducer = read_(at, 1);
      // Cut off, or without its end, as many are: what is there can be shown.
      if (introducer.empty()) break;
      if (introducer[0] == kTrailer) {
        keep_piece(out_, at, 1);
        break;  // whatever follows is not this picture
      }
      at = TRY(introducer[0] == kImage ? image(at) : extension(at));
    }
    REQUIRE(has_image_, kBadMedia, "a GIF has a picture in it");
    return std::move(out_);
  }

 private:
  Result<Bytes> bytes(uint64_t at, size_t size) {
    Bytes out = read_(at, size);
    REQUIRE(out.size() == size, kBadMedia, "a block is there as a whole");
    return out;
  }

  // Where the blocks of data that begin at `at` end.
  Result<uint64_t> data_end(uint64_t at) {
    while (true) {
      REQUIRE(++blocks_ < kBlocksMax, kBadMedia, "a GIF has so many blocks at most");
      const uint8_t size = TRY(bytes(at, 1))[0];
      at += uint64_t{1} + size;
      if (size == 0) return at;
    }
  }

  Result<uint64_t> image(uint64_t at) {
    const Bytes head = TRY(bytes(at, 10));
    const uint64_t end = TRY(data_end(at + 10 + table_size(head[9]) + 1));
    keep_piece(out_, at, end - at);
    has_image_ = true;
    return end;
  }

  Result<uint64_t> extension(uint64_t at) {
    const Bytes head = TRY(bytes(at, 3));
    REQUIRE(head[0] == kExtension, kBadMedia, "a GIF is made of blocks");
    const uint64_t end = TRY(data_end(at + 2));
    const bool named = head[1] == kApplication && head[2] == 11;
    const bool kept = named ? is_kept(as_text(TRY(bytes(at + 3, 11)))) : head[1] != kComment && head[1] != kApplication;
    if (kept) keep_piece(out_, at, end - at);
    return end;
  }

  const ReadAt& read_;
  Picture out_;
  size_t blocks_ = 0;
  bool has_image_ = false;
};

}  // namespace

Result<std::optional<Picture>> gif_to_send(const ReadAt& read) {
  const Bytes magic = read(0, 6);
  if (as_text(magic) != "GIF87a" && as_text(magic) != "GIF89a") return std::optional<Picture>();
  return std::optional(TRY(Gif(read).look()));
}

}  // namespace godwit::cli
