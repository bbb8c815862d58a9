// A few devices and what they say to each other of a call, without MLS and without media.

#include "engine/call_machine.h"

#include <gtest/gtest.h>

#include <optional>

namespace godwit::engine {
namespace {

template <typename Id>
Id id_of(uint8_t number) {
  Id id;
  id.value.fill(number);
  return id;
}
const auto kChat = id_of<ChatId>(1);
const auto kOtherChat = id_of<ChatId>(2);
const auto kCall = id_of<CallId>(50);
const auto kSmaller = id_of<CallId>(40);
const auto kLarger = id_of<CallId>(60);

struct Side {
  Side(uint8_t account, uint8_t device)
      : who{kChat, id_of<AccountId>(account), id_of<DeviceId>(device), false}, machine(who.account, who.device) {}
  CallSpeaker who;
  CallMachine machine;
  CallEffects all;  // that came out, but for what was said
};

// Anna has two devices, Boris two. All share one chat; what one says comes to all others, unless it is lost.
class CallMachineTest : public ::testing::Test {
 protected:
  Side anna{10, 1}, anna2{10, 2}, boris{20, 3}, boris2{20, 4}, vera{30, 5};
  std::vector<Side*> sides{&anna, &anna2, &boris, &boris2};
  Instant now{1'000'000'000};
  bool lost = false;
  size_t said = 0;
  std::vector<CallBody> summaries;  // which come when a test says so

  static CallSpeaker as_heard(const Side& from, const Side& by) {
    CallSpeaker who = from.who;
    who.own = from.who.account == by.who.account;
    return who;
  }
  // Takes effects out of a machine and brings what it says to the others, and so on until all is silent.
  void settle(Side& from, CallEffects effects) {
    std::vector<CallBody> bodies;
    for (auto& effect : effects) {
      if (const auto* say = std::get_if<SayCall>(&effect)) {
        (say->lasting ? summaries : bodies).push_back(say->body);
      } else {
        from.all.push_back(std::move(effect));
      }
    }
    said += bodies.size();
    if (lost) return;
    for (const CallBody& body : bodies) {
      for (Side* to : sides) {
        if (to != &from) hear(from, *to, body);
      }
    }
  }
  void hear(const Side& from, Side& to, const CallBody& body) {
    CallEffects out;
    to.machine.heard(as_heard(from, to), body, now, out);
    settle(to, std::move(out));
  }
  CallRefusal start(Side& from, const Side& to, const CallId& call) {
    CallEffects out;
    const auto refusal = from.machine.start(call, kChat, to.who.account, CallMedia::kVoice, now, out);
    settle(from, std::move(out));
    return refusal;
  }
  // Anna with the smaller id; neither has heard of the other.
  void both_call(CallEffects& of_anna, CallEffects& of_boris) {
    const auto first = anna.machine.start(kSmaller, kChat, boris.who.account, CallMedia::kVoice, now, of_anna);
    const auto second = boris.machine.start(kLarger, kChat, anna.who.account, CallMedia::kVoice, now, of_boris);
    ASSERT_EQ(first, CallRefusal::kNone);
    ASSERT_EQ(second, CallRefusal::kNone);
  }
  CallRefusal accept(Side& side, const CallId& call) {
    CallEffects out;
    const auto refusal = side.machine.accept(call, CallMedia::kVoice, now, out);
    settle(side, std::move(out));
    return refusal;
  }
  CallRefusal end(Side& side, const CallId& call) {
    CallEffects out;
    const auto refusal = side.machine.end(call, now, out);
    settle(side, std::move(out));
    return refusal;
  }
  CallRefusal media(Side& side, bool flows) {
    CallEffects out;
    const auto refusal = side.machine.media(kCall, flows, now, out);
    settle(side, std::move(out));
    return refusal;
  }
  void pass(Duration time) {
    now = now + time;
    for (Side* side : sides) {
      CallEffects out;
      side->machine.expire(now, out);
      settle(*side, std::move(out));
    }
  }
  // The program of `side` ends and begins again.
  void restart(Side& side) {
    const LiveCall stored = *side.machine.live();
    side.machine = CallMachine(side.who.account, side.who.device);
    CallEffects out;
    side.machine.restore(stored, now, out);
    settle(side, std::move(out));
  }
  void connect() {
    ASSERT_EQ(start(anna, boris, kCall), CallRefusal::kNone);
    ASSERT_EQ(accept(boris, kCall), CallRefusal::kNone);
    ASSERT_EQ(media(anna, true), CallRefusal::kNone);
    ASSERT_EQ(media(boris, true), CallRefusal::kNone);
  }
  static std::optional<CallState> state(const Side& side) {
    if (side.machine.live() == nullptr) return std::nullopt;
    return side.machine.live()->state;
  }
  static std::optional<KeepCall> kept(const Side& side) {
    for (auto effect = side.all.rbegin(); effect != side.all.rend(); ++effect) {
      if (const auto* keep = std::get_if<KeepCall>(&*effect)) return *keep;
    }
    return std::nullopt;
  }
  static CallOutcome outcome(const Side& side) { return kept(side) ? kept(side)->outcome : CallOutcome::kNone; }
  template <typename Effect>
  static size_t count(const Side& side) {
    size_t found = 0;
    for (const auto& effect : side.all) found += std::holds_alternative<Effect>(effect) ? size_t{1} : 0;
    return found;
  }
};

TEST_F(CallMachineTest, a_call_rings_on_all_devices_of_the_called_account_and_on_no_own_one) {
  EXPECT_EQ(start(anna, boris, kCall), CallRefusal::kNone);
  EXPECT_EQ(state(anna), CallState::kRingingThere);
  EXPECT_EQ(state(anna2), std::nullopt);
  EXPECT_EQ(state(boris), CallState::kRingingHere);
  EXPECT_EQ(state(boris2), CallState::kRingingHere);
}

TEST_F(CallMachineTest, the_first_that_answers_has_it_and_the_other_stops) {
  connect();
  EXPECT_EQ(state(anna), CallState::kActive);
  EXPECT_EQ(state(boris), CallState::kActive);
  EXPECT_EQ(anna.machine.live()->peer_device, boris.who.device);
  EXPECT_EQ(outcome(boris2), CallOutcome::kElsewhere);
  EXPECT_FALSE(kept(boris2)->took_part);
}

TEST_F(CallMachineTest, of_two_that_answer_at_once_the_caller_takes_one) {
  start(anna, boris, kCall);
  CallEffects first, second;
  ASSERT_EQ(boris.machine.accept(kCall, CallMedia::kVoice, now, first), CallRefusal::kNone);
  ASSERT_EQ(boris2.machine.accept(kCall, CallMedia::kVoice, now, second), CallRefusal::kNone);
  settle(boris2, std::move(second));
  settle(boris, std::move(first));
  EXPECT_EQ(anna.machine.live()->peer_device, boris2.who.device);
  EXPECT_EQ(state(boris2), CallState::kConnecting);
  EXPECT_EQ(outcome(boris), CallOutcome::kElsewhere);
}

TEST_F(CallMachineTest, hanging_up_ends_it_on_both_sides_with_its_duration) {
  connect();
  pass(minutes(2));
  EXPECT_EQ(end(boris, kCall), CallRefusal::kNone);
  for (const Side* side : {&anna, &boris}) {
    EXPECT_EQ(state(*side), std::nullopt);
    EXPECT_EQ(outcome(*side), CallOutcome::kAnswered);
    EXPECT_EQ(kept(*side)->duration_ms, 120'000U);
    EXPECT_TRUE(kept(*side)->took_part);
  }
  EXPECT_TRUE(kept(anna)->outgoing);
  EXPECT_EQ(end(boris, kCall), CallRefusal::kUnknown);
}

TEST_F(CallMachineTest, declining_on_one_device_ends_it_for_all) {
  start(anna, boris, kCall);
  EXPECT_EQ(end(boris2, kCall), CallRefusal::kNone);
  EXPECT_EQ(outcome(anna), CallOutcome::kDeclined);
  EXPECT_EQ(outcome(boris2), CallOutcome::kDeclined);
  EXPECT_EQ(state(boris), std::nullopt);
}

TEST_F(CallMachineTest, a_caller_who_gives_up_leaves_a_missed_call) {
  start(anna, boris, kCall);
  EXPECT_EQ(end(anna, kCall), CallRefusal::kNone);
  EXPECT_EQ(outcome(anna), CallOutcome::kCancelled);
  EXPECT_EQ(outcome(boris), CallOutcome::kMissed);
  EXPECT_EQ(outcome(boris2), CallOutcome::kMissed);
}

TEST_F(CallMachineTest, a_call_that_nobody_answers_ends_after_its_ring_time) {
  start(anna, boris, kCall);
  pass(kCallRingTime);
  EXPECT_EQ(outcome(anna), CallOutcome::kNoAnswer);
  EXPECT_EQ(outcome(boris), CallOutcome::kMissed);
}

TEST_F(CallMachineTest, who_is_called_stops_by_himself_if_the_caller_is_gone) {
  start(anna, boris, kCall);
  sides = {&boris, &boris2};
  pass(kCallRingHeardMax - milliseconds(1));
  EXPECT_EQ(state(boris), CallState::kRingingHere);
  pass(milliseconds(1));
  EXPECT_EQ(outcome(boris), CallOutcome::kMissed);
}

TEST_F(CallMachineTest, a_device_in_a_call_says_busy_and_rings_for_nobody) {
  connect();
  const size_t rang = count<CallRings>(boris);
  CallEffects out;
  boris.machine.heard({kOtherChat, vera.who.account, vera.who.device, false}, {kLarger, CallStep::kRing}, now, out);
  EXPECT_EQ(count<CallRings>(boris), rang);
  ASSERT_EQ(out.size(), 2U);
  EXPECT_EQ(std::get<SayCall>(out[0]).body.step, CallStep::kBusy);
  EXPECT_EQ(std::get<SayCall>(out[0]).chat, kOtherChat);
  EXPECT_EQ(std::get<KeepCall>(out[1]).outcome, CallOutcome::kBusy);
  EXPECT_EQ(state(boris), CallState::kActive);
}

TEST_F(CallMachineTest, busy_ends_the_call_and_stops_the_other_devices) {
  start(anna, boris, kCall);
  hear(boris, anna, {kCall, CallStep::kBusy});
  EXPECT_EQ(outcome(anna), CallOutcome::kBusy);
  EXPECT_EQ(outcome(boris2), CallOutcome::kMissed);
}

TEST_F(CallMachineTest, of_two_calls_at_once_the_smaller_id_holds_and_is_answered) {
  CallEffects of_anna, of_boris;
  both_call(of_anna, of_boris);
  settle(boris, std::move(of_boris));
  settle(anna, std::move(of_anna));
  for (const Side* side : {&anna, &boris}) {
    ASSERT_NE(side->machine.live(), nullptr);
    EXPECT_EQ(side->machine.live()->call, kSmaller);
    EXPECT_EQ(side->machine.live()->state, CallState::kConnecting);
    EXPECT_EQ(count<KeepCall>(*side), 0U);
  }
  EXPECT_EQ(state(anna2), std::nullopt);
  EXPECT_EQ(state(boris2), std::nullopt);
}

TEST_F(CallMachineTest, of_two_calls_at_once_the_same_holds_in_the_other_order) {
  CallEffects of_anna, of_boris;
  both_call(of_anna, of_boris);
  settle(anna, std::move(of_anna));
  settle(boris, std::move(of_boris));
  EXPECT_EQ(state(anna), CallState::kConnecting);
  EXPECT_EQ(state(boris), CallState::kConnecting);
  EXPECT_EQ(boris.machine.live()->call, kSmaller);
  EXPECT_EQ(state(anna2), std::nullopt);
  EXPECT_EQ(state(boris2), std::nullopt);
}

TEST_F(CallMachineTest, holding_is_seen_by_the_other_and_goes_on) {
  connect();
  CallEffects out;
  ASSERT_EQ(anna.machine.hold(kCall, true, out), CallRefusal::kNone);
  settle(anna, std::move(out));
  EXPECT_TRUE(boris.machine.live()->held_there);
  out.clear();
  ASSERT_EQ(anna.machine.hold(kCall, false, out), CallRefusal::kNone);
  settle(anna, std::move(out));
  EXPECT_FALSE(boris.machine.live()->held_there);
}

TEST_F(CallMachineTest, signals_reach_the_device_of_the_call_alone) {
  connect();
  CallEffects out;
  ASSERT_EQ(anna.machine.signal(kCall, Bytes{1, 2, 3}, out), CallRefusal::kNone);
  settle(anna, std::move(out));
  EXPECT_EQ(count<CallSignalled>(boris), 1U);
  EXPECT_EQ(count<CallSignalled>(boris2), 0U);
  EXPECT_EQ(count<CallSignalled>(anna2), 0U);
}

TEST_F(CallMachineTest, a_signal_is_not_empty_not_too_long_and_not_before_somebody_answers) {
  start(anna, boris, kCall);
  CallEffects out;
  EXPECT_EQ(anna.machine.signal(kCall, Bytes{1}, out), CallRefusal::kNotNow);
  accept(boris, kCall);
  EXPECT_EQ(anna.machine.signal(kCall, Bytes{}, out), CallRefusal::kNotNow);
  EXPECT_EQ(anna.machine.signal(kCall, Bytes(kCallSignalSizeMax + 1), out), CallRefusal::kNotNow);
  EXPECT_EQ(anna.machine.signal(kCall, Bytes(kCallSignalSizeMax), out), CallRefusal::kNone);
}

TEST_F(CallMachineTest, what_another_device_of_the_peer_says_changes_nothing) {
  connect();
  for (const CallStep step :
       {CallStep::kEnd, CallStep::kCancel, CallStep::kHold, CallStep::kDecline, CallStep::kTaken}) {
    hear(boris2, anna, {kCall, step, CallMedia::kVoice, boris2.who.device});
  }
  hear(boris2, anna, {kCall, CallStep::kSignal, CallMedia::kVoice, anna.who.device, Bytes{1}});
  EXPECT_EQ(state(anna), CallState::kActive);
  EXPECT_FALSE(anna.machine.live()->held_there);
  EXPECT_EQ(count<CallSignalled>(anna), 0U);
}

TEST_F(CallMachineTest, what_another_account_or_another_chat_says_changes_nothing) {
  connect();
  CallEffects out;
  CallSpeaker elsewhere = as_heard(boris, anna);
  elsewhere.chat = kOtherChat;
  for (const CallSpeaker& from : {as_heard(vera, anna), elsewhere}) {
    for (uint8_t step = 0; step < 16; ++step) {
      if (static_cast<CallStep>(step) == CallStep::kRing) continue;
      anna.machine.heard(from, {kCall, static_cast<CallStep>(step), CallMedia::kVoice, anna.who.device, Bytes{1}}, now,
                         out);
    }
  }
  EXPECT_TRUE(out.empty());
  EXPECT_EQ(state(anna), CallState::kActive);
}

TEST_F(CallMachineTest, a_taking_that_the_caller_did_not_say_is_passed_over) {
  start(anna, boris, kCall);
  CallEffects out;
  ASSERT_EQ(boris.machine.accept(kCall, CallMedia::kVoice, now, out), CallRefusal::kNone);
  hear(anna2, boris, {kCall, CallStep::kTaken, CallMedia::kVoice, boris.who.device});
  EXPECT_EQ(state(boris), CallState::kAnswering);
}

TEST_F(CallMachineTest, a_lost_ring_is_said_again) {
  lost = true;
  start(anna, boris, kCall);
  lost = false;
  pass(kCallRingAgain);
  EXPECT_EQ(state(boris), CallState::kRingingHere);
}

TEST_F(CallMachineTest, a_lost_taking_is_said_again) {
  start(anna, boris, kCall);
  CallEffects out;
  ASSERT_EQ(boris.machine.accept(kCall, CallMedia::kVoice, now, out), CallRefusal::kNone);
  lost = true;
  hear(boris, anna, {kCall, CallStep::kAccept});
  lost = false;
  EXPECT_EQ(state(boris), CallState::kAnswering);
  pass(kCallAnswerAgain);
  EXPECT_EQ(state(boris), CallState::kConnecting);
  EXPECT_EQ(state(anna), CallState::kConnecting);
}

TEST_F(CallMachineTest, an_answer_that_overtakes_the_ring_keeps_another_device_silent) {
  hear(boris, boris2, {kCall, CallStep::kAccept});
  hear(anna, boris2, {kCall, CallStep::kRing});
  EXPECT_EQ(state(boris2), std::nullopt);
}

TEST_F(CallMachineTest, a_lost_answer_is_said_again) {
  start(anna, boris, kCall);
  lost = true;
  accept(boris, kCall);
  EXPECT_EQ(state(anna), CallState::kRingingThere);
  lost = false;
  pass(kCallAnswerAgain);
  EXPECT_EQ(state(boris), CallState::kConnecting);
  EXPECT_EQ(state(anna), CallState::kConnecting);
}

TEST_F(CallMachineTest, an_answer_that_never_arrives_fails) {
  start(anna, boris, kCall);
  lost = true;
  accept(boris, kCall);
  pass(kCallAnswerTime);
  EXPECT_EQ(outcome(boris), CallOutcome::kFailed);
}

TEST_F(CallMachineTest, a_call_without_media_fails_on_both_sides) {
  start(anna, boris, kCall);
  accept(boris, kCall);
  pass(kCallConnectTime);
  EXPECT_EQ(outcome(anna), CallOutcome::kFailed);
  EXPECT_EQ(outcome(boris), CallOutcome::kFailed);
}

TEST_F(CallMachineTest, media_that_come_back_go_on_with_the_same_call) {
  connect();
  media(anna, false);
  EXPECT_EQ(state(anna), CallState::kReconnecting);
  pass(kCallReconnectTime - seconds(1));
  media(anna, true);
  EXPECT_EQ(state(anna), CallState::kActive);
  pass(kCallReconnectTime * 10);
  EXPECT_EQ(state(anna), CallState::kActive);
}

TEST_F(CallMachineTest, media_that_do_not_come_back_end_it_and_the_time_without_them_does_not_count) {
  connect();
  pass(seconds(30));
  media(anna, false);
  pass(kCallReconnectTime);
  EXPECT_EQ(outcome(anna), CallOutcome::kLost);
  EXPECT_EQ(kept(anna)->duration_ms, 30'000U);
}

TEST_F(CallMachineTest, a_lost_hanging_up_ends_when_the_media_do) {
  connect();
  lost = true;
  end(boris, kCall);
  lost = false;
  EXPECT_EQ(state(anna), CallState::kActive);
  media(anna, false);
  pass(kCallReconnectTime);
  EXPECT_EQ(outcome(anna), CallOutcome::kLost);
}

TEST_F(CallMachineTest, what_is_said_of_a_call_that_is_over_does_not_bring_it_back) {
  start(anna, boris, kCall);
  end(anna, kCall);
  hear(anna, boris, {kCall, CallStep::kRing});
  EXPECT_EQ(state(boris), std::nullopt);
}

TEST_F(CallMachineTest, a_restart_goes_on_ringing_on_both_sides) {
  start(anna, boris, kCall);
  restart(anna);
  restart(boris);
  EXPECT_EQ(state(anna), CallState::kRingingThere);
  EXPECT_EQ(state(boris), CallState::kRingingHere);
  EXPECT_EQ(count<CallRings>(boris), 2U);
  EXPECT_EQ(accept(boris, kCall), CallRefusal::kNone);
  EXPECT_EQ(state(anna), CallState::kConnecting);
}

TEST_F(CallMachineTest, a_restart_while_answering_says_the_answer_again) {
  start(anna, boris, kCall);
  lost = true;
  accept(boris, kCall);
  lost = false;
  restart(boris);
  EXPECT_EQ(state(boris), CallState::kConnecting);
  EXPECT_EQ(state(anna), CallState::kConnecting);
}

TEST_F(CallMachineTest, a_restart_in_a_call_waits_for_the_page_to_go_on) {
  connect();
  restart(anna);
  EXPECT_EQ(state(anna), CallState::kReconnecting);
  media(anna, true);
  EXPECT_EQ(state(anna), CallState::kActive);
}

TEST_F(CallMachineTest, a_restart_a_day_later_ends_what_was) {
  start(anna, boris, kCall);
  now = now + days(1);
  lost = true;
  restart(anna);
  restart(boris2);
  EXPECT_EQ(outcome(anna), CallOutcome::kNoAnswer);
  EXPECT_EQ(outcome(boris2), CallOutcome::kMissed);
}

TEST_F(CallMachineTest, the_other_device_that_rings_anew_has_lost_the_call) {
  connect();
  anna.machine = CallMachine(anna.who.account, anna.who.device);  // nothing was stored
  EXPECT_EQ(start(anna, boris, kLarger), CallRefusal::kNone);
  EXPECT_EQ(outcome(boris), CallOutcome::kLost);
  EXPECT_EQ(state(boris), CallState::kRingingHere);
}

TEST_F(CallMachineTest, who_rings_and_hangs_up_a_hundred_times_is_heard_a_few) {
  for (uint8_t i = 100; i < 200; ++i) {
    start(anna, boris, id_of<CallId>(i));
    end(anna, id_of<CallId>(i));
  }
  EXPECT_EQ(count<CallRings>(boris), static_cast<size_t>(kCallRingsFree));
  EXPECT_EQ(count<KeepCall>(boris), static_cast<size_t>(kCallRingsFree));
  pass(kCallRingEvery);
  start(anna, boris, kCall);
  EXPECT_EQ(state(boris), CallState::kRingingHere);
}

TEST_F(CallMachineTest, who_was_away_hears_of_a_call_when_it_is_over) {
  start(anna, boris, kCall);
  accept(boris, kCall);
  media(anna, true);
  media(boris, true);
  pass(minutes(2));
  end(boris, kCall);
  ASSERT_EQ(summaries.size(), 1U);  // by who called, alone
  Side late(20, 6);
  hear(anna, late, summaries.front());
  EXPECT_EQ(outcome(late), CallOutcome::kAnswered);
  EXPECT_FALSE(kept(late)->outgoing);
  EXPECT_EQ(kept(late)->duration_ms, 120'000U);
  hear(anna, anna2, summaries.front());
  EXPECT_TRUE(kept(anna2)->outgoing);
  EXPECT_FALSE(kept(anna2)->took_part);
}

TEST_F(CallMachineTest, an_unanswered_call_is_told_as_missed_and_its_late_ring_is_passed_over) {
  start(anna, boris, kCall);
  end(anna, kCall);
  ASSERT_EQ(summaries.size(), 1U);
  Side late(20, 6);
  CallSpeaker from = as_heard(anna, late);
  from.late = true;
  CallEffects out;
  late.machine.heard(from, CallBody{kCall, CallStep::kRing}, now, out);
  EXPECT_TRUE(out.empty());
  hear(anna, late, summaries.front());
  EXPECT_EQ(outcome(late), CallOutcome::kMissed);
  hear(anna, late, CallBody{kCall, CallStep::kRing});
  EXPECT_EQ(state(late), std::nullopt);
}

TEST_F(CallMachineTest, a_lost_hanging_up_ends_with_the_summary) {
  start(anna, boris, kCall);
  lost = true;
  end(anna, kCall);
  lost = false;
  EXPECT_EQ(state(boris), CallState::kRingingHere);
  hear(anna2, boris, summaries.front());  // not by the device that rang
  EXPECT_EQ(state(boris), CallState::kRingingHere);
  hear(anna, boris, summaries.front());
  EXPECT_EQ(state(boris), std::nullopt);
  EXPECT_EQ(outcome(boris), CallOutcome::kMissed);
}

TEST_F(CallMachineTest, a_hundred_summaries_at_once_are_a_few_lines) {
  Side late(20, 6);
  CallBody body{kCall, CallStep::kSummary};
  body.data = codec::encoded(CallSummary{CallOutcome::kNoAnswer, static_cast<uint64_t>(now.ms), 0});
  for (uint8_t i = 100; i < 200; ++i) {
    body.call = id_of<CallId>(i);
    hear(anna, late, body);
  }
  EXPECT_EQ(count<KeepCall>(late), static_cast<size_t>(kCallRingsFree));
}

TEST_F(CallMachineTest, a_call_that_rang_too_often_makes_no_line_by_its_summary_either) {
  for (uint8_t i = 100; i < 120; ++i) {
    start(anna, boris, id_of<CallId>(i));
    end(anna, id_of<CallId>(i));
  }
  const size_t before = count<KeepCall>(boris);
  hear(anna, boris, summaries.back());
  EXPECT_EQ(count<KeepCall>(boris), before);
}

TEST_F(CallMachineTest, a_hanging_up_that_overtakes_its_ring_is_not_rung_for) {
  hear(anna, boris, CallBody{kCall, CallStep::kCancel});
  hear(anna, boris, CallBody{kCall, CallStep::kRing});
  EXPECT_EQ(state(boris), std::nullopt);
}

TEST_F(CallMachineTest, a_clock_that_goes_back_does_not_make_a_ring_last) {
  start(anna, boris, kCall);
  now = Instant{1'000};
  pass(milliseconds(0));
  pass(kCallRingHeardMax);
  EXPECT_EQ(state(boris), std::nullopt);
  EXPECT_EQ(state(anna), std::nullopt);
}

TEST_F(CallMachineTest, an_idle_machine_waits_for_nothing) {
  EXPECT_EQ(anna.machine.deadline(), kNever);
  start(anna, boris, kCall);
  EXPECT_EQ(anna.machine.deadline(), now + kCallRingAgain);
  end(anna, kCall);
  EXPECT_EQ(anna.machine.deadline(), kNever);
}

TEST(CallContentTest, a_body_that_names_no_device_or_says_too_much_is_refused) {
  CallBody body{kCall, CallStep::kSignal, CallMedia::kVoice, id_of<DeviceId>(1), Bytes{1}};
  EXPECT_TRUE(check(body).has_value());
  body.data.clear();
  EXPECT_EQ(check(body).error().code, kBadContent);
  body.data.assign(kCallSignalSizeMax + 1, 0);
  EXPECT_EQ(check(body).error().code, kBadContent);
  body = {kCall, CallStep::kTaken};
  EXPECT_EQ(check(body).error().code, kBadContent);
  body = {kCall, CallStep::kSummary};
  EXPECT_EQ(check(body).error().code, kBadContent);
  body.data = codec::encoded(CallSummary{CallOutcome::kElsewhere, 1, 1});  // no caller can say so
  EXPECT_EQ(check(body).error().code, kBadContent);
  body.data = codec::encoded(CallSummary{CallOutcome::kAnswered, 1, kCallDurationMaxMs + 1});
  EXPECT_EQ(check(body).error().code, kBadContent);
  body.data = codec::encoded(CallSummary{CallOutcome::kAnswered, 1, 1});
  EXPECT_TRUE(check(body).has_value());
}

}  // namespace
}  // namespace godwit::engine
