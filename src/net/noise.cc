#include "net/noise.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>

#include "base/assert.h"

namespace godwit::net {
namespace {

struct Drawn {
  std::array<uint8_t, 4096> bytes{};
  size_t used = sizeof bytes;
};

}  // namespace

void draw_noise(ByteSpan out) {
  thread_local Drawn drawn;
  while (!out.empty()) {
    if (drawn.used == drawn.bytes.size()) {
      ASSERT(RAND_bytes(drawn.bytes.data(), static_cast<int>(drawn.bytes.size())) == 1);
      drawn.used = 0;
    }
    const size_t count = std::min(out.size(), drawn.bytes.size() - drawn.used);
    std::copy_n(drawn.bytes.begin() + static_cast<std::ptrdiff_t>(drawn.used), count, out.begin());
    drawn.used += count;
    out = out.subspan(count);
  }
}

}  // namespace godwit::net
