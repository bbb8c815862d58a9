// Who sits in the rooms of a unit. Janus itself is in tests/call_unit_test.py; here a twin answers, or does not.

#include "home/call_rooms.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "crypto/random_sources.h"
#include "wire/errors.h"

namespace godwit::home {
namespace {

using Json = nlohmann::json;
using Verb = wire::CallRoomVerb;

const std::string kOffer =
    "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\n";
const Bytes kMailbox{1, 2, 3};
constexpr std::array<uint8_t, 2> kTwo{1, 2};

struct CallRoomsTest : ::testing::Test {
  CallRoomsTest() {
    options.secret = "secret";
    options.admin_key = "key";
    options.relay = [this] {
      ++relays;
      return std::optional(wire::TurnCredentials{{"turns:home.example:443"}, std::to_string(relays), "p", 3600});
    };
    begin();
  }
  void begin() {
    rooms = std::make_unique<CallRooms>(options, random);
    rooms->connected(now);
    settle();
  }

  // What the twin answers to a message.
  Json answer(const Json& asked) {
    const std::string kind = asked["janus"];
    Json out{{"janus", "success"}, {"transaction", asked["transaction"]}};
    if (kind == "create" || kind == "attach") out["data"]["id"] = ++ids;
    if (kind != "message") return out;
    const std::string request = asked["body"]["request"];
    log.push_back(request);
    out["janus"] = "event";
    out["plugindata"]["data"]["videoroom"] = "event";
    if (request == refuses) out["plugindata"]["data"]["error_code"] = 433;
    if (request == refuses) return out;
    if (request == "publish") out["jsep"] = {{"type", "answer"}, {"sdp", "v=0 answer" + candidate}};
    const bool watches = request == "update" || (request == "join" && asked["body"]["ptype"] == "subscriber");
    if (watches) {
      out["jsep"] = {{"type", "offer"}, {"sdp", "v=0 offer"}};
      Json streams = Json::array();
      for (const Json& each : asked["body"].value("streams", asked["body"].value("subscribe", Json::array()))) {
        streams.push_back({{"mid", std::to_string(streams.size())},
                           {"type", each["mid"] == "1" ? "video" : "audio"},
                           {"feed_id", each["feed"]},
                           {"active", true}});
      }
      out["plugindata"]["data"]["streams"] = streams;
    }
    return out;
  }
  void settle() {
    for (auto texts = rooms->messages(); !texts.empty(); texts = rooms->messages()) {
      for (const std::string& text : texts) {
        const Json asked = Json::parse(text);
        EXPECT_EQ(asked["apisecret"], "secret");
        if (asked["janus"] == "detach") ++detached;
        if (silent) continue;
        rooms->heard(answer(asked).dump(), now);
        if (asked["janus"] == "message" && asked["body"]["request"] == "publish" && flows) tell("webrtcup", asked);
      }
    }
    for (auto& each : rooms->answers()) said.insert_or_assign(each.ask.value, std::move(each.said));
  }
  // What Janus says by itself of the handle that `asked` is about.
  void tell(const char* what, const Json& asked) {
    rooms->heard(Json{{"janus", what}, {"session_id", 1}, {"sender", asked["handle_id"]}}.dump(), now);
  }
  wire::CallRoomAsk wish(const wire::CallRoomKey& room, uint8_t seat, uint32_t number, Verb verb) {
    wire::CallRoomAsk out;
    out.room = room;
    out.seat.value.fill(seat);
    out.number = number;
    out.verb = static_cast<uint8_t>(verb);
    if (verb == Verb::kPublish || verb == Verb::kAnswer) out.text = to_bytes(as_bytes(kOffer));
    return out;
  }
  uint64_t send(const wire::CallRoomAsk& request) {
    rooms->ask(UnitAskId{++asks}, request, now);
    settle();
    return asks;
  }
  // The answer; one that has not come is kUnavailable.
  Result<wire::CallRoomSaid> ask(const wire::CallRoomAsk& request) {
    const auto found = said.find(send(request));
    EXPECT_NE(found, said.end());
    return found == said.end() ? Result<wire::CallRoomSaid>(Error{wire::kUnavailable, "none"}) : found->second;
  }
  uint16_t code(const wire::CallRoomAsk& request) {
    const auto out = ask(request);
    return out ? uint16_t{0} : out.error().code.number;
  }
  void pass(Duration span) {
    now = now + span;
    rooms->expire(now);
    settle();
  }

  crypto::SeededRandom random{1};
  CallRoomsOptions options;
  std::unique_ptr<CallRooms> rooms;
  Instant now{1'000'000};
  uint64_t ids = 0;
  uint64_t asks = 0;
  int relays = 0;
  int detached = 0;
  bool silent = false;
  bool flows = true;
  std::string refuses;
  std::string candidate;
  std::vector<std::string> log;
  std::map<uint64_t, Result<wire::CallRoomSaid>> said;
};

TEST_F(CallRoomsTest, whoever_enters_has_one_relay_however_often_he_asks) {
  const auto room = rooms->open(kMailbox, now).value();
  const auto first = ask(wish(room, 1, 1, Verb::kEnter)).value();
  ASSERT_EQ(first.relays.size(), 1U);
  EXPECT_EQ(first.relays[0].ttl_seconds, 3600U);
  now = now + seconds(20);
  const auto again = ask(wish(room, 1, 2, Verb::kEnter)).value();
  EXPECT_EQ(again.relays[0].username, first.relays[0].username);
  EXPECT_EQ(again.relays[0].ttl_seconds, 3580U);
  for (uint32_t i = 3; i < 3 + 62; ++i) {
    now = now + seconds(30);
    EXPECT_EQ(code(wish(room, 1, i, Verb::kStay)), 0);
  }
  EXPECT_NE(ask(wish(room, 1, 99, Verb::kEnter)).value().relays[0].username, first.relays[0].username)
      << "half of its time is over";
  EXPECT_EQ(relays, 2);
  EXPECT_EQ(log, std::vector<std::string>{"create"}) << "a room is made once";
}

TEST_F(CallRoomsTest, a_wish_again_has_the_same_answer_and_an_older_one_none) {
  const auto room = rooms->open(kMailbox, now).value();
  EXPECT_EQ(code(wish(room, 1, 1, Verb::kEnter)), 0);
  const auto first = ask(wish(room, 1, 2, Verb::kPublish)).value();
  EXPECT_EQ(as_text(first.text), "v=0 answer");
  EXPECT_NE(first.feed, 0U);
  EXPECT_LE(first.feed, wire::kCallFeedMax);
  const auto again = ask(wish(room, 1, 2, Verb::kPublish)).value();
  EXPECT_EQ(again.feed, first.feed);
  EXPECT_EQ(std::ranges::count(log, "publish"), 1);
  EXPECT_EQ(code(wish(room, 1, 1, Verb::kEnter)), wire::kMalformed.number);
}

TEST_F(CallRoomsTest, a_wish_that_is_under_way_may_be_repeated_and_no_other_begun) {
  const auto room = rooms->open(kMailbox, now).value();
  EXPECT_EQ(code(wish(room, 1, 1, Verb::kEnter)), 0);
  silent = true;
  const uint64_t first = send(wish(room, 1, 2, Verb::kPublish));
  const uint64_t again = send(wish(room, 1, 2, Verb::kPublish));
  EXPECT_FALSE(said.contains(first));
  EXPECT_EQ(code(wish(room, 1, 3, Verb::kStay)), wire::kTooManyRequests.number);
  pass(kJanusPatience);
  for (const uint64_t each : {first, again}) {
    ASSERT_TRUE(said.contains(each));
    EXPECT_EQ(said.at(each).error().code, wire::kUnavailable) << "what Janus does not answer by then it will not";
  }
  silent = false;
  EXPECT_EQ(code(wish(room, 1, 3, Verb::kPublish)), 0);
}

TEST_F(CallRoomsTest, only_keys_lead_in) {
  const auto room = rooms->open(kMailbox, now).value();
  wire::CallRoomKey other = room;
  other.value[0] ^= 1;
  EXPECT_EQ(code(wish(other, 1, 1, Verb::kEnter)), wire::kNoSuchCallRoom.number);
  EXPECT_EQ(code(wish(room, 1, 1, Verb::kPublish)), wire::kNoSuchCallRoom.number) << "a seat is taken first";
  EXPECT_EQ(code(wish(room, 1, 1, Verb::kLeave)), 0) << "who is not there has left";
}

TEST_F(CallRoomsTest, what_others_send_is_watched_and_nobodys_feed_is_passed_over) {
  const auto room = rooms->open(kMailbox, now).value();
  for (const uint8_t seat : kTwo) EXPECT_EQ(code(wish(room, seat, 1, Verb::kEnter)), 0);
  const uint64_t feed = ask(wish(room, 1, 2, Verb::kPublish)).value().feed;
  auto watch = wish(room, 2, 2, Verb::kWatch);
  watch.streams = {{feed, false, 0}, {feed, true, 2}, {feed ^ 1, true, 0}};
  const auto offered = ask(watch).value();
  EXPECT_EQ(as_text(offered.text), "v=0 offer");
  ASSERT_EQ(offered.lines.size(), 2U);
  EXPECT_EQ(offered.lines[1].feed, feed);
  EXPECT_TRUE(offered.lines[1].picture);
  watch.number = 3;
  EXPECT_EQ(code(watch), wire::kMalformed.number) << "an offer waits for its answer";
  EXPECT_EQ(code(wish(room, 2, 4, Verb::kAnswer)), 0);
  watch.number = 5;
  watch.streams[1].layer = 0;
  EXPECT_TRUE(ask(watch).value().text.empty()) << "another layer is no other offer";
  EXPECT_EQ(log.back(), "configure");
  const size_t said_once = log.size();
  for (int i = 0; i < 2 * kLayersAgain; ++i) pass(kLayersEvery);
  EXPECT_EQ(log.size(), said_once + kLayersAgain)
      << "a key frame that was not made is asked for again, and not for ever";
  EXPECT_EQ(code(wish(room, 1, 3, Verb::kLeave)), 0);
  EXPECT_EQ(detached, 1);
}

TEST_F(CallRoomsTest, what_does_not_flow_yet_or_any_more_is_passed_over) {
  const auto room = rooms->open(kMailbox, now).value();
  for (const uint8_t seat : kTwo) EXPECT_EQ(code(wish(room, seat, 1, Verb::kEnter)), 0);
  flows = false;
  const uint64_t feed = ask(wish(room, 1, 2, Verb::kPublish)).value().feed;
  auto watch = wish(room, 2, 2, Verb::kWatch);
  watch.streams = {{feed, false, 0}};
  EXPECT_TRUE(ask(watch).value().lines.empty());
  EXPECT_EQ(std::ranges::count(log, "join"), 1) << "Janus was not asked";
  const Json sender{{"handle_id", ids}};
  tell("webrtcup", sender);
  watch.number = 3;
  EXPECT_EQ(ask(watch).value().lines.size(), 1U);
  EXPECT_EQ(code(wish(room, 2, 4, Verb::kAnswer)), 0);
  tell("hangup", sender);
  watch.number = 5;
  EXPECT_TRUE(ask(watch).value().lines.empty());
}

TEST_F(CallRoomsTest, who_was_refused_can_try_again) {
  const auto room = rooms->open(kMailbox, now).value();
  for (const uint8_t seat : kTwo) EXPECT_EQ(code(wish(room, seat, 1, Verb::kEnter)), 0);
  refuses = "publish";
  EXPECT_EQ(code(wish(room, 1, 2, Verb::kPublish)), wire::kMalformed.number);
  EXPECT_EQ(detached, 1) << "Janus keeps half a connection of it";
  refuses.clear();
  const uint64_t feed = ask(wish(room, 1, 3, Verb::kPublish)).value().feed;
  auto watch = wish(room, 2, 2, Verb::kWatch);
  watch.streams = {{feed, false, 0}};
  refuses = "join";
  EXPECT_EQ(code(watch), wire::kMalformed.number);
  refuses.clear();
  watch.number = 3;
  EXPECT_EQ(code(watch), 0);
}

TEST_F(CallRoomsTest, silent_seats_and_empty_rooms_go) {
  const auto room = rooms->open(kMailbox, now).value();
  for (const uint8_t seat : kTwo) EXPECT_EQ(code(wish(room, seat, 1, Verb::kEnter)), 0);
  EXPECT_EQ(code(wish(room, 1, 2, Verb::kPublish)), 0);
  pass(kCallSeatSilent - seconds(1));
  EXPECT_EQ(code(wish(room, 2, 2, Verb::kStay)), 0);
  EXPECT_EQ(rooms->deadline(), now + seconds(1));
  pass(seconds(1));
  EXPECT_EQ(rooms->counts().seats, 1U);
  EXPECT_EQ(detached, 1);
  pass(kCallSeatSilent);
  EXPECT_EQ(rooms->counts().seats, 0U);
  EXPECT_EQ(rooms->counts().rooms, 1U);
  pass(kCallRoomEmpty);
  EXPECT_EQ(rooms->counts().rooms, 0U);
  EXPECT_EQ(log.back(), "destroy");
}

TEST_F(CallRoomsTest, there_are_so_many_seats_and_rooms) {
  options.seats_max = kCallSeats + 1;
  begin();
  const auto room = rooms->open(kMailbox, now).value();
  for (uint8_t seat = 1; seat <= kCallSeats; ++seat) EXPECT_EQ(code(wish(room, seat, 1, Verb::kEnter)), 0);
  EXPECT_EQ(code(wish(room, 77, 1, Verb::kEnter)), wire::kQuotaFull.number);
  const auto next = rooms->open(kMailbox, now).value();
  EXPECT_EQ(code(wish(next, 1, 1, Verb::kEnter)), 0);
  EXPECT_EQ(code(wish(next, 2, 1, Verb::kEnter)), wire::kQuotaFull.number) << "of all rooms";
  const auto empty = rooms->open(kMailbox, now).value();
  for (size_t i = 3; i <= kCallRoomsOfMailbox; ++i) {
    now = now + seconds(1);
    EXPECT_TRUE(rooms->open(kMailbox, now).has_value());
  }
  EXPECT_EQ(rooms->counts().rooms, kCallRoomsOfMailbox);
  EXPECT_EQ(code(wish(room, 1, 2, Verb::kStay)), 0) << "somebody sits in the oldest";
  EXPECT_EQ(code(wish(empty, 2, 1, Verb::kEnter)), wire::kNoSuchCallRoom.number) << "nobody did in this one";
}

TEST_F(CallRoomsTest, who_sends_under_other_names_takes_nothing_from_the_others) {
  const auto room = rooms->open(kMailbox, now).value();
  for (const uint8_t seat : kTwo) EXPECT_EQ(code(wish(room, seat, 1, Verb::kEnter)), 0);
  auto publish = wish(room, 1, 2, Verb::kPublish);
  publish.text = to_bytes(as_bytes("v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:x\r\n"));
  EXPECT_EQ(code(publish), wire::kMalformed.number);
  publish.number = 3;
  publish.text = to_bytes(as_bytes("v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n"));
  const uint64_t feed = ask(publish).value().feed;
  auto watch = wish(room, 2, 2, Verb::kWatch);
  watch.streams = {{feed, false, 0}, {feed, true, 2}};
  EXPECT_EQ(ask(watch).value().lines.size(), 1U) << "it sends no picture";
}

TEST_F(CallRoomsTest, what_came_at_a_bad_time_is_asked_for_again_by_the_same_number) {
  const auto room = rooms->open(kMailbox, now).value();
  EXPECT_EQ(code(wish(room, 1, 1, Verb::kEnter)), 0);
  silent = true;
  const uint64_t asked = send(wish(room, 1, 2, Verb::kPublish));
  pass(kJanusPatience);
  EXPECT_EQ(said.at(asked).error().code, wire::kUnavailable);
  silent = false;
  EXPECT_EQ(code(wish(room, 1, 2, Verb::kPublish)), 0);
}

TEST_F(CallRoomsTest, a_unit_at_another_address_is_not_used) {
  options.address = "127.80.1.2";
  begin();
  const auto room = rooms->open(kMailbox, now).value();
  EXPECT_EQ(code(wish(room, 1, 1, Verb::kEnter)), 0);
  candidate = "\r\na=candidate:1 1 udp 2013266431 127.80.1.2 20000 typ host\r\n";
  EXPECT_EQ(code(wish(room, 1, 2, Verb::kPublish)), 0);
  EXPECT_FALSE(rooms->is_broken());
  candidate = "\r\na=candidate:1 1 udp 2013266431 192.0.2.7 20000 typ host\r\n";
  EXPECT_EQ(code(wish(room, 2, 1, Verb::kEnter)), 0);
  EXPECT_EQ(code(wish(room, 2, 2, Verb::kPublish)), wire::kUnavailable.number);
  EXPECT_TRUE(rooms->is_broken());
}

TEST_F(CallRoomsTest, coming_and_going_gives_no_relays_without_end) {
  const auto room = rooms->open(kMailbox, now).value();
  for (uint32_t i = 0; i < kCallSeatBurst; ++i) {
    EXPECT_EQ(code(wish(room, static_cast<uint8_t>(i), 1, Verb::kEnter)), 0);
    EXPECT_EQ(code(wish(room, static_cast<uint8_t>(i), 2, Verb::kLeave)), 0);
  }
  EXPECT_EQ(code(wish(room, 200, 1, Verb::kEnter)), wire::kTooManyRequests.number);
  now = now + kCallSeatInterval;
  EXPECT_EQ(code(wish(room, 200, 1, Verb::kEnter)), 0);
}

TEST_F(CallRoomsTest, a_janus_that_says_nothing_at_all_hangs_and_one_that_is_slow_does_not) {
  const auto room = *rooms->open(kMailbox, now);
  silent = true;
  send(wish(room, 1, 1, Verb::kPublish));
  pass(kJanusPatience);
  EXPECT_FALSE(rooms->is_broken()) << "this home may have slept";
  rooms->heard(R"({"janus":"ack","session_id":1})", now);
  pass(kJanusLastChance);
  EXPECT_FALSE(rooms->is_broken());
  while (!rooms->is_broken() && now < Instant{2'000'000}) pass(std::max(rooms->deadline() - now, Duration{1}));
  EXPECT_TRUE(rooms->hangs()) << "nobody asks for anything: it is asked whether it lives";
  EXPECT_LT(now, Instant{1'060'000});
}

TEST_F(CallRoomsTest, a_session_that_janus_does_not_know_any_more_is_of_no_use) {
  EXPECT_TRUE(rooms->ready());
  rooms->heard("nonsense", now);
  EXPECT_TRUE(rooms->ready());
  rooms->heard(R"({"janus":"timeout","session_id":1})", now);
  EXPECT_TRUE(rooms->is_broken());
  EXPECT_FALSE(rooms->ready());
  silent = true;
  begin();
  pass(kJanusPatience);
  EXPECT_TRUE(rooms->is_broken()) << "nor is one that was never begun";
}

}  // namespace
}  // namespace godwit::home
