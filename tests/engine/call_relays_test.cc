// Which relays of its home a call is told of, and on which networks.

#include <set>

#include "engine/errors.h"
#include "tests/engine/asking.h"
#include "tests/engine/device_chats.h"

namespace godwit::testworld {
namespace {

using namespace godwit::engine;

// Alice has a phone, Bob one device.
class CallRelaying : public DeviceChats {
 protected:
  // Bob calls, and the phone has it.
  CallId talk() {
    const CallId call = must<CallTaken>(bob_, StartCall{bob_.chat().chat, CallMedia::kVoice}).call.call;
    world_.pass(seconds(2));
    must<CallTaken>(phone_, AcceptCall{call});
    world_.pass(seconds(2));
    return call;
  }
};

TEST_F(CallRelaying, a_relay_by_udp_is_named_only_where_nothing_speaks_for_a_censor) {
  const auto word = [](std::string_view, Instant) { return std::string("word"); };
  const std::string tls = "turns:home.example:443?transport=tcp";
  const std::string udp = "turn:home.example:3478?transport=udp&when=clear";
  world_.home().set_call_relay(home::CallRelayPlan{{tls, udp, "turn:evil.example:1?transport=udp&when=clear"}, word});
  const auto clear = must<CallRelays>(phone_, ReadCallRelays{});
  EXPECT_TRUE(clear.clear);
  ASSERT_EQ(clear.relays.size(), 1U);
  EXPECT_EQ(clear.relays.front().urls, Texts{tls}) << "a page that takes all of them uses UDP nowhere";
  ASSERT_EQ(clear.udp.size(), 1U);
  EXPECT_EQ(clear.udp.front().urls, (Texts{"turn:home.example:3478?transport=udp"}));
  EXPECT_EQ(clear.udp.front().credential, "word");
  EXPECT_TRUE(must<Routes>(phone_, ListRoutes{}).clear);
  // A call that is none says nothing of the network.
  SayCallMedia spoilt{CallId{}, true};
  spoilt.spoilt = true;
  EXPECT_EQ(refusal(phone_, spoilt), kNoSuchCall);
  EXPECT_TRUE(must<CallRelays>(phone_, ReadCallRelays{}).clear);
  spoilt.call = talk();
  must<Nothing>(phone_, spoilt);
  const auto hindered = must<CallRelays>(phone_, ReadCallRelays{});
  EXPECT_FALSE(hindered.clear);
  EXPECT_TRUE(hindered.udp.empty());
  EXPECT_EQ(hindered.relays.size(), 1U);
  EXPECT_FALSE(must<Routes>(phone_, ListRoutes{}).clear);
  EXPECT_TRUE(must<CallRelays>(bob_, ReadCallRelays{}).clear) << "another device is on another network";
}

TEST_F(CallRelaying, who_calls_too_often_for_new_credentials_has_those_of_before) {
  const auto word = [](std::string_view, Instant) { return std::string("word"); };
  world_.home().set_call_relay(home::CallRelayPlan{{"turns:home.example:443?transport=tcp"}, word});
  std::set<std::string> names;
  CallRelay last;
  for (uint32_t i = 0; i < home::kTurnBurst + 4; ++i) {
    const auto relays = must<CallRelays>(phone_, ReadCallRelays{}).relays;
    ASSERT_EQ(relays.size(), 1U) << i;
    last = relays.front();
    names.insert(last.username);
  }
  EXPECT_EQ(names.size(), home::kTurnBurst);
  EXPECT_LE(last.expires_at, world_.now + home::kTurnLife);
}

}  // namespace
}  // namespace godwit::testworld
