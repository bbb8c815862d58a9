#include "engine/invite_link.h"

#include <gtest/gtest.h>

#include "codec/link_payload.h"
#include "crypto/random_sources.h"
#include "engine/errors.h"

namespace godwit::engine {
namespace {

InviteLink sample() {
  crypto::SeededRandom random(3);
  InviteLink link;
  link.account.value.fill(1);
  link.name = "Алиса";
  link.home.key.value.fill(2);
  link.home.routes = {"wss://home.example/ws"};
  link.alias.value.fill(3);
  link.token = crypto::Secret<32>::random(random);
  link.key = crypto::Secret<32>::random(random);
  return link;
}

TEST(InviteLink, text_gives_the_invite_back) {
  const InviteLink link = sample();
  const auto back = parse_invite_link("  " + to_text(link) + "\r\n");
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->account, link.account);
  EXPECT_EQ(back->name, link.name);
  EXPECT_EQ(back->home, link.home);
  EXPECT_EQ(back->alias, link.alias);
  EXPECT_TRUE(back->token == link.token);
  EXPECT_TRUE(back->key == link.key);
}

TEST(InviteLink, every_single_changed_character_is_refused) {
  const std::string text = to_text(sample());
  for (size_t i = 0; i < text.size(); ++i) {
    for (int c = 0; c < 256; ++c) {
      std::string changed = text;
      if (changed[i] == static_cast<char>(c)) continue;
      changed[i] = static_cast<char>(c);
      const auto parsed = parse_invite_link(changed);
      ASSERT_FALSE(parsed.has_value()) << i << " " << c;
      const ErrorCode code = parsed.error().code;
      EXPECT_TRUE(code == kLinkDamaged || code == kLinkNotGodwit || code == kLinkOther) << i << " " << c;
    }
  }
}

TEST(InviteLink, every_truncation_is_refused) {
  const std::string text = to_text(sample());
  for (size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(parse_invite_link(std::string_view(text).substr(0, size)).has_value()) << size;
  }
}

TEST(InviteLink, newer_invite_is_told_as_such) {
  EXPECT_EQ(parse_invite_link("godwit:i#" + codec::to_link_payload(Bytes{2, 1})).error().code, kLinkNewer);
}

TEST(InviteLink, foreign_text_is_not_an_invite) {
  EXPECT_EQ(parse_invite_link("https://example.org/i#abc").error().code, kLinkNotGodwit);
  EXPECT_EQ(parse_invite_link("godwit-home:abc").error().code, kLinkNotGodwit);
}

}  // namespace
}  // namespace godwit::engine
