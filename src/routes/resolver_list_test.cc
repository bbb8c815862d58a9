#include "routes/resolver_list.h"

#include <gtest/gtest.h>

#include <set>

#include "routes/candidates.h"
#include "routes/errors.h"

namespace godwit::routes {
namespace {

TEST(ResolverList, the_default_has_several_operators_of_each_kind_and_public_addresses_alone) {
  const ResolverList list = default_resolvers();
  EXPECT_GE(list.https.size(), 3u);
  EXPECT_GE(list.tcp.size(), 2u);
  std::set<std::string> names;
  for (const HttpsResolver& server : list.https) {
    names.insert(server.name);
    for (const auto& address : server.addresses) EXPECT_EQ(kind_of(address), AddressKind::kPublic);
  }
  EXPECT_EQ(names.size(), list.https.size());
}

TEST(ResolverList, lines_are_read) {
  const auto list = parse_resolver_list(
      "# mine\n\nhttps://dns.example:8443/q 192.0.2.1 2001:db8::1 hidden pin="
      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\ntcp 192.0.2.2 5353 # slow\ntcp 2001:db8::2");
  ASSERT_TRUE(list);
  ASSERT_EQ(list->https.size(), 1u);
  const HttpsResolver& server = list->https[0];
  EXPECT_EQ(server.name + server.path, "dns.example/q");
  EXPECT_EQ(server.port, 8443);
  EXPECT_EQ(server.addresses.size(), 2u);
  EXPECT_FALSE(server.shows_name);
  EXPECT_TRUE(server.pin.has_value());
  ASSERT_EQ(list->tcp.size(), 2u);
  EXPECT_EQ(list->tcp[0].port, 5353);
  EXPECT_EQ(list->tcp[1].port, 53);
  EXPECT_TRUE(parse_resolver_list("").value().https.empty()) << "nobody is asked";
}

TEST(ResolverList, what_is_none_is_refused) {
  for (const char* text : {"udp 192.0.2.1", "tcp", "tcp dns.example", "tcp 192.0.2.1 0", "tcp 192.0.2.1 53/x",
                           "tcp 192.0.2.1 53 x", "https://dns.example/q", "https://dns.example/q dns.example",
                           "https:///q 192.0.2.1", "https://dns.example/q?x=y 192.0.2.1",
                           "https://dns.example/q 192.0.2.1 pin=short", "http://dns.example/q 192.0.2.1"}) {
    const auto list = parse_resolver_list(text);
    ASSERT_FALSE(list) << text;
    EXPECT_EQ(list.error().code, kBadResolverList) << text;
  }
  std::string many;
  for (int i = 0; i < 17; ++i) many += "tcp 192.0.2.1\n";
  EXPECT_FALSE(parse_resolver_list(many));
}

}  // namespace
}  // namespace godwit::routes
