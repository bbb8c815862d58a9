#include "codec/writer.h"

#include "base/assert.h"

namespace godwit::codec {

void Writer::number(uint64_t value, unsigned size) {
  for (unsigned i = size; i > 0; --i) bytes_.push_back(static_cast<uint8_t>(value >> (8 * (i - 1))));
}

void Writer::varint(uint32_t value) {
  ASSERT(value <= kVarintMax);
  if (value < 0x40) {
    number(value, 1);
  } else if (value < 0x4000) {
    number(value | 0x4000U, 2);
  } else {
    number(value | 0x80000000U, 4);
  }
}

void Writer::opaque(ByteView bytes) {
  ASSERT(bytes.size() <= kVarintMax);
  varint(static_cast<uint32_t>(bytes.size()));
  raw(bytes);
}

}  // namespace godwit::codec
