// Limits of the configuration that are told best by a whole home, each by itself; docs/home-limits.md has the test of every one.

#include <gtest/gtest.h>

#include "home/testing/house.h"
#include "session/errors.h"
#include "wire/errors.h"

namespace godwit::home {
namespace {

using testing::Address;
using testing::Client;
using testing::Device;
using testing::House;
using testing::test_options;

Options with(const std::function<void(Limits&)>& change) {
  Options options = test_options();
  change(options.limits);
  return options;
}

wire::Items fetched(House& house, Client& owner, uint32_t bytes_max = 1'000'000) {
  return std::get<wire::Items>(house.ask(owner, wire::Fetch{{0}, bytes_max, false}));
}

// ---- what waits -----------------------------------------------------------------------------------------------------

TEST(WaitingLimits, the_bytes_that_wait_by_one_address_are_bounded_and_others_have_their_own) {
  House house(with([](Limits& limits) { limits.address_bytes_max = 3'000; }));
  Client& owner = house.open_mailbox(house.new_device());
  const Address full = house.new_address(owner);
  const Address other = house.new_address(owner);
  Client& sender = house.connect();
  ASSERT_EQ(house.code_of(sender, house.delivery(full, Bytes(1'300))), 0);
  ASSERT_EQ(house.code_of(sender, house.delivery(full, Bytes(1'300))), 0);
  EXPECT_EQ(house.code_of(sender, house.delivery(full, Bytes(1'300))), wire::kQuotaFull.number);
  EXPECT_EQ(house.code_of(sender, house.delivery(other, Bytes(1'300))), 0);
  ASSERT_EQ(house.code_of(owner, wire::Acknowledge{{2}}), 0);
  house.advance(seconds(2));
  EXPECT_EQ(house.code_of(sender, house.delivery(full, Bytes(1'300))), 0);
}

TEST(WaitingLimits, the_bytes_that_wait_for_one_device_are_bounded_by_whatever_address) {
  House house(with([](Limits& limits) { limits.queue_bytes_max = 3'000; }));
  Client& owner = house.open_mailbox(house.new_device());
  const Address first = house.new_address(owner);
  const Address second = house.new_address(owner);
  Client& sender = house.connect();
  ASSERT_EQ(house.code_of(sender, house.delivery(first, Bytes(1'300))), 0);
  ASSERT_EQ(house.code_of(sender, house.delivery(second, Bytes(1'300))), 0);
  EXPECT_EQ(house.code_of(sender, house.delivery(second, Bytes(1'300))), wire::kQuotaFull.number);
  ASSERT_EQ(house.code_of(owner, wire::Acknowledge{{1}}), 0);
  house.advance(seconds(2));
  EXPECT_EQ(house.code_of(sender, house.delivery(second, Bytes(1'300))), 0);
}

TEST(WaitingLimits, an_answer_ends_at_its_bytes_says_that_there_is_more_and_gives_a_larger_item_alone) {
  House house(with([](Limits& limits) { limits.fetch_bytes_max = 3'000; }));
  Client& owner = house.open_mailbox(house.new_device());
  const Address address = house.new_address(owner);
  Client& sender = house.connect();
  for (const size_t size : {1'300U, 1'300U, 1'300U, 50'000U}) {
    ASSERT_EQ(house.code_of(sender, house.delivery(address, Bytes(size))), 0);
  }
  const wire::Items first = fetched(house, owner);
  EXPECT_EQ(first.items.size(), 2U);
  EXPECT_TRUE(first.more);
  ASSERT_EQ(house.code_of(owner, wire::Acknowledge{{3}}), 0);
  const wire::Items last = fetched(house, owner);
  ASSERT_EQ(last.items.size(), 1U);
  EXPECT_GE(last.items[0].sealed.size(), 50'000U);
}

TEST(WaitingLimits, messages_to_own_devices_that_wait_are_bounded_for_a_mailbox_and_for_the_home) {
  House house(with([](Limits& limits) {
    limits.self_deliveries_max = 3;
    limits.self_deliveries_mailbox_max = 2;
  }));
  const auto code = [&](Client& client) {
    return house.code_of(client, wire::SelfDeliver{house.random_id<wire::DeliveryId>(), 3600, {1}});
  };
  std::vector<Client*> owners;
  for (int i = 0; i < 2; ++i) {
    const Device device = house.new_device();
    owners.push_back(&house.open_mailbox(device));
    ASSERT_EQ(house.code_of(*owners.back(), wire::DeviceAdd{house.new_device(device.mailbox).public_key()}), 0);
  }
  ASSERT_EQ(code(*owners[0]), 0);
  ASSERT_EQ(code(*owners[0]), 0);
  EXPECT_EQ(code(*owners[0]), wire::kQuotaFull.number) << "self_deliveries_mailbox_max";
  ASSERT_EQ(code(*owners[1]), 0);
  EXPECT_EQ(code(*owners[1]), wire::kQuotaFull.number) << "self_deliveries_max";
  house.advance(seconds(31));
  EXPECT_EQ(code(*owners[0]), 0);
  EXPECT_EQ(code(*owners[1]), 0);
}

TEST(WaitingLimits, a_mailbox_has_so_many_addresses_for_strangers_and_more_for_contacts) {
  House house(with([](Limits& limits) { limits.stranger_addresses_max = 2; }));
  Client& owner = house.open_mailbox(house.new_device());
  const auto create = [&](bool strangers) {
    return wire::AddressCreate{house.random_id<wire::Alias>(), {}, 0, strangers};
  };
  const wire::AddressCreate first = create(true);
  ASSERT_EQ(house.code_of(owner, first), 0);
  ASSERT_EQ(house.code_of(owner, create(true)), 0);
  EXPECT_EQ(house.code_of(owner, create(true)), wire::kQuotaFull.number);
  EXPECT_EQ(house.code_of(owner, create(false)), 0);
  ASSERT_EQ(house.code_of(owner, wire::AddressRevoke{first.alias}), 0);
  EXPECT_EQ(house.code_of(owner, create(true)), 0);
}

// ---- how fast -------------------------------------------------------------------------------------------------------

TEST(RateLimits, key_packages_are_taken_so_many_at_once_and_then_one_in_its_interval) {
  House house(with([](Limits& limits) {
    limits.takes_burst = 2;
    limits.takes_interval = seconds(60);
  }));
  Client& owner = house.open_mailbox(house.new_device());
  const Address address = house.new_address(owner);
  ASSERT_EQ(house.code_of(owner, wire::KeyPackagePublish{address.alias, {}, Bytes{9}}), 0);
  Client& taker = house.connect();
  const auto take = [&] {
    return house.ask(taker, wire::KeyPackageTake{address.alias, address.token, house.random_id<wire::TakeId>()});
  };
  const auto is_taken = [&] { return std::holds_alternative<wire::KeyPackageTaken>(take()); };
  EXPECT_TRUE(is_taken());
  EXPECT_TRUE(is_taken());
  const auto refused = std::get<wire::Refused>(take());
  EXPECT_EQ(refused.code, wire::kTooManyRequests.number);
  EXPECT_EQ(refused.retry_after_ms, 60'000U);
  house.advance(seconds(59));
  EXPECT_FALSE(is_taken());
  house.advance(seconds(1));
  EXPECT_TRUE(is_taken());
  EXPECT_FALSE(is_taken());
}

// How many bytes a home answers to a hello with: a cookie to work on is far shorter than its half of the handshake.
size_t answer_to_hello(House& house, uint64_t number) {
  const PipeId pipe{1'000'000 + number};
  session::ClientOptions options;
  options.home_key = house.keys().identity.public_key;
  auto client = session::ClientSession::connect(options, house.random(), house.now());
  house.home().pipe_opened(pipe, session::Form::kStream, {}, house.now());
  house.home().pipe_bytes(pipe, client.take_output(house.now()), house.now());
  size_t bytes = 0;
  while (auto output = house.home().next_output()) {
    if (const auto* send = std::get_if<SendBytes>(&*output); send != nullptr && send->pipe == pipe)
      bytes += send->bytes.size();
  }
  house.home().pipe_closed(pipe, house.now());
  return bytes;
}

TEST(RateLimits, with_more_handshakes_in_a_second_than_that_clients_have_to_work) {
  House house(with([](Limits& limits) { limits.handshakes_per_second = 3; }));
  constexpr size_t kCookie = 200;
  for (uint64_t i = 0; i < 4; ++i) EXPECT_GT(answer_to_hello(house, i), kCookie);
  house.advance(seconds(1));
  EXPECT_LT(answer_to_hello(house, 10), kCookie);
  EXPECT_TRUE(house.connect().established.has_value()) << "a client does the work";
  house.advance(seconds(1));
  EXPECT_GT(answer_to_hello(house, 20), kCookie) << "the last second was quiet";
}

TEST(RateLimits, one_source_does_so_many_handshakes_at_once_and_then_one_in_its_interval) {
  House house(with([](Limits& limits) {
    limits.handshakes_source_burst = 2;
    limits.handshakes_source_interval = seconds(60);
  }));
  house.source = {192, 0, 2, 1};
  EXPECT_TRUE(house.connect().established.has_value());
  EXPECT_TRUE(house.connect().established.has_value());
  Client& third = house.connect();
  ASSERT_TRUE(third.closed.has_value());
  EXPECT_EQ(third.closed->code, session::kTooManyHandshakes.number);
  EXPECT_EQ(third.closed->retry_after, seconds(60));
  house.source = {192, 0, 2, 2};
  EXPECT_TRUE(house.connect().established.has_value());
  house.source = {192, 0, 2, 1};
  house.advance(seconds(60));
  EXPECT_TRUE(house.connect().established.has_value());
  EXPECT_FALSE(house.connect().established.has_value());
}

// ---- requests in parts ----------------------------------------------------------------------------------------------

// Anonymous sessions that bring the same delivery in parts, each by itself.
struct Parts {
  explicit Parts(const std::function<void(Limits&)>& change) : house(with(change)) {}
  // The code that `client` hears for `size` bytes of a whole of 10,000 from `offset` on; 0: taken.
  uint16_t bring(Client& client, const wire::TransferId& transfer, uint32_t offset, uint32_t size) {
    wire::PartPut part;
    part.transfer = transfer;
    part.total = 10'000;
    part.offset = offset;
    part.bytes = Bytes(size, 7);
    part.reply_bytes = 100;
    return house.code_of(client, part);
  }
  House house;
};

TEST(PartLimits, when_there_are_too_many_the_slowest_gives_way_and_each_kind_of_session_has_half) {
  Parts parts([](Limits& limits) { limits.transfers_max = 4; });
  House& house = parts.house;
  Client& resident = house.open_mailbox(house.new_device());
  const auto own = house.random_id<wire::TransferId>();
  ASSERT_EQ(parts.bring(resident, own, 0, 10), 0);
  const auto slow = house.random_id<wire::TransferId>();
  const auto fast = house.random_id<wire::TransferId>();
  Client& stranger = house.connect();
  ASSERT_EQ(parts.bring(stranger, slow, 0, 100), 0);
  ASSERT_EQ(parts.bring(stranger, fast, 0, 5'000), 0);
  EXPECT_EQ(house.home().gauges().transfers, 3U);
  ASSERT_EQ(parts.bring(house.connect(), house.random_id<wire::TransferId>(), 0, 5'000), 0);
  EXPECT_EQ(house.home().gauges().transfers, 3U) << "two of strangers, as before";
  EXPECT_EQ(parts.bring(stranger, slow, 100, 100), wire::kNoSuchTransfer.number);
  EXPECT_EQ(parts.bring(stranger, fast, 5'000, 1'000), 0);
  EXPECT_EQ(parts.bring(resident, own, 10, 10), 0);
}

TEST(PartLimits, of_those_that_one_session_has_begun_its_oldest_gives_way) {
  Parts parts([](Limits& limits) { limits.transfers_owner_max = 2; });
  House& house = parts.house;
  Client& greedy = house.connect();
  Client& other = house.connect();
  const auto others = house.random_id<wire::TransferId>();
  ASSERT_EQ(parts.bring(other, others, 0, 10), 0);
  std::vector<wire::TransferId> begun;
  for (int i = 0; i < 3; ++i) {
    begun.push_back(house.random_id<wire::TransferId>());
    ASSERT_EQ(parts.bring(greedy, begun.back(), 0, 1'000), 0);
  }
  EXPECT_EQ(parts.bring(greedy, begun[0], 1'000, 1'000), wire::kNoSuchTransfer.number);
  EXPECT_EQ(parts.bring(greedy, begun[1], 1'000, 1'000), 0);
  EXPECT_EQ(parts.bring(greedy, begun[2], 1'000, 1'000), 0);
  EXPECT_EQ(parts.bring(other, others, 10, 10), 0);
}

TEST(PartLimits, their_bytes_are_bounded_and_again_the_slowest_gives_way) {
  Parts parts([](Limits& limits) { limits.transfers_bytes_max = 30'000; });
  House& house = parts.house;
  const auto slow = house.random_id<wire::TransferId>();
  const auto fast = house.random_id<wire::TransferId>();
  Client& client = house.connect();
  ASSERT_EQ(parts.bring(client, slow, 0, 3'000), 0);
  ASSERT_EQ(parts.bring(client, fast, 0, 6'000), 0);
  ASSERT_EQ(parts.bring(house.connect(), house.random_id<wire::TransferId>(), 0, 6'000), 0) << "15,000 for strangers";
  EXPECT_EQ(parts.bring(client, slow, 3'000, 10), wire::kNoSuchTransfer.number);
  EXPECT_EQ(parts.bring(client, fast, 6'000, 10), 0);
}

}  // namespace
}  // namespace godwit::home
