#include "codec/reader.h"

#include "codec/errors.h"

namespace godwit::codec {

Result<ByteView> Reader::raw(size_t size) {
  REQUIRE(size <= rest_.size(), kTruncated, "RFC 8446 §3: the input ends inside a field");
  const ByteView out = rest_.first(size);
  rest_ = rest_.subspan(size);
  return out;
}

Result<uint64_t> Reader::number(size_t size) {
  uint64_t value = 0;
  for (const uint8_t byte : TRY(raw(size))) value = (value << 8) | byte;
  return value;
}

Result<uint8_t> Reader::u8() { return static_cast<uint8_t>(TRY(number(1))); }
Result<uint16_t> Reader::u16() { return static_cast<uint16_t>(TRY(number(2))); }
Result<uint32_t> Reader::u32() { return static_cast<uint32_t>(TRY(number(4))); }
Result<uint64_t> Reader::u64() { return number(8); }

Result<uint32_t> Reader::varint() {
  REQUIRE(!rest_.empty(), kTruncated, "RFC 9420 §2.1.2: the input ends before a length");
  const unsigned prefix = rest_[0] >> 6;
  REQUIRE(prefix != 3, kBadVarintPrefix, "RFC 9420 §2.1.2, MLS-003: prefix 3 is invalid");
  const size_t size = size_t{1} << prefix;
  const auto raw_value = static_cast<uint32_t>(TRY(number(size)));
  const uint32_t value = raw_value & static_cast<uint32_t>((uint64_t{1} << (8 * size - 2)) - 1);
  REQUIRE(size == 1 || value >= (size == 2 ? 0x40U : 0x4000U), kNonMinimalVarint,
          "RFC 9420 §2.1.2, MLS-002: lengths use the fewest bytes");
  return value;
}

Result<ByteView> Reader::opaque(uint32_t size_max) {
  const uint32_t size = TRY(varint());
  // MLS-004
  REQUIRE(size <= size_max, kOversizeVector, "a vector is longer than its bound");
  return raw(size);
}

Status Reader::finish() const {
  // MLS-006
  REQUIRE(rest_.empty(), kTrailingBytes, "RFC 8446 §3: bytes follow the last field");
  return {};
}

}  // namespace godwit::codec
