#include "engine/name_text.h"

#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "crypto/random_sources.h"
#include "crypto/x25519.h"
#include "engine/channel_content.h"
#include "engine/errors.h"
#include "engine/invite_link.h"
#include "engine/request_link.h"
#include "engine/work.h"

namespace godwit::engine {
namespace {

TEST(name_text, capitals_do_not_count) {
  EXPECT_EQ(*canonical_name("Alice_99"), "alice_99");
  EXPECT_EQ(*canonical_name("Ёжик"), "ёжик");
  EXPECT_EQ(*canonical_name("МАША"), "маша");
}

TEST(name_text, what_could_be_mistaken_for_another_name_is_none) {
  for (const char* bad : {"al", "123", ".alice", "alice.", "al..ice", "al ice", "аlice", "сор", "ali\u202Ece",
                          "alice\n", "ａｌｉｃｅ", "\xff\xfe\xfd", "", "abcdefghijklmnopqrstuvwxyz1234567", "al@ice"}) {
    const auto name = canonical_name(bad);
    ASSERT_FALSE(name.has_value()) << bad;
    EXPECT_EQ(name.error().code, kBadName);
  }
  EXPECT_TRUE(canonical_name("совёнок").has_value());
}

TEST(name_text, the_id_is_of_the_name_and_the_home_and_the_access_of_the_passcode_too) {
  wire::HomeKey home;
  home.value.fill(1);
  const auto plain = name_keys("alice", "", home);
  const auto secret = name_keys("alice", "tulip", home);
  ASSERT_TRUE(plain && secret);
  EXPECT_EQ(plain->id, secret->id);
  EXPECT_FALSE(plain->access == secret->access);
  EXPECT_FALSE(plain->card == secret->card);
  home.value.fill(2);
  EXPECT_FALSE(name_keys("alice", "", home)->id == plain->id);
}

class Requests : public ::testing::Test {
 protected:
  crypto::SeededRandom random{7};
  crypto::Secret<32> private_key = crypto::Secret<32>::random(random);
  RequestLink link = make_link();

  RequestLink make_link() {
    RequestLink made;
    made.name = "Alice";
    made.home.routes = {"wss://home.example/ws"};
    made.alias.value.fill(3);
    made.key.value = crypto::Secret<32>::random(random);
    made.public_key = crypto::X25519KeyPair::from_private(private_key.clone()).public_key;
    return made;
  }

  // Of somebody else, with one device.
  crypto::Ed25519KeyPair recovery = crypto::Ed25519KeyPair::generate(random);
  crypto::Ed25519KeyPair device = crypto::Ed25519KeyPair::generate(random);
  AccountId bob{crypto::sha256(recovery.public_key)};

  ContactRequest bobs_request() const {
    InviteLink invite;
    invite.account = bob;
    invite.name = "Bob";
    invite.home.routes = {"wss://home.example/ws"};
    ContactRequest request;
    request.name = "Bob";
    request.invite = to_text(invite);
    request.devices = DeviceList::create(recovery, device.public_key).entries();
    return request;
  }
};

TEST_F(Requests, a_link_comes_back_as_it_was) {
  const std::string text = to_text(link);
  ASSERT_TRUE(is_request_link(text));
  const auto parsed = parse_request_link(" " + text + "\n");
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->alias, link.alias);
  EXPECT_EQ(parsed->public_key, link.public_key);
}

TEST_F(Requests, a_link_with_any_character_changed_is_damaged) {
  const std::string text = to_text(link);
  for (size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(parse_request_link(changed).has_value()) << at;
  }
}

TEST_F(Requests, a_card_opens_with_its_name_only) {
  const auto key = crypto::Secret<32>::random(random);
  wire::NameId name;
  name.value.fill(4);
  const Bytes card = seal_card(link, key, name, random);
  ASSERT_TRUE(open_card(card, key, name).has_value());
  EXPECT_FALSE(open_card(card, key, wire::NameId{}).has_value());
  EXPECT_FALSE(open_card(card, crypto::Secret<32>::random(random), name).has_value());
}

TEST_F(Requests, a_request_is_opened_by_its_receiver_and_proves_its_account) {
  ContactRequest request = bobs_request();
  request.greeting = "hello";
  const auto sealed = seal_request(request, device, link, random);
  ASSERT_TRUE(sealed.has_value());
  const auto opened = open_request(*sealed, link, private_key);
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->account, bob);
  EXPECT_EQ(opened->request.greeting, "hello");
  EXPECT_FALSE(open_request(*sealed, link, crypto::Secret<32>::random(random)).has_value());
  const auto other = crypto::Ed25519KeyPair::generate(random);
  const auto forged = seal_request(request, other, link, random);
  EXPECT_FALSE(open_request(*forged, link, private_key).has_value());
  request.greeting = std::string(201, 'x');
  EXPECT_EQ(seal_request(request, device, link, random).error().code, kTooLong);
}

TEST_F(Requests, a_request_is_for_one_account_at_one_home_by_one_address) {
  const ContactRequest request = bobs_request();
  const auto copy = [&] { return *parse_request_link(to_text(link)); };
  // Whoever passes it on to somebody with the same keys, which he has chosen for a link of his own.
  RequestLink other_account = copy();
  other_account.account.value[0] ^= 1;
  RequestLink other_home = copy();
  other_home.home.key.value[0] ^= 1;
  const auto sealed = seal_request(request, device, link, random);
  ASSERT_TRUE(open_request(*sealed, link, private_key).has_value());
  EXPECT_FALSE(open_request(*sealed, other_account, private_key).has_value());
  EXPECT_FALSE(open_request(*sealed, other_home, private_key).has_value());
}

TEST(WorkInHandTest, a_home_asks_for_more_a_few_times_and_never_for_less) {
  const Bytes subject{1, 2, 3};
  WorkInHand work;
  EXPECT_FALSE(work.find(0, subject));
  EXPECT_FALSE(work.find(25, subject));
  EXPECT_TRUE(work.find(4, subject));
  EXPECT_FALSE(work.find(4, subject));
  EXPECT_FALSE(work.find(3, subject));
  uint32_t rounds = 1;
  for (uint32_t bits = 5; bits < 18; ++bits) rounds += work.find(bits, subject) ? 1U : 0U;
  EXPECT_EQ(rounds, kWorkRoundsMax);
}

TEST(channel_content, a_sealed_entry_opens_in_its_place_with_the_link) {
  crypto::SeededRandom random{8};
  const auto key = crypto::Ed25519KeyPair::generate(random);
  ChannelLink link;
  link.home.routes = {"wss://home.example/ws"};
  link.key = wire::ChannelKey{key.public_key};
  link.secret = SecretField{crypto::Secret<32>::random(random)};
  const ChannelContent content{1, 5, ChannelContentKind::kPost, 0, "news", {}, {}};
  const Bytes sealed = seal_content(content, link, 3, random);
  EXPECT_EQ(open_content(sealed, link, 3)->text, "news");
  EXPECT_FALSE(open_content(sealed, link, 4).has_value());
  const auto entry = sign_entry(key, {3, {}, {}, {}, false}, sealed);
  EXPECT_TRUE(check_entry(entry, link.key).has_value());
  auto changed = entry;
  changed.header.sequence = 4;
  EXPECT_FALSE(check_entry(changed, link.key).has_value());
  changed = entry;
  changed.content->back() ^= 1;
  EXPECT_FALSE(check_entry(changed, link.key).has_value());
  const auto parsed = parse_channel_link(to_text(link));
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(open_content(sealed, *parsed, 3)->text, "news");
}

}  // namespace
}  // namespace godwit::engine
