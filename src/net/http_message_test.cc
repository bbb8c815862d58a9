#include "net/http_message.h"

#include <gtest/gtest.h>

namespace godwit::net {
namespace {

constexpr size_t kMax = 8192;

HttpParsed<HttpRequest> parse(std::string_view text) { return parse_http_request(as_bytes(text), kMax); }

int status_of(std::string_view text) {
  const auto parsed = parse(text);
  return parsed.progress == HttpProgress::kBad ? parsed.status : 0;
}

TEST(HttpRequest, a_browsers_request_is_read) {
  constexpr std::string_view kText =
      "GET /a/b?c=d HTTP/1.1\r\nHost: home.example\r\nAccept:*/*\r\nX-Empty:\r\nX-Blanks: \t v v \t\r\n\r\n";
  const auto parsed = parse(std::string(kText) + "rest");
  ASSERT_EQ(parsed.progress, HttpProgress::kDone);
  EXPECT_EQ(parsed.consumed, kText.size());
  EXPECT_EQ(parsed.message.method, "GET");
  EXPECT_EQ(parsed.message.target, "/a/b?c=d");
  EXPECT_EQ(parsed.message.path(), "/a/b");
  EXPECT_EQ(parsed.message.headers.first("host"), "home.example");
  EXPECT_EQ(parsed.message.headers.first("x-blanks"), "v v");
  EXPECT_EQ(parsed.message.headers.count("x-empty"), 1u);
  EXPECT_TRUE(parsed.message.keeps_alive());
}

TEST(HttpRequest, every_prefix_is_incomplete) {
  constexpr std::string_view kText = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  for (size_t size = 0; size < kText.size(); ++size) {
    EXPECT_EQ(parse(kText.substr(0, size)).progress, HttpProgress::kIncomplete) << size;
  }
}

TEST(HttpRequest, the_connection_is_kept_as_the_version_and_header_say) {
  EXPECT_FALSE(parse("GET / HTTP/1.0\r\n\r\n").message.keeps_alive());
  EXPECT_TRUE(parse("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").message.keeps_alive());
  EXPECT_FALSE(parse("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, CLOSE\r\n\r\n").message.keeps_alive());
}

TEST(HttpRequest, what_is_not_http_is_a_400) {
  for (const std::string& text :
       std::vector<std::string>{"\r\n\r\n",
                                "GET\r\n\r\n",
                                "GET /\r\n\r\n",
                                "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
                                " GET / HTTP/1.1\r\nHost: a\r\n\r\n",
                                "GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
                                "GET / http/1.1\r\nHost: a\r\n\r\n",
                                "GET / HTTP/1.1\r\n\r\n",
                                "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
                                "G@T / HTTP/1.1\r\nHost: a\r\n\r\n",
                                "GET x HTTP/1.1\r\nHost: a\r\n\r\n",
                                "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
                                "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
                                "GET /\x80 HTTP/1.1\r\nHost: a\r\n\r\n",
                                "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
                                "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
                                "GET / HTTP/1.1\r\nHost: a\r\nnocolon\r\n\r\n",
                                "GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n",
                                "GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n",
                                "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n",
                                "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n",
                                "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
                                "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n",
                                std::string("\x16\x03\x01\x02\x00\x01\x00", 7),
                                std::string("GET / HTTP/1.1\r\nHost: \0a\r\n\r\n", 27),
                                std::string(33, 'M') + " / HTTP/1.1\r\nHost: a\r\n\r\n"}) {
    EXPECT_EQ(status_of(text), 400) << text;
  }
}

TEST(HttpRequest, other_refusals_have_their_own_status) {
  EXPECT_EQ(status_of("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), 505);
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"), 413);
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"), 501);
  EXPECT_EQ(status_of("GET /" + std::string(3000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n"), 414);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(kMax, 'a')), 431);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(kMax, 'a') + "\r\n\r\n"), 431);
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"), 0);
}

TEST(HttpRequest, header_lines_are_bounded) {
  std::string text = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (size_t i = 1; i < kHttpHeadersMax; ++i) text += "X: y\r\n";
  EXPECT_EQ(status_of(text + "\r\n"), 0);
  EXPECT_EQ(status_of(text + "X: y\r\n\r\n"), 400);
}

TEST(HttpResponse, status_and_headers_are_read) {
  const auto parsed = parse_http_response(as_bytes("HTTP/1.1 404 Not Found\r\nA: b\r\n\r\nbody"), kMax);
  ASSERT_EQ(parsed.progress, HttpProgress::kDone);
  EXPECT_EQ(parsed.message.status, 404);
  EXPECT_EQ(parsed.message.headers.first("a"), "b");
  EXPECT_EQ(parse_http_response(as_bytes("HTTP/1.1 204\r\n\r\n"), kMax).message.status, 204);
}

TEST(HttpResponse, what_is_not_http_is_bad) {
  for (const char* text : {"HTTP/1.1\r\n\r\n", "HTTP/1.1 20\r\n\r\n", "HTTP/1.1 2000\r\n\r\n", "HTTP/1.1 600 X\r\n\r\n",
                           "HTTP/2 200 OK\r\n\r\n", "SSH-2.0-x\r\n\r\n", "\x15\x03\x03", "HTTP/1.1 200 \x01\r\n\r\n",
                           "HTTP/1.1 200 OK\r\nbad\r\n\r\n"}) {
    EXPECT_EQ(parse_http_response(as_bytes(text), kMax).progress, HttpProgress::kBad) << text;
  }
  EXPECT_EQ(parse_http_response(as_bytes(std::string(kMax, 'a')), kMax).progress, HttpProgress::kBad);
}

}  // namespace
}  // namespace godwit::net
