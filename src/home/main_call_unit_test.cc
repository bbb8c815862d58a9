// Rooms of a real Janus, asked for by sessions of a home.

#include "home/main_call_unit.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <set>

#include "crypto/random_sources.h"
#include "home/testing/house.h"
#include "home/unit_config.h"
#include "wire/errors.h"

namespace godwit::home {
namespace {

using testing::Client;
using testing::House;
using Verb = wire::CallRoomVerb;

// What a page offers that sends a voice and a picture in three sizes, or a voice alone.
std::string offer(bool picture = true) {
  std::string fingerprint = "AB";
  for (int i = 1; i < 32; ++i) fingerprint += ":AB";
  const std::string common =
      "\r\nc=IN IP4 0.0.0.0\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ "
      "host\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=fingerprint:sha-256 " +
      fingerprint + "\r\na=setup:active\r\na=sendonly\r\na=rtcp-mux\r\n";
  std::string out = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0";
  out += picture ? " 1\r\n" : "\r\n";
  out += "m=audio 9 UDP/TLS/RTP/SAVPF 111" + common + "a=mid:0\r\na=rtpmap:111 opus/48000/2\r\na=ssrc:1 cname:x\r\n";
  if (!picture) return out;
  return out + "m=video 9 UDP/TLS/RTP/SAVPF 96" + common +
         "a=mid:1\r\na=rtpmap:96 VP8/90000\r\na=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
         "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\na=rid:l send\r\na=rid:m send\r\na=rid:h send\r\na=simulcast:send l;m;h\r\n";
}

size_t count_of(const std::string& text, std::string_view part) {
  size_t out = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++out;
  return out;
}

struct Seat {
  Client* session = nullptr;
  wire::CallSeatKey key;
  uint32_t number = 0;
  uint64_t feed = 0;
};

struct MainCallUnit : ::testing::Test {
  void SetUp() override {
    if (!janus_missing(calls).empty()) GTEST_SKIP() << "SKIPPED: Janus (the program janus) is not installed";
    const auto relay = [] {
      return std::optional(wire::TurnCredentials{{"turns:home.example:443"}, "1:x", "p", 3600});
    };
    unit = std::make_unique<ServedUnit>(*loop, random, house.home(), folder + "/unit", address, calls, relay, [] {});
    ASSERT_TRUE(until([&] { return runs(); })) << unit->status();
    const auto made = ask(house.open_mailbox(house.new_device()), wire::CallRoomOpen{});
    ASSERT_TRUE(std::holds_alternative<wire::CallRoom>(made));
    room = std::get<wire::CallRoom>(made).room;
  }
  void TearDown() override {
    if (unit) unit->close();
    unit.reset();
    std::filesystem::remove_all(folder);
  }

  bool runs() const { return unit->status().starts_with("unit: Janus, process "); }
  bool until(const std::function<bool()>& done) {
    return done() || loop->run_until(
                         [&] {
                           house.settle();
                           return done();
                         },
                         minutes(1));
  }
  wire::Reply ask(Client& client, const wire::Request& request) {
    const uint32_t stream = house.send(client, request);
    house.settle();
    EXPECT_TRUE(until([&] { return client.replies.contains(stream); }));
    return client.replies.contains(stream) ? client.replies.at(stream) : wire::Reply(wire::Refused{1, 0, 0});
  }
  wire::Reply wish(Seat& seat, Verb verb, const std::string& text = {}, std::vector<wire::CallStream> streams = {}) {
    return ask(*seat.session, wire::CallRoomAsk{room, seat.key, ++seat.number, static_cast<uint8_t>(verb),
                                                to_bytes(as_bytes(text)), std::move(streams)});
  }
  // The same, where it is not refused.
  wire::CallRoomSaid said(Seat& seat, Verb verb, const std::string& text = {},
                          std::vector<wire::CallStream> streams = {}) {
    const auto reply = wish(seat, verb, text, std::move(streams));
    const auto* out = std::get_if<wire::CallRoomSaid>(&reply);
    const auto* refused = std::get_if<wire::Refused>(&reply);
    EXPECT_NE(out, nullptr) << (refused ? refused->code : 0);
    if (out == nullptr) return {};
    EXPECT_TRUE(wire::check_call_room_said(*out).has_value());
    return *out;
  }
  uint16_t code(const wire::Reply& reply) {
    const auto* refused = std::get_if<wire::Refused>(&reply);
    return refused != nullptr ? refused->code : uint16_t{0};
  }
  Seat enter() {
    Seat out{&house.connect(), house.random_id<wire::CallSeatKey>(), 0, 0};
    EXPECT_EQ(said(out, Verb::kEnter).relays.size(), 1U);
    return out;
  }
  Seat speaker() {
    Seat out = enter();
    const auto published = said(out, Verb::kPublish, offer());
    const std::string text(as_text(published.text));
    EXPECT_EQ(count_of(text, "a=candidate:"), count_of(text, " " + address + " ")) << text;
    EXPECT_NE(text.find("a=ice-lite"), std::string::npos);
    EXPECT_NE(text.find("a=simulcast:recv l;m;h"), std::string::npos) << text;
    out.feed = published.feed;
    return out;
  }

  std::unique_ptr<net::EventLoop> loop = net::EventLoop::create().value();
  crypto::SeededRandom random{uint64_t(::getpid())};
  House house;
  CallsConfig calls;
  std::string folder =
      (std::filesystem::temp_directory_path() / ("godwit-rooms-" + std::to_string(::getpid()))).string();
  std::string address = unit_address(random);
  std::unique_ptr<ServedUnit> unit;
  wire::CallRoomKey room;
};

TEST_F(MainCallUnit, each_of_five_has_a_feed_of_its_own_and_what_does_not_flow_yet_is_not_offered) {
  std::vector<Seat> seats;
  for (int i = 0; i < 5; ++i) seats.push_back(speaker());
  std::set<uint64_t> feeds;
  for (const Seat& each : seats) feeds.insert(each.feed);
  EXPECT_EQ(feeds.size(), 5U);
  EXPECT_NE(unit->status().find("rooms: 1, seats: 5 of 96\n"), std::string::npos) << unit->status();
  Seat& fifth = seats.back();
  const std::vector<wire::CallStream> wanted{{seats[0].feed, false, 0}, {seats[0].feed, true, 2}};
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(said(fifth, Verb::kWatch, {}, wanted).lines.empty()) << "no packet of it has come; asked again";
  }
  EXPECT_TRUE(said(fifth, Verb::kWatch, {}, {{12345, true, 0}}).text.empty()) << "nobody's";
  said(fifth, Verb::kLeave);
  EXPECT_NE(unit->status().find("seats: 4 of 96\n"), std::string::npos) << unit->status();
}

TEST_F(MainCallUnit, an_offer_that_janus_cannot_take_spoils_nothing) {
  Seat seat = enter();
  EXPECT_EQ(code(wish(seat, Verb::kPublish, "v=0\r\nm=application 9 UDP/DTLS/SCTP x\r\n")), wire::kMalformed.number);
  EXPECT_EQ(code(wish(seat, Verb::kPublish, "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n")), wire::kMalformed.number)
      << "no way and no key";
  EXPECT_NE(said(seat, Verb::kPublish, offer(false)).feed, 0U);
  EXPECT_EQ(code(wish(seat, Verb::kAnswer, offer(false))), wire::kMalformed.number) << "nothing was offered";
  said(seat, Verb::kPublish, offer());
}

TEST_F(MainCallUnit, with_the_unit_its_rooms_go_and_new_ones_come) {
  Seat seat = speaker();
  const std::string status = unit->status();
  const int pid = std::stoi(status.substr(status.find("process ") + 8));
  ASSERT_EQ(::kill(pid, SIGKILL), 0);
  ASSERT_TRUE(until([&] { return !runs(); }));
  EXPECT_EQ(code(wish(seat, Verb::kStay)), wire::kCallsOff.number);
  ASSERT_TRUE(until([&] { return runs(); }));
  EXPECT_EQ(code(wish(seat, Verb::kStay)), wire::kNoSuchCallRoom.number);
  const auto made = ask(house.open_mailbox(house.new_device()), wire::CallRoomOpen{});
  room = std::get<wire::CallRoom>(made).room;
  speaker();
}

}  // namespace
}  // namespace godwit::home
