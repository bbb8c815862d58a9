#include "base/random.h"

#include "base/assert.h"

namespace godwit {

uint64_t Random::below(uint64_t bound) {
  ASSERT(bound != 0);
  // Numbers at or above the largest multiple of `bound` would favour small results: they are drawn again.
  const uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
  while (true) {
    uint64_t value = 0;
    for (const uint8_t byte : bytes<8>()) value = (value << 8) | byte;
    if (value < limit) return value % bound;
  }
}

}  // namespace godwit
