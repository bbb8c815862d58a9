#include "cli/ogg.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "engine/errors.h"

namespace godwit::cli {
namespace {

using engine::kBadMedia;

// Of a page (RFC 3533 §6).
constexpr size_t kHead = 27;
constexpr size_t kSegmentsMax = 255;
constexpr size_t kSerialAt = 14;
constexpr size_t kCheckAt = 22;
constexpr uint8_t kBegins = 2;
// A page has at most 64 KiB: some gigabytes.
constexpr size_t kPagesMax = 10'000'000;
// Bytes of pages with comments, which are in memory until they are sent: covers are of some megabytes.
constexpr size_t kCommentsMax = size_t{64} << 20;
constexpr size_t kStreamsMax = 64;

// What is in a stream, by its first packet.
enum class Codec : uint8_t { kOther, kOpus, kVorbis, kTheora, kSpeex, kFlac };

Codec codec_of(ByteView packet) {
  constexpr std::pair<std::string_view, Codec> kKnown[] = {{"OpusHead", Codec::kOpus},
                                                           {"\x01vorbis", Codec::kVorbis},
                                                           {"\x80theora", Codec::kTheora},
                                                           {"Speex   ", Codec::kSpeex},
                                                           {"\x7f" "FLAC", Codec::kFlac}};
  for (const auto& [magic, codec] : kKnown) {
    if (as_text(packet).starts_with(magic)) return codec;
  }
  return Codec::kOther;
}

void put_little(Bytes& out, uint32_t value) {
  for (size_t i = 0; i < 4; ++i) out.push_back(static_cast<uint8_t>(value >> 8 * i));
}

// CRC-32 of a page whose own checksum is zero (§6, field 7): most significant bit first, nothing turned about.
uint32_t checksum(ByteView page) {
  uint32_t out = 0;
  for (const uint8_t byte : page) {
    out ^= uint32_t{byte} << 24;
    for (int i = 0; i < 8; ++i) out = (out << 1) ^ ((out >> 31) != 0 ? 0x04c11db7U : 0);
  }
  return out;
}

void check_anew(Bytes& page) {
  std::fill_n(page.begin() + kCheckAt, 4, uint8_t{0});
  const uint32_t check = checksum(page);
  for (size_t i = 0; i < 4; ++i) page[kCheckAt + i] = static_cast<uint8_t>(check >> 8 * i);
}

// Comments (Vorbis I §5.2) of the same size that say nothing: the maker is so many blanks, and there is no comment.
Result<Bytes> empty_comments(ByteView packet, std::string_view magic, bool framed) {
  const size_t around = magic.size() + 8 + (framed ? 1 : 0);
  REQUIRE(packet.size() >= around && as_text(packet).starts_with(magic), kBadMedia, "a sound has its comments");
  Bytes out = to_bytes(as_bytes(magic));
  put_little(out, static_cast<uint32_t>(packet.size() - around));
  out.resize(packet.size() - 4 - (framed ? 1 : 0), ' ');
  put_little(out, 0);
  if (framed) out.push_back(1);
  return out;
}

// A metadata block (RFC 9639 §8): comments, pictures and programs' own.
Result<Bytes> empty_block(ByteView packet) {
  constexpr uint8_t kPadding = 1, kApplication = 2, kComments = 4, kPictureBlock = 6;
  REQUIRE(packet.size() >= 4, kBadMedia, "a block of FLAC has its head");
  const uint8_t type = packet[0] & 0x7f;
  if (type == kComments) return empty_comments(packet, as_text(packet.first(4)), false);
  Bytes out = to_bytes(packet);
  if (type != kApplication && type != kPictureBlock && type != kPadding) return out;
  out[0] = static_cast<uint8_t>((packet[0] & 0x80) | kPadding);
  std::fill(out.begin() + 4, out.end(), uint8_t{0});
  return out;
}

Result<Bytes> emptied(Codec codec, ByteView packet) {
  switch (codec) {
    case Codec::kOpus:
      return empty_comments(packet, "OpusTags", false);
    case Codec::kVorbis:
      return empty_comments(packet, "\x03vorbis", true);
    case Codec::kTheora:
      return empty_comments(packet, "\x81theora", false);
    case Codec::kSpeex:
      return empty_comments(packet, "", false);
    case Codec::kFlac:
      return empty_block(packet);
    case Codec::kOther:
      break;
  }
  return to_bytes(packet);
}

class Ogg {
 public:
  explicit Ogg(const ReadAt& read) : read_(read) {}

  Result<Picture> look() {
    uint64_t at = 0;
    for (size_t pages = 0; !read_(at, 1).empty(); ++pages) {
      REQUIRE(pages < kPagesMax, kBadMedia, "an Ogg has so many pages at most");
      at = TRY(page(at));
    }
    for (const auto& [serial, stream] : streams_) REQUIRE(stream.over, kBadMedia, "a stream has its comments");
    return std::move(out_);
  }

 private:
  // Where a part of a packet stands: in the page that is sent as that piece.
  struct Part {
    size_t piece = 0;
    size_t at = 0;
    size_t size = 0;
  };
  struct Stream {
    Codec codec = Codec::kOther;
    bool first = true;  // its first packet is to come
    bool over = false;  // nothing more of it is changed
    Bytes packet;       // as far as it has come
    std::vector<Part> parts;
  };

  // One page; where the next one begins.
  Result<uint64_t> page(uint64_t at) {
    const Bytes head = read_(at, kHead + kSegmentsMax);
    REQUIRE(head.size() >= kHead && as_text(head).starts_with(std::string_view("OggS\0", 5)), kBadMedia,
            "an Ogg is made of pages");
    const size_t segments = head[kHead - 1];
    REQUIRE(head.size() >= kHead + segments, kBadMedia, "a page is there as a whole");
    size_t size = kHead + segments;
    for (size_t i = 0; i < segments; ++i) size += head[kHead + i];
    REQUIRE(!read_(at + size - 1, 1).empty(), kBadMedia, "a page is there as a whole");
    uint32_t serial = 0;
    for (size_t i = 0; i < 4; ++i) serial |= uint32_t{head[kSerialAt + i]} << 8 * i;
    if ((head[5] & kBegins) != 0) {
      // A later one may have the same number: sounds are put one behind the other.
      const auto before = streams_.find(serial);
      REQUIRE(before == streams_.end() || before->second.over, kBadMedia, "a stream has its comments");
      REQUIRE(before != streams_.end() || streams_.size() < kStreamsMax, kBadMedia,
              "an Ogg has so many streams at most");
      streams_[serial] = {};
    }
    const auto stream = streams_.find(serial);
    REQUIRE(stream != streams_.end(), kBadMedia, "a page is of a stream that has begun");
    if (stream->second.over) {
      keep_piece(out_, at, size);
    } else {
      TRY(change(stream->second, at, size, segments));
    }
    return at + size;
  }

  // A page in which there may be a part of what is changed.
  Status change(Stream& stream, uint64_t at, size_t size, size_t segments) {
    held_ += size;
    REQUIRE(held_ <= kCommentsMax, kBadMedia, "comments have so many bytes at most");
    const size_t piece = out_.pieces.size();
    out_.pieces.push_back({at, size, read_(at, size), false});
    const Bytes page = out_.pieces.back().instead;
    REQUIRE(page.size() == size, kBadMedia, "a page is there as a whole");
    size_t next = kHead + segments;
    for (size_t i = 0; i < segments && !stream.over; ++i) {
      const size_t count = page[kHead + i];
      append(stream.packet, ByteView(page).subspan(next, count));
      stream.parts.push_back({piece, next, count});
      next += count;
      // A packet ends with a segment that is not full.
      if (count < kSegmentsMax) TRY(end_packet(stream));
    }
    return {};
  }

  Status end_packet(Stream& stream) {
    const Bytes packet = std::exchange(stream.packet, {});
    const std::vector<Part> parts = std::exchange(stream.parts, {});
    if (std::exchange(stream.first, false)) {
      stream.codec = codec_of(packet);
      stream.over = stream.codec == Codec::kOther;
      return {};
    }
    const Bytes instead = TRY(emptied(stream.codec, packet));
    ASSERT(instead.size() == packet.size());
    size_t done = 0;
    for (const Part& each : parts) {
      Bytes& page = out_.pieces[each.piece].instead;
      std::copy_n(instead.begin() + static_cast<ptrdiff_t>(done), each.size,
                  page.begin() + static_cast<ptrdiff_t>(each.at));
      done += each.size;
    }
    for (size_t i = 0; i < parts.size(); ++i) {
      if (i + 1 == parts.size() || parts[i + 1].piece != parts[i].piece)
        check_anew(out_.pieces[parts[i].piece].instead);
    }
    // FLAC has one packet for each block, and the last one says so.
    stream.over = stream.codec != Codec::kFlac || (packet[0] & 0x80) != 0;
    return {};
  }

  const ReadAt& read_;
  Picture out_;
  std::map<uint32_t, Stream> streams_;
  size_t held_ = 0;
};

}  // namespace

Result<std::optional<Picture>> ogg_to_send(const ReadAt& read) {
  if (as_text(read(0, 4)) != "OggS") return std::optional<Picture>();
  return std::optional(TRY(Ogg(read).look()));
}

}  // namespace godwit::cli
