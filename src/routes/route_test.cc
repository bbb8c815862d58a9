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
  expect_route("wss://localhost:8443/a/b~c", route("localhost", 8443, "/a/b~c"), "wss://localhost:8443/a/b~c");
  expect_route("wss://127.0.0.1:1/ws", route("127.0.0.1", 1, "/ws"), "wss://127.0.0.1:1/ws");
  expect_route("wss://[::1]:65535/ws", route("::1", 65535, "/ws"), "wss://[::1]:65535/ws");
  expect_route("wss://xn--d1acpjx3f.xn--p1ai/ws", route("xn--d1acpjx3f.xn--p1ai", 443, "/ws"),
               "wss://xn--d1acpjx3f.xn--p1ai/ws");
}

TEST(Route, what_means_the_same_becomes_the_same) {
  expect_route("WSS://Home.EXAMPLE:443/Ws", route("home.example", 443, "/Ws"), "wss://home.example/Ws");
  expect_route("wss://[2001:DB8:0::1]/ws", route("2001:db8::1", 443, "/ws"), "wss://[2001:db8::1]/ws");
}

TEST(Route, each_carrier_says_what_it_needs) {
  const std::string pin(43, 'A');
  Route bridge{Carrier::kBridge, "192.0.2.7", 8443, "/s3cret", {{"pin", pin}, {"sni", "none"}}};
  expect_route("bridge://192.0.2.7:8443/s3cret?sni=none&pin=" + pin, bridge,
               "bridge://192.0.2.7:8443/s3cret?pin=" + pin + "&sni=none");
  Route obfs4{Carrier::kObfs4, "192.0.2.7", 9001, "/", {{"cert", "abc+/d"}, {"iat-mode", "0"}}};
  expect_route("obfs4://192.0.2.7:9001?cert=abc+/d&iat-mode=0", obfs4, "obfs4://192.0.2.7:9001?cert=abc+/d&iat-mode=0");
  Route onion{Carrier::kOnion, std::string(56, 'a') + ".onion", 443, "/"};
  expect_route("onion://" + std::string(56, 'a') + ".onion", onion, "onion://" + std::string(56, 'a') + ".onion");
  EXPECT_EQ(carried_form(Carrier::kBridge), CarriedForm::kWebSocket);
  EXPECT_EQ(carried_form(Carrier::kObfs4), CarriedForm::kStream);
}

TEST(Route, the_name_that_shows_is_the_host_unless_told_otherwise) {
  EXPECT_EQ(shown_name(parse_route("wss://home.example").value()), "home.example");
  EXPECT_EQ(shown_name(parse_route("wss://192.0.2.1").value()), std::nullopt);
  EXPECT_EQ(shown_name(parse_route("wss://192.0.2.1?sni=www.example.org").value()), "www.example.org");
  EXPECT_EQ(shown_name(parse_route("wss://home.example?sni=none").value()), std::nullopt);
  EXPECT_EQ(pin(parse_route("wss://home.example").value()), std::nullopt);
  EXPECT_EQ(pin(parse_route("wss://home.example?pin=" + std::string(43, 'A')).value()), ByteArray<32>{});
}

TEST(Route, schemes_of_newer_versions_are_told_apart_from_mistakes) {
  for (const char* uri :
       {"smoke://1.2.3.4/x", "mailto:a@b", "file:", "https://home.example", "x-y+z.1:", "wss://home.example?speed=9"}) {
    ASSERT_FALSE(parse_route(uri)) << uri;
    EXPECT_EQ(parse_route(uri).error().code, kUnknownScheme) << uri;
  }
}

// Each wrong in one way.
const std::vector<std::string> kNotRoutes = {"",
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
                                             "wss://home.example/a?sni=",
                                             "wss://home.example/a?sni=A.example",
                                             "wss://home.example/a?sni=a b",
                                             "wss://home.example/a?sni=a.example&sni=a.example",
                                             "wss://home.example/a?sni=a.example&",
                                             "wss://home.example/a?pin=AAAA",
                                             "obfs4://[broken",
                                             "obfs4://192.0.2.7?cert=a",
                                             "obfs4://192.0.2.7:1",
                                             "obfs4://bridge.example:1?cert=a",
                                             "obfs4://192.0.2.7:1/path?cert=a",
                                             "onion://home.onion",
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
                                             "averyveryverylongscheme://x"};

TEST(Route, what_is_not_a_route_is_refused) {
  const std::string long_label = "wss://" + std::string(64, 'a') + ".example";
  const std::string long_path = "wss://home.example/" + std::string(255, 'a');
  std::string long_name = "wss://";
  for (int i = 0; i < 52; ++i) long_name += "abcd.";
  long_name += "example";
  std::vector<std::string> uris = kNotRoutes;
  uris.insert(uris.end(), {long_label, long_path, long_name});
  for (const std::string& uri : uris) {
    const auto parsed = parse_route(uri);
    ASSERT_FALSE(parsed) << uri;
    EXPECT_EQ(parsed.error().code, kBadRoute) << uri;
  }
}

}  // namespace
}  // namespace godwit::routes
