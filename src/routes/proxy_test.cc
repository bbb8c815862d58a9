#include "routes/proxy.h"

#include <gtest/gtest.h>

#include "routes/errors.h"

namespace godwit::routes {
namespace {

TEST(Proxy, urls_are_read_and_printed) {
  for (const char* url : {"socks5://127.0.0.1:9150", "http://proxy.example:3128", "socks5://u:p@[2001:db8::1]:1080",
                          "http://a%40b:c%3Ad@proxy.example:80", "socks5://u:p%25@h.example:443"}) {
    const auto proxy = parse_proxy(url);
    ASSERT_TRUE(proxy) << url;
    EXPECT_EQ(to_url(*proxy), url);
  }
  EXPECT_EQ(parse_proxy("http://a%40b:c%3Ad@proxy.example")->login->user, "a@b");
  EXPECT_EQ(parse_proxy("http://a%40b:c%3Ad@proxy.example")->login->password, "c:d");
}

TEST(Proxy, each_kind_has_its_port_if_none_is_said) {
  EXPECT_EQ(parse_proxy("socks5://proxy.example")->port, 1080);
  EXPECT_EQ(parse_proxy("socks5h://[2001:db8::1]")->port, 1080);
  EXPECT_EQ(parse_proxy("http://proxy.example/")->port, 8080);
  EXPECT_EQ(parse_proxy("http://proxy.example:443")->port, 443);
}

TEST(Proxy, what_is_none_is_refused) {
  for (const char* url : {"", "proxy.example", "https://proxy.example", "socks4://h:1", "socks5://", "socks5://h:0",
                          "socks5://h:99999", "socks5://user@h", "socks5://:p@h", "socks5://u:@h", "socks5://u:%zz@h",
                          "socks5://u:%4@h", "http://h/path", "http://h?sni=none", "socks5://h h"}) {
    const auto proxy = parse_proxy(url);
    ASSERT_FALSE(proxy) << url;
    EXPECT_EQ(proxy.error().code, kBadProxy);
  }
}

}  // namespace
}  // namespace godwit::routes
