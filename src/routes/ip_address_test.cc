#include "routes/ip_address.h"

#include <gtest/gtest.h>

#include <vector>

namespace godwit::routes {
namespace {

std::string reprint(std::string_view text) {
  const auto address = parse_ipv6(text);
  return address ? print_ipv6(*address) : "refused";
}

TEST(IpAddress, ipv4_is_four_plain_numbers) {
  EXPECT_EQ(parse_ipv4("192.0.2.1"), (ByteArray<4>{192, 0, 2, 1}));
  EXPECT_EQ(print_ipv4({255, 0, 0, 9}), "255.0.0.9");
  for (const char* text : {"", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.", ".1.2.3",
                           "1..2.3", "1.2.3.4 ", "0x1.2.3.4", "+1.2.3.4", "1.2.3.1234"}) {
    EXPECT_FALSE(parse_ipv4(text)) << text;
  }
}

TEST(IpAddress, ipv6_is_printed_the_one_recommended_way) {
  EXPECT_EQ(reprint("::"), "::");
  EXPECT_EQ(reprint("::1"), "::1");
  EXPECT_EQ(reprint("1::"), "1::");
  EXPECT_EQ(reprint("2001:DB8::0:1"), "2001:db8::1");
  EXPECT_EQ(reprint("2001:0db8:0000:0000:0001:0000:0000:0001"), "2001:db8::1:0:0:1");
  EXPECT_EQ(reprint("2001:db8:0:1:1:1:1:1"), "2001:db8:0:1:1:1:1:1");
  EXPECT_EQ(reprint("1:0:0:2:0:0:0:3"), "1:0:0:2::3");
  EXPECT_EQ(reprint("1:2:3:4:5:6:7::"), "1:2:3:4:5:6:7:0");
  EXPECT_EQ(reprint("0:0:1:2:3:4:5:6"), "::1:2:3:4:5:6");
  EXPECT_EQ(reprint("1:2:3:4:5:6:0:0"), "1:2:3:4:5:6::");
  EXPECT_EQ(reprint("::ffff:c000:201"), "::ffff:192.0.2.1");
  EXPECT_EQ(reprint("64:ff9b::192.0.2.1"), "64:ff9b::c000:201");
  EXPECT_EQ(reprint("1:2:3:4:5:6:192.0.2.1"), "1:2:3:4:5:6:c000:201");
}

TEST(IpAddress, what_is_not_ipv6_is_refused) {
  for (const char* text : {"",
                           ":",
                           ":::",
                           "1",
                           "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9",
                           "1::2::3",
                           "12345::",
                           "g::",
                           "::1%lo",
                           "1:2:3:4:5:6:7:8::",
                           "::1:2:3:4:5:6:7:8",
                           "1:2:3:4::5:6:7:8",
                           ":1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:",
                           "1.2.3.4::",
                           "::1.2.3",
                           "::1.2.3.4:5",
                           "1:2:3:4:5:6:7:1.2.3.4",
                           "[::1]",
                           ":::1",
                           "1:::"}) {
    EXPECT_EQ(reprint(text), "refused") << text;
  }
}

}  // namespace
}  // namespace godwit::routes
