// Delivering, fetching, acknowledging, pushing.

#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/sealed_item.h"
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
  explicit Fixture(Options options = test_options())
      : house(options), device(house.new_device()), owner(house.open_mailbox(device)), sender(house.connect()) {
    address = house.new_address(owner);
  }
  uint16_t deliver(Bytes payload, uint32_t ttl = 86'400) {
    return house.code_of(sender, house.delivery(address, std::move(payload), ttl));
  }
  wire::Items fetch(Client& client, uint64_t after = 0, bool live = false) {
    return std::get<wire::Items>(house.ask(client, wire::Fetch{{after}, 100'000, live}));
  }
  Bytes open(const wire::Item& item) {
    const auto opened = crypto::open_item(address.token.view(), item.alias.view(), item.sealed);
    return opened ? *opened : Bytes{};
  }
  House house;
  Device device;
  Client& owner;
  Client& sender;
  Address address;
};
using DeliverTest = Fixture;

TEST_F(DeliverTest, what_was_delivered_is_fetched_in_order_and_opened_with_the_token) {
  ASSERT_EQ(deliver({1}), 0);
  ASSERT_EQ(deliver({2}), 0);
  const auto items = fetch(owner).items;
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(open(items[0]), Bytes{1});
  EXPECT_EQ(open(items[1]), Bytes{2});
  EXPECT_EQ(items[0].alias, address.alias);
  EXPECT_EQ(fetch(owner, items[0].sequence.value).items.size(), 1U);
}

TEST_F(DeliverTest, a_delivery_id_is_stored_once_across_restart_and_acknowledgement) {
  const auto delivery = house.delivery(address, {7});
  ASSERT_EQ(house.code_of(sender, delivery), 0);
  ASSERT_EQ(house.code_of(sender, delivery), 0);
  ASSERT_EQ(fetch(owner).items.size(), 1U);
  ASSERT_EQ(house.code_of(owner, wire::Acknowledge{{1}}), 0);
  ASSERT_EQ(house.code_of(sender, delivery), 0);
  house.restart();
  Client& again = house.connect();
  ASSERT_EQ(house.code_of(again, delivery), 0);
  EXPECT_TRUE(fetch(house.prove(device)).items.empty());
}

TEST_F(DeliverTest, the_same_id_twice_at_once_is_stored_once) {
  const auto delivery = house.delivery(address, {7});
  Client& other = house.connect();
  const uint32_t a = house.send(sender, delivery);
  const uint32_t b = house.send(sender, delivery);
  const uint32_t c = house.send(other, delivery);
  house.settle();
  EXPECT_TRUE(std::holds_alternative<wire::Done>(sender.replies.at(a)));
  EXPECT_TRUE(std::holds_alternative<wire::Done>(sender.replies.at(b)));
  EXPECT_TRUE(std::holds_alternative<wire::Done>(other.replies.at(c)));
  EXPECT_EQ(fetch(owner).items.size(), 1U);
}

TEST_F(DeliverTest, acknowledged_items_are_gone_and_sequences_go_on) {
  ASSERT_EQ(deliver(Bytes(64, 0xa5)), 0);
  const auto first = fetch(owner).items;
  ASSERT_EQ(house.code_of(owner, wire::Acknowledge{first[0].sequence}), 0);
  EXPECT_TRUE(fetch(owner).items.empty());
  EXPECT_FALSE(house.disk().holds(ByteView(first[0].sealed).first(16)));
  ASSERT_EQ(deliver({2}), 0);
  EXPECT_GT(fetch(owner).items.at(0).sequence, first[0].sequence);
}

TEST_F(DeliverTest, items_end_with_their_ttl_in_full_hours) {
  ASSERT_EQ(deliver({1}, 60), 0);
  ASSERT_EQ(deliver({2}, wire::kTtlSecondsMax), 0);
  EXPECT_EQ(fetch(owner).items.size(), 2U);
  house.advance(hours(1) + minutes(1));
  Client& later = house.prove(device);
  EXPECT_EQ(fetch(later).items.size(), 1U);
}

TEST_F(DeliverTest, no_time_on_the_disk_tells_at_which_hour_something_came) {
  const Device second = house.new_device(device.mailbox);
  ASSERT_EQ(house.code_of(owner, wire::DeviceAdd{second.public_key()}), 0);
  std::vector<store::MemoryDisk> disks;
  for (int i = 0; i < 2; ++i) {
    Client& phone = house.prove(device);
    Client& from = house.connect();
    for (const uint32_t ttl : {wire::kTtlSecondsMax, 86'400U}) {
      ASSERT_EQ(house.code_of(from, house.delivery(address, {1}, ttl)), 0);
    }
    ASSERT_EQ(house.code_of(phone, wire::SelfDeliver{house.random_id<wire::DeliveryId>(), wire::kTtlSecondsMax, {3}}),
              0);
    disks.push_back(house.disk());  // while the self-delivery waits
    house.advance(hours(5));
    disks.push_back(house.disk());
  }
  ASSERT_EQ(house.code_of(house.prove(device), wire::Acknowledge{{1}}), 0);
  disks.push_back(house.disk());
  size_t times = 0;
  const auto expect_midnight = [&](ByteView bytes) {
    uint64_t ms = 0;
    for (const uint8_t byte : bytes.first(8)) ms = ms << 8 | byte;
    EXPECT_EQ((ms ^ uint64_t{1} << 63) % static_cast<uint64_t>(days(1).ms), 0U);
    ++times;
  };
  for (const auto& disk : disks) {
    for (const auto& [key, value] : disk.records()) {
      if (key[0] == 'X') expect_midnight(ByteView(key).subspan(1));
      if (key[0] == 'I' || key[0] == 'D') expect_midnight(value);
      if (key[0] == 'D') {
        EXPECT_EQ(value.size(), 8U) << "until when, and nothing else";
      }
      if (key[0] != 'R' || key[1] != 's') continue;
      EXPECT_EQ(decode_record<SelfDeliveryRecord>(value)->expires_hour % 24, 0U);
      ++times;
    }
  }
  EXPECT_GT(times, 50U);
}

TEST_F(DeliverTest, every_device_has_a_queue_of_its_own) {
  const Device second = house.new_device(device.mailbox);
  ASSERT_EQ(house.code_of(owner, wire::DeviceAdd{second.public_key()}), 0);
  ASSERT_EQ(deliver({1}), 0);
  Client& tablet = house.prove(second);
  ASSERT_EQ(house.code_of(tablet, wire::Acknowledge{{1}}), 0);
  EXPECT_TRUE(fetch(tablet).items.empty());
  EXPECT_EQ(fetch(owner).items.size(), 1U) << "the other's acknowledging is his own";
}

TEST_F(DeliverTest, two_copies_of_one_message_have_no_sixteen_bytes_in_common_on_the_disk) {
  Client& other = house.open_mailbox(house.new_device());
  const Address there = house.new_address(other);
  const Bytes payload(600, 0x42);
  const auto before = house.disk().records();
  const wire::DeliverMany both{{{address.alias, address.token, house.random_id<wire::DeliveryId>()},
                                {there.alias, there.token, house.random_id<wire::DeliveryId>()}},
                               86'400,
                               payload};
  const auto delivered = std::get<wire::Delivered>(house.ask(sender, both));
  ASSERT_EQ(delivered.codes, (std::vector<uint16_t>{0, 0}));
  std::vector<Bytes> copies;
  for (const auto& [key, value] : house.disk().records()) {
    if (!before.contains(key) && value.size() > payload.size()) copies.push_back(value);
  }
  ASSERT_EQ(copies.size(), 2U);
  for (size_t i = 0; i + 16 <= copies[0].size(); ++i) {
    const auto part = copies[0].begin() + static_cast<std::ptrdiff_t>(i);
    EXPECT_EQ(std::search(copies[1].begin(), copies[1].end(), part, part + 16), copies[1].end()) << i;
  }
  EXPECT_FALSE(house.disk().holds(both.recipients[0].delivery_id.view()));
  EXPECT_FALSE(house.disk().holds(address.token.view()));
  EXPECT_FALSE(house.disk().holds(ByteView(payload).first(16)));
}

TEST_F(DeliverTest, deliver_many_answers_each_recipient_by_himself) {
  const Address unknown{house.random_id<wire::Alias>(), house.random_id<wire::Token>()};
  const wire::DeliverMany many{{{address.alias, address.token, house.random_id<wire::DeliveryId>()},
                                {unknown.alias, unknown.token, house.random_id<wire::DeliveryId>()}},
                               60,
                               {5}};
  const auto reply = std::get<wire::Delivered>(house.ask(sender, many));
  EXPECT_EQ(reply.codes, (std::vector<uint16_t>{0, wire::kAddressRefused.number}));
  EXPECT_EQ(fetch(owner).items.size(), 1U);
}

TEST_F(DeliverTest, live_sessions_are_pushed_what_arrives) {
  ASSERT_EQ(deliver({1}), 0);
  ASSERT_EQ(fetch(owner, 0, true).items.size(), 1U);
  ASSERT_EQ(deliver({2}), 0);
  ASSERT_EQ(deliver({3}), 0);
  ASSERT_EQ(owner.pushed.size(), 2U);
  EXPECT_EQ(open(owner.pushed[0]), Bytes{2});
  EXPECT_EQ(open(owner.pushed[1]), Bytes{3});
  EXPECT_EQ(owner.pushed[1].sequence.value, 3U);
}

TEST_F(DeliverTest, nothing_is_missed_between_the_fetch_and_the_pushes) {
  const uint32_t a = house.send(owner, wire::Fetch{{0}, 1000, true});
  for (uint8_t i = 0; i < 20; ++i) house.send(sender, house.delivery(address, {i}));
  house.settle();
  std::vector<uint64_t> seen;
  for (const auto& item : std::get<wire::Items>(owner.replies.at(a)).items) seen.push_back(item.sequence.value);
  for (const auto& item : owner.pushed) seen.push_back(item.sequence.value);
  ASSERT_EQ(seen.size(), 20U);
  for (size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], i + 1);
}

TEST_F(DeliverTest, a_fetch_with_more_behind_it_does_not_push_yet) {
  for (uint8_t i = 0; i < 3; ++i) ASSERT_EQ(deliver(Bytes(1000, i)), 0);
  const auto page = std::get<wire::Items>(house.ask(owner, wire::Fetch{{0}, 1, true}));
  EXPECT_EQ(page.items.size(), 1U);
  EXPECT_TRUE(page.more);
  EXPECT_TRUE(owner.pushed.empty());
  ASSERT_FALSE(fetch(owner, page.items[0].sequence.value, true).more);
  ASSERT_EQ(deliver({9}), 0);
  EXPECT_EQ(owner.pushed.size(), 1U);
}

TEST_F(DeliverTest, a_ttl_of_zero_reaches_whoever_is_connected_and_nobody_later) {
  EXPECT_EQ(deliver({1}, 0), wire::kNobodyConnected.number);
  fetch(owner, 0, true);
  EXPECT_EQ(deliver({2}, 0), 0);
  ASSERT_EQ(owner.pushed.size(), 1U);
  EXPECT_EQ(owner.pushed[0].sequence.value, 0U) << "nothing to acknowledge";
  EXPECT_EQ(open(owner.pushed[0]), Bytes{2});
  house.cut(owner);
  EXPECT_EQ(deliver({3}, 0), wire::kNobodyConnected.number);
  EXPECT_TRUE(fetch(house.prove(device)).items.empty());
}

TEST_F(DeliverTest, a_deliver_many_under_way_does_not_make_the_store_refuse_others) {
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(house.code_of(owner, wire::DeviceAdd{house.new_device(device.mailbox).public_key()}), 0);
  }
  wire::DeliverMany many{{}, 86'400, Bytes(wire::kPayloadSizeMax)};
  for (int i = 0; i < 32; ++i) {
    many.recipients.push_back({address.alias, address.token, house.random_id<wire::DeliveryId>()});
  }
  store::StoreFaults faults;
  faults.waiting_bytes_max = size_t{8} << 20;
  faults.sync_at_poll = false;
  house.restart(test_options(), faults);
  Client& many_sender = house.connect();
  Client& reader = house.connect();
  const uint32_t proved = house.send(reader, house.prove_request(reader, device));
  house.settle_slowly();
  ASSERT_TRUE(std::holds_alternative<wire::Done>(reader.replies.at(proved)));
  const uint32_t stream = house.send(many_sender, many);
  const uint32_t another = house.send(many_sender, many);
  std::vector<uint32_t> fetches;
  for (int step = 0; step < 200 && !many_sender.replies.contains(another); ++step) {
    if (step % 4 == 0) fetches.push_back(house.send(reader, wire::Fetch{{0}, 1, false}));
    house.settle();
    house.store().sync();
  }
  house.settle_slowly();
  EXPECT_EQ(std::get<wire::Delivered>(many_sender.replies.at(stream)).codes, std::vector<uint16_t>(32, 0));
  for (const uint32_t fetched : fetches) {
    EXPECT_TRUE(std::holds_alternative<wire::Items>(reader.replies.at(fetched)));
  }
}

TEST_F(DeliverTest, an_old_token_reaches_nobody_with_a_ttl_of_zero_and_an_address_has_a_rate) {
  fetch(owner, 0, true);
  size_t slow = 0;
  for (int i = 0; i < 100; ++i) slow += deliver({1}, 0) == wire::kTooManyRequests.number ? 1U : 0U;
  EXPECT_EQ(slow, 40U);
  house.advance(seconds(1));
  EXPECT_EQ(deliver({1}, 0), 0);
  ASSERT_EQ(house.code_of(owner, wire::AddressToken{address.alias, hash_of(house.random_id<wire::Token>()), 7}), 0);
  EXPECT_EQ(deliver({1}, 0), wire::kNobodyConnected.number);
  EXPECT_EQ(deliver({1}, 60), 0) << "what was under way still arrives";
}

TEST_F(DeliverTest, a_flood_with_a_ttl_of_zero_neither_ends_a_slow_session_nor_crowds_out_what_is_stored) {
  fetch(owner, 0, true);
  std::vector<Address> addresses;
  for (int i = 0; i < 20; ++i) addresses.push_back(house.new_address(owner));
  house.home().pipe_full(owner.pipe);
  for (int i = 0; i < 1000; ++i) {
    const Address& to = addresses[static_cast<size_t>(i) % addresses.size()];
    static_cast<void>(house.code_of(sender, house.delivery(to, Bytes(wire::kFleetingSizeMax), 0)));
  }
  EXPECT_LE(house.home().output_waiting(), 80U * 1024);
  ASSERT_EQ(deliver({7}), 0);
  house.home().pipe_drained(owner.pipe, house.now());
  house.settle();
  EXPECT_FALSE(owner.closed.has_value());
  ASSERT_FALSE(owner.pushed.empty());
  EXPECT_EQ(open(owner.pushed.back()), Bytes{7});
}

TEST_F(DeliverTest, pushes_to_a_session_with_a_full_outbox_pause_and_go_on) {
  Options options = test_options();
  options.limits.push_window_bytes = 64U << 20;
  house.restart(options);
  Client& client = house.prove(device);
  Client& writer = house.connect();
  fetch(client, 0, true);
  house.home().pipe_full(client.pipe);
  for (int i = 0; i < 50; ++i) {
    ASSERT_EQ(house.code_of(writer, house.delivery(address, Bytes(wire::kPayloadSizeMax))), 0);
  }
  EXPECT_LE(house.home().output_waiting(), session::kOutboxSizeMax);
  house.home().pipe_drained(client.pipe, house.now());
  house.settle();
  EXPECT_FALSE(client.closed.has_value());
  ASSERT_EQ(client.pushed.size(), 50U);
  for (size_t i = 0; i < 50; ++i) EXPECT_EQ(client.pushed[i].sequence.value, i + 1);
}

TEST_F(DeliverTest, a_payload_or_ttl_above_the_bounds_is_too_large) {
  EXPECT_EQ(deliver(Bytes(wire::kPayloadSizeMax)), 0);
  EXPECT_EQ(deliver(Bytes(wire::kPayloadSizeMax + 1)), wire::kTooLarge.number);
  EXPECT_EQ(deliver({1}, wire::kTtlSecondsMax + 1), wire::kTooLarge.number);
}

TEST_F(DeliverTest, a_device_that_does_not_acknowledge_is_not_pushed_without_end) {
  Options options = test_options();
  options.limits.push_window_bytes = 3000;
  house.restart(options);
  Client& client = house.prove(device);
  Client& writer = house.connect();
  fetch(client, 0, true);
  for (uint8_t i = 0; i < 10; ++i) ASSERT_EQ(house.code_of(writer, house.delivery(address, Bytes(1000, i))), 0);
  EXPECT_EQ(client.pushed.size(), 3U);
  ASSERT_EQ(house.code_of(client, wire::Acknowledge{client.pushed.back().sequence}), 0);
  EXPECT_GT(client.pushed.size(), 3U);
  while (client.pushed.size() < 10) {
    ASSERT_EQ(house.code_of(client, wire::Acknowledge{client.pushed.back().sequence}), 0);
  }
  for (size_t i = 0; i < 10; ++i) EXPECT_EQ(client.pushed[i].sequence.value, i + 1);
}

struct QuotaTest : Fixture {
  static Options options() {
    Options options = test_options();
    options.limits.address_items_max = 4;
    options.limits.old_token_items_max = 2;
    options.limits.queue_items_max = 6;
    return options;
  }
  QuotaTest() : Fixture(options()) {}
};

TEST_F(QuotaTest, one_address_cannot_fill_the_mailbox) {
  for (uint8_t i = 0; i < 4; ++i) ASSERT_EQ(deliver({i}), 0);
  EXPECT_EQ(deliver({4}), wire::kQuotaFull.number);
  const Address other = house.new_address(owner);
  EXPECT_EQ(house.code_of(sender, house.delivery(other, {1})), 0);
  EXPECT_EQ(house.code_of(sender, house.delivery(other, {2})), 0);
  EXPECT_EQ(house.code_of(sender, house.delivery(other, {3})), wire::kQuotaFull.number) << "the queue is full";
  ASSERT_EQ(house.code_of(owner, wire::Acknowledge{{4}}), 0);
  EXPECT_EQ(deliver({5}), 0);
}

TEST_F(QuotaTest, what_waits_is_counted_again_after_a_restart) {
  for (uint8_t i = 0; i < 4; ++i) ASSERT_EQ(deliver({i}), 0);
  house.restart(options());
  Client& later = house.connect();
  EXPECT_EQ(house.code_of(later, house.delivery(address, {9})), wire::kQuotaFull.number);
}

TEST_F(QuotaTest, what_has_expired_is_not_counted) {
  for (uint8_t i = 0; i < 4; ++i) ASSERT_EQ(deliver({i}, 60), 0);
  ASSERT_EQ(deliver({4}), wire::kQuotaFull.number);
  house.advance(hours(1) + minutes(1));
  Client& later = house.connect();
  EXPECT_EQ(house.code_of(later, house.delivery(address, {9})), 0);
}

TEST_F(QuotaTest, an_old_token_has_a_low_quota) {
  const Address fresh{address.alias, house.random_id<wire::Token>()};
  ASSERT_EQ(house.code_of(owner, wire::AddressToken{address.alias, hash_of(fresh.token), 7}), 0);
  ASSERT_EQ(deliver({1}), 0);
  ASSERT_EQ(deliver({2}), 0);
  EXPECT_EQ(deliver({3}), wire::kQuotaFull.number);
  EXPECT_EQ(house.code_of(sender, house.delivery(fresh, {3})), 0);
}

TEST_F(QuotaTest, many_at_once_do_not_slip_over_the_bound) {
  std::vector<uint32_t> streams;
  for (uint8_t i = 0; i < 20; ++i) streams.push_back(house.send(sender, house.delivery(address, {i})));
  house.settle();
  EXPECT_EQ(std::count_if(streams.begin(), streams.end(),
                          [&](uint32_t s) { return std::holds_alternative<wire::Done>(sender.replies.at(s)); }),
            4);
}

TEST_F(QuotaTest, many_while_a_full_queue_is_counted_anew_do_not_slip_over_the_bound) {
  for (uint8_t i = 0; i < 4; ++i) ASSERT_EQ(deliver({i}), 0);
  house.advance(seconds(2));  // the count is old: it is made anew before anybody is refused
  for (uint8_t i = 0; i < 64; ++i) house.send(sender, house.delivery(address, {i}));
  house.settle();
  EXPECT_EQ(fetch(owner).items.size(), 4U);
}

TEST_F(QuotaTest, a_count_that_fails_is_made_again) {
  for (uint8_t i = 0; i < 4; ++i) ASSERT_EQ(deliver({i}), 0);
  house.advance(seconds(2));
  house.store().set_unavailable(true);
  EXPECT_EQ(deliver({5}), wire::kUnavailable.number);
  house.store().set_unavailable(false);
  EXPECT_EQ(deliver({6}), wire::kQuotaFull.number);
  ASSERT_EQ(house.code_of(owner, wire::Acknowledge{{4}}), 0);
  EXPECT_EQ(deliver({7}), 0);
}

// ---- to the own other devices ---------------------------------------------------------------------------------------

struct SelfTest : Fixture {
  SelfTest() : second(house.new_device(device.mailbox)) { house.ask(owner, wire::DeviceAdd{second.public_key()}); }
  wire::SelfDeliver request(Bytes payload, uint32_t ttl = 3600) {
    return {house.random_id<wire::DeliveryId>(), ttl, std::move(payload)};
  }
  Device second;
};

TEST_F(SelfTest, it_comes_later_to_the_others_only) {
  ASSERT_EQ(house.code_of(owner, request({4, 2})), 0);
  Client& tablet = house.prove(second);
  EXPECT_TRUE(fetch(tablet).items.empty()) << "not at the time of the send";
  house.advance(milliseconds(999));
  EXPECT_TRUE(fetch(tablet).items.empty());
  house.advance(seconds(30));
  const auto items = fetch(tablet).items;
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(items[0].alias, wire::Alias{});
  EXPECT_EQ(items[0].sealed, (Bytes{4, 2}));
  EXPECT_TRUE(fetch(owner).items.empty());
}

TEST_F(SelfTest, an_operator_may_let_it_wait_for_less_and_never_for_less_than_a_second) {
  uint64_t place = 0;
  for (const Duration longest : {seconds(0), seconds(2)}) {
    Options options = test_options();
    options.limits.self_delivery_wait = longest;
    house.restart(options);
    ASSERT_EQ(house.code_of(house.prove(device), request({4, 2})), 0);
    Client& tablet = house.prove(second);
    house.advance(milliseconds(999));
    EXPECT_TRUE(fetch(tablet, place).items.empty());
    house.advance(std::max(longest, seconds(1)) - milliseconds(999));
    const auto items = fetch(tablet, place).items;
    ASSERT_EQ(items.size(), 1U);
    place = items[0].sequence.value;
    house.ask(tablet, wire::Acknowledge{items[0].sequence});
  }
}

TEST_F(SelfTest, a_clock_that_is_set_back_meanwhile_keeps_it_from_nobody) {
  ASSERT_EQ(house.code_of(owner, request({4, 2})), 0);
  house.advance(days(-400));
  house.advance(seconds(31));
  EXPECT_EQ(fetch(house.prove(second)).items.size(), 1U);
}

TEST_F(SelfTest, it_survives_a_restart_while_it_waits_and_comes_once) {
  const auto once = request(Bytes(40, 0x77));
  ASSERT_EQ(house.code_of(owner, once), 0);
  house.restart();
  ASSERT_EQ(house.code_of(house.prove(device), once), 0) << "repeated, since the answer was lost";
  house.advance(minutes(2));
  ASSERT_EQ(house.code_of(house.prove(device), once), 0) << "and again after it was delivered";
  house.advance(minutes(2));
  EXPECT_EQ(fetch(house.prove(second)).items.size(), 1U);
  for (const auto& [key, value] : house.disk().records()) EXPECT_FALSE(key[0] == 'R' && key[1] == 's');
}

TEST_F(SelfTest, repeating_one_that_is_due_while_the_mailbox_changes_blocks_nothing) {
  store::StoreFaults faults;
  faults.sync_at_poll = false;
  house.restart(test_options(), faults);
  Client& phone = house.connect();
  Client& writer = house.connect();
  house.send(phone, house.prove_request(phone, device));
  house.settle_slowly();
  const auto once = request({1});
  house.send(phone, once);
  house.settle_slowly();
  house.advance(seconds(31));  // it is due, and has asked the store
  const uint32_t repeated = house.send(phone, once);
  const uint32_t added = house.send(phone, wire::DeviceAdd{house.new_device(device.mailbox).public_key()});
  house.settle_slowly();
  const uint32_t delivered = house.send(writer, house.delivery(address, {5}));
  house.settle_slowly();
  ASSERT_TRUE(writer.replies.contains(delivered));
  EXPECT_TRUE(std::holds_alternative<wire::Done>(writer.replies.at(delivered)));
  EXPECT_TRUE(phone.replies.contains(repeated));
  EXPECT_TRUE(phone.replies.contains(added));
}

TEST_F(SelfTest, of_one_mailbox_a_bounded_number_waits) {
  std::vector<wire::SelfDeliver> requests;
  for (int i = 0; i < 64; ++i) requests.push_back(request({1}, i % 2 == 0 ? 0 : 3600));
  for (const auto& one : requests) ASSERT_EQ(house.code_of(owner, one), 0);
  EXPECT_EQ(house.code_of(owner, request({1})), wire::kQuotaFull.number);
  EXPECT_EQ(house.code_of(owner, request({1}, 0)), wire::kQuotaFull.number);
  EXPECT_EQ(house.code_of(owner, requests[1]), 0) << "a repeat of what waits";
  Client& other = house.open_mailbox(house.new_device());
  ASSERT_EQ(house.code_of(other, wire::DeviceAdd{house.new_device().public_key()}), 0);
  EXPECT_EQ(house.code_of(other, request({1})), 0) << "another mailbox";
  house.advance(seconds(31));
  EXPECT_EQ(house.code_of(owner, request({1})), 0);
}

TEST_F(SelfTest, a_ttl_of_zero_reaches_the_connected_ones) {
  Client& tablet = house.prove(second);
  fetch(tablet, 0, true);
  ASSERT_EQ(house.code_of(owner, request({1}, 0)), 0);
  house.advance(seconds(31));
  ASSERT_EQ(tablet.pushed.size(), 1U);
  EXPECT_EQ(tablet.pushed[0].sequence.value, 0U);
}

TEST_F(DeliverTest, without_other_devices_a_self_delivery_is_done_at_once) {
  EXPECT_EQ(house.code_of(owner, wire::SelfDeliver{house.random_id<wire::DeliveryId>(), 60, {1}}), 0);
  for (const auto& [key, value] : house.disk().records()) EXPECT_FALSE(key[0] == 'R' && key[1] == 's');
}

}  // namespace
}  // namespace godwit::home
