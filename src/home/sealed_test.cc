#include <gtest/gtest.h>

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

}  // namespace
}  // namespace godwit::home::testing
