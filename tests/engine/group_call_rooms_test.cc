// Calls of more than four: whether a home has a unit, and what goes between a device and a room of it. The unit here notes what is asked, and answers; what of it
// is real is in tests/call_unit_test.py and web/tests/call_unit.test.mjs.

#include "tests/engine/asking.h"
#include "tests/engine/groups.h"
#include "wire/errors.h"

namespace godwit::testworld {
namespace {

using namespace godwit::engine;

// Six people in a group of the first, whose pages know rooms.
class GroupCallRooms : public Groups {
 protected:
  GroupCallRooms() {
    people.push_back(&world.add(quiet()));
    people.push_back(&world.add(quiet()));
  }
  void SetUp() override {
    Groups::SetUp();
    make_group(6);
  }
  void switch_unit_on() {
    home::CallUnitPlan plan;
    plan.open = [this](const Bytes&) -> Result<wire::CallRoomKey> { return key; };
    plan.ask = [this](home::UnitAskId id, const wire::CallRoomAsk& wish) { wishes.emplace_back(id, wish); };
    world.home().set_call_unit(std::move(plan), person(0).now());
  }
  CallId start() {
    const auto taken = must<GroupCallTaken>(person(0), StartGroupCall{group, CallMedia::kVoice, true});
    world.pass(seconds(3));
    return taken.call.call;
  }
  void join(size_t i, const CallId& call) {
    must<GroupCallTaken>(person(i), JoinGroupCall{call, CallMedia::kVoice, true});
    world.pass(seconds(3));
  }
  GroupCallInfo known(size_t i) { return must<Calls>(person(i), ReadCalls{}).groups.at(0); }
  std::string room() const { return to_hex(key.view()); }
  AskCallRoom wish(const CallId& call, uint32_t number, CallRoomWish what) {
    return {call, account(0), room(), std::string(32, 'a'), number, what, {}, {}};
  }

  wire::CallRoomKey key{};
  std::vector<std::pair<home::UnitAskId, wire::CallRoomAsk>> wishes;
};

TEST_F(GroupCallRooms, without_a_unit_a_call_has_four_places_and_with_one_six_come_in) {
  const CallId call = start();
  EXPECT_EQ(refusal(0, OpenCallRoom{call}), wire::kCallsOff);
  for (const size_t each : {1U, 2U, 3U}) join(each, call);
  EXPECT_TRUE(known(4).full);
  EXPECT_EQ(known(4).places, 4U);
  EXPECT_EQ(refusal(4, JoinGroupCall{call, CallMedia::kVoice, true}), kCallFull);
  switch_unit_on();
  EXPECT_EQ(must<CallRoomOpened>(person(0), OpenCallRoom{call}).room, room());
  must<Nothing>(person(0), SayCallMedia{call, true, CallWay::kNone, true});
  world.pass(seconds(3));
  for (const size_t each : {4U, 5U}) {
    EXPECT_FALSE(known(each).full);
    join(each, call);
  }
  for (const size_t each : {0U, 5U}) {
    EXPECT_EQ(known(each).peers.size(), 5U);
    EXPECT_EQ(known(each).places, 32U);
  }
}

TEST_F(GroupCallRooms, what_a_page_wishes_goes_to_the_room_and_its_answer_comes_back) {
  switch_unit_on();
  const CallId call = start();
  EXPECT_EQ(refusal(1, OpenCallRoom{call}), kNoSuchCall) << "who is not in it has no room for it";
  EXPECT_EQ(refusal(1, wish(call, 1, CallRoomWish::kEnter)), kNoSuchCall);
  join(1, call);
  AskCallRoom asked = wish(call, 1, CallRoomWish::kWatch);
  asked.streams = {{7, false, 0}, {7, true, 2}};
  const CommandId id = person(1).give(asked);
  world.pass(seconds(1));
  ASSERT_FALSE(wishes.empty());
  EXPECT_EQ(wishes[0].second.verb, static_cast<uint8_t>(wire::CallRoomVerb::kWatch));
  EXPECT_EQ(wishes[0].second.room, key);
  ASSERT_EQ(wishes[0].second.streams.size(), 2U);
  EXPECT_EQ(wishes[0].second.streams[1].layer, 2U);
  wire::CallRoomSaid said;
  said.text = to_bytes(as_bytes("v=0"));
  said.lines = {{0, 7, false}, {1, 7, true}};
  world.home().unit_answered(wishes.back().first, said, person(0).now());
  world.pass(seconds(1));
  const auto* answered = person(1).answer(id);
  ASSERT_TRUE(answered != nullptr && answered->has_value());
  const auto answer = std::get<CallRoomAnswer>(**answered);
  EXPECT_EQ(answer.text, "v=0");
  ASSERT_EQ(answer.lines.size(), 2U);
  EXPECT_TRUE(answer.lines[1].picture);
  EXPECT_EQ(answer.lines[1].feed, 7U);
}

TEST_F(GroupCallRooms, what_does_not_fit_does_not_leave) {
  switch_unit_on();
  const CallId call = start();
  AskCallRoom asked = wish(call, 1, CallRoomWish::kEnter);
  asked.room = "nonsense";
  EXPECT_EQ(refusal(0, asked), kBadCallRoom);
  asked = wish(call, 1, CallRoomWish::kEnter);
  asked.seat = std::string(30, 'a');
  EXPECT_EQ(refusal(0, asked), kBadCallRoom);
  EXPECT_EQ(refusal(0, wish(call, 0, CallRoomWish::kEnter)), kBadCallRoom);
  asked = wish(call, 1, CallRoomWish::kPublish);
  asked.text = std::string(wire::kCallTextMax + 1, 'a');
  EXPECT_EQ(refusal(0, asked), kTooLong);
  asked = wish(call, 1, CallRoomWish::kWatch);
  asked.streams = {{7, true, 3}};
  EXPECT_EQ(refusal(0, asked), kBadCallRoom);
  asked.streams = {{0, true, 0}};
  EXPECT_EQ(refusal(0, asked), kBadCallRoom);
  asked = wish(call, 1, CallRoomWish::kEnter);
  asked.home = AccountId{};
  EXPECT_EQ(refusal(0, asked), kCallNotNow) << "the home of nobody in the group";
  EXPECT_TRUE(wishes.empty());
}

}  // namespace
}  // namespace godwit::testworld
