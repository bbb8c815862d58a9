#include "routes/public_address.h"

#include <algorithm>

namespace godwit::routes {
namespace {

struct Block4 {
  uint8_t first[4];
  int bits;
};
// IANA IPv4 Special-Purpose Address Registry (RFC 6890), and multicast with all above it.
constexpr Block4 kBlocks4[] = {
    {{0, 0, 0, 0}, 8},       {{10, 0, 0, 0}, 8},      {{100, 64, 0, 0}, 10},   {{127, 0, 0, 0}, 8},
    {{169, 254, 0, 0}, 16},  {{172, 16, 0, 0}, 12},   {{192, 0, 0, 0}, 24},    {{192, 0, 2, 0}, 24},
    {{192, 31, 196, 0}, 24}, {{192, 52, 193, 0}, 24}, {{192, 88, 99, 0}, 24},  {{192, 168, 0, 0}, 16},
    {{192, 175, 48, 0}, 24}, {{198, 18, 0, 0}, 15},   {{198, 51, 100, 0}, 24}, {{203, 0, 113, 0}, 24},
    {{224, 0, 0, 0}, 3},
};

struct Block6 {
  uint8_t first[6];
  int bits;
};
// What is special inside 2000::/3: Teredo and other protocols, documentation, 6to4, AS112.
constexpr Block6 kBlocks6[] = {
    {{0x20, 0x01, 0x00, 0x00}, 23},
    {{0x20, 0x01, 0x0d, 0xb8}, 32},
    {{0x20, 0x02}, 16},
    {{0x26, 0x20, 0x00, 0x4f, 0x80, 0x00}, 48},
    {{0x3f, 0xff, 0x00}, 20},
};

// True if the first `bits` of both are the same.
bool within(const uint8_t* address, const uint8_t* first, int bits) {
  for (int at = 0; bits > 0; ++at, bits -= 8) {
    const int mask = bits >= 8 ? 0xff : 0xff00 >> bits & 0xff;
    if (((address[at] ^ first[at]) & mask) != 0) return false;
  }
  return true;
}

bool is_public_ipv4(const uint8_t* address) {
  return std::none_of(std::begin(kBlocks4), std::end(kBlocks4),
                      [&](const Block4& block) { return within(address, block.first, block.bits); });
}

}  // namespace

bool is_public_address(const MappedAddress& address) {
  constexpr uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  constexpr uint8_t kTranslated[12] = {0x00, 0x64, 0xff, 0x9b};
  if (within(address.data(), kMapped, 96) || within(address.data(), kTranslated, 96)) {
    return is_public_ipv4(address.data() + 12);
  }
  if ((address[0] & 0xe0) != 0x20) return false;  // global unicast is 2000::/3
  return std::none_of(std::begin(kBlocks6), std::end(kBlocks6),
                      [&](const Block6& block) { return within(address.data(), block.first, block.bits); });
}

}  // namespace godwit::routes
