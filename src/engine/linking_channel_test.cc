#include "engine/linking_channel.h"

#include <gtest/gtest.h>

#include "crypto/random_sources.h"
#include "engine/errors.h"
#include "engine/recovery_key.h"

namespace godwit::engine {
namespace {

class LinkingChannel : public ::testing::Test {
 protected:
  LinkingChannel() {
    home_.key.value.fill(3);
    home_.routes = {"wss://home.example/ws"};
  }
  LinkRequest request() {
    LinkRequest out;
    out.device.device_key = device_.public_key;
    out.device.sync_key = Bytes(crypto::kXWingPublicKeySize, 1);
    out.device.name = "Laptop";
    return out;
  }
  crypto::SeededRandom random_{9};
  wire::HomeAddress home_;
  crypto::Ed25519KeyPair device_ = crypto::Ed25519KeyPair::generate(random_);
};

TEST_F(LinkingChannel, a_link_comes_back_as_it_was_and_is_refused_when_changed) {
  const LinkOffer offer = make_link_offer(home_, random_);
  const std::string text = to_text(offer);
  EXPECT_TRUE(text.starts_with("godwit:d#"));
  const auto back = parse_device_link(" " + text + "\n");
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->meeting, offer.meeting);
  EXPECT_TRUE(back->password == offer.password);
  EXPECT_EQ(back->home, home_);
  for (size_t at = 9; at < text.size(); at += 7) {
    std::string changed = text;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(parse_device_link(changed).has_value()) << at;
  }
  EXPECT_EQ(parse_device_link("https://example.org").error().code, kLinkNotGodwit);
  EXPECT_EQ(parse_device_link("godwit:i#AAAA").error().code, kLinkOther);
  EXPECT_FALSE(parse_device_link("").has_value());
}

TEST_F(LinkingChannel, a_code_finds_every_slip_of_one_digit_and_every_swap) {
  for (int round = 0; round < 20; ++round) {
    const std::string code = make_link_code(random_);
    ASSERT_EQ(code.size(), kCodeDigits);
    ASSERT_TRUE(offer_of_code(shown_code(code), home_).has_value());
    for (size_t at = 0; at < code.size(); ++at) {
      for (char digit = '0'; digit <= '9'; ++digit) {
        std::string slip = code;
        slip[at] = digit;
        EXPECT_EQ(offer_of_code(slip, home_).has_value(), digit == code[at]);
      }
      if (at == 0 || code[at] == code[at - 1]) continue;
      std::string swapped = code;
      std::swap(swapped[at], swapped[at - 1]);
      EXPECT_FALSE(offer_of_code(swapped, home_).has_value());
    }
  }
  for (const char* bad : {"", "1234", "1234 5678 901x", "1234 5678 9012 3"}) {
    EXPECT_FALSE(offer_of_code(bad, home_).has_value()) << bad;
  }
}

TEST_F(LinkingChannel, two_who_know_the_code_have_one_key_and_one_number) {
  const LinkOffer offer = *offer_of_code(make_link_code(random_), home_);
  const LinkAsker asker = LinkAsker::begin(offer, random_);
  const auto answer = answer_link(offer, asker.hello(), random_);
  ASSERT_TRUE(answer.has_value());
  const auto keys = asker.finish(answer->first);
  ASSERT_TRUE(keys.has_value());
  EXPECT_EQ(keys->check, answer->second.check);
  EXPECT_EQ(keys->check.size(), 6U);
  const auto opened = open_request(answer->second, seal_request(*keys, request(), device_, random_));
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->device.name, "Laptop");
}

TEST_F(LinkingChannel, a_wrong_code_or_another_home_opens_nothing) {
  const std::string code = make_link_code(random_);
  std::string other = code;
  do other = make_link_code(random_);
  while (other == code);
  wire::HomeAddress elsewhere = home_;
  elsewhere.key.value.fill(4);
  for (const LinkOffer& guess : {*offer_of_code(other, home_), *offer_of_code(code, elsewhere)}) {
    const LinkAsker asker = LinkAsker::begin(guess, random_);
    const auto answer = answer_link(*offer_of_code(code, home_), asker.hello(), random_);
    ASSERT_TRUE(answer.has_value());
    const auto keys = asker.finish(answer->first);
    ASSERT_TRUE(keys.has_value());
    const auto opened = open_request(answer->second, seal_request(*keys, request(), device_, random_));
    ASSERT_FALSE(opened.has_value());
    EXPECT_EQ(opened.error().code, kLinkingFailed);
  }
}

TEST_F(LinkingChannel, a_request_for_a_key_that_the_asker_does_not_hold_is_refused) {
  const LinkOffer offer = make_link_offer(home_, random_);
  const LinkAsker asker = LinkAsker::begin(offer, random_);
  const auto answer = answer_link(offer, asker.hello(), random_);
  const auto keys = asker.finish(answer->first);
  const auto other = crypto::Ed25519KeyPair::generate(random_);
  EXPECT_FALSE(open_request(answer->second, seal_request(*keys, request(), other, random_)).has_value());
}

TEST_F(LinkingChannel, broken_messages_are_refused) {
  const LinkOffer offer = make_link_offer(home_, random_);
  const LinkAsker asker = LinkAsker::begin(offer, random_);
  LinkHello hello = asker.hello();
  hello.kem_key.resize(100);
  EXPECT_FALSE(answer_link(offer, hello, random_).has_value());
  hello = asker.hello();
  hello.share = {};
  EXPECT_FALSE(answer_link(offer, hello, random_).has_value());
  auto answer = answer_link(offer, asker.hello(), random_);
  answer->first.kem_ciphertext.clear();
  EXPECT_FALSE(asker.finish(answer->first).has_value());
}

TEST_F(LinkingChannel, an_account_is_handed_over_only_with_a_list_that_has_the_device) {
  const auto words = crypto::Ed25519KeyPair::generate(random_);
  const auto first = crypto::Ed25519KeyPair::generate(random_);
  const auto key = crypto::Secret<32>::random(random_);
  LinkAnswer answer;
  answer.account = account_of(words.public_key);
  answer.name = "Anna";
  answer.home = home_;
  answer.devices = DeviceList::create(words, first.public_key).entries();
  EXPECT_TRUE(open_answer(key, seal_answer(key, answer, random_), first.public_key).has_value());
  EXPECT_FALSE(open_answer(key, seal_answer(key, answer, random_), device_.public_key).has_value());
  EXPECT_FALSE(open_answer(crypto::Secret<32>(), seal_answer(key, answer, random_), first.public_key).has_value());
}

}  // namespace
}  // namespace godwit::engine
