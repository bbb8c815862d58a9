#include "codec/link_payload.h"

#include "codec/errors.h"
#include "codec/reader.h"
#include "codec/writer.h"

namespace godwit::codec {
namespace {
constexpr size_t kChecksumSize = 4;
}  // namespace

uint32_t crc32(ByteView bytes) {
  uint32_t sum = 0xffffffffU;
  for (const uint8_t byte : bytes) {
    sum ^= byte;
    for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1) ^ ((sum & 1U) != 0 ? 0xedb88320U : 0U);
  }
  return ~sum;
}

std::string to_link_payload(ByteView bytes) {
  Writer writer;
  writer.raw(bytes);
  writer.u32(crc32(bytes));
  return to_base64url(writer.view());
}

Result<Bytes> from_link_payload(std::string_view text) {
  REQUIRE(text.size() <= kLinkPayloadSizeMax, kBadChecksum, "a link is at most 4096 characters long");
  Bytes bytes;
  REQUIRE(from_base64url(text, bytes), kBadChecksum, "a link's payload is base64url");
  REQUIRE(bytes.size() >= kChecksumSize, kBadChecksum, "a link's payload ends in four bytes of checksum");
  Reader sum(ByteView(bytes).last(kChecksumSize));
  const ByteView content = ByteView(bytes).first(bytes.size() - kChecksumSize);
  REQUIRE(TRY(sum.u32()) == crc32(content), kBadChecksum, "a link's checksum fits its payload");
  return to_bytes(content);
}

}  // namespace godwit::codec
