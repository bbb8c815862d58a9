// Web Push by the examples of its RFCs, and against a browser of the test's own that reads with another part of OpenSSL.

#include "net/web_push.h"

#include <gtest/gtest.h>

#include "net/errors.h"
#include "net/testing/web_push_browser.h"

namespace godwit::net {
namespace {

using testing::open_aes128gcm;
using testing::vapid_claims;
using testing::WebPushBrowser;

Bytes from(std::string_view base64url) {
  Bytes out;
  EXPECT_TRUE(from_base64url(base64url, out)) << base64url;
  return out;
}
template <size_t kSize>
ByteArray<kSize> array_of(std::string_view base64url) {
  const Bytes bytes = from(base64url);
  ByteArray<kSize> out{};
  EXPECT_EQ(bytes.size(), kSize);
  if (bytes.size() == kSize) std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

// RFC 8291 §5 and appendix A.
constexpr const char* kPlain = "When I grow up, I want to be a watermelon";
constexpr const char* kReceiverPrivate = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94";
constexpr const char* kReceiverPublic =
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
constexpr const char* kAuth = "BTBZMqHH6r4Tts7J_aSIgg";
constexpr const char* kSenderPrivate = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";
constexpr const char* kSalt = "DGv6ra1nlYgDCS1FRnbzlw";
constexpr const char* kMessage =
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
    "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";

TEST(WebPush, the_example_of_rfc_8291_comes_out_to_the_byte) {
  const WebPushReceiver to{array_of<65>(kReceiverPublic), array_of<16>(kAuth)};
  const auto message = encrypt_web_push(as_bytes(kPlain), to, {array_of<32>(kSenderPrivate), array_of<16>(kSalt)});
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(to_base64url(*message), kMessage);
}

TEST(WebPush, the_browser_of_these_tests_reads_the_examples_of_rfc_8188_and_rfc_8291) {
  const auto one = open_aes128gcm(from("I1BsxtFttlv3u_Oo94xnmwAAEAAA-NAVub2qFgBEuQKRapoZu-IxkIva3MEB1PD-ly8Thjg"),
                                  from("yqdlZ-tYemfogSmv7Ws5PQ"));
  ASSERT_TRUE(one.has_value());
  EXPECT_EQ(as_text(*one), "I am the walrus");
  const auto two = open_aes128gcm(
      from("uNCkWiNYzKTnBN9ji3-qWAAAABkCYTHOG8chz_gnvgOqdGYovxyjuqRyJFjEDyoF1Fvkj6hQPdPHI51OEUKEpgz3SsLWIqS_uA"),
      from("BO3ZVPxUlnLORbVGMpbT1Q"));
  ASSERT_TRUE(two.has_value());
  EXPECT_EQ(as_text(*two), "I am the walrus");
  const WebPushBrowser browser(array_of<32>(kReceiverPrivate), array_of<16>(kAuth));
  EXPECT_EQ(to_base64url(browser.receiver().key), kReceiverPublic);
  const auto opened = browser.open(from(kMessage));
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(as_text(*opened), kPlain);
}

TEST(WebPush, each_message_is_of_one_size_and_opens_for_its_browser_alone) {
  const WebPushBrowser browser;
  const WebPushBrowser other;
  const Bytes plain(kWebPushPlainSize, 7);
  const auto first = encrypt_web_push(plain, browser.receiver());
  const auto second = encrypt_web_push(plain, browser.receiver());
  ASSERT_TRUE(first.has_value() && second.has_value());
  EXPECT_EQ(first->size(), kWebPushPlainSize + kWebPushOverhead);
  EXPECT_EQ(first->size(), second->size());
  EXPECT_FALSE(equal(ByteView(*first).first(86), ByteView(*second).first(86))) << "salt and key are of each message";
  EXPECT_EQ(browser.open(*first), plain);
  EXPECT_FALSE(other.open(*first).has_value());
  Bytes changed = *first;
  changed.back() ^= 1;
  EXPECT_FALSE(browser.open(changed).has_value());
}

TEST(WebPush, keys_that_are_no_points_and_plaintexts_too_long_are_refused) {
  const WebPushBrowser browser;
  const auto code = [](const Result<Bytes>& result) { return result ? ErrorCode{} : result.error().code; };
  WebPushReceiver to = browser.receiver();
  to.key.back() ^= 1;
  EXPECT_EQ(code(encrypt_web_push(Bytes(3), to)), kBadOption) << "not on the curve";
  to.key.fill(0);
  EXPECT_EQ(code(encrypt_web_push(Bytes(3), to)), kBadOption);
  to.key.fill(0xff);
  to.key.front() = 4;
  EXPECT_EQ(code(encrypt_web_push(Bytes(3), to)), kBadOption) << "beyond the field";
  to = browser.receiver();
  to.key.front() = 6;
  EXPECT_EQ(code(encrypt_web_push(Bytes(3), to)), kBadOption) << "a hybrid form";
  EXPECT_TRUE(encrypt_web_push(Bytes(4'079), browser.receiver()).has_value());
  EXPECT_EQ(code(encrypt_web_push(Bytes(4'080), browser.receiver())), kBadOption);
  WebPushOnce once;
  EXPECT_EQ(code(encrypt_web_push(Bytes(3), browser.receiver(), once)), kBadOption) << "a private key of 0";
  once.private_key.fill(0xff);
  EXPECT_EQ(code(encrypt_web_push(Bytes(3), browser.receiver(), once)), kBadOption) << "one beyond the order";
}

TEST(Vapid, the_example_of_rfc_8292_is_good_to_the_reader_of_these_tests) {
  P256Public key{};
  const std::string claims = vapid_claims(
      "vapid t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3Njgs"
      "InN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjv"
      "W2L9OkSSHzvoD1oA, k=BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs",
      key);
  EXPECT_EQ(claims, R"({"aud":"https://push.example.net","exp":1453523768,"sub":"mailto:push@example.com"})");
}

TEST(Vapid, a_key_signs_for_one_push_service_and_one_time) {
  const auto key = VapidKey::from_seed(Bytes(32, 5));
  ASSERT_TRUE(key.has_value());
  const auto url = *parse_https_url("https://Push.example:8443/wake/abc");
  P256Public shown{};
  const auto header = key->authorization(url, "mailto:a@b.example", Instant{1'800'000'000'999});
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(vapid_claims(*header, shown),
            R"({"aud":"https://push.example:8443","exp":1800000000,"sub":"mailto:a@b.example"})");
  EXPECT_EQ(shown, key->public_key());
  const auto nameless = key->authorization(*parse_https_url("https://push.example/x"), "", Instant{1'000});
  ASSERT_TRUE(nameless.has_value());
  EXPECT_EQ(vapid_claims(*nameless, shown), R"({"aud":"https://push.example","exp":1})");
  EXPECT_FALSE(key->authorization(url, "mailto:a\"b", Instant{}).has_value());
  EXPECT_EQ(VapidKey::from_seed(Bytes(32, 5))->public_key(), key->public_key()) << "the same from the same bytes";
  EXPECT_NE(VapidKey::from_seed(Bytes(32, 6))->public_key(), key->public_key());
  EXPECT_TRUE(VapidKey::from_seed(Bytes(32, 0xff)).has_value());
  EXPECT_TRUE(VapidKey::from_seed(Bytes(32, 0)).has_value());
  EXPECT_FALSE(VapidKey::from_seed(Bytes(31)).has_value());
}

}  // namespace
}  // namespace godwit::net
