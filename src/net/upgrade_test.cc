#include "net/upgrade.h"

#include <gtest/gtest.h>

#include "net/errors.h"

namespace godwit::net {
namespace {

// RFC 6455 §1.3: the key is the base64 of "the sample nonce".
constexpr ByteArray<16> kNonce{'t', 'h', 'e', ' ', 's', 'a', 'm', 'p', 'l', 'e', ' ', 'n', 'o', 'n', 'c', 'e'};

HttpRequest parse_request(const std::string& text) {
  const auto parsed = parse_http_request(as_bytes(text), 8192);
  EXPECT_EQ(parsed.progress, HttpProgress::kDone);
  return parsed.message;
}

HttpResponse parse_response(const std::string& text) {
  const auto parsed = parse_http_response(as_bytes(text), 8192);
  EXPECT_EQ(parsed.progress, HttpProgress::kDone);
  return parsed.message;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Upgrade, the_example_of_the_standard_is_answered_as_there) {
  const std::string request = upgrade_request("server.example.com", "/chat", kNonce);
  EXPECT_NE(request.find("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"), std::string::npos);
  ASSERT_TRUE(is_websocket_upgrade(parse_request(request)));
  const std::string response = upgrade_response(parse_request(request));
  EXPECT_NE(response.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), std::string::npos);
  EXPECT_TRUE(check_upgrade_response(parse_response(response), kNonce));
}

TEST(Upgrade, a_browsers_request_is_accepted) {
  EXPECT_TRUE(
      is_websocket_upgrade(parse_request(
          "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: " "WebSocket\r\nOrigin: "
                                                                                        "https://a\r\n" "Sec-WebSocket-"
                                                                                                        "Version: "
                                                                                                        "13\r\nSec-"
                                                                                                        "WebSocket-Key:"
                                                                                                        " " "dGhlIHNhbX"
                                                                                                            "BsZSBub25j"
                                                                                                            "ZQ==\r\n" "Sec-WebSocket-Extensions: " "permessage-deflate; " "client_max_window_" "bits\r\n\r\n")));
}

TEST(Upgrade, a_request_that_misses_one_thing_is_none) {
  const std::string good = upgrade_request("a", "/ws", kNonce);
  const std::vector<std::pair<std::string, std::string>> changes{
      {"GET", "POST"},
      {"HTTP/1.1", "HTTP/1.0"},
      {"Upgrade: websocket", "Upgrade: h2c"},
      {"Connection: Upgrade", "Connection: close"},
      {"Version: 13", "Version: 8"},
      {"Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 13"},
      {"Key: dGhlIHNhbXBsZSBub25jZQ==", "Key: dGhlIHNhbXBsZSBub25jZR=="},
      {"Key: dGhlIHNhbXBsZSBub25jZQ==", "Key: dGhlIHNhbXBsZSBub25j"},
      {"Key: dGhlIHNhbXBsZSBub25jZQ==", "Key: dGhlIHNhbXBsZSBub25jZWVl"},
      {"Key: dGhlIHNhbXBsZSBub25jZQ==", "Key:"},
      {"Sec-WebSocket-Key", "X-Key"}};
  for (const auto& [from, to] : changes) {
    EXPECT_FALSE(is_websocket_upgrade(parse_request(replaced(good, from, to)))) << to;
  }
}

TEST(Upgrade, an_ordinary_answer_is_a_refusal) {
  const auto status = check_upgrade_response(parse_response("HTTP/1.1 404 Not Found\r\n\r\n"), kNonce);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, kUpgradeRefused);
}

TEST(Upgrade, a_101_that_breaks_a_rule_is_not_accepted) {
  const std::string good = upgrade_response(parse_request(upgrade_request("a", "/ws", kNonce)));
  const std::vector<std::pair<std::string, std::string>> changes{
      {"Upgrade: websocket", "Upgrade: h2c"},
      {"Connection: Upgrade", "Connection: keep-alive"},
      {"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "s3pPLMBiTxaQ9kYGzzhZRbK+xOO="},
      {"Sec-WebSocket-Accept", "X-Accept"},
      {"\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"},
      {"\r\n\r\n", "\r\nSec-WebSocket-Protocol: chat\r\n\r\n"}};
  for (const auto& [from, to] : changes) {
    const auto status = check_upgrade_response(parse_response(replaced(good, from, to)), kNonce);
    ASSERT_FALSE(status) << to;
    EXPECT_EQ(status.error().code, kBadHttp) << to;
  }
}

TEST(Upgrade, the_authority_leaves_the_default_port_out) {
  EXPECT_EQ(authority_of("home.example", 443), "home.example");
  EXPECT_EQ(authority_of("home.example", 8443), "home.example:8443");
  EXPECT_EQ(authority_of("::1", 8443), "[::1]:8443");
}

}  // namespace
}  // namespace godwit::net
