#include <gtest/gtest.h>

#include "home/audit.h"
#include "home/testing/house.h"
#include "session/sealed_request.h"
#include "wire/errors.h"

namespace godwit::home::testing {
namespace {

using session::SealedRequest;
using session::SealedSetup;

// A home, and clients that write to it in sealed requests.
class SealedTest : public ::testing::Test {
 protected:
  SealedRequest seal(const std::vector<wire::Request>& requests, Duration lifetime = days(7)) {
    std::vector<Bytes> encoded;
    for (const wire::Request& request : requests) encoded.push_back(wire::encode_request(request));
    return *session::seal_requests(house_.keys().sealing.public_key, encoded, house_.now() + lifetime, house_.random());
  }
  // The same, first of which proves the device.
  SealedRequest seal_as(const Device& device, const std::vector<wire::Request>& requests) {
    auto setup = *SealedSetup::create(house_.keys().sealing.public_key, house_.random());
    std::vector<Bytes> encoded{wire::encode_request(proof(device, setup.binding()))};
    for (const wire::Request& request : requests) encoded.push_back(wire::encode_request(request));
    return *std::move(setup).seal(encoded, house_.now() + days(7), house_.random());
  }
  static wire::MailboxProve proof(const Device& device, const session::ChannelBinding& binding) {
    Bytes message = to_bytes(as_bytes(wire::kMailboxProofLabel));
    append(message, binding);
    append(message, device.mailbox.view());
    return {device.mailbox, device.public_key(), to_bytes(device.key.sign(message))};
  }
  // What the home answers, opened; nothing if it refuses.
  std::vector<wire::Reply> bring(const SealedRequest& request) {
    const auto sealed = house_.bring(request.bytes);
    last_error_ = sealed ? uint16_t{0} : sealed.error().code.number;
    if (!sealed) return {};
    last_size_ = sealed->size();
    return open(request, *sealed);
  }
  static std::vector<wire::Reply> open(const SealedRequest& request, ByteView sealed) {
    std::vector<wire::Reply> replies;
    const auto opened = request.reply_key.open(sealed);
    EXPECT_TRUE(opened.has_value());
    if (!opened) return {};
    for (const Bytes& reply : *opened) replies.push_back(*wire::decode_reply(reply));
    return replies;
  }
  static uint16_t code(const wire::Reply& reply) {
    const auto* refused = std::get_if<wire::Refused>(&reply);
    return refused == nullptr ? uint16_t{0} : refused->code;
  }

  uint64_t records(char kind) {
    Audit audit(house_.store(), {});
    while (!audit.done()) house_.store().poll();
    EXPECT_EQ(audit.report()->unknown, 0U);
    const auto& kinds = audit.report()->kinds;
    return kinds.contains(kind) ? kinds.at(kind).records : 0;
  }

  House house_;
  uint16_t last_error_ = 0;
  size_t last_size_ = 0;
};

TEST_F(SealedTest, what_is_delivered_sealed_is_fetched_and_acknowledged_sealed) {
  const Device device = house_.new_device();
  Client& owner = house_.open_mailbox(device);
  const Address address = house_.new_address(owner);
  const auto delivered = bring(seal({house_.delivery(address, Bytes(900, 7))}));
  ASSERT_EQ(delivered.size(), 1U);
  EXPECT_EQ(code(delivered[0]), 0);
  const auto fetched = bring(seal_as(device, {wire::Fetch{{0}, 100'000, false}}));
  ASSERT_EQ(fetched.size(), 2U);
  const auto& items = std::get<wire::Items>(fetched[1]).items;
  ASSERT_EQ(items.size(), 1U);
  const auto gone = bring(seal_as(device, {wire::Acknowledge{items[0].sequence}, wire::Fetch{{0}, 100'000, false}}));
  ASSERT_EQ(gone.size(), 3U);
  EXPECT_TRUE(std::get<wire::Items>(gone[2]).items.empty());
}

TEST_F(SealedTest, bytes_that_cannot_be_opened_get_no_answer) {
  Bytes damaged = seal({wire::BulletinGet{}}).bytes;
  damaged.back() ^= 1;
  EXPECT_EQ(house_.bring(damaged).error().code, wire::kSealedRefused);
  EXPECT_EQ(house_.bring({}).error().code, wire::kSealedRefused);
  EXPECT_EQ(house_.bring(Bytes(2'000'000, 1)).error().code, wire::kSealedRefused);
}

TEST_F(SealedTest, what_is_sealed_to_another_home_gets_no_answer) {
  House other(test_options(), 9);
  EXPECT_FALSE(other.bring(seal({wire::BulletinGet{}}).bytes).has_value());
  // Not even by the home whose identity it is but whose sealing key it is not.
  const auto sealed =
      *session::seal_requests(crypto::XWingKeyPair::generate(house_.random()).public_key,
                              {wire::encode_request(wire::BulletinGet{})}, house_.now() + days(1), house_.random());
  EXPECT_EQ(house_.bring(sealed.bytes).error().code, wire::kSealedRefused);
}

TEST_F(SealedTest, a_request_is_done_once_also_after_a_restart) {
  const SealedRequest request = seal({wire::BulletinGet{}});
  EXPECT_EQ(bring(request).size(), 1U);
  bring(request);
  EXPECT_EQ(last_error_, wire::kSealedRefused.number);
  house_.restart();
  bring(request);
  EXPECT_EQ(last_error_, wire::kSealedRefused.number);
  Client& client = house_.connect();
  EXPECT_EQ(house_.code_of(client, wire::Sealed{request.bytes}), wire::kSealedRefused.number);
}

TEST_F(SealedTest, two_copies_at_the_same_time_are_done_once) {
  const Device device = house_.new_device();
  Client& owner = house_.open_mailbox(device);
  const Address address = house_.new_address(owner);
  const SealedRequest request = seal({house_.delivery(address, Bytes(100, 1))});
  Client& client = house_.connect();
  const uint32_t first = house_.send(client, wire::Sealed{request.bytes});
  const uint32_t second = house_.send(client, wire::Sealed{request.bytes});
  house_.settle();
  // Which of the two depends on what each has to wait for.
  const bool first_done = std::holds_alternative<wire::SealedReply>(client.replies.at(first));
  const uint32_t done = first_done ? first : second;
  EXPECT_TRUE(std::holds_alternative<wire::SealedReply>(client.replies.at(done)));
  EXPECT_EQ(code(client.replies.at(first + second - done)), wire::kSealedRefused.number);
}

TEST_F(SealedTest, what_has_expired_or_is_too_far_ahead_is_refused) {
  for (const Duration lifetime : {seconds(0), seconds(-1), days(-400), days(31) + seconds(2), days(4000)}) {
    bring(seal({wire::BulletinGet{}}, lifetime));
    EXPECT_EQ(last_error_, wire::kSealedRefused.number);
  }
  // A client whose clock is a day off in either direction is served, if it asks for two to thirty days.
  for (const Duration lifetime : {seconds(2), days(1), days(29), days(31)}) {
    EXPECT_EQ(bring(seal({wire::BulletinGet{}}, lifetime)).size(), 1U);
  }
}

TEST_F(SealedTest, an_id_is_forgotten_no_sooner_than_a_day_after_its_end) {
  const SealedRequest request = seal({wire::BulletinGet{}}, days(2));
  EXPECT_EQ(bring(request).size(), 1U);
  EXPECT_EQ(records('r'), 1U);
  house_.advance(days(2) + hours(1));
  EXPECT_EQ(records('r'), 1U);
  bring(request);
  EXPECT_EQ(last_error_, wire::kSealedRefused.number);
  house_.advance(days(3));
  EXPECT_EQ(records('r'), 0U);
  bring(request);
  EXPECT_EQ(last_error_, wire::kSealedRefused.number);
}

TEST_F(SealedTest, a_proof_holds_for_its_own_sealed_request_alone) {
  const Device device = house_.new_device();
  house_.open_mailbox(device);
  auto setup = *SealedSetup::create(house_.keys().sealing.public_key, house_.random());
  const auto stolen = proof(device, setup.binding());
  const auto replies = bring(seal({stolen, wire::DeviceList{}, wire::BulletinGet{}}));
  ASSERT_EQ(replies.size(), 3U);
  for (const wire::Reply& reply : replies) EXPECT_EQ(code(reply), wire::kProofRefused.number);
  // And a session's proof is none here, nor this one there.
  Client& client = house_.connect();
  EXPECT_EQ(code(bring(seal({house_.prove_request(client, device)}))[0]), wire::kProofRefused.number);
  EXPECT_EQ(house_.code_of(client, stolen), wire::kProofRefused.number);
}

TEST_F(SealedTest, a_mailbox_is_opened_and_used_in_one_sealed_request) {
  const Device device = house_.new_device();
  auto setup = *SealedSetup::create(house_.keys().sealing.public_key, house_.random());
  const auto proved = proof(device, setup.binding());
  const wire::MailboxOpen open{device.mailbox, device.public_key(), proved.signature, house_.new_code(), {}};
  const wire::Alias alias = house_.random_id<wire::Alias>();
  const std::vector<Bytes> requests{
      wire::encode_request(open),
      wire::encode_request(wire::AddressCreate{alias, hash_of(house_.random_id<wire::Token>()), 0}),
      wire::encode_request(wire::AddressList{})};
  const auto replies = bring(*std::move(setup).seal(requests, house_.now() + days(1), house_.random()));
  ASSERT_EQ(replies.size(), 3U);
  EXPECT_EQ(code(replies[0]), 0);
  const auto& addresses = std::get<wire::Addresses>(replies[2]).addresses;
  ASSERT_EQ(addresses.size(), 1U);
  EXPECT_EQ(addresses[0].alias, alias);
}

TEST_F(SealedTest, its_kind_is_settled_by_its_first_request) {
  const Device device = house_.new_device();
  Client& owner = house_.open_mailbox(device);
  const Address address = house_.new_address(owner);
  const auto anonymous = bring(seal({wire::DeviceList{}, wire::Fetch{{0}, 1'000, false}}));
  for (const wire::Reply& reply : anonymous) EXPECT_EQ(code(reply), wire::kWrongSessionKind.number);
  const auto own = bring(seal_as(device, {house_.delivery(address, Bytes(10, 1)), wire::DeviceList{}}));
  EXPECT_EQ(code(own.at(1)), wire::kWrongSessionKind.number);
  EXPECT_EQ(std::get<wire::Devices>(own.at(2)).keys.size(), 1U);
}

TEST_F(SealedTest, what_needs_a_conversation_is_refused_inside_and_the_rest_is_done) {
  const Device device = house_.new_device();
  house_.open_mailbox(device);
  wire::Forward forward;
  forward.home = {wire::HomeKey{}, {"wss://x/"}, {}};
  const Bytes inner = seal({wire::BulletinGet{}}).bytes;
  const auto replies = bring(seal({wire::Sealed{inner}, forward, wire::PartGet{}, wire::BulletinGet{}}));
  ASSERT_EQ(replies.size(), 4U);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(code(replies[i]), wire::kWrongSessionKind.number) << i;
  EXPECT_TRUE(std::holds_alternative<wire::BulletinText>(replies[3]));
  const auto live = bring(seal_as(device, {wire::Fetch{{0}, 1'000, true}, wire::DeviceList{}}));
  EXPECT_EQ(code(live.at(1)), wire::kWrongSessionKind.number);
  EXPECT_EQ(code(live.at(2)), 0);
}

TEST_F(SealedTest, rubbish_inside_is_answered_in_its_place) {
  const auto request = *session::seal_requests(
      house_.keys().sealing.public_key, {Bytes{}, Bytes{0xff, 0xff, 1}, wire::encode_request(wire::BulletinGet{})},
      house_.now() + days(1), house_.random());
  const auto replies = bring(request);
  ASSERT_EQ(replies.size(), 3U);
  EXPECT_NE(code(replies[0]), 0);
  EXPECT_EQ(code(replies[1]), wire::kUnknownRequest.number);
  EXPECT_EQ(code(replies[2]), 0);
}

TEST_F(SealedTest, the_reply_stays_below_200_kib_and_says_what_did_not_fit) {
  const Device device = house_.new_device();
  Client& owner = house_.open_mailbox(device);
  const Address address = house_.new_address(owner);
  for (int i = 0; i < 40; ++i) {
    ASSERT_EQ(house_.code_of(house_.connect(), house_.delivery(address, Bytes(i < 2 ? 120'000 : 3'000, 7))), 0);
  }
  const wire::Fetch everything{{0}, 1'000'000, false};
  const auto replies = bring(seal_as(device, {everything, everything, wire::Fetch{{2}, 1'000'000, false}}));
  ASSERT_EQ(replies.size(), 4U);
  EXPECT_LT(last_size_, size_t{200} * 1024);
  const auto& first = std::get<wire::Items>(replies[1]);
  EXPECT_EQ(first.items.size(), 1U);
  EXPECT_TRUE(first.more);
  EXPECT_EQ(code(replies[2]), wire::kTooManyRequests.number);
  EXPECT_GE(std::get<wire::Items>(replies[3]).items.size(), 10U);
  // The most requests there can be, each with an answer of some size.
  std::vector<wire::Request> many(63, wire::Fetch{{2}, 1'000'000, false});
  EXPECT_EQ(bring(seal_as(device, many)).size(), 64U);
  EXPECT_LT(last_size_, size_t{200} * 1024);
}

TEST_F(SealedTest, half_of_what_is_remembered_is_for_those_who_live_here) {
  Options options = test_options();
  options.limits.sealed_max = 4;
  house_.restart(options);
  const Device device = house_.new_device();
  house_.open_mailbox(device);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(bring(seal({wire::BulletinGet{}})).size(), 1U);
  const SealedRequest third = seal({wire::BulletinGet{}});
  bring(third);
  EXPECT_EQ(last_error_, wire::kQuotaFull.number);
  house_.restart(options);  // counted anew
  bring(third);
  EXPECT_EQ(last_error_, wire::kQuotaFull.number);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(bring(seal_as(device, {wire::DeviceList{}})).size(), 2U);
  bring(seal_as(device, {wire::DeviceList{}}));
  EXPECT_EQ(last_error_, wire::kQuotaFull.number);
}

TEST_F(SealedTest, the_other_half_is_for_strangers) {
  Options options = test_options();
  options.limits.sealed_max = 4;
  house_.restart(options);
  const Device device = house_.new_device();
  house_.open_mailbox(device);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(bring(seal_as(device, {wire::DeviceList{}})).size(), 2U);
  bring(seal_as(device, {wire::DeviceList{}}));
  EXPECT_EQ(last_error_, wire::kQuotaFull.number);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(bring(seal({wire::BulletinGet{}})).size(), 1U);
  bring(seal({wire::BulletinGet{}}));
  EXPECT_EQ(last_error_, wire::kQuotaFull.number);
  house_.advance(days(10));  // both are forgotten
  EXPECT_EQ(records('r'), 0U);
  EXPECT_EQ(bring(seal({wire::BulletinGet{}})).size(), 1U);
  EXPECT_EQ(bring(seal_as(device, {wire::DeviceList{}})).size(), 2U);
}

TEST_F(SealedTest, a_mailbox_brings_so_many_and_then_slowly_and_only_itself) {
  const Device device = house_.new_device();
  const Device other = house_.new_device();
  house_.open_mailbox(device);
  house_.open_mailbox(other);
  for (int i = 0; i < 500; ++i) ASSERT_EQ(bring(seal_as(device, {})).size(), 1U) << i;
  const SealedRequest one_more = seal_as(device, {});
  bring(one_more);
  EXPECT_EQ(last_error_, wire::kTooManyRequests.number);
  EXPECT_EQ(bring(seal_as(other, {})).size(), 1U);
  EXPECT_EQ(bring(seal({wire::BulletinGet{}})).size(), 1U);
  house_.advance(minutes(2));
  EXPECT_EQ(bring(one_more).size(), 1U) << "nothing was done, so it may come again";
}

TEST_F(SealedTest, a_session_brings_so_many_and_then_slowly) {
  Client& client = house_.connect();
  for (int i = 0; i < 64; ++i) ASSERT_EQ(house_.code_of(client, wire::Sealed{seal({wire::BulletinGet{}}).bytes}), 0);
  const Bytes sealed = seal({wire::BulletinGet{}}).bytes;
  EXPECT_EQ(house_.code_of(client, wire::Sealed{sealed}), wire::kTooManyRequests.number);
  house_.advance(seconds(1));
  EXPECT_EQ(house_.code_of(client, wire::Sealed{sealed}), 0);
}

TEST_F(SealedTest, a_store_in_trouble_means_later_and_nothing_was_done) {
  const SealedRequest request = seal({wire::BulletinGet{}});
  store::StoreFaults faults;
  faults.disk_full_per_million = 1'000'000;
  house_.restart(test_options(), faults);
  bring(request);
  EXPECT_EQ(last_error_, wire::kHomeFull.number);
  house_.restart();
  EXPECT_EQ(bring(request).size(), 1U);
}

TEST_F(SealedTest, a_removed_device_proves_nothing_and_a_dropped_mailbox_is_gone) {
  const Device device = house_.new_device();
  house_.open_mailbox(device);
  const auto replies = bring(seal_as(device, {wire::MailboxDrop{}, wire::DeviceList{}}));
  EXPECT_EQ(code(replies.at(1)), 0);
  EXPECT_EQ(code(replies.at(2)), wire::kNoSuchMailbox.number);
  EXPECT_EQ(code(bring(seal_as(device, {wire::DeviceList{}})).at(0)), wire::kNoSuchMailbox.number);
}

}  // namespace
}  // namespace godwit::home::testing
