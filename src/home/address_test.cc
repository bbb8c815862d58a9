// Addresses: whoever shows a token that is not good learns nothing about why.

#include <gtest/gtest.h>

#include "home/testing/house.h"
#include "wire/errors.h"

namespace godwit::home {
namespace {

using testing::Address;
using testing::Client;
using testing::Device;
using testing::hash_of;
using testing::House;
using testing::test_options;

struct Fixture : ::testing::Test {
  Fixture() : device(house.new_device()), owner(house.open_mailbox(device)), sender(house.connect()) {}
  uint16_t deliver(const Address& address) { return house.code_of(sender, house.delivery(address, {1, 2, 3})); }
  House house;
  Device device;
  Client& owner;
  Client& sender;
};
using AddressTest = Fixture;

TEST_F(AddressTest, unknown_expired_revoked_and_guessed_all_get_the_same_answer) {
  const Address good = house.new_address(owner);
  const Address expired = house.new_address(owner, house.now().day());
  const Address revoked = house.new_address(owner);
  ASSERT_EQ(deliver(expired), 0) << "still good on its last day";
  ASSERT_EQ(house.code_of(owner, wire::AddressRevoke{revoked.alias}), 0);
  house.advance(days(1));
  const Address unknown{house.random_id<wire::Alias>(), house.random_id<wire::Token>()};
  const Address guessed{good.alias, house.random_id<wire::Token>()};
  Bytes answer;
  for (const Address& address : {unknown, expired, revoked, guessed}) {
    Client& client = house.connect();
    const Bytes bytes = wire::encode_reply(house.ask(client, house.delivery(address, {1})));
    EXPECT_EQ(bytes, wire::encode_reply(wire::Refused{wire::kAddressRefused.number, 0, 0}));
  }
  sender.closed.reset();
  Client& later = house.connect();
  EXPECT_EQ(house.code_of(later, house.delivery(good, {1})), 0);
}

TEST_F(AddressTest, creating_again_is_fine_and_another_token_or_owner_is_not) {
  const Address address = house.new_address(owner);
  EXPECT_EQ(house.code_of(owner, wire::AddressCreate{address.alias, hash_of(address.token), 0}), 0);
  EXPECT_EQ(house.code_of(owner, wire::AddressCreate{address.alias, wire::TokenHash{{1}}, 0}), wire::kIdTaken.number);
  Client& other = house.open_mailbox(house.new_device());
  EXPECT_EQ(house.code_of(other, wire::AddressCreate{address.alias, hash_of(address.token), 0}), wire::kIdTaken.number);
}

TEST_F(AddressTest, nobody_else_changes_or_lists_it) {
  const Address address = house.new_address(owner);
  Client& other = house.open_mailbox(house.new_device());
  EXPECT_EQ(house.code_of(other, wire::AddressToken{address.alias, wire::TokenHash{{1}}, 0}),
            wire::kAddressRefused.number);
  house.ask(other, wire::AddressRevoke{address.alias});
  EXPECT_EQ(deliver(address), 0) << "another's revoking changes nothing";
  EXPECT_EQ(house.code_of(other, wire::KeyPackageCount{address.alias}), wire::kAddressRefused.number);
  EXPECT_EQ(house.code_of(other, wire::KeyPackagePublish{address.alias, {{1}}, {}}), wire::kAddressRefused.number);
  EXPECT_TRUE(std::get<wire::Addresses>(house.ask(other, wire::AddressList{})).addresses.empty());
}

TEST_F(AddressTest, an_old_token_lives_on_for_the_days_given) {
  const Address old = house.new_address(owner);
  const Address fresh{old.alias, house.random_id<wire::Token>()};
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(house.code_of(owner, wire::AddressToken{old.alias, hash_of(fresh.token), 2}), 0) << "idempotent";
  }
  EXPECT_EQ(deliver(old), 0);
  EXPECT_EQ(deliver(fresh), 0);
  house.advance(days(3));
  Client& later = house.connect();
  EXPECT_EQ(house.code_of(later, house.delivery(old, {1})), wire::kAddressRefused.number);
  EXPECT_EQ(house.code_of(later, house.delivery(fresh, {1})), 0);
}

TEST_F(AddressTest, without_old_days_the_old_token_dies_at_once) {
  const Address old = house.new_address(owner);
  const Address fresh{old.alias, house.random_id<wire::Token>()};
  ASSERT_EQ(house.code_of(owner, wire::AddressToken{old.alias, hash_of(fresh.token), 0}), 0);
  EXPECT_EQ(deliver(old), wire::kAddressRefused.number);
  EXPECT_EQ(deliver(fresh), 0);
}

TEST_F(AddressTest, the_list_tells_how_much_waits) {
  const Address quiet = house.new_address(owner);
  const Address busy = house.new_address(owner, house.now().day() + 5);
  ASSERT_EQ(deliver(busy), 0);
  ASSERT_EQ(deliver(busy), 0);
  const auto list = std::get<wire::Addresses>(house.ask(owner, wire::AddressList{}));
  ASSERT_EQ(list.addresses.size(), 2U);
  for (const wire::AddressInfo& info : list.addresses) {
    EXPECT_EQ(info.items, info.alias == busy.alias ? 2U : 0U);
    EXPECT_EQ(info.expires_day, info.alias == busy.alias ? house.now().day() + 5 : 0U);
  }
  ASSERT_EQ(house.code_of(owner, wire::AddressRevoke{quiet.alias}), 0);
  ASSERT_EQ(house.code_of(owner, wire::AddressRevoke{quiet.alias}), 0) << "idempotent";
  EXPECT_EQ(std::get<wire::Addresses>(house.ask(owner, wire::AddressList{})).addresses.size(), 1U);
}

TEST_F(AddressTest, the_list_tells_its_owner_which_token_is_the_newest) {
  const Address old = house.new_address(owner);
  const auto listed = [&] {
    return std::get<wire::Addresses>(house.ask(owner, wire::AddressList{})).addresses.at(0).token_hash;
  };
  EXPECT_EQ(listed(), hash_of(old.token));
  const Address fresh{old.alias, house.random_id<wire::Token>()};
  ASSERT_EQ(house.code_of(owner, wire::AddressToken{old.alias, hash_of(fresh.token), 7}), 0);
  EXPECT_EQ(listed(), hash_of(fresh.token)) << "though the other is good for some days";
}

TEST(AddressLimits, a_mailbox_has_so_many_addresses_and_no_more) {
  Options options = test_options();
  options.limits.addresses_max = 3;
  House house(options);
  Client& owner = house.open_mailbox(house.new_device());
  const Address first = house.new_address(owner);
  house.new_address(owner);
  house.new_address(owner);
  const wire::AddressCreate fourth{house.random_id<wire::Alias>(), {}, 0};
  EXPECT_EQ(house.code_of(owner, fourth), wire::kQuotaFull.number);
  ASSERT_EQ(house.code_of(owner, wire::AddressRevoke{first.alias}), 0);
  EXPECT_EQ(house.code_of(owner, fourth), 0);
}

TEST_F(AddressTest, tokens_are_not_at_rest_and_expired_addresses_are_swept) {
  const Address address = house.new_address(owner, house.now().day());
  ASSERT_EQ(house.code_of(owner, wire::KeyPackagePublish{address.alias, {Bytes(300, 5)}, {}}), 0);
  ASSERT_EQ(deliver(address), 0);
  EXPECT_FALSE(house.disk().holds(address.token.view()));
  EXPECT_TRUE(house.disk().holds(address.alias.view()));
  house.advance(days(2));
  for (int i = 0; i < 40; ++i) house.advance(minutes(1));
  EXPECT_FALSE(house.disk().holds(Bytes(300, 5)));
}

}  // namespace
}  // namespace godwit::home
