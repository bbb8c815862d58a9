// Which relays of calls are a home's own.

#include "routes/relay_url.h"

#include <gtest/gtest.h>

namespace godwit::routes {
namespace {

const std::vector<std::string> kHome{"wss://home.example/ws", "wss://[2001:db8::7]:8443/ws", "newer://other.example/x"};

TEST(RelayUrl, a_host_of_the_link_is_the_homes_own_whatever_the_port) {
  for (const char* url :
       {"turns:home.example:443?transport=tcp", "turns:home.example", "turn:home.example:3478?transport=udp",
        "turns:home.example?transport=tcp", "turns:[2001:db8::7]:443?transport=tcp"}) {
    EXPECT_TRUE(is_relay_of(url, kHome)) << url;
  }
}

TEST(RelayUrl, every_other_host_is_not) {
  for (const char* url :
       {"turns:other.example:443?transport=tcp", "turns:home.example.evil.example:443", "turns:evil.home.example",
        "turns:home.exampl", "turns:home.example@evil.example", "turns:home.example:443@evil.example:443",
        "turns:home.example:", "turns:home.example:443443", "turns:home.example?transport=sctp",
        "turns:home.example:443?transport=tcp&x", "turns:2001:db8::7", "turns:", "turn", "", "https://home.example",
        "stun:home.example", "turns:newer"}) {
    EXPECT_FALSE(is_relay_of(url, kHome)) << url;
  }
  EXPECT_FALSE(is_relay_of("turns:home.example", {}));
  EXPECT_FALSE(is_relay_of("turns:", {"nothing"}));
}

TEST(RelayUrl, one_by_udp_has_its_condition_and_is_the_homes_own) {
  EXPECT_EQ(udp_relay_of("turn:home.example:3478?transport=udp&when=clear", kHome),
            "turn:home.example:3478?transport=udp");
  EXPECT_EQ(udp_relay_of("turn:[2001:db8::7]:3478?transport=udp&when=clear", kHome),
            "turn:[2001:db8::7]:3478?transport=udp");
  for (const char* url :
       {"turn:home.example:3478?transport=udp", "turn:other.example:3478?transport=udp&when=clear",
        "turn:home.example:3478?transport=tcp&when=clear", "turns:home.example:443?transport=tcp&when=clear",
        "turns:home.example:3478?transport=udp&when=clear", "turn:home.example:3478&when=clear", "&when=clear", "",
        "turn:home.example:3478?transport=udp&when=clear&when=clear"}) {
    EXPECT_FALSE(udp_relay_of(url, kHome).has_value()) << url;
  }
  EXPECT_FALSE(is_relay_of("turn:home.example:3478?transport=udp&when=clear", kHome)) << "as clients of before have it";
}

}  // namespace
}  // namespace godwit::routes
