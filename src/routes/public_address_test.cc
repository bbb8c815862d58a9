#include "routes/public_address.h"

#include <gtest/gtest.h>

#include "routes/candidates.h"

namespace godwit::routes {
namespace {

bool is_public(const char* text) {
  const auto address = parse_address(text);
  EXPECT_TRUE(address.has_value()) << text;
  return address && is_public_address(*address);
}

TEST(PublicAddress, those_of_the_internet_are) {
  for (const char* text : {"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.0.1",
                           "172.32.0.1", "192.167.0.1", "198.17.0.1", "198.20.0.1", "223.255.255.255", "8.8.8.8",
                           "2606:4700::1111", "2a00:1450::1", "2001:200::1", "::ffff:8.8.8.8", "64:ff9b::808:808"}) {
    EXPECT_TRUE(is_public(text)) << text;
  }
}

TEST(PublicAddress, those_of_this_machine_and_its_networks_are_not) {
  for (const char* text : {"0.0.0.0", "127.0.0.1", "127.255.255.254", "10.1.2.3", "172.16.0.1", "172.31.255.255",
                           "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.127.255.255", "::", "::1", "fe80::1",
                           "febf::1", "fec0::1", "fc00::1", "fd12:3456::1", "ff02::1"}) {
    EXPECT_FALSE(is_public(text)) << text;
  }
}

TEST(PublicAddress, those_that_nobody_or_everybody_has_are_not) {
  for (const char* text : {"224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "192.0.0.8", "192.0.2.1",
                           "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.7", "192.88.99.1", "2001:db8::1",
                           "2001::1", "2001:10::1", "100::1", "3fff::1", "5f00::1", "4000::1"}) {
    EXPECT_FALSE(is_public(text)) << text;
  }
}

TEST(PublicAddress, one_inside_another_is_judged_by_what_it_leads_to) {
  for (const char* text :
       {"::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a00:1",
        "64:ff9b:1::1", "2002:7f00:1::", "2002:808:808::", "::127.0.0.1", "2001:0:4136:e378::1", "::ffff:0:10.0.0.1"}) {
    EXPECT_FALSE(is_public(text)) << text;
  }
}

}  // namespace
}  // namespace godwit::routes
