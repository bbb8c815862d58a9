#include "bridge/home_link.h"

#include <algorithm>

#include "bridge/errors.h"

namespace godwit::bridge {
namespace {

constexpr std::string_view kScheme = "godwit-home:";
constexpr size_t kTextMax = 4096;
constexpr size_t kRoutesMax = 8;
constexpr size_t kRouteSizeMax = 256;
constexpr size_t kChecksumSize = 4;
constexpr size_t kHomeKeySize = 32;
constexpr uint8_t kVersion = 1;
constexpr const char* kRule = "bridge: a whole home link of version 1";

// CRC-32 as in ISO 3309: a link ends in that of its bytes.
uint32_t crc32(ByteView bytes) {
  uint32_t sum = 0xffffffffU;
  for (const uint8_t byte : bytes) {
    sum ^= byte;
    for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1) ^ ((sum & 1U) != 0 ? 0xedb88320U : 0U);
  }
  return ~sum;
}

/// Takes pieces from the front of `rest`; false: there is no such piece.
struct Cursor {
  ByteView rest;

  bool take(size_t size, ByteView& out) {
    if (size > rest.size()) return false;
    out = rest.first(size);
    rest = rest.subspan(size);
    return true;
  }
  // opaque<V> (RFC 9420 §2.1.2), of which one and two bytes of length are enough here.
  bool take_vector(ByteView& out) {
    ByteView length;
    if (!take(1, length)) return false;
    size_t size = length[0];
    if (size >= 0x80) return false;
    if (size >= 0x40) {
      if (!take(1, length)) return false;
      size = (size - 0x40) << 8 | length[0];
      if (size < 0x40) return false;
    }
    return take(size, out);
  }
};

bool is_uri_character(uint8_t c) { return c > ' ' && c < 0x7f; }

// routes<V>, each an opaque<V>.
bool read_routes(Cursor& cursor, std::vector<std::string>& routes) {
  ByteView all;
  if (!cursor.take_vector(all)) return false;
  Cursor list{all};
  while (!list.rest.empty()) {
    ByteView route;
    if (!list.take_vector(route) || route.empty() || route.size() > kRouteSizeMax) return false;
    if (!std::all_of(route.begin(), route.end(), is_uri_character)) return false;
    routes.emplace_back(route.begin(), route.end());
  }
  return !routes.empty() && routes.size() <= kRoutesMax;
}

// optional<opaque[32]>.
bool read_pin(Cursor& cursor, std::optional<ByteArray<32>>& pin) {
  ByteView present, bytes;
  if (!cursor.take(1, present) || present[0] > 1) return false;
  if (present[0] == 0) return true;
  if (!cursor.take(32, bytes)) return false;
  std::copy(bytes.begin(), bytes.end(), pin.emplace().begin());
  return true;
}

}  // namespace

bool is_home_link(std::string_view text) { return text.starts_with(kScheme); }

Result<HomeLink> parse_home_link(std::string_view text) {
  REQUIRE(is_home_link(text) && text.size() <= kTextMax, kDamagedLink, kRule);
  Bytes bytes;
  REQUIRE(from_base64url(text.substr(kScheme.size()), bytes) && bytes.size() > kChecksumSize, kDamagedLink, kRule);
  const ByteView content = ByteView(bytes).first(bytes.size() - kChecksumSize);
  uint32_t sum = 0;
  for (const uint8_t byte : ByteView(bytes).last(kChecksumSize)) sum = sum << 8 | byte;
  REQUIRE(sum == crc32(content), kDamagedLink, kRule);
  Cursor cursor{content};
  HomeLink link;
  ByteView version, key, admission_code;
  REQUIRE(cursor.take(1, version) && version[0] == kVersion && cursor.take(kHomeKeySize, key), kDamagedLink, kRule);
  REQUIRE(read_routes(cursor, link.routes) && read_pin(cursor, link.pin), kDamagedLink, kRule);
  REQUIRE(cursor.take_vector(admission_code) && cursor.rest.empty(), kDamagedLink, kRule);
  return link;
}

}  // namespace godwit::bridge
