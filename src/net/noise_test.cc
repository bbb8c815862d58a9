#include "net/noise.h"

#include <gtest/gtest.h>

#include <set>

namespace godwit::net {
namespace {

TEST(Noise, no_byte_is_given_twice) {
  // 16 bytes do not come twice by chance; what is asked for lies across the places where more is drawn.
  std::set<Bytes> seen;
  for (int i = 0; i < 2000; ++i) {
    Bytes bytes(16);
    draw_noise(bytes);
    EXPECT_TRUE(seen.insert(bytes).second);
  }
  Bytes large(20'000);
  draw_noise(large);
  for (size_t at = 0; at + 16 <= large.size(); at += 16) {
    EXPECT_TRUE(seen.insert(Bytes(large.begin() + static_cast<std::ptrdiff_t>(at), large.begin() + static_cast<std::ptrdiff_t>(at + 16))).second);
  }
}

}  // namespace
}  // namespace godwit::net
