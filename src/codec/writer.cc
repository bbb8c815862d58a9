#include "codec/writer.h"

#include <algorithm>

namespace godwit::codec {
namespace {

// Zeros that the compiler cannot leave out as dead: it has to believe that somebody reads them.
void wipe(Bytes& bytes) {
  std::fill(bytes.begin(), bytes.end(), uint8_t{0});
  __asm__ __volatile__("" : : "r"(bytes.data()) : "memory");
}

}  // namespace

Writer::~Writer() { wipe(bytes_); }

void Writer::make_room(size_t size) {
  if (counts_) return;
  const size_t needed = bytes_.size() + size;
  if (needed <= bytes_.capacity()) return;
  Bytes larger;
  larger.reserve(std::max({needed, 2 * bytes_.capacity(), size_t{64}}));
  append(larger, bytes_);
  wipe(bytes_);
  bytes_ = std::move(larger);
}

void Writer::raw(ByteView bytes) {
  if (counts_) {
    counted_ += bytes.size();
    return;
  }
  make_room(bytes.size());
  append(bytes_, bytes);
}

void Writer::number(uint64_t value, unsigned size) {
  if (counts_) {
    counted_ += size;
    return;
  }
  make_room(size);
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
