// Fronts before a home, with real sessions: what clients see, and what happens when either end or the link between them dies.

#include "home/front.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "home/front_desk.h"
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

// A live mailbox session of a device at whom the house dials.
Client& live(House& house, const Device& device) {
  Client& client = house.prove(device);
  house.ask(client, wire::Fetch{{0}, 100'000, true});
  return client;
}

TEST(Front, two_at_different_homes_talk_live) {
  House house;
  Front& left = house.add_front();
  Front& right = house.add_front();
  EXPECT_EQ(left.home(), "the home");
  EXPECT_EQ(house.home().fronts(), 2U);
  house.dial = &left;
  const Device device = house.new_device();
  Client& owner = house.open_mailbox(device);
  const Address address = house.new_address(owner);
  Client& reader = live(house, device);
  house.dial = &right;
  Client& sender = house.connect();
  EXPECT_EQ(house.code_of(sender, house.delivery(address, {1, 2, 3})), 0);
  ASSERT_EQ(reader.pushed.size(), 1U);
  house.dial = nullptr;
  Client& at_home = house.connect();
  EXPECT_EQ(house.code_of(at_home, house.delivery(address, {4})), 0);
  EXPECT_EQ(house.code_of(sender, house.delivery(address, {5}, 0)), 0) << "what is not stored comes as well";
  EXPECT_EQ(reader.pushed.size(), 3U);
  Client& local = live(house, device);
  EXPECT_EQ(house.code_of(sender, house.delivery(address, {6})), 0);
  EXPECT_EQ(local.pushed.size(), 1U);
  EXPECT_EQ(house.home().front_sessions(), 3U);
}

TEST(Front, a_ticket_is_good_once_at_whichever_home) {
  House house;
  Front& left = house.add_front();
  Front& right = house.add_front();
  house.dial = &left;
  Client& owner = house.open_mailbox(house.new_device());
  ASSERT_GE(owner.tickets.size(), 3U);
  const std::vector<Front*> places{&right, nullptr, &left};
  for (size_t i = 0; i < places.size(); ++i) {
    house.dial = places[i];
    Client& back = house.resume(owner.tickets[i].clone(), {wire::encode_request(wire::Fetch{{0}, 1000, false})});
    house.advance(seconds(1));
    ASSERT_TRUE(back.established && back.established->resumed) << i;
    EXPECT_EQ(back.established->kind, session::SessionKind::kMailbox);
    EXPECT_TRUE(std::holds_alternative<wire::Items>(back.replies.at(1)));
    EXPECT_FALSE(back.tickets.empty()) << "and it is given others";
    house.dial = &left;
    Client& again = house.resume(owner.tickets[i].clone());
    house.advance(seconds(1));
    EXPECT_TRUE(again.ticket_refused) << i;
  }
}

TEST(Front, what_may_not_be_repeated_is_refused_in_a_first_flight) {
  House house;
  house.dial = &house.add_front();
  Client& owner = house.open_mailbox(house.new_device());
  const wire::DeviceAdd add{house.random_id<wire::MailboxKey>()};
  Client& back = house.resume(owner.tickets.front().clone(), {wire::encode_request(add)});
  house.advance(seconds(1));
  EXPECT_EQ(back.errors.at(1), session::kNotInFirstFlight.number);
}

TEST(Front, without_a_home_it_takes_nobody_and_with_the_next_one_it_serves_again) {
  House house;
  Front& front = house.add_front();
  house.dial = &front;
  const Device device = house.new_device();
  Client& owner = house.open_mailbox(device);
  const Address address = house.new_address(owner);
  Client& reader = live(house, device);
  house.replace_home();
  Client& sender = house.connect();
  EXPECT_FALSE(reader.closed) << "nobody has told it";
  house.advance(seconds(7));
  ASSERT_TRUE(reader.closed && owner.closed && sender.closed);
  EXPECT_EQ(reader.closed->code, session::kGoingDown.number);
  EXPECT_EQ(front.home(), "the home") << "the new one";
  EXPECT_EQ(house.home().front_sessions(), 0U);
  Client& back = live(house, device);
  EXPECT_EQ(house.code_of(house.connect(), house.delivery(address, {1})), 0);
  EXPECT_EQ(back.pushed.size(), 1U);
}

TEST(Front, what_was_asked_when_the_link_broke_is_done_once_though_it_is_asked_again) {
  House house;
  Front& front = house.add_front();
  house.dial = &front;
  const Device device = house.new_device();
  Client& owner = house.open_mailbox(device);
  const Address address = house.new_address(owner);
  Client& sender = house.connect();
  const auto deliver = house.delivery(address, {1});
  // The answer is lost, and so the link.
  house.copies = [&](const SendFrontPacket& packet) { return packet.inbox == front.inbox() ? 0U : 1U; };
  const uint32_t stream = house.send(sender, deliver);
  house.settle();
  EXPECT_FALSE(sender.replies.contains(stream));
  house.copies = nullptr;
  house.advance(seconds(8));
  ASSERT_TRUE(sender.closed.has_value());
  Client& again = house.connect();
  EXPECT_EQ(house.code_of(again, deliver), 0);
  house.dial = nullptr;
  Client& reader = house.prove(device);
  EXPECT_EQ(std::get<wire::Items>(house.ask(reader, wire::Fetch{{0}, 1000, false})).items.size(), 1U);
  EXPECT_EQ(house.home().counters().duplicates, 1U);
}

TEST(Front, every_lost_packet_is_noticed_within_seconds_and_nothing_is_answered_wrong) {
  for (size_t lost = 0; lost < 24; ++lost) {
    House house;
    Front& front = house.add_front();
    house.dial = &front;
    const Device device = house.new_device();
    size_t count = 0;
    house.copies = [&](const SendFrontPacket&) { return count++ == lost ? 0U : 1U; };
    Client& owner = house.connect();
    if (owner.established) house.ask(owner, house.open_request(owner, device, house.new_code()));
    house.advance(seconds(10));
    house.copies = nullptr;
    house.advance(seconds(10));
    Client& again = house.connect();
    ASSERT_TRUE(again.established.has_value()) << lost;
    const uint16_t code = house.code_of(again, house.open_request(again, device, house.new_code()));
    EXPECT_EQ(code, 0) << lost << (again.closed ? " closed" : " open") << house.home().fronts()
                       << front.home().value_or("none") << owner.established.has_value();
    EXPECT_EQ(front.home(), "the home");
  }
}

TEST(Front, packets_that_come_twice_or_again_later_change_nothing) {
  House house;
  Front& front = house.add_front();
  house.dial = &front;
  house.keeps_packets = true;
  house.copies = [](const SendFrontPacket&) { return 2U; };
  const Device device = house.new_device();
  Client& owner = house.open_mailbox(device);
  const Address address = house.new_address(owner);
  Client& reader = live(house, device);
  EXPECT_EQ(house.code_of(house.connect(), house.delivery(address, {1})), 0);
  EXPECT_EQ(reader.pushed.size(), 1U);
  const auto packets = std::move(house.packets);
  house.keeps_packets = false;
  for (const SendFrontPacket& each : packets) house.bring_packet(each);
  house.settle();
  EXPECT_EQ(reader.pushed.size(), 1U);
  EXPECT_FALSE(reader.closed);
  EXPECT_EQ(house.home().fronts(), 1U);
}

TEST(Front, a_hello_that_is_sent_again_and_again_costs_so_much_and_no_more) {
  House house;
  house.keeps_packets = true;
  Front& front = house.add_front();
  const SendFrontPacket hello = house.packets.front();
  house.keeps_packets = false;
  size_t answers = 0;
  house.copies = [&](const SendFrontPacket&) { return ++answers, 0U; };
  for (int i = 0; i < 1'000; ++i) house.bring_packet(hello);
  house.settle();
  EXPECT_LE(answers, kFrontWelcomesPerSecond + kFrontsUnconfirmedMax + 1);
  house.copies = nullptr;
  EXPECT_EQ(house.home().fronts(), 1U);
  EXPECT_EQ(front.home(), "the home");
  house.advance(seconds(10));
  EXPECT_EQ(front.home(), "the home");
}

TEST(Front, one_that_dies_with_its_sessions_is_forgotten_and_what_it_had_not_confirmed_waits) {
  House house;
  Front& front = house.add_front();
  house.dial = &front;
  const Device device = house.new_device();
  Client& owner = house.open_mailbox(device);
  const Address address = house.new_address(owner);
  for (int i = 0; i < 50; ++i) house.connect();
  live(house, device);
  EXPECT_EQ(house.home().front_sessions(), 52U);
  house.kill_front(front);
  Client& sender = house.connect();
  EXPECT_EQ(house.code_of(sender, house.delivery(address, {1})), 0);
  EXPECT_GT(house.home().output_waiting(), 0U);
  house.advance(seconds(8));
  EXPECT_EQ(house.home().front_sessions(), 0U);
  EXPECT_EQ(house.home().fronts(), 0U);
  EXPECT_EQ(house.home().output_waiting(), 0U);
  Client& back = house.prove(device);
  EXPECT_EQ(std::get<wire::Items>(house.ask(back, wire::Fetch{{0}, 1000, true})).items.size(), 1U);
}

TEST(Front, a_client_that_does_not_read_costs_the_home_so_much_and_gets_all_of_it_later) {
  Options options = test_options();
  options.limits.push_window_bytes = 64U << 20;
  House house(options);
  Front& front = house.add_front();
  house.dial = &front;
  const Device device = house.new_device();
  Client& owner = house.open_mailbox(device);
  const Address address = house.new_address(owner);
  Client& slow = live(house, device);
  Client& sender = house.connect();
  front.pipe_full(slow.pipe);
  for (uint8_t i = 0; i < 80; ++i) ASSERT_EQ(house.code_of(sender, house.delivery(address, Bytes(100'000, i))), 0);
  house.advance(seconds(3));
  EXPECT_LT(house.home().output_waiting(), session::kOutboxSizeMax);
  EXPECT_GT(house.home().output_waiting(), session::kOutboxSizeMax / 2);
  EXPECT_TRUE(slow.pushed.empty());
  EXPECT_FALSE(slow.closed);
  front.pipe_drained(slow.pipe, house.now());
  house.settle();
  house.advance(seconds(5));
  ASSERT_EQ(slow.pushed.size(), 80U);
  for (size_t i = 1; i < 80; ++i) EXPECT_EQ(slow.pushed[i].sequence.value, slow.pushed[i - 1].sequence.value + 1);
  EXPECT_EQ(house.home().output_waiting(), 0U);
}

TEST(Front, those_who_do_not_read_cost_all_together_so_much_and_are_cut_off) {
  Options options = test_options();
  options.limits.push_window_bytes = 64U << 20;
  options.limits.output_bytes_max = 3U << 20;
  House house(options);
  Front& front = house.add_front();
  std::vector<Client*> readers;
  std::vector<Address> addresses;
  for (int i = 0; i < 4; ++i) {
    house.dial = &front;
    const Device device = house.new_device();
    addresses.push_back(house.new_address(house.open_mailbox(device)));
    readers.push_back(&live(house, device));
    front.pipe_full(readers.back()->pipe);
  }
  house.dial = nullptr;
  Client& sender = house.connect();
  for (int round = 0; round < 15; ++round) {
    for (const Address& each : addresses) {
      ASSERT_EQ(house.code_of(sender, house.delivery(each, Bytes(100'000, 1))), 0);
      EXPECT_LE(house.home().output_waiting(), options.limits.output_bytes_max);
      EXPECT_LE(front.output_waiting(), options.limits.output_bytes_max);
    }
  }
  EXPECT_GT(house.home().counters().sessions_cut + front.counters().sessions_cut, 0U);
}

TEST(Front, has_so_many_sessions_and_there_are_so_many_fronts) {
  Options options = test_options();
  options.limits.sessions_max = 8;
  House house(options);
  Front& front = house.add_front();
  house.dial = &front;
  for (int i = 0; i < 10; ++i) house.connect();
  EXPECT_EQ(front.pipes(), 8U);
  EXPECT_LE(house.home().front_sessions(), 8U);
  while (house.home().fronts() < kFrontsMax) {
    const size_t before = house.home().fronts();
    house.add_front();
    ASSERT_EQ(house.home().fronts(), before + 1);
  }
  EXPECT_FALSE(house.add_front().home().has_value());
}

TEST(Front, a_home_that_drains_answers_what_was_asked_and_its_fronts_send_their_clients_away) {
  House house;
  Front& front = house.add_front();
  house.dial = &front;
  const Device device = house.new_device();
  Client& owner = house.open_mailbox(device);
  const Address address = house.new_address(owner);
  Client& idle = live(house, device);
  Client& sender = house.connect();
  const uint32_t stream = house.send(sender, house.delivery(address, {1}));
  house.settle_once();
  house.home().drain(house.now());
  house.settle();
  EXPECT_TRUE(std::holds_alternative<wire::Done>(sender.replies.at(stream)));
  ASSERT_TRUE(idle.closed && owner.closed && sender.closed);
  EXPECT_EQ(idle.closed->code, session::kGoingDown.number);
  EXPECT_GT(idle.closed->retry_after.ms, 0);
  Client& late = house.connect();
  EXPECT_FALSE(late.established.has_value());
  house.home().leave_fronts(house.now());
  house.settle();
  EXPECT_FALSE(front.home().has_value());
}

TEST(Front, one_that_drains_ends_its_sessions_in_order) {
  House house;
  Front& front = house.add_front();
  house.dial = &front;
  const Device device = house.new_device();
  Client& owner = house.open_mailbox(device);
  const Address address = house.new_address(owner);
  Client& sender = house.connect();
  const uint32_t stream = house.send(sender, house.delivery(address, {1}));
  house.settle_once();
  front.drain(house.now());
  EXPECT_FALSE(front.idle());
  house.settle();
  EXPECT_TRUE(front.idle());
  EXPECT_TRUE(std::holds_alternative<wire::Done>(sender.replies.at(stream)));
  ASSERT_TRUE(owner.closed && sender.closed);
  EXPECT_EQ(owner.closed->code, session::kGoingDown.number);
  front.end(house.now());
  house.settle();
  EXPECT_EQ(house.home().fronts(), 0U);
  EXPECT_EQ(house.home().front_sessions(), 0U);
}

TEST(Front, clocks_that_differ_by_a_year_and_jump_do_no_harm_to_tickets_and_links) {
  House house;
  Front& front = house.add_front();
  house.dial = &front;
  Client& owner = house.open_mailbox(house.new_device());
  ASSERT_FALSE(owner.tickets.empty());
  // The front's clock is now a year ahead, and later behind: links count seconds that pass, not what time it is.
  front.handle_expiry(house.now() + days(365));
  house.settle();
  EXPECT_EQ(front.home(), "the home");
  front.handle_expiry(house.now() - days(365));
  house.settle();
  house.advance(seconds(3));
  EXPECT_EQ(front.home(), "the home");
  Client& back = house.resume(owner.tickets.front().clone());
  house.advance(seconds(1));
  EXPECT_TRUE(back.established && back.established->resumed);
}

}  // namespace
}  // namespace godwit::home
