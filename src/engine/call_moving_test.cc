// A call that goes from one own device to another one, without MLS: what the pages do is done here by a line between two devices, which is up
// once both have each other for a moment.

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "engine/call_machine.h"

namespace godwit::engine {
namespace {

template <typename Id>
Id id_of(uint8_t number) {
  Id id;
  id.value.fill(number);
  return id;
}
const auto kChat = id_of<ChatId>(1);
const auto kCall = id_of<CallId>(50);
constexpr Duration kStep = milliseconds(100);
constexpr Duration kLineTime = milliseconds(500);

struct Side {
  Side(uint8_t account_number, uint8_t device_number)
      : account(id_of<AccountId>(account_number)), device(id_of<DeviceId>(device_number)), machine(account, device) {}
  AccountId account;
  DeviceId device;
  CallMachine machine;
  CallEffects all;  // that came out, but for what was said
  bool on = true;
};

// Anna has three devices, Boris two. What one says comes a little later to each other one, if it is not lost.
class CallMovingTest : public ::testing::Test {
 protected:
  Side phone{10, 1}, laptop{10, 2}, tablet{10, 3}, boris{20, 4}, boris2{20, 5};
  std::vector<Side*> sides{&phone, &laptop, &tablet, &boris, &boris2};
  Instant now{1'000'000'000};
  double loss = 0;
  bool old_there = false;  // Boris' program knows nothing of it
  bool old_here = false;   // the phone's
  std::mt19937 random{1};
  size_t said = 0;
  const Side* deaf = nullptr;  // for what the other account says

  struct OnItsWay {
    const Side* from;
    Side* to;
    CallBody body;
    Instant at;
    Instant said;
  };
  std::vector<OnItsWay> on_their_way;
  std::vector<std::pair<const Side*, CallBody>> summaries;
  std::map<std::pair<const Side*, const Side*>, Instant> lines;  // since when both want it
  std::map<const Side*, const Side*> flowing;                    // with whom each page has media

  void carry(Side& from, CallEffects effects) {
    for (auto& effect : effects) {
      const auto* say = std::get_if<SayCall>(&effect);
      if (say == nullptr) {
        from.all.push_back(std::move(effect));
        continue;
      }
      if (say->lasting) summaries.emplace_back(&from, say->body);
      if (say->lasting || !from.on) continue;
      ++said;
      for (Side* to : sides) {
        const bool meant = say->to.empty() || say->to.front() == to->account;
        if (to == &from || !meant || std::uniform_real_distribution(0.0, 1.0)(random) < loss) continue;
        const int late = std::uniform_int_distribution(0, 3)(random);
        on_their_way.push_back({&from, to, say->body, now + kStep * late, now});
      }
    }
  }
  void hear(const Side& from, Side& to, const CallBody& body, bool late = false, std::optional<Instant> then = {}) {
    if (&to == deaf && from.account != to.account) return;
    const bool moves = body.step >= CallStep::kHas;
    if (!to.on || (moves && ((old_there && &to == &boris) || (old_here && &to == &phone)))) return;
    CallEffects out;
    to.machine.heard({kChat, from.account, from.device, from.account == to.account, late,
                      static_cast<uint64_t>(then.value_or(now).ms)},
                     body, now, out);
    carry(to, std::move(out));
  }
  bool has(const Side& side) const { return side.on && side.machine.live() != nullptr; }
  static bool is_pair(const Side& side) {
    const LiveCall* live = side.machine.live();
    return live->state >= CallState::kConnecting && live->state <= CallState::kReconnecting;
  }
  // Whether Boris' page has this device, or keeps what it had with it.
  bool wants(const Side& side, const Side& other) const {
    if (!has(side) || !is_pair(side)) return false;
    const LiveCall& live = *side.machine.live();
    return live.peer_device == other.device || live.move.there_before == other.device;
  }
  void say_media(Side& side, const Side& other, bool flows) {
    if (!has(side)) return;
    CallEffects out;
    static_cast<void>(side.machine.media(kCall, flows, now, out, other.device));
    carry(side, std::move(out));
  }
  void run_lines() {
    for (Side* here : {&phone, &laptop, &tablet}) {
      for (Side* there : {&boris, &boris2}) {
        const auto pair = std::pair<const Side*, const Side*>(here, there);
        if (!wants(*here, *there) || !wants(*there, *here)) {
          if (lines.erase(pair) == 0) continue;
          say_media(*here, *there, false);
          say_media(*there, *here, false);
          continue;
        }
        const Instant since = lines.try_emplace(pair, now).first->second;
        if (since + kLineTime != now) continue;
        say_media(*here, *there, true);
        say_media(*there, *here, true);
      }
    }
  }
  void pass(Duration time) {
    for (const Instant end = now + time; now < end;) {
      now = now + kStep;
      auto due = std::exchange(on_their_way, {});
      for (OnItsWay& each : due) {
        if (each.at <= now) hear(*each.from, *each.to, each.body, false, each.said);
        else on_their_way.push_back(std::move(each));
      }
      run_lines();
      for (Side* side : sides) {
        if (!side->on) continue;
        CallEffects out;
        side->machine.expire(now, out);
        carry(*side, std::move(out));
      }
    }
  }
  void talk(bool anna_calls = true) {
    Side& calls = anna_calls ? phone : boris;
    Side& called = anna_calls ? boris : phone;
    CallEffects out;
    ASSERT_EQ(calls.machine.start(kCall, kChat, called.account, CallMedia::kVoice, now, out), CallRefusal::kNone);
    carry(calls, std::move(out));
    pass(seconds(1));
    out.clear();
    ASSERT_EQ(called.machine.accept(kCall, CallMedia::kVoice, now, out), CallRefusal::kNone);
    carry(called, std::move(out));
    pass(seconds(3));
    ASSERT_EQ(state(phone), CallState::kActive);
    ASSERT_EQ(state(boris), CallState::kActive);
    ASSERT_EQ(laptop.machine.elsewhere().size(), 1U);
  }
  CallRefusal take(Side& side) {
    CallEffects out;
    const auto refusal = side.machine.take_over(kCall, CallMedia::kVoice, now, out);
    carry(side, std::move(out));
    return refusal;
  }
  void end(Side& side) {
    CallEffects out;
    ASSERT_EQ(side.machine.end(kCall, now, out), CallRefusal::kNone);
    carry(side, std::move(out));
  }
  void restart(Side& side) {
    const auto bytes = codec::encoded(*side.machine.live());
    const LiveCall stored = codec::decoded<LiveCall>(bytes).value();
    side.machine = CallMachine(side.account, side.device);
    CallEffects out;
    side.machine.restore(stored, now, out);
    carry(side, std::move(out));
  }
  static std::optional<CallState> state(const Side& side) {
    if (side.machine.live() == nullptr) return std::nullopt;
    return side.machine.live()->state;
  }
  static CallOutcome outcome(const Side& side) {
    CallOutcome last = CallOutcome::kNone;
    for (const auto& effect : side.all) {
      const auto* stands = std::get_if<CallStands>(&effect);
      if (stands != nullptr && stands->call.state == CallState::kOver) last = stands->outcome;
    }
    return last;
  }
  static std::optional<KeepCall> kept(const Side& side) {
    std::optional<KeepCall> last;
    for (const auto& effect : side.all) {
      if (const auto* keep = std::get_if<KeepCall>(&effect)) last = *keep;
    }
    return last;
  }
  // All but this one of Anna's devices are free, and Boris talks with it.
  void expect_at(const Side& side) const {
    EXPECT_EQ(state(side), CallState::kActive);
    EXPECT_EQ(state(boris), CallState::kActive);
    if (!has(boris)) return;
    EXPECT_EQ(boris.machine.live()->peer_device, side.device);
    EXPECT_EQ(boris.machine.live()->move.there_before, DeviceId{});
    for (const Side* each : {&phone, &laptop, &tablet}) {
      if (each != &side) EXPECT_EQ(state(*each), std::nullopt);
    }
  }
};

TEST_F(CallMovingTest, own_devices_know_of_a_call_and_the_other_side_s_and_forget_it_when_it_is_over) {
  talk();
  for (Side* side : {&laptop, &tablet}) {
    ASSERT_EQ(side->machine.elsewhere().size(), 1U);
    EXPECT_EQ(side->machine.elsewhere().front().device, phone.device);
    EXPECT_EQ(side->machine.elsewhere().front().has.peer, boris.account);
  }
  ASSERT_EQ(boris2.machine.elsewhere().size(), 1U);  // Boris' own other device
  EXPECT_EQ(boris2.machine.elsewhere().front().device, boris.device);
  EXPECT_TRUE(phone.machine.elsewhere().empty());
  tablet.machine = CallMachine(tablet.account, tablet.device);  // linked later, or away
  pass(kCallHasAgain + seconds(1));
  EXPECT_EQ(tablet.machine.elsewhere().size(), 1U);
  end(boris);
  pass(seconds(1));
  for (Side* side : sides) EXPECT_TRUE(side->machine.elsewhere().empty());
  hear(phone, laptop, {kCall, CallStep::kHas, CallMedia::kVoice, {}, codec::encoded(CallHas{boris.account, boris.device})});
  EXPECT_TRUE(laptop.machine.elsewhere().empty());  // behind its end
  EXPECT_EQ(laptop.machine.deadline(), kNever);
}

TEST_F(CallMovingTest, a_call_of_which_nothing_is_heard_is_forgotten) {
  talk();
  phone.on = boris.on = false;
  pass(kCallElsewhereMax + seconds(1));
  EXPECT_TRUE(laptop.machine.elsewhere().empty());
  EXPECT_EQ(take(laptop), CallRefusal::kUnknown);
}

TEST_F(CallMovingTest, whoever_has_called_another_own_device_takes_it_over_and_hangs_up_as_if_it_had_been_there) {
  for (const bool anna_calls : {true, false}) {
    SCOPED_TRACE(anna_calls);
    const Instant begun = now;
    talk(anna_calls);
    pass(seconds(56));
    EXPECT_EQ(take(laptop), CallRefusal::kNone);
    EXPECT_EQ(state(laptop), CallState::kTaking);
    EXPECT_EQ(state(phone), CallState::kActive);
    pass(seconds(3));
    expect_at(laptop);
    EXPECT_EQ(outcome(phone), CallOutcome::kMoved);
    ASSERT_EQ(phone.machine.elsewhere().size(), 1U);
    EXPECT_EQ(phone.machine.elsewhere().front().device, laptop.device);
    EXPECT_EQ(laptop.machine.live()->outgoing, anna_calls);
    EXPECT_TRUE(summaries.empty());
    pass(minutes(1));
    end(laptop);
    pass(seconds(1));
    EXPECT_EQ(outcome(boris), CallOutcome::kAnswered);
    EXPECT_TRUE(kept(laptop)->took_part);
    EXPECT_NEAR(static_cast<double>(kept(laptop)->duration_ms), static_cast<double>((now - begun).ms), 5'000.0);
    EXPECT_FALSE(kept(phone)->took_part);  // what the summary says holds
    ASSERT_EQ(summaries.size(), 1U);       // by the one that has called, wherever the call is now
    EXPECT_EQ(summaries.front().first, anna_calls ? &laptop : &boris);
    for (Side* side : sides) *side = Side(side->account.value[0], side->device.value[0]);
    summaries.clear();
  }
}

TEST_F(CallMovingTest, it_goes_back_and_on_to_a_third) {
  talk();
  for (Side* side : {&laptop, &phone, &tablet, &laptop}) {
    pass(seconds(1));
    EXPECT_EQ(take(*side), CallRefusal::kNone);
    pass(seconds(3));
    expect_at(*side);
  }
  CallEffects out;
  ASSERT_EQ(boris.machine.hold(kCall, true, out), CallRefusal::kNone);
  carry(boris, std::move(out));
  pass(seconds(1));
  EXPECT_TRUE(laptop.machine.live()->held_there);
  EXPECT_EQ(take(tablet), CallRefusal::kNone);
  pass(seconds(3));
  EXPECT_TRUE(tablet.machine.live()->held_there);
}

TEST_F(CallMovingTest, of_two_that_want_it_at_once_one_has_it) {
  talk();
  EXPECT_EQ(take(laptop), CallRefusal::kNone);
  EXPECT_EQ(take(tablet), CallRefusal::kNone);
  pass(seconds(3));
  const bool first = has(laptop);
  expect_at(first ? laptop : tablet);
  EXPECT_EQ(outcome(first ? tablet : laptop), CallOutcome::kMoved);
}

TEST_F(CallMovingTest, who_does_not_answer_or_is_of_an_earlier_version_keeps_it) {
  talk();
  for (bool* old : {&old_here, &old_there}) {
    *old = true;
    EXPECT_EQ(take(laptop), CallRefusal::kNone);
    pass(kCallWantTime + seconds(2));
    expect_at(phone);
    EXPECT_EQ(outcome(laptop), CallOutcome::kStays);
    ASSERT_EQ(laptop.machine.elsewhere().size(), 1U);
    *old = false;
  }
  EXPECT_FALSE(kept(laptop).has_value());
  EXPECT_EQ(take(laptop), CallRefusal::kNone);
  pass(seconds(3));
  expect_at(laptop);
}

TEST_F(CallMovingTest, one_that_wants_it_and_dies_leaves_it_where_it_was) {
  for (int steps = 1; steps < 12; ++steps) {
    SCOPED_TRACE(steps);
    talk();
    EXPECT_EQ(take(laptop), CallRefusal::kNone);
    pass(kStep * steps);
    const bool had_it = has(boris) && state(laptop) == CallState::kActive;
    laptop.on = false;
    lines.clear();
    if (had_it) break;
    pass(kCallMoveTime + seconds(2));
    EXPECT_EQ(boris.machine.live()->peer_device, phone.device);
    EXPECT_EQ(state(boris), CallState::kActive);
    end(phone);
    pass(seconds(1));
    for (Side* side : sides) *side = Side(side->account.value[0], side->device.value[0]);
  }
}

TEST_F(CallMovingTest, one_that_thinks_better_of_it_leaves_it_where_it_was) {
  talk();
  EXPECT_EQ(take(laptop), CallRefusal::kNone);
  end(laptop);
  pass(seconds(3));
  expect_at(phone);
  EXPECT_EQ(outcome(laptop), CallOutcome::kStays);
}

TEST_F(CallMovingTest, hanging_up_anywhere_meanwhile_ends_it_for_all) {
  for (Side* ends : {&phone, &boris, &laptop}) {
    for (int steps = 0; steps < 15; ++steps) {
      SCOPED_TRACE(steps);
      talk();
      EXPECT_EQ(take(laptop), CallRefusal::kNone);
      pass(kStep * steps);
      const bool can = has(*ends) && state(*ends) != CallState::kTaking;
      if (can) {
        end(*ends);
        pass(seconds(3));
        for (Side* side : sides) EXPECT_EQ(state(*side), std::nullopt);
        EXPECT_EQ(outcome(boris), CallOutcome::kAnswered);
        pass(kCallElsewhereMax);  // one word of it may have come behind the end
        for (Side* side : sides) EXPECT_TRUE(side->machine.elsewhere().empty());
      }
      on_their_way.clear();
      lines.clear();
      for (Side* side : sides) *side = Side(side->account.value[0], side->device.value[0]);
    }
  }
}

TEST_F(CallMovingTest, both_sides_go_to_other_devices_at_once_and_the_call_goes_on) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(seed);
    random.seed(seed);
    talk();
    EXPECT_EQ(take(laptop), CallRefusal::kNone);
    EXPECT_EQ(take(boris2), CallRefusal::kNone);
    pass(seconds(40));
    const Side& here = has(phone) ? phone : laptop;
    const Side& there = has(boris) ? boris : boris2;
    EXPECT_NE(has(phone), has(laptop));
    EXPECT_NE(has(boris), has(boris2));
    EXPECT_EQ(state(here), CallState::kActive);
    EXPECT_EQ(state(there), CallState::kActive);
    EXPECT_EQ(here.machine.live()->peer_device, there.device);
    EXPECT_EQ(there.machine.live()->peer_device, here.device);
    on_their_way.clear();
    lines.clear();
    for (Side* side : sides) *side = Side(side->account.value[0], side->device.value[0]);
  }
}

TEST_F(CallMovingTest, whatever_is_lost_one_device_has_it_in_the_end) {
  int moved = 0;
  for (unsigned seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    random.seed(seed);
    talk();
    loss = seed % 3 == 0 ? 0.1 : seed % 3 == 1 ? 0.3 : 0.6;
    EXPECT_EQ(take(laptop), CallRefusal::kNone);
    if (seed % 4 == 0) EXPECT_EQ(take(tablet), CallRefusal::kNone);
    pass(kCallMoveTime + seconds(2));
    loss = 0;
    // The page of one that is not the other side's any more signals since its media are gone, and so learns it.
    for (Side* side : {&phone, &laptop, &tablet}) {
      if (!has(*side) || !is_pair(*side)) continue;
      CallEffects out;
      static_cast<void>(side->machine.signal(kCall, Bytes{1}, out));
      carry(*side, std::move(out));
    }
    pass(seconds(20));
    const Side& side = has(phone) ? phone : has(laptop) ? laptop : tablet;
    expect_at(side);
    moved += &side != &phone;
    on_their_way.clear();
    lines.clear();
    for (Side* each : sides) *each = Side(each->account.value[0], each->device.value[0]);
  }
  EXPECT_GT(moved, 200);  // of the wants most come through
}

TEST_F(CallMovingTest, programs_that_begin_anew_meanwhile_go_on_with_it) {
  for (Side* again : {&phone, &laptop, &boris}) {
    for (int steps = 0; steps < 15; ++steps) {
      SCOPED_TRACE(steps);
      talk();
      EXPECT_EQ(take(laptop), CallRefusal::kNone);
      pass(kStep * steps);
      if (has(*again)) restart(*again);
      lines.clear();  // pages begin anew with it
      pass(seconds(20));
      expect_at(has(phone) ? phone : laptop);
      on_their_way.clear();
      lines.clear();
      for (Side* side : sides) *side = Side(side->account.value[0], side->device.value[0]);
    }
  }
}

TEST_F(CallMovingTest, nobody_but_who_has_it_gives_it_and_nobody_but_an_own_device_wants_it) {
  talk();
  const CallBody give{kCall, CallStep::kGive, CallMedia::kVoice, laptop.device};
  hear(tablet, boris, give);  // an own device of theirs that does not have it
  hear(boris2, boris, give);
  EXPECT_EQ(boris.machine.live()->peer_device, phone.device);
  const size_t before = said;
  hear(boris, phone, {kCall, CallStep::kWant, CallMedia::kVoice, phone.device});   // the other side
  hear(laptop, boris, {kCall, CallStep::kWant, CallMedia::kVoice, boris.device});  // of the other one's call
  hear(laptop, phone, {kCall, CallStep::kWant, CallMedia::kVoice, tablet.device});
  hear(laptop, phone, {kCall, CallStep::kWant, CallMedia::kVoice, phone.device}, true);  // long ago
  hear(boris, laptop, {kCall, CallStep::kHas, CallMedia::kVoice, {}, codec::encoded(CallHas{boris.account, boris.device})});
  EXPECT_EQ(said, before);
  EXPECT_EQ(laptop.machine.elsewhere().size(), 1U);
  EXPECT_EQ(take(laptop), CallRefusal::kNone);
  hear(boris2, laptop, {kCall, CallStep::kMove, CallMedia::kVoice, laptop.device});  // not the device that has it there
  EXPECT_EQ(state(laptop), CallState::kTaking);
}

TEST_F(CallMovingTest, a_peer_who_never_says_where_the_call_is_does_not_keep_the_first_device_listening) {
  talk();
  deaf = &phone;  // hears nothing of Boris any more, whose page keeps its line
  EXPECT_EQ(take(laptop), CallRefusal::kNone);
  pass(seconds(3));
  EXPECT_EQ(state(laptop), CallState::kActive);
  for (const Instant end = now + kCallMoveTime + kCallHasAgain; now < end; pass(kStep)) say_media(phone, boris, true);
  EXPECT_EQ(state(phone), std::nullopt);
  EXPECT_EQ(outcome(phone), CallOutcome::kMoved);
  EXPECT_EQ(state(laptop), CallState::kActive);
}

TEST_F(CallMovingTest, a_peer_who_says_that_it_is_elsewhere_ends_it_and_no_other_device_is_named) {
  talk();
  hear(boris, phone, {kCall, CallStep::kTaken, CallMedia::kVoice, laptop.device});  // which has not asked for it
  EXPECT_EQ(state(phone), std::nullopt);
  EXPECT_EQ(outcome(phone), CallOutcome::kAnswered);
  EXPECT_TRUE(phone.machine.elsewhere().empty());
  EXPECT_EQ(summaries.size(), 1U);
}

TEST_F(CallMovingTest, a_peer_who_gives_his_call_to_and_fro_moves_this_side_a_few_times_a_minute) {
  talk();
  size_t moves = 0;
  for (int i = 0; i < 600; ++i) {
    const DeviceId before = boris.machine.live()->peer_device;
    const Side& has_it = before == phone.device ? phone : laptop;
    const Side& other = &has_it == &phone ? laptop : phone;
    hear(has_it, boris, {kCall, CallStep::kGive, CallMedia::kVoice, other.device});
    moves += boris.machine.live()->peer_device != before;
    say_media(boris, other, true);
    on_their_way.clear();
    now = now + kStep;
  }
  EXPECT_GT(moves, 0U);
  EXPECT_LE(moves, kCallMovesMax);
  now = now + kCallMovesTime;
  const DeviceId before = boris.machine.live()->peer_device;
  const Side& has_it = before == phone.device ? phone : laptop;
  hear(has_it, boris, {kCall, CallStep::kGive, CallMedia::kVoice, tablet.device});
  EXPECT_EQ(boris.machine.live()->peer_device, tablet.device);
}

TEST_F(CallMovingTest, what_was_said_of_an_earlier_move_and_comes_late_changes_nothing) {
  talk();
  EXPECT_EQ(take(laptop), CallRefusal::kNone);
  pass(seconds(3));
  expect_at(laptop);
  const Instant then = now;
  pass(seconds(5));
  EXPECT_EQ(take(phone), CallRefusal::kNone);
  pass(seconds(3));
  expect_at(phone);
  // The home has kept this for now.
  hear(boris, phone, {kCall, CallStep::kTaken, CallMedia::kVoice, laptop.device}, false, then);
  hear(boris, phone, {kCall, CallStep::kMove, CallMedia::kVoice, laptop.device}, false, then);
  expect_at(phone);
}

TEST_F(CallMovingTest, before_media_flow_nobody_knows_of_a_call_and_a_device_in_one_takes_no_other) {
  CallEffects out;
  ASSERT_EQ(phone.machine.start(kCall, kChat, boris.account, CallMedia::kVoice, now, out), CallRefusal::kNone);
  carry(phone, std::move(out));
  pass(seconds(1));
  EXPECT_TRUE(laptop.machine.elsewhere().empty());
  EXPECT_EQ(take(laptop), CallRefusal::kUnknown);
  out.clear();
  hear(laptop, phone, {kCall, CallStep::kWant, CallMedia::kVoice, phone.device});
  EXPECT_EQ(state(phone), CallState::kRingingThere);
  EXPECT_EQ(take(phone), CallRefusal::kBusyHere);
}

TEST_F(CallMovingTest, a_stored_call_of_an_earlier_version_is_read) {
  talk();
  Bytes bytes = codec::encoded(*phone.machine.live());
  bytes.resize(bytes.size() - 3 * 32 - 8);
  const auto read = codec::decoded<LiveCall>(bytes);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->call, kCall);
  EXPECT_EQ(read->move.given_to, DeviceId{});
}

TEST(CallHasTest, what_is_outside_its_bounds_is_refused) {
  const auto id = id_of<DeviceId>(4);
  const auto body = [](const CallHas& has) { return CallBody{kCall, CallStep::kHas, CallMedia::kVoice, {}, codec::encoded(has)}; };
  EXPECT_TRUE(check(body({id_of<AccountId>(2), id, true, false, CallMedia::kVoice, 1, 2})).has_value());
  EXPECT_EQ(check(body({id_of<AccountId>(2), {}, true, false, CallMedia::kVoice, 1, 2})).error().code, kBadContent);
  EXPECT_EQ(check(body({id_of<AccountId>(2), id, true, false, CallMedia::kVoice, 1, kCallTimeMaxMs + 1})).error().code,
            kBadContent);
  EXPECT_EQ(check({kCall, CallStep::kHas, CallMedia::kVoice, {}, Bytes{1}}).error().code, kBadContent);
  for (const CallStep step : {CallStep::kWant, CallStep::kGive, CallStep::kMove}) {
    EXPECT_EQ(check({kCall, step}).error().code, kBadContent);
  }
}

}  // namespace
}  // namespace godwit::engine
