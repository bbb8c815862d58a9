#include "wire/home_link.h"

#include <gtest/gtest.h>

#include "codec/link_payload.h"
#include "wire/errors.h"

namespace godwit::wire {
namespace {

HomeLink sample() {
  HomeLink link;
  link.home.key.value.fill(7);
  link.home.routes = {"wss://home.example/ws", "wss://192.0.2.1:8443/ws"};
  link.home.pin = CertificatePin{};
  link.admission_code = to_bytes(as_bytes("0123456789abcdef"));
  return link;
}

TEST(HomeLink, text_gives_the_link_back) {
  const auto back = parse_home_link(" " + to_text(sample()) + "\n");
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(*back, sample());
}

TEST(HomeLink, every_changed_character_is_refused) {
  const std::string text = to_text(sample());
  for (size_t i = 0; i < text.size(); ++i) {
    for (const char c : std::string_view("Aa0_-. Zz9%#:")) {
      std::string changed = text;
      if (changed[i] == c) continue;
      // A blank at either end is trimmed, which leaves a shorter payload.
      changed[i] = c;
      EXPECT_FALSE(parse_home_link(changed).has_value()) << i << c;
    }
  }
}

TEST(HomeLink, foreign_text_is_not_a_home_link) {
  EXPECT_EQ(parse_home_link("https://example.org/").error().code, kLinkNotHome);
  EXPECT_EQ(parse_home_link("").error().code, kLinkNotHome);
}

TEST(HomeLink, newer_version_is_told_as_such) {
  const std::string text = "godwit-home:" + codec::to_link_payload(Bytes{2, 0, 0});
  EXPECT_EQ(parse_home_link(text).error().code, kLinkNewer);
}

TEST(HomeLink, home_without_a_route_is_refused) {
  HomeLink link = sample();
  link.home.routes.clear();
  EXPECT_EQ(parse_home_link(to_text(link)).error().code, kLinkDamaged);
}

}  // namespace
}  // namespace godwit::wire
