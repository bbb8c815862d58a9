// What begins a call's relay, and what is handed to it.

#include "net/stun_start.h"

#include <gtest/gtest.h>

#include "net/call_relay.h"
#include "net/listener.h"
#include "net/testing/loopback.h"
#include "net/turn_password.h"

namespace godwit::net {
namespace {

using testing::LoopbackServer;
using testing::RawClient;
using testing::RawServer;

// An Allocate request with REQUESTED-TRANSPORT UDP (RFC 8656 §7.1, §18.7), as a browser says it first.
Bytes allocate() {
  Bytes out{0x00, 0x03, 0x00, 0x08, 0x21, 0x12, 0xa4, 0x42};
  for (uint8_t i = 0; i < 12; ++i) out.push_back(i);
  for (const int byte : {0x00, 0x19, 0x00, 0x04, 0x11, 0x00, 0x00, 0x00}) {
    out.push_back(static_cast<uint8_t>(byte));
  }
  return out;
}

Bytes changed(size_t at, uint8_t to) {
  Bytes out = allocate();
  out[at] = to;
  return out;
}

ByteArray<16> ipv4(uint8_t last) {
  ByteArray<16> out{};
  out[10] = out[11] = 0xff;
  out[12] = 198, out[13] = 51, out[14] = 100, out[15] = last;
  return out;
}

TEST(StunStart, an_allocate_request_is_known_by_its_header_however_it_is_cut) {
  const Bytes whole = allocate();
  for (size_t size = 0; size < kStunHeaderSize; ++size) {
    EXPECT_EQ(stun_start(ByteView(whole).first(size)), StunStart::kMore) << size;
  }
  for (size_t size = kStunHeaderSize; size <= whole.size(); ++size) {
    EXPECT_EQ(stun_start(ByteView(whole).first(size)), StunStart::kYes) << size;
  }
}

TEST(StunStart, whatever_else_comes_is_something_else) {
  EXPECT_EQ(stun_start(changed(0, 0x40)), StunStart::kNo) << "channel data";
  EXPECT_EQ(stun_start(changed(1, 0x01)), StunStart::kNo) << "a Binding request";
  EXPECT_EQ(stun_start(changed(0, 0x01)), StunStart::kNo) << "an answer";
  EXPECT_EQ(stun_start(changed(3, 0x09)), StunStart::kNo) << "a length that is no multiple of four";
  EXPECT_EQ(stun_start(changed(2, 0x10)), StunStart::kNo) << "longer than any first message";
  EXPECT_EQ(stun_start(changed(4, 0x20)), StunStart::kNo) << "another cookie";
  EXPECT_EQ(stun_start(changed(7, 0x43)), StunStart::kNo) << "another cookie";
  EXPECT_EQ(stun_start(as_bytes("GET / HTTP/1.1\r\n")), StunStart::kNo);
  EXPECT_EQ(stun_start(as_bytes("G")), StunStart::kNo) << "one byte is enough";
}

// A message of a TURN server with `attributes` bytes after its header.
Bytes said(uint8_t method_high, uint8_t method_low, uint8_t attributes) {
  Bytes out{method_high, method_low, 0x00, attributes, 0x21, 0x12, 0xa4, 0x42};
  out.resize(kStunHeaderSize + attributes, 0xaa);
  return out;
}

TEST(AllocateEar, a_place_is_heard_of_behind_a_challenge_however_it_is_cut) {
  Bytes whole = said(0x01, 0x13, 40);  // 401, with a realm and a nonce
  append(whole, said(0x01, 0x03, 24));
  for (size_t cut = 0; cut < 60 + kStunHeaderSize; ++cut) {
    AllocateEar ear;
    EXPECT_TRUE(ear.hear(ByteView(whole).first(cut))) << cut;
    EXPECT_FALSE(ear.heard()) << cut;
    EXPECT_FALSE(ear.hear(ByteView(whole).subspan(cut))) << cut;
    EXPECT_TRUE(ear.heard()) << cut;
  }
  AllocateEar slow;
  for (const uint8_t byte : whole) slow.hear(ByteView(&byte, 1));
  EXPECT_TRUE(slow.heard());
}

TEST(AllocateEar, what_only_looks_like_a_place_is_none) {
  AllocateEar inside;  // in the attributes of another message
  Bytes error = said(0x01, 0x13, 20);
  const Bytes place = said(0x01, 0x03, 0);
  std::copy(place.begin(), place.end(), error.begin() + kStunHeaderSize);
  EXPECT_TRUE(inside.hear(error));
  EXPECT_FALSE(inside.heard());
  AllocateEar binding;
  EXPECT_TRUE(binding.hear(said(0x01, 0x01, 8)));
  EXPECT_FALSE(binding.heard());
  AllocateEar no_stun;
  EXPECT_FALSE(no_stun.hear(as_bytes("HTTP/1.1 400 Bad Request\r\n")));
  EXPECT_FALSE(no_stun.hear(place)) << "it has given up";
  EXPECT_FALSE(no_stun.heard());
}

TEST(CallRelays, strangers_are_bounded_apart_and_take_nobodys_place) {
  CallRelays relays(true);
  CallRelay relay;
  relay.strangers_max = 3;
  relay.stranger_source_max = 2;
  relays.set(relay);
  const auto first = relays.take(ipv4(1));
  auto second = relays.take(ipv4(1));
  ASSERT_TRUE(first && second);
  EXPECT_EQ(relays.take(ipv4(1)), nullptr) << "stranger_source_max";
  first->prove();
  first->prove();
  const auto third = relays.take(ipv4(1));
  EXPECT_TRUE(third) << "who has shown credentials is no stranger";
  const auto fourth = relays.take(ipv4(2));
  ASSERT_TRUE(fourth);
  EXPECT_EQ(relays.take(ipv4(3)), nullptr) << "strangers_max";
  second.reset();
  EXPECT_TRUE(relays.take(ipv4(3)));
  EXPECT_EQ(relays.count(), 3u);
}

TEST(CallRelays, places_are_bounded_in_all_and_by_source) {
  CallRelays relays(true);
  EXPECT_EQ(relays.take(ipv4(1)), nullptr) << "there is no relay";
  CallRelay relay;
  relay.connections_max = 4;
  relay.source_max = 2;
  relays.set(relay);
  auto first = relays.take(ipv4(1));
  const auto second = relays.take(ipv4(1));
  EXPECT_TRUE(first && second);
  EXPECT_EQ(relays.take(ipv4(1)), nullptr) << "source_max";
  const auto third = relays.take(ipv4(2));
  ByteArray<16> here{};
  here[15] = 1;
  const auto fourth = relays.take(here);
  EXPECT_TRUE(third && fourth);
  EXPECT_EQ(relays.take(ipv4(3)), nullptr) << "connections_max";
  EXPECT_EQ(relays.count(), 4u);
  first.reset();
  EXPECT_EQ(relays.count(), 3u);
  EXPECT_TRUE(relays.take(ipv4(1)));
}

TEST(CallRelays, it_is_open_while_somebody_is_expected) {
  CallRelays relays(true);
  relays.open_until(Instant{1000});
  EXPECT_FALSE(relays.is_open(Instant{1})) << "no relay";
  relays.set(CallRelay{});
  EXPECT_TRUE(relays.is_open(Instant{999}));
  EXPECT_FALSE(relays.is_open(Instant{1000}));
  relays.open_until(Instant{500});
  EXPECT_TRUE(relays.is_open(Instant{999})) << "an earlier time takes nothing away";
}

TEST(CallRelays, a_password_is_what_coturn_makes_of_the_secret) {
  EXPECT_EQ(turn_password("north", "1790000000:QUJD"), "bvtmBX9ZuQUoxrGFD5dBovaUdzM=");
}

struct Relayed : ::testing::Test {
  Relayed() : turn(*server.loop, "answer", false) {}
  void open(CallRelay relay = {}) {
    relay.port = turn.port();
    server.listener->relay_calls(relay);
    server.listener->expect_calls_until(server.loop->now() + minutes(1));
  }
  std::shared_ptr<RawClient> say(const Bytes& bytes) {
    auto client = RawClient::create(*server.loop, server.listener->port(), true);
    client->say(as_text(bytes));
    return client;
  }
  bool is_refused(const RawClient& client) {
    return server.wait([&] { return !client.closed.empty(); }) && client.text().starts_with("HTTP/1.1 400 ");
  }
  LoopbackServer server;
  RawServer turn;
};

TEST_F(Relayed, a_turn_client_is_handed_on_with_its_first_bytes_and_others_get_the_site) {
  open();
  const auto client = say(allocate());
  ASSERT_TRUE(server.wait([&] { return client->text() == "answer" && turn.received.size() == allocate().size(); }));
  EXPECT_EQ(turn.received, as_text(allocate()));
  const auto visitor = RawClient::create(*server.loop, server.listener->port(), true);
  visitor->say("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  ASSERT_TRUE(server.wait([&] { return !visitor->closed.empty(); }));
  EXPECT_TRUE(visitor->text().starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(server.listener->counts().relays, 1u);
  EXPECT_EQ(server.listener->counts().relays_open, 1u);
  client->socket->abort();
  ASSERT_TRUE(server.wait([&] { return server.listener->counts().relays_open == 0; }));
}

TEST_F(Relayed, whoever_comes_while_nobody_is_expected_gets_the_sites_answer) {
  EXPECT_TRUE(is_refused(*say(allocate()))) << "there is no relay";
  CallRelay relay;
  relay.port = turn.port();
  server.listener->relay_calls(relay);
  EXPECT_TRUE(is_refused(*say(allocate()))) << "nobody is expected";
  open();
  EXPECT_TRUE(is_refused(*say(changed(1, 0x01)))) << "a scanner";
  EXPECT_EQ(turn.accepted, 0);
}

TEST_F(Relayed, one_beyond_the_bound_gets_the_sites_answer) {
  CallRelay relay;
  relay.connections_max = 1;
  open(relay);
  const auto client = say(allocate());
  ASSERT_TRUE(server.wait([&] { return client->text() == "answer"; }));
  EXPECT_TRUE(is_refused(*say(allocate())));
  EXPECT_EQ(server.listener->counts().relays_refused, 1u);
}

TEST_F(Relayed, one_over_which_nothing_goes_is_closed) {
  CallRelay relay;
  relay.idle = milliseconds(50);
  open(relay);
  const auto client = say(allocate());
  ASSERT_TRUE(server.wait([&] { return !client->closed.empty(); }));
  ASSERT_TRUE(server.wait([&] { return server.listener->counts().relays_open == 0; }));
}

TEST_F(Relayed, a_stranger_who_shows_no_credentials_is_closed_and_others_stay) {
  RawServer giving(*server.loop, std::string(as_text(said(0x01, 0x03, 0))), false);
  CallRelay relay;
  relay.stranger = milliseconds(50);
  open(relay);
  const auto stranger = say(allocate());
  ASSERT_TRUE(server.wait([&] { return !stranger->closed.empty(); }));
  EXPECT_EQ(server.listener->counts().relays_open, 0u);
  relay.port = giving.port();
  server.listener->relay_calls(relay);
  const auto client = say(allocate());
  ASSERT_TRUE(server.wait([&] { return client->received.size() == kStunHeaderSize; }));
  server.loop->run_until([&] { return !client->closed.empty(); }, milliseconds(200));
  EXPECT_TRUE(client->closed.empty());
  EXPECT_EQ(server.listener->counts().relays_open, 1u);
}

TEST_F(Relayed, a_relay_that_is_away_ends_the_connection) {
  asio::ip::tcp::acceptor gone(io_of(*server.loop), {asio::ip::address_v4::loopback(), 0});
  CallRelay relay;
  relay.port = gone.local_endpoint().port();
  gone.close();
  server.listener->relay_calls(relay);
  server.listener->expect_calls_until(server.loop->now() + minutes(1));
  const auto client = say(allocate());
  ASSERT_TRUE(server.wait([&] { return !client->closed.empty(); }));
  EXPECT_TRUE(client->received.empty());
  EXPECT_EQ(server.listener->counts().relays_open, 0u);
}

}  // namespace
}  // namespace godwit::net
