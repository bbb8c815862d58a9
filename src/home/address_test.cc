// Addresses: whoever shows a token that is not good learns nothing about why.

#include <gtest/gtest.h>

#include <algorithm>

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

// A mailbox that may have so many addresses, and has them.
struct FullAddressTest : ::testing::Test {
  static constexpr uint32_t kMost = 3;
  FullAddressTest() : device(house.new_device()), owner(house.open_mailbox(device)) {
    for (uint32_t i = 0; i < kMost; ++i) addresses.push_back(house.new_address(owner));
  }
  static Options options() {
    Options options = test_options();
    options.limits.addresses_max = kMost;
    return options;
  }
  uint16_t create(Client& client) {
    return house.code_of(client, wire::AddressCreate{house.random_id<wire::Alias>(), {}, 0});
  }
  size_t listed(Client& client) {
    return std::get<wire::Addresses>(house.ask(client, wire::AddressList{})).addresses.size();
  }
  House house{options()};
  Device device;
  Client& owner;
  std::vector<Address> addresses;
};

TEST_F(FullAddressTest, one_more_is_refused_without_a_look_into_the_store) {
  house.store().set_unavailable(true);
  const uint64_t before = house.store().submitted();
  for (int i = 0; i < 200; ++i) ASSERT_EQ(create(owner), wire::kQuotaFull.number);
  EXPECT_EQ(house.store().submitted(), before);
  house.store().set_unavailable(false);
  EXPECT_EQ(house.code_of(owner, wire::AddressCreate{addresses[0].alias, hash_of(addresses[0].token), 0}), 0)
      << "one that is there may be made again";
  EXPECT_EQ(listed(owner), kMost);
}

TEST_F(FullAddressTest, after_a_restart_it_is_counted_again_once) {
  house.restart();
  Client& again = house.prove(device);
  EXPECT_EQ(create(again), wire::kQuotaFull.number);
  const uint64_t before = house.store().submitted();
  EXPECT_EQ(create(again), wire::kQuotaFull.number);
  EXPECT_EQ(house.store().submitted(), before);
  ASSERT_EQ(house.code_of(again, wire::AddressRevoke{addresses[1].alias}), 0);
  EXPECT_EQ(create(again), 0);
  EXPECT_EQ(create(again), wire::kQuotaFull.number);
}

TEST_F(FullAddressTest, what_is_revoked_twice_makes_room_for_one) {
  for (int i = 0; i < 2; ++i) ASSERT_EQ(house.code_of(owner, wire::AddressRevoke{addresses[0].alias}), 0);
  Client& other = house.open_mailbox(house.new_device());
  house.ask(other, wire::AddressRevoke{addresses[1].alias});
  EXPECT_EQ(create(owner), 0);
  EXPECT_EQ(create(owner), wire::kQuotaFull.number) << "another's revoking makes no room";
  EXPECT_EQ(create(other), 0) << "everybody has his own";
}

TEST_F(FullAddressTest, two_connections_at_once_make_no_more_than_one) {
  for (const Address& address : addresses) ASSERT_EQ(house.code_of(owner, wire::AddressRevoke{address.alias}), 0);
  house.restart();
  Client& first = house.prove(device);
  Client& second = house.prove(device);
  std::vector<std::pair<Client*, uint32_t>> asked;
  for (int i = 0; i < 20; ++i) {
    for (Client* client : {&first, &second}) {
      asked.emplace_back(client, house.send(*client, wire::AddressCreate{house.random_id<wire::Alias>(), {}, 0}));
    }
  }
  house.settle();
  const auto made = std::ranges::count_if(
      asked, [](const auto& each) { return std::holds_alternative<wire::Done>(each.first->replies.at(each.second)); });
  EXPECT_EQ(made, kMost);
  EXPECT_EQ(listed(first), kMost);
}

TEST_F(FullAddressTest, those_that_expire_make_room_when_they_are_swept) {
  ASSERT_EQ(house.code_of(owner, wire::AddressRevoke{addresses[0].alias}), 0);
  house.new_address(owner, house.now().day());
  ASSERT_EQ(create(owner), wire::kQuotaFull.number);
  house.advance(days(2));
  for (int i = 0; i < 40; ++i) house.advance(minutes(1));
  Client& later = house.prove(device);
  EXPECT_EQ(create(later), 0);
  EXPECT_EQ(create(later), wire::kQuotaFull.number);
}

TEST_F(FullAddressTest, a_mailbox_that_was_dropped_begins_with_none) {
  ASSERT_EQ(house.code_of(owner, wire::MailboxDrop{}), 0);
  Client& again = house.open_mailbox(device);
  for (uint32_t i = 0; i < kMost; ++i) ASSERT_EQ(create(again), 0);
  EXPECT_EQ(create(again), wire::kQuotaFull.number);
}

TEST_F(FullAddressTest, what_a_store_does_not_answer_is_counted_again) {
  ASSERT_EQ(house.code_of(owner, wire::AddressRevoke{addresses[0].alias}), 0);
  house.store().set_faults({.unavailable_per_million = 400'000});
  for (int i = 0; i < 60; ++i) {
    create(owner);
    house.ask(owner, wire::AddressRevoke{addresses[1].alias});
  }
  house.store().set_faults({});
  while (create(owner) == 0) ASSERT_LE(listed(owner), kMost);
  EXPECT_EQ(create(owner), wire::kQuotaFull.number);
  EXPECT_LE(listed(owner), kMost);
}

TEST(AddressLimits, those_for_strangers_are_refused_without_a_look_into_the_store_too) {
  Options options = test_options();
  options.limits.stranger_addresses_max = 2;
  House house(options);
  const Device device = house.new_device();
  house.open_mailbox(device);
  house.restart();
  Client& owner = house.prove(device);
  const auto create = [&](bool strangers, uint32_t expires_day = 0) {
    return house.code_of(owner, wire::AddressCreate{house.random_id<wire::Alias>(), {}, expires_day, strangers});
  };
  ASSERT_EQ(create(false), 0);
  ASSERT_EQ(create(true), 0);
  ASSERT_EQ(create(true, house.now().day()), 0);
  house.store().set_unavailable(true);
  EXPECT_EQ(create(true), wire::kQuotaFull.number);
  house.store().set_unavailable(false);
  EXPECT_EQ(create(false), 0);
  house.advance(days(1));
  Client& later = house.prove(device);
  EXPECT_EQ(house.code_of(later, wire::AddressCreate{house.random_id<wire::Alias>(), {}, 0, true}), 0)
      << "one that is over does not count, swept or not";
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
