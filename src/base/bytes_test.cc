#include "base/bytes.h"

#include <gtest/gtest.h>

namespace godwit {
namespace {

TEST(Bytes, hex_round_trips_and_refuses_other_characters) {
  Bytes out;
  ASSERT_TRUE(from_hex("00ffA5", out));
  EXPECT_EQ(out, (Bytes{0x00, 0xff, 0xa5}));
  EXPECT_EQ(to_hex(out), "00ffa5");
  EXPECT_FALSE(from_hex("0", out));
  EXPECT_FALSE(from_hex("0g", out));
}

TEST(Bytes, base64url_round_trips_every_length) {
  Bytes in;
  for (int i = 0; i < 70; ++i) {
    Bytes out;
    ASSERT_TRUE(from_base64url(to_base64url(in), out));
    EXPECT_EQ(out, in);
    in.push_back(static_cast<uint8_t>(i * 37));
  }
}

TEST(Bytes, base64url_refuses_padding_blanks_and_stray_bits) {
  Bytes out;
  EXPECT_FALSE(from_base64url("QQ==", out));
  EXPECT_FALSE(from_base64url("Q Q", out));
  EXPECT_FALSE(from_base64url("A", out));
  EXPECT_FALSE(from_base64url("QR", out));  // the low four bits are not zero
  EXPECT_TRUE(from_base64url("QQ", out));
}

}  // namespace
}  // namespace godwit
