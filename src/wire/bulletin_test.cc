#include "wire/bulletin.h"

#include <gtest/gtest.h>

#include "wire/errors.h"

namespace godwit::wire {
namespace {

Bulletin sample() {
  Bulletin bulletin;
  bulletin.home.value.fill(1);
  bulletin.number = 1'800'000'000;
  bulletin.day = 20'700;
  bulletin.expires_day = 20'714;
  bulletin.sealing_key = Bytes(kSealingKeySize, 2);
  bulletin.routes = {"wss://home.example", "bridge://192.0.2.1/abc?pin=x"};
  bulletin.mails = {"home@mail.example"};
  bulletin.urls = {"https://pages.example/home.txt"};
  return bulletin;
}

SignedBulletin sample_signed() { return {{}, encode_bulletin(sample()), Bytes(64, 3)}; }

TEST(Bulletin, comes_back_as_it_was) {
  const auto back = decode_bulletin(encode_bulletin(sample()));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(*back, sample());
}

TEST(Bulletin, text_gives_the_bulletin_back) {
  const auto back = parse_bulletin_text("\n " + bulletin_text(sample_signed()) + " \r\n");
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->body, sample_signed().body);
  EXPECT_EQ(back->signature, sample_signed().signature);
}

TEST(Bulletin, a_changed_text_is_refused) {
  const std::string text = bulletin_text(sample_signed());
  for (size_t i = 0; i < text.size(); i += 7) {
    std::string changed = text;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(parse_bulletin_text(changed).has_value()) << i;
  }
  EXPECT_EQ(parse_bulletin_text("godwit-home:AAAA").error().code, kLinkNotHome);
}

TEST(Bulletin, bounds_are_checked) {
  Bulletin many = sample();
  many.routes.resize(kBulletinRoutesMax + 1, "wss://a.example");
  EXPECT_EQ(decode_bulletin(encode_bulletin(many)).error().code, kTooLarge);
  Bulletin control = sample();
  control.mails = {"home@mail.example\r\nBcc:x"};
  EXPECT_EQ(decode_bulletin(encode_bulletin(control)).error().code, kMalformed);
  Bulletin eternal = sample();
  eternal.expires_day = eternal.day + kBulletinDaysMax + 1;
  EXPECT_EQ(decode_bulletin(encode_bulletin(eternal)).error().code, kMalformed);
  Bulletin short_key = sample();
  short_key.sealing_key.pop_back();
  EXPECT_EQ(decode_bulletin(encode_bulletin(short_key)).error().code, kMalformed);
  EXPECT_EQ(decode_signed_bulletin(Bytes(kBulletinSizeMax + 1)).error().code, kTooLarge);
}

TEST(Bulletin, a_cut_one_is_malformed) {
  const Bytes bytes = encode_signed_bulletin(sample_signed());
  for (size_t size = 0; size < bytes.size(); size += 13) {
    EXPECT_FALSE(decode_signed_bulletin(ByteView(bytes).first(size)).has_value()) << size;
  }
}

}  // namespace
}  // namespace godwit::wire
