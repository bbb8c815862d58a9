#include "net/https_exchange.h"

#include <gtest/gtest.h>

#include "net/errors.h"
#include "net/http_body.h"

namespace godwit::net {
namespace {

Result<std::optional<Bytes>> body(std::vector<HttpHeader> lines, std::string_view rest, bool ended = false) {
  HttpHeaders headers;
  headers.lines = std::move(lines);
  return read_http_body(headers, as_bytes(rest), ended, 16);
}
std::string text(const Result<std::optional<Bytes>>& read) {
  return !read ? "bad" : !*read ? "more" : std::string(as_text(**read));
}

TEST(HttpBody, ends_by_its_length_by_chunks_or_with_the_connection) {
  EXPECT_EQ(text(body({{"content-length", "5"}}, "hel")), "more");
  EXPECT_EQ(text(body({{"content-length", "5"}}, "hello and more")), "hello");
  EXPECT_EQ(text(body({{"transfer-encoding", "chunked"}}, "3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n")), "hello");
  EXPECT_EQ(text(body({{"transfer-encoding", "chunked"}}, "3\r\nhel\r\n2\r\nl")), "more");
  EXPECT_EQ(text(body({}, "hello")), "more");
  EXPECT_EQ(text(body({}, "hello", true)), "hello");
}

TEST(HttpBody, what_is_too_long_cut_or_nonsense_is_refused) {
  EXPECT_EQ(text(body({{"content-length", "17"}}, "")), "bad");
  EXPECT_EQ(text(body({{"content-length", "5"}}, "hel", true)), "bad");
  EXPECT_EQ(text(body({{"content-length", "-1"}}, "")), "bad");
  EXPECT_EQ(text(body({{"content-length", "5"}, {"content-length", "6"}}, "hello")), "bad");
  EXPECT_EQ(text(body({}, "seventeen letters", true)), "bad");
  EXPECT_EQ(text(body({{"transfer-encoding", "gzip"}}, "x")), "bad");
  EXPECT_EQ(text(body({{"transfer-encoding", "chunked"}}, "ffffffff\r\n")), "bad");
  EXPECT_EQ(text(body({{"transfer-encoding", "chunked"}}, "9\r\nnine char\r\n9\r\nnine char\r\n")), "bad");
  EXPECT_EQ(text(body({{"transfer-encoding", "chunked"}}, "2\r\nabc\r\n")), "bad");
  EXPECT_EQ(text(body({{"transfer-encoding", "chunked"}}, "3\r\nhel", true)), "bad");
}

TEST(HttpsUrl, host_port_and_target_are_read) {
  const auto plain = parse_https_url("https://Page.example");
  ASSERT_TRUE(plain.has_value());
  EXPECT_EQ(plain->host, "page.example");
  EXPECT_EQ(plain->port, 443);
  EXPECT_EQ(plain->target, "/");
  const auto full = parse_https_url("https://page.example:8443/a/b?c=d");
  ASSERT_TRUE(full.has_value());
  EXPECT_EQ(full->port, 8443);
  EXPECT_EQ(full->target, "/a/b?c=d");
  for (const char* bad : {"http://page.example", "https://", "https://user@page.example/", "https://page.example/a b",
                          "https://page.example:0/", "https://page.example/#x", "https://page.example\r\nX: y/"}) {
    EXPECT_FALSE(parse_https_url(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace godwit::net
