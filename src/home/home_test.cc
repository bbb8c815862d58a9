// Sessions above the core: tickets, first flights, hostile bytes, bounds, going down, and a store in trouble.

#include "home/home.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "home/errors.h"
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

TEST(Tickets, one_brings_a_mailbox_session_back_with_its_first_requests_inside) {
  House house;
  const Device device = house.new_device();
  Client& owner = house.open_mailbox(device);
  const Address address = house.new_address(owner);
  Client& sender = house.connect();
  ASSERT_EQ(house.code_of(sender, house.delivery(address, {1})), 0);
  ASSERT_FALSE(owner.tickets.empty());
  house.cut(owner);
  Client& back = house.resume(owner.tickets.front().clone(), {wire::encode_request(wire::Fetch{{0}, 1000, false})});
  house.advance(seconds(1));
  ASSERT_TRUE(back.established.has_value());
  EXPECT_TRUE(back.established->resumed);
  EXPECT_EQ(back.established->kind, session::SessionKind::kMailbox);
  EXPECT_EQ(std::get<wire::Items>(back.replies.at(1)).items.size(), 1U);
  EXPECT_EQ(house.code_of(back, wire::DeviceList{}), 0) << "the ticket is the proof";
}

TEST(Tickets, each_works_once_also_across_a_restart) {
  House house;
  Client& owner = house.open_mailbox(house.new_device());
  ASSERT_GE(owner.tickets.size(), 2U);
  Client& first = house.resume(owner.tickets[0].clone());
  house.advance(seconds(1));
  EXPECT_TRUE(first.established->resumed);
  Client& again = house.resume(owner.tickets[0].clone());
  house.advance(seconds(1));
  EXPECT_TRUE(again.ticket_refused);
  house.restart();
  Client& after = house.resume(owner.tickets[0].clone());
  house.advance(seconds(1));
  EXPECT_TRUE(after.ticket_refused);
  Client& second = house.resume(owner.tickets[1].clone());
  house.advance(seconds(1));
  EXPECT_TRUE(second.established->resumed);
}

TEST(Tickets, an_anonymous_one_stays_anonymous) {
  House house;
  Client& sender = house.connect();
  house.ask(sender, wire::LogRead{});
  ASSERT_FALSE(sender.tickets.empty());
  Client& back = house.resume(sender.tickets.front().clone());
  house.advance(seconds(1));
  EXPECT_TRUE(back.established->resumed);
  EXPECT_EQ(house.code_of(back, wire::DeviceList{}), wire::kWrongSessionKind.number);
}

TEST(Tickets, they_are_sealed_at_rest_and_gone_after_their_day) {
  House house;
  const Device device = house.new_device();
  Client& owner = house.open_mailbox(device);
  const auto tickets = [&] {
    size_t count = 0;
    for (const auto& [key, value] : house.disk().records()) count += key[0] == 'R' && key[1] == 't' ? 1U : 0U;
    return count;
  };
  EXPECT_EQ(tickets(), owner.tickets.size());
  for (const auto& ticket : owner.tickets) {
    EXPECT_FALSE(house.disk().holds(ticket.id.view())) << "on the line, so not on the disk";
    EXPECT_FALSE(house.disk().holds(ticket.psk.reveal()));
  }
  house.advance(days(2));
  EXPECT_EQ(tickets(), 0U);
}

TEST(Tickets, above_tickets_max_they_are_not_kept_and_half_is_for_mailboxes) {
  Options options = test_options();
  options.limits.tickets_max = 20;
  House house(options);
  const auto kept = [&] {
    size_t count = 0;
    for (const auto& [key, value] : house.disk().records()) count += key[0] == 'R' && key[1] == 't' ? 1U : 0U;
    return count;
  };
  for (int i = 0; i < 20; ++i) house.ask(house.connect(), wire::LogRead{});
  EXPECT_EQ(kept(), 10U);
  Client& owner = house.open_mailbox(house.new_device());
  ASSERT_FALSE(owner.tickets.empty());
  EXPECT_EQ(kept(), 10U + owner.tickets.size());
  house.restart();
  house.ask(house.connect(), wire::LogRead{});
  EXPECT_EQ(kept(), 10U + owner.tickets.size()) << "counted anew";
  Client& back = house.resume(owner.tickets.front().clone());
  house.advance(seconds(1));
  EXPECT_TRUE(back.established->resumed);
  house.advance(days(3));
  EXPECT_EQ(kept(), 0U);
  house.ask(house.connect(), wire::LogRead{});
  EXPECT_GT(kept(), 0U) << "their places are free again";
}

TEST(Tickets, only_what_may_be_repeated_is_done_in_a_first_flight) {
  House house;
  Client& owner = house.open_mailbox(house.new_device());
  const wire::DeviceAdd add{house.random_id<wire::MailboxKey>()};
  Client& back = house.resume(owner.tickets.front().clone(), {wire::encode_request(add)});
  house.advance(seconds(1));
  EXPECT_EQ(back.errors.at(1), session::kNotInFirstFlight.number);
  EXPECT_EQ(std::get<wire::Devices>(house.ask(owner, wire::DeviceList{})).keys.size(), 1U);
}

TEST(Requests, garbage_is_answered_by_name_and_the_session_goes_on) {
  House house;
  Client& client = house.connect();
  const auto send = [&](Bytes bytes) {
    const auto stream = client.session.send_request(std::move(bytes), house.now());
    house.settle();
    return std::get<wire::Refused>(client.replies.at(stream->value)).code;
  };
  EXPECT_EQ(send({0xff, 0xff}), wire::kUnknownRequest.number);
  EXPECT_EQ(send({0}), wire::kMalformed.number);
  EXPECT_EQ(send({0, 11, 1, 2, 3}), wire::kMalformed.number);
  EXPECT_EQ(house.code_of(client, wire::LogRead{}), wire::kLogRefused.number);
}

TEST(Requests, noise_on_a_new_pipe_ends_that_pipe_only) {
  House house;
  house.home().pipe_opened(PipeId{1000}, session::Form::kStream, {}, house.now());
  house.home().pipe_bytes(PipeId{1000}, Bytes(5000, 0x41), house.now());
  house.home().pipe_bytes(PipeId{2000}, Bytes(10, 0x41), house.now());  // never opened
  bool closed = false;
  while (const auto output = house.home().next_output()) {
    EXPECT_FALSE(std::holds_alternative<SendBytes>(*output)) << "nothing is said to strangers";
    if (const auto* close = std::get_if<ClosePipe>(&*output)) closed = close->pipe.value == 1000;
  }
  EXPECT_TRUE(closed);
  Client& client = house.connect();
  EXPECT_TRUE(client.established.has_value());
}

TEST(Limits, pipes_above_sessions_max_are_closed) {
  Options options = test_options();
  options.limits.sessions_max = 2;
  House house(options);
  Client& a = house.connect();
  Client& b = house.connect();
  Client& c = house.connect();
  EXPECT_TRUE(a.established && b.established);
  EXPECT_TRUE(c.closed.has_value());
  house.cut(a);
  EXPECT_TRUE(house.connect().established.has_value());
}

TEST(Limits, requests_in_flight_are_bounded) {
  Options options = test_options();
  options.limits.requests_in_flight_max = 3;
  House house(options);
  const Address address = house.new_address(house.open_mailbox(house.new_device()));
  Client& client = house.connect();
  std::vector<uint32_t> streams;
  // A read may be answered at once; a change waits for the store.
  for (int i = 0; i < 5; ++i) streams.push_back(house.send(client, house.delivery(address, {1})));
  house.settle();
  size_t too_many = 0;
  for (const uint32_t stream : streams) {
    const auto* refused = std::get_if<wire::Refused>(&client.replies.at(stream));
    too_many += refused != nullptr && refused->code == wire::kTooManyRequests.number ? 1U : 0U;
  }
  EXPECT_EQ(too_many, 2U);
}

TEST(GoingDown, what_was_asked_is_answered_and_then_everybody_is_told) {
  House house;
  Client& owner = house.open_mailbox(house.new_device());
  const Address address = house.new_address(owner);
  Client& sender = house.connect();
  const uint32_t stream = house.send(sender, house.delivery(address, {1}));
  house.home().pipe_bytes(sender.pipe, sender.session.take_output(house.now()), house.now());
  EXPECT_FALSE(house.home().idle());
  house.home().drain(house.now());
  house.settle();
  EXPECT_TRUE(std::holds_alternative<wire::Done>(sender.replies.at(stream)));
  EXPECT_TRUE(house.home().idle());
  EXPECT_EQ(sender.closed->code, session::kGoingDown.number);
  EXPECT_EQ(owner.closed->code, session::kGoingDown.number);
  EXPECT_TRUE(house.connect().closed.has_value());
}

TEST(Store, a_full_disk_is_told_and_nothing_is_lost) {
  House house;
  const Device device = house.new_device();
  Client& owner = house.open_mailbox(device);
  const Address address = house.new_address(owner);
  Client& sender = house.connect();
  ASSERT_EQ(house.code_of(sender, house.delivery(address, {1})), 0);
  house.store().set_disk_full(true);
  const auto second = house.delivery(address, {2});
  EXPECT_EQ(house.code_of(sender, second), wire::kHomeFull.number);
  const auto both = house.ask(sender, wire::DeliverMany{{second.recipient, house.delivery({}, {}).recipient}, 60, {3}});
  EXPECT_EQ(std::get<wire::Delivered>(both).codes, (std::vector{wire::kHomeFull.number, wire::kAddressRefused.number}))
      << "each for itself";
  EXPECT_EQ(house.code_of(owner, wire::AddressCreate{house.random_id<wire::Alias>(), {}, 0}), wire::kHomeFull.number);
  EXPECT_EQ(house.code_of(house.prove(device), wire::Fetch{}), 0) << "who lives here comes in";
  EXPECT_EQ(std::get<wire::Items>(house.ask(owner, wire::Fetch{{0}, 1000, false})).items.size(), 1U)
      << "reading goes on";
  house.store().set_disk_full(false);
  EXPECT_EQ(house.code_of(sender, second), 0);
  EXPECT_FALSE(house.stopped().has_value());
}

TEST(Store, its_trouble_is_told_once_when_it_begins_and_once_when_it_is_over) {
  using Texts = std::vector<std::string>;
  House house;
  Client& owner = house.open_mailbox(house.new_device());
  const Address address = house.new_address(owner);
  Client& sender = house.connect();
  EXPECT_EQ(house.troubles(), Texts{});
  house.store().set_disk_full(true);
  for (int i = 0; i < 3; ++i) house.ask(sender, house.delivery(address, {1}));
  EXPECT_EQ(house.troubles(), Texts{"store_disk_full"});
  house.advance(minutes(1));
  EXPECT_EQ(house.ask(sender, wire::LogRead{}).index(), wire::Reply(wire::Refused{}).index())
      << "reading is no recovery";
  EXPECT_EQ(house.troubles(), Texts{"store_disk_full"});
  house.store().set_disk_full(false);
  EXPECT_EQ(house.code_of(sender, house.delivery(address, {2})), 0);
  EXPECT_EQ(house.troubles().size(), 1U) << "one success does not end it";
  house.advance(seconds(11));
  EXPECT_EQ(house.troubles(), (Texts{"store_disk_full", "over"})) << "found out without a request";
  house.store().set_unavailable(true);
  house.ask(sender, wire::LogRead{});
  house.store().set_unavailable(false);
  house.advance(seconds(11));
  EXPECT_EQ(house.troubles(), (Texts{"store_disk_full", "over", "store_unavailable", "over"}));
  EXPECT_GT(house.home().next_deadline(), house.now() + seconds(5)) << "nothing is tried any more";
}

TEST(Store, a_home_that_starts_in_its_trouble_takes_stock_when_it_is_over) {
  Options options = test_options();
  options.limits.mailboxes_max = 1;
  House house(options);
  house.open_mailbox(house.new_device());
  house.restart(options, {.unavailable_per_million = 1'000'000});
  EXPECT_EQ(house.troubles(), std::vector<std::string>{"store_unavailable"});
  house.store().set_faults({});
  house.advance(seconds(11));
  EXPECT_EQ(house.troubles().back(), "over");
  Client& other = house.connect();
  EXPECT_EQ(house.code_of(other, house.open_request(other, house.new_device(), house.new_code())),
            wire::kQuotaFull.number);
}

TEST(Store, an_engine_that_is_away_is_unavailable) {
  House house;
  Client& client = house.connect();
  house.store().set_unavailable(true);
  EXPECT_EQ(house.code_of(client, wire::LogRead{}), wire::kUnavailable.number);
  house.store().set_unavailable(false);
  EXPECT_EQ(house.code_of(client, wire::LogRead{}), wire::kLogRefused.number);
}

TEST(Store, a_damaged_record_spoils_nothing_else) {
  House house;
  Client& owner = house.open_mailbox(house.new_device());
  const Address good = house.new_address(owner);
  const Address bad = house.new_address(owner);
  Bytes key = address_key(bad.alias);
  key.insert(key.begin(), 'R');
  house.disk().put(key, Bytes{1, 2, 3});
  Client& sender = house.connect();
  EXPECT_EQ(house.code_of(sender, house.delivery(bad, {1})), wire::kUnavailable.number);
  EXPECT_EQ(house.code_of(sender, house.delivery(good, {1})), 0);
  EXPECT_EQ(house.home().counters().damaged_records, 1U);
  EXPECT_FALSE(house.stopped().has_value());
}

TEST(Store, one_of_a_newer_version_is_not_touched) {
  House house;
  house.disk().put(Bytes{'R', 'v'}, codec::encoded(StoreRecord{kLayoutVersion + 1}));
  house.disk().sync();
  house.restart();
  ASSERT_TRUE(house.stopped().has_value());
  EXPECT_EQ(house.stopped()->code, kNewerStore);
}

TEST(Store, one_of_an_older_version_is_told_as_that) {
  House house;
  house.disk().put(Bytes{'R', 'v'}, codec::encoded(StoreRecord{kLayoutVersion - 1}));
  house.disk().sync();
  house.restart();
  ASSERT_TRUE(house.stopped().has_value());
  EXPECT_EQ(house.stopped()->code, kOlderStore);
}

// ---- what one machine may take ---------------------------------------------------------------------------------------

TEST(Bounds, one_source_has_a_bounded_number_of_pipes_also_by_resumption) {
  Options options = test_options();
  options.limits.pipes_source_max = 20;
  House house(options);
  house.source = {192, 0, 2, 1};
  Client& first = house.connect();
  ASSERT_EQ(house.code_of(first, wire::LogOpen{}), wire::kProofOfWorkRefused.number);
  ASSERT_EQ(first.tickets.size(), session::kTicketsKept);
  std::vector<session::Ticket> tickets = std::move(first.tickets);
  std::vector<Client*> clients;
  for (int i = 0; i < 100 && !tickets.empty(); ++i) {
    clients.push_back(&house.resume(std::move(tickets.back())));
    tickets.pop_back();
    for (session::Ticket& ticket : clients.back()->tickets) tickets.push_back(std::move(ticket));
  }
  const auto standing = std::count_if(clients.begin(), clients.end(), [](const Client* one) { return !one->closed; });
  EXPECT_EQ(standing, 19) << "and the first";
  house.source = {192, 0, 2, 2};
  EXPECT_TRUE(house.connect().established.has_value());
  house.source = {192, 0, 2, 1};
  EXPECT_FALSE(house.connect().established.has_value());
  house.cut(first);
  EXPECT_TRUE(house.connect().established.has_value());
}

TEST(Bounds, clients_that_do_not_read_cost_a_bounded_amount_and_others_are_answered) {
  Options options = test_options();
  options.limits.output_bytes_max = 3U << 20;
  House house(options);
  const Device device = house.new_device();
  Client& owner = house.open_mailbox(device);
  const Address address = house.new_address(owner);
  Client& sender = house.connect();
  for (int i = 0; i < 4; ++i) {
    ASSERT_EQ(house.code_of(sender, house.delivery(address, Bytes(wire::kPayloadSizeMax))), 0);
  }
  std::vector<Client*> deaf;
  for (int i = 0; i < 10; ++i) {
    deaf.push_back(&house.prove(device));
    house.home().pipe_full(deaf.back()->pipe);
  }
  for (int round = 0; round < 10; ++round) {
    for (Client* client : deaf) house.send(*client, wire::Fetch{{0}, 256 * 1024, false});
    house.settle();
    ASSERT_LE(house.home().output_waiting(), options.limits.output_bytes_max);
    const auto items = house.ask(owner, wire::Fetch{{0}, 256 * 1024, false});
    ASSERT_TRUE(std::holds_alternative<wire::Items>(items)) << "the one that reads";
  }
  EXPECT_FALSE(owner.closed.has_value());
}

}  // namespace
}  // namespace godwit::home
