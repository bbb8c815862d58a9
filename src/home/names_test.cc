// Names and contact requests at a home.

#include <gtest/gtest.h>

#include "crypto/proof_of_work.h"
#include "home/rate.h"
#include "home/testing/house.h"
#include "wire/errors.h"

namespace godwit::home {
namespace {

using testing::Address;
using testing::Client;
using testing::hash_of;
using testing::House;

template <typename... Ids>
wire::ProofOfWork work(uint8_t bits, const Ids&... ids) {
  Bytes subject;
  (append(subject, ids.view()), ...);
  return {crypto::find_work(wire::kWorkLabel, subject, bits)};
}

// `again` tells several proofs of the same work apart.
wire::NameResolve resolve(const wire::NameId& name, const wire::Token& access, uint8_t bits = 16, uint64_t again = 0) {
  Bytes subject = to_bytes(name.view());
  append(subject, access.view());
  return {name, access, {crypto::find_work(wire::kWorkLabel, subject, bits, again << 40)}};
}

class Names : public ::testing::Test {
 protected:
  House house;
  testing::Device device = house.new_device();
  Client& owner = house.open_mailbox(device);
  Client& stranger = house.connect();
  wire::NameId name = house.random_id<wire::NameId>();
  wire::Token access = house.random_id<wire::Token>();

  wire::NameClaim claim(Bytes card = Bytes(40, 1)) { return {name, hash_of(access), std::move(card)}; }
  Address address_for_strangers() {
    Address address{house.random_id<wire::Alias>(), house.random_id<wire::Token>()};
    EXPECT_EQ(house.code_of(owner, wire::AddressCreate{address.alias, hash_of(address.token), 0, true}), 0);
    return address;
  }
  wire::ContactDeliver contact(const Address& address, uint8_t bits = 16) {
    const auto id = house.random_id<wire::DeliveryId>();
    return {{address.alias, address.token, id}, work(bits, address.alias, id), Bytes(100, 2)};
  }
};

TEST_F(Names, who_knows_the_name_gets_its_card) {
  EXPECT_EQ(house.code_of(owner, claim()), 0);
  const auto reply = house.ask(stranger, resolve(name, access));
  ASSERT_TRUE(std::holds_alternative<wire::NameCard>(reply));
  EXPECT_EQ(std::get<wire::NameCard>(reply).card, Bytes(40, 1));
}

TEST_F(Names, no_such_name_and_another_passcode_are_one_answer) {
  EXPECT_EQ(house.code_of(owner, claim()), 0);
  EXPECT_EQ(house.code_of(stranger, resolve(name, house.random_id<wire::Token>())), wire::kNameRefused.number);
  EXPECT_EQ(house.code_of(stranger, resolve(house.random_id<wire::NameId>(), access)), wire::kNameRefused.number);
  EXPECT_EQ(house.code_of(stranger, resolve(house.random_id<wire::NameId>(), wire::Token{})),
            wire::kNameRefused.number);
}

TEST_F(Names, asking_without_work_is_told_how_much) {
  EXPECT_EQ(house.code_of(owner, claim()), 0);
  const auto reply = house.ask(stranger, wire::NameResolve{name, access, {}});
  ASSERT_TRUE(std::holds_alternative<wire::Refused>(reply));
  EXPECT_EQ(std::get<wire::Refused>(reply).code, wire::kProofOfWorkRefused.number);
  EXPECT_EQ(std::get<wire::Refused>(reply).detail, 16U);
}

TEST_F(Names, guessing_becomes_dearer_for_names_that_exist_and_for_others) {
  EXPECT_EQ(house.code_of(owner, claim()), 0);
  for (const wire::NameId& one : {name, house.random_id<wire::NameId>()}) {
    const wire::Token guess = house.random_id<wire::Token>();
    for (uint64_t i = 0; i < 32; ++i) {
      EXPECT_EQ(house.code_of(stranger, resolve(one, guess, 16, i)), wire::kNameRefused.number);
    }
    const auto reply = std::get<wire::Refused>(house.ask(stranger, resolve(one, guess, 16, 32)));
    EXPECT_EQ(reply.code, wire::kProofOfWorkRefused.number);
    EXPECT_EQ(reply.detail, 22U);
  }
  house.advance(minutes(1));
  EXPECT_EQ(house.code_of(stranger, resolve(name, access)), 0);
}

TEST_F(Names, work_that_was_done_once_is_answered_again_and_keeps_nobody_out) {
  EXPECT_EQ(house.code_of(owner, claim()), 0);
  const auto wrong = resolve(name, house.random_id<wire::Token>());
  for (int i = 0; i < 100; ++i) EXPECT_EQ(house.code_of(stranger, wrong), wire::kNameRefused.number);
  EXPECT_EQ(house.code_of(stranger, resolve(name, access)), 0);
}

TEST_F(Names, a_mailbox_tries_few_names_a_day) {
  EXPECT_EQ(house.code_of(owner, claim()), 0);
  const testing::Device tablet = house.new_device();
  Client& other = house.open_mailbox(tablet);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(house.code_of(other, claim()), wire::kNameTaken.number);
  EXPECT_EQ(house.code_of(other, claim()), wire::kTooManyRequests.number);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(house.code_of(owner, claim(Bytes(40, 2))), 0);  // its own one
  house.advance(hours(3));
  EXPECT_EQ(house.code_of(house.prove(tablet), claim()), wire::kNameTaken.number);
}

TEST_F(Names, a_name_belongs_to_one_mailbox_and_a_mailbox_has_one_name) {
  EXPECT_EQ(house.code_of(owner, claim()), 0);
  EXPECT_EQ(house.code_of(owner, claim(Bytes(50, 3))), 0);  // another card
  Client& other = house.open_mailbox(house.new_device());
  EXPECT_EQ(house.code_of(other, claim()), wire::kNameTaken.number);
  wire::NameClaim second = claim();
  second.name = house.random_id<wire::NameId>();
  EXPECT_EQ(house.code_of(owner, second), wire::kHasName.number);
  EXPECT_EQ(house.code_of(owner, wire::NameRelease{}), 0);
  EXPECT_EQ(house.code_of(owner, wire::NameRelease{}), 0);
  EXPECT_EQ(house.code_of(stranger, resolve(name, access)), wire::kNameRefused.number);
  EXPECT_EQ(house.code_of(owner, second), 0);
  EXPECT_EQ(house.code_of(other, claim()), 0);
}

TEST_F(Names, a_name_outlives_a_restart_and_goes_with_its_mailbox) {
  EXPECT_EQ(house.code_of(owner, claim()), 0);
  house.restart();
  EXPECT_EQ(house.code_of(house.connect(), resolve(name, access)), 0);
  EXPECT_EQ(house.code_of(house.prove(device), wire::MailboxDrop{}), 0);
  EXPECT_EQ(house.code_of(house.connect(), resolve(name, access)), wire::kNameRefused.number);
  EXPECT_EQ(house.code_of(house.open_mailbox(house.new_device()), claim()), 0);
}

TEST_F(Names, strangers_may_ask_and_not_claim) {
  EXPECT_EQ(house.code_of(stranger, claim()), wire::kWrongSessionKind.number);
  EXPECT_EQ(house.code_of(owner, resolve(name, access)), wire::kWrongSessionKind.number);
}

TEST_F(Names, a_contact_request_comes_to_an_address_for_strangers_only) {
  const Address address = address_for_strangers();
  EXPECT_EQ(house.code_of(stranger, contact(address)), 0);
  EXPECT_EQ(house.code_of(stranger, house.delivery(address, Bytes(10, 1))), wire::kAddressRefused.number);
  EXPECT_EQ(house.code_of(stranger, contact(house.new_address(owner))), wire::kAddressRefused.number);
  const auto items = std::get<wire::Items>(house.ask(owner, wire::Fetch{{0}, 100'000, false}));
  ASSERT_EQ(items.items.size(), 1U);
  EXPECT_EQ(items.items[0].alias, address.alias);
}

TEST_F(Names, one_stranger_cannot_fill_a_mailbox) {
  const Address address = address_for_strangers();
  std::set<uint16_t> codes;
  uint32_t most = 0;
  uint32_t taken = 0;
  for (int i = 0; i < 400; ++i) {
    wire::ContactDeliver request = contact(address);
    auto reply = house.ask(stranger, request);
    const auto* refused = std::get_if<wire::Refused>(&reply);
    if (refused && refused->code == wire::kProofOfWorkRefused.number && refused->detail <= 18) {
      most = std::max(most, refused->detail);
      request.work =
          work(static_cast<uint8_t>(refused->detail), request.recipient.alias, request.recipient.delivery_id);
      reply = house.ask(stranger, request);
      refused = std::get_if<wire::Refused>(&reply);
    }
    taken += refused ? 0 : 1;
    if (refused) codes.insert(refused->code);
    if (refused && refused->code == wire::kProofOfWorkRefused.number) break;  // still dearer
    if (refused) house.advance(minutes(2));
  }
  EXPECT_TRUE(codes.contains(wire::kProofOfWorkRefused.number));
  EXPECT_EQ(most, 18U);
  EXPECT_LE(taken, 64U);
  // Contacts are not held up by that.
  EXPECT_EQ(house.code_of(stranger, house.delivery(house.new_address(owner), Bytes(10, 1))), 0);
}

TEST_F(Names, the_same_contact_request_again_keeps_nobody_out) {
  const Address address = address_for_strangers();
  const auto first = contact(address);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(house.code_of(stranger, first), 0);
  EXPECT_EQ(house.code_of(stranger, contact(address)), 0);
  // Also when the home has forgotten the proof, and knows only the item.
  house.advance(hours(1));
  Client& later = house.connect();
  EXPECT_EQ(house.code_of(later, first), 0);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(house.code_of(later, first), 0);
  for (int i = 0; i < 15; ++i) EXPECT_EQ(house.code_of(later, contact(address)), 0) << i;
  Client& reader = house.prove(device);
  EXPECT_EQ(std::get<wire::Items>(house.ask(reader, wire::Fetch{{0}, 100'000, false})).items.size(), 17U);
}

TEST_F(Names, contact_requests_in_a_row_cost_more_and_more) {
  const Address address = address_for_strangers();
  for (int i = 0; i < 16; ++i) EXPECT_EQ(house.code_of(stranger, contact(address)), 0);
  const auto reply = std::get<wire::Refused>(house.ask(stranger, contact(address)));
  EXPECT_EQ(reply.code, wire::kProofOfWorkRefused.number);
  EXPECT_EQ(reply.detail, 18U);
  house.advance(minutes(10));
  EXPECT_EQ(house.code_of(house.connect(), contact(address)), 0);
}

TEST(RateTest, made_up_names_push_out_each_other_and_not_the_one_that_is_drained) {
  Rate rate(2, minutes(1));
  const Instant now{1'000'000};
  const Bytes target{1};
  rate.take(target, now);
  EXPECT_EQ(rate.left(target, now), 1U);
  rate.take(target, now);
  for (uint32_t i = 0; i < Rate::kNamesMax + 100; ++i) {
    const Bytes name{2, static_cast<uint8_t>(i >> 16), static_cast<uint8_t>(i >> 8), static_cast<uint8_t>(i)};
    ASSERT_EQ(rate.take(name, now), Duration{});
  }
  EXPECT_GT(rate.take(target, now), Duration{});
  rate.give_back(target, now);
  EXPECT_EQ(rate.take(target, now), Duration{});
}

TEST_F(Names, a_mailbox_has_few_addresses_for_strangers) {
  for (int i = 0; i < 16; ++i) address_for_strangers();
  const auto more = wire::AddressCreate{house.random_id<wire::Alias>(), wire::TokenHash{}, 0, true};
  EXPECT_EQ(house.code_of(owner, more), wire::kQuotaFull.number);
  house.new_address(owner);
}

}  // namespace
}  // namespace godwit::home
