#include "bridge/upstream.h"

#include <gtest/gtest.h>

#include "bridge/errors.h"
#include "bridge/home_link.h"
#include "bridge/secrets.h"

namespace godwit::bridge {
namespace {

using routes::Carrier;

// Printed by `godwit-home invite`: one wss:// route and a pin; and three routes of other kinds without one.
constexpr std::string_view
    kPinned =
        "godwit-home:AQ4ICqDuIswIl6Nv8uGLU0LtpnE2XOCeeQiy7vindGEgGRh3c3M6Ly8xOTIuMC4yLjc6ODQ0My9BYmMBT2qnTyhv-"
        "ErsszFWoBMXLL" "FZbNUVBsKKNu4HpL_k89YiKrEa4cSwxUUEM7N_AAEAAFFMD7ERvN2KXd7UyPJedfVo5yEljVw";
constexpr std::string_view kMixed =
    "godwit-home:AQ4ICqDuIswIl6Nv8uGLU0LtpnE2XOCeeQiy7vindGEgQEAab2JmczQ6Ly8xOTIuMC4yLjE6MT9jZXJ0PXgUYnJpZGdlOi8vYi5leG"
    "FtcGxlL3MPd3NzOi8vaC5leGFtcGxlACJBexwSrokyngTczIgAAQAAUUyzhAG6pHQ1HzY27fYfwphbMV4hPw";

bool is_refused(std::string_view text, const ErrorCode& code) {
  const auto read = parse_home(text);
  return !read && read.error().code == code;
}

TEST(bridge_upstream, a_home_link_gives_its_route_with_the_links_pin) {
  const auto ways = parse_home("  " + std::string(kPinned) + "\n");
  ASSERT_TRUE(ways.has_value());
  ASSERT_EQ(ways->size(), 1U);
  EXPECT_EQ(routes::to_uri(ways->front().route),
            "wss://192.0.2.7:8443/Abc?pin=T2qnTyhv-ErsszFWoBMXLLFZbNUVBsKKNu4HpL_k89Y");
  EXPECT_FALSE(ways->front().plain);
}

TEST(bridge_upstream, ways_that_a_bridge_cannot_dial_are_left_out) {
  const auto ways = parse_home(kMixed);
  ASSERT_TRUE(ways.has_value());
  ASSERT_EQ(ways->size(), 2U);
  EXPECT_EQ(ways->at(0).route.carrier, Carrier::kBridge);
  EXPECT_EQ(ways->at(1).route, (routes::Route{Carrier::kWss, "h.example"}));
}

TEST(bridge_upstream, routes_are_read_and_only_a_loopback_home_goes_without_tls) {
  EXPECT_EQ(parse_home("bridge://b.example/s?sni=none").value().front().route.carrier, Carrier::kBridge);
  const auto plain = parse_home("ws://127.0.0.1:8080/ws");
  ASSERT_TRUE(plain.has_value());
  EXPECT_TRUE(plain->front().plain);
  EXPECT_EQ(plain->front().route.port, 8080);
  EXPECT_TRUE(parse_home("ws://[::1]:8080/ws").value().front().plain);
  EXPECT_TRUE(is_refused("ws://192.0.2.1:8080/ws", kBadHome));
  EXPECT_TRUE(is_refused("ws://127.example.org/ws", kBadHome));
  EXPECT_TRUE(is_refused("obfs4://192.0.2.1:1?cert=x", kBadHome));
  EXPECT_TRUE(is_refused("http://h.example", kBadHome));
  EXPECT_TRUE(is_refused("", kBadHome));
}

TEST(bridge_upstream, a_home_link_that_was_changed_or_cut_is_refused) {
  for (size_t i = std::string_view("godwit-home:").size(); i < kPinned.size(); ++i) {
    std::string changed(kPinned);
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_TRUE(is_refused(changed, kDamagedLink)) << i;
    EXPECT_TRUE(is_refused(kPinned.substr(0, i), kDamagedLink)) << i;
  }
}

TEST(bridge_secrets, what_is_printed_is_read_again) {
  const std::vector<std::string> secrets = {std::string(22, 'a'), std::string(64, '_')};
  EXPECT_EQ(parse_secrets(print_secrets(secrets)).value(), secrets);
  EXPECT_TRUE(parse_secrets("\n# nothing yet\n\n").value().empty());
}

TEST(bridge_secrets, short_double_and_foreign_ones_are_refused) {
  const std::string good(22, 'a');
  for (const std::string& bad :
       {std::string(21, 'a'), std::string(65, 'a'), good + "\n" + good, std::string(22, '/'), "a " + good}) {
    const auto read = parse_secrets(bad);
    ASSERT_FALSE(read.has_value()) << bad;
    EXPECT_EQ(read.error().code, kBadSecret);
  }
}

class Counting final : public Random {
 public:
  void fill(ByteSpan out) override {
    for (uint8_t& byte : out) byte = next_++;
  }

 private:
  uint8_t next_ = 1;
};

TEST(bridge_secrets, a_new_one_has_128_random_bits_and_is_a_path_of_a_route) {
  Counting random;
  const std::string secret = make_secret(random);
  EXPECT_EQ(secret, "AQIDBAUGBwgJCgsMDQ4PEA");
  EXPECT_EQ(parse_secrets(secret).value().front(), secret);
  EXPECT_TRUE(routes::parse_route("bridge://b.example/" + secret).has_value());
}

}  // namespace
}  // namespace godwit::bridge
