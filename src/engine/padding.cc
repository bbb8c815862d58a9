#include "engine/padding.h"

#include <algorithm>

namespace godwit::engine {

size_t bucket_for(size_t size) {
  for (const size_t bucket : {512U, 1024U, 2048U, 4096U}) {
    if (size + kPaddingRoom <= bucket) return bucket - kPaddingRoom;
  }
  constexpr size_t kStep = 4096;
  return (size + kPaddingRoom + kStep - 1) / kStep * kStep - kPaddingRoom;
}

void pad(Bytes& plaintext) { plaintext.resize(bucket_for(plaintext.size() + kBoxOverhead) - kBoxOverhead); }

bool is_padding(ByteView padding) {
  return std::all_of(padding.begin(), padding.end(), [](uint8_t byte) { return byte == 0; });
}

}  // namespace godwit::engine
