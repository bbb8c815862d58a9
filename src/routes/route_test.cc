#include "routes/route.h"

#include <gtest/gtest.h>

#include "routes/errors.h"

namespace godwit::routes {
namespace {

Route route(std::string host, uint16_t port, std::string path) {
  return {Carrier::kWss, std::move(host), port, std::move(path)};
}

void expect_route(std::string_view uri, const Route& expected, std::string_view canonical) {
  const auto parsed = parse_route(uri);
  ASSERT_TRUE(parsed) << uri << ": " << parsed.error().rule;
  EXPECT_EQ(*parsed, expected) << uri;
  EXPECT_EQ(to_uri(*parsed), canonical);
  EXPECT_EQ(parse_route(to_uri(*parsed)).value(), expected);
}

TEST(Route, names_and_addresses_are_read_and_printed) {
  expect_route("wss://home.example/ws", route("home.example", 443, "/ws"), "wss://home.example/ws");
  expect_route("wss://home.example", route("home.example", 443, "/"), "wss://home.example");
  expect_route("wss://home.example/", route("home.example", 443, "/"), "wss://home.example");
  expect_route("wss://localhost:8443/a/b~c", route("localhost", 8443, "/a/b~c"),
               "wss://localhost:8443/a/b~c");
  expect_route("wss://127.0.0.1:1/ws", route("127.0.0.1", 1, "/ws"), "wss://127.0.0.1:1/ws");
  expect_route("wss://[::1]:65535/ws", route("::1", 65535, "/ws"), "wss://[::1]:65535/ws");
  expect_route("wss://xn--d1acpjx3f.xn--p1ai/ws", route("xn--d1acpjx3f.xn--p1ai", 443, "/ws"),
               "wss://xn--d1acpjx3f.xn--p1ai/ws");
}

TEST(Route, what_means_the_same_becomes_the_same) {
  expect_route("WSS://Home.EXAMPLE:443/Ws", route("home.example", 443, "/Ws"), "wss://home.example/Ws");
  expect_route("wss://[2001:DB8:0::1]/ws", route("2001:db8::1", 443, "/ws"), "wss://[2001:db8::1]/ws");
}

TEST(Route, schemes_of_newer_versions_are_told_apart_from_mistakes) {
  for (const char* uri :
       {"bridge://1.2.3.4/x", "obfs4://[broken", "mailto:a@b", "file:", "https://home.example", "x-y+z.1:"}) {
    ASSERT_FALSE(parse_route(uri)) << uri;
    EXPECT_EQ(parse_route(uri).error().code, kUnknownScheme) << uri;
  }
}

TEST(Route, what_is_not_a_route_is_refused) {
  const std::string long_label = "wss://" + std::string(64, 'a') + ".example";
  const std::string long_path = "wss://home.example/" + std::string(255, 'a');
  std::string long_name = "wss://";
  for (int i = 0; i < 52; ++i) long_name += "abcd.";
  long_name += "example";
  for (const std::string& uri : std::vector<std::string>{"",
                                                         "wss",
                                                         "://",
                                                         "1wss://a",
                                                         "wss:",
                                                         "wss:/",
                                                         "wss:home.example",
                                                         "wss://",
                                                         "wss:///ws",
                                                         "wss://:443/",
                                                         "wss://home.example:/",
                                                         "wss://home.example:0/",
                                                         "wss://home.example:65536/",
                                                         "wss://home.example:0443/",
                                                         "wss://home.example:-1/",
                                                         "wss://home.example:4 43/",
                                                         "wss://home.example:443443/",
                                                         "wss://a..b/",
                                                         "wss://.a/",
                                                         "wss://a./",
                                                         "wss://-a/",
                                                         "wss://a-/",
                                                         "wss://a_b/",
                                                         "wss://a b/",
                                                         "wss://user@home.example/",
                                                         "wss://home.example/a?b",
                                                         "wss://home.example/a#b",
                                                         "wss://home.example?b",
                                                         "wss://home.example#b",
                                                         "wss://home.example/%61",
                                                         "wss://home.example/../a",
                                                         "wss://home.example/a/.",
                                                         "wss://home.example/ a",
                                                         "wss://home.example/\n",
                                                         "wss://1.2.3/",
                                                         "wss://1.2.3.4.5/",
                                                         "wss://256.1.1.1/",
                                                         "wss://home.0x1f/",
                                                         "wss://home.123/",
                                                         "wss://::1/",
                                                         "wss://[::1/",
                                                         "wss://[::1]a/",
                                                         "wss://[home.example]/",
                                                         "wss://[::1%25lo]/",
                                                         "wss://дом.рф/",
                                                         " wss://home.example/",
                                                         "averyveryverylongscheme://x",
                                                         long_label,
                                                         long_path,
                                                         long_name}) {
    const auto parsed = parse_route(uri);
    ASSERT_FALSE(parsed) << uri;
    EXPECT_EQ(parsed.error().code, kBadRoute) << uri;
  }
}

}  // namespace
}  // namespace godwit::routes
