// Devices of a group and what they say to each other of its calls, without MLS and without media.

#include "engine/group_call_machine.h"

#include <gtest/gtest.h>

#include <optional>

#include "engine/testing/group_call_sides.h"

namespace godwit::engine::testing {
namespace {

TEST_F(GroupCallMachineTest, a_call_rings_with_all_others_and_who_does_not_answer_sees_it_go_on) {
  EXPECT_EQ(start(anna), GroupRefusal::kNone);
  for (const Side* each : {&boris, &vera, &gleb, &dina}) EXPECT_TRUE(rings(*each));
  EXPECT_FALSE(rings(anna2));
  EXPECT_EQ(join(boris), GroupRefusal::kNone);
  EXPECT_EQ(with(anna), (People{20}));
  EXPECT_EQ(with(boris), (People{10}));
  EXPECT_TRUE(rings(vera));
  pass(kGroupRingTime + seconds(5));
  EXPECT_FALSE(rings(vera));
  EXPECT_EQ(told(vera)->state, GroupCallState::kGoing);
  EXPECT_EQ(knows(vera), (People{10, 20}));
  pass(minutes(20));
  EXPECT_EQ(knows(vera), (People{10, 20}));
  EXPECT_EQ(with(anna), (People{20}));
}

TEST_F(GroupCallMachineTest, four_hear_each_other_and_a_fifth_is_told_that_it_is_full) {
  start(anna);
  for (Side* each : {&boris, &vera, &gleb}) EXPECT_EQ(join(*each), GroupRefusal::kNone);
  EXPECT_EQ(with(anna), (People{20, 30, 40}));
  EXPECT_EQ(with(boris), (People{10, 30, 40}));
  EXPECT_EQ(with(vera), (People{10, 20, 40}));
  EXPECT_EQ(with(gleb), (People{10, 20, 30}));
  EXPECT_EQ(join(dina), GroupRefusal::kFull);
  // And one who does not know of them, since it was away.
  dina.machine = GroupCallMachine(dina.who.account, dina.who.device);
  hear(anna, dina,
       CallBody{kCall, CallStep::kHere, CallMedia::kVoice, {}, codec::encoded(CallHere{1, 90, 0, 1, {}, {}})});
  EXPECT_EQ(join(dina), GroupRefusal::kNone);
  EXPECT_EQ(with(dina), (People{-1}));
  EXPECT_EQ(ended(dina), CallOutcome::kFull);
  EXPECT_FALSE(kept(dina).has_value());
  EXPECT_EQ(with(anna), (People{20, 30, 40}));
  leave(gleb);
  EXPECT_EQ(join(dina), GroupRefusal::kNone);
  EXPECT_EQ(with(dina), (People{10, 20, 30}));
}

TEST_F(GroupCallMachineTest, of_two_who_come_in_at_once_for_one_place_the_smaller_device_has_it) {
  start(anna);
  join(boris);
  join(vera);
  GroupCallEffects of_gleb, of_dina;
  ASSERT_EQ(gleb.machine.join(kCall, 1, CallMedia::kVoice, now, of_gleb), GroupRefusal::kNone);
  ASSERT_EQ(dina.machine.join(kCall, 1, CallMedia::kVoice, now, of_dina), GroupRefusal::kNone);
  settle(dina, std::move(of_dina));
  settle(gleb, std::move(of_gleb));
  pass(kGroupHereAgain);
  EXPECT_EQ(ended(dina), CallOutcome::kFull);
  for (const Side* each : {&anna, &boris, &vera, &gleb}) EXPECT_EQ(with(*each).size(), 3U);
  EXPECT_EQ(with(dina), (People{-1}));
  EXPECT_EQ(join(dina), GroupRefusal::kFull);
}

TEST_F(GroupCallMachineTest, when_all_press_join_at_once_four_are_in_it_in_any_order) {
  std::vector<size_t> order{0, 1, 2, 3};
  do {
    ASSERT_EQ(start(anna), GroupRefusal::kNone);
    const std::vector<Side*> come{&boris, &vera, &gleb, &dina};
    std::vector<GroupCallEffects> effects(4);
    for (size_t i = 0; i < 4; ++i) {
      ASSERT_EQ(come[i]->machine.join(kCall, 1, CallMedia::kVoice, now, effects[i]), GroupRefusal::kNone);
    }
    for (const size_t i : order) settle(*come[i], std::move(effects[i]));
    pass(seconds(15));
    EXPECT_EQ(with(anna), (People{20, 30, 40}));
    EXPECT_EQ(with(boris), (People{10, 30, 40}));
    EXPECT_EQ(with(gleb), (People{10, 20, 30}));
    EXPECT_EQ(with(dina), (People{-1}));
    EXPECT_EQ(ended(dina), CallOutcome::kFull);
    for (Side* each : sides) *each = Side(each->who.account.value[0], each->who.device.value[0]);
  } while (std::ranges::next_permutation(order).found);
}

TEST_F(GroupCallMachineTest, nobody_is_put_out_of_a_call_by_being_told_that_it_is_full) {
  start(anna);
  join(boris);
  pass(kGroupEntering + seconds(1));
  hear(anna, boris, CallBody{kCall, CallStep::kFull, CallMedia::kVoice, boris.who.device});
  EXPECT_EQ(with(boris), (People{10}));
}

TEST_F(GroupCallMachineTest, who_leaves_is_out_for_all_and_the_last_one_says_what_came_of_it) {
  start(anna);
  join(boris);
  join(vera);
  pass(minutes(2));
  EXPECT_EQ(leave(boris), GroupRefusal::kNone);
  EXPECT_EQ(with(anna), (People{30}));
  EXPECT_EQ(knows(boris), (People{10, 30}));
  EXPECT_EQ(ended(boris), CallOutcome::kAnswered);
  EXPECT_TRUE(kept(boris)->took_part);
  EXPECT_EQ(kept(boris)->duration_ms, 120'000U);
  leave(anna);
  EXPECT_TRUE(summaries.empty());
  leave(vera);
  ASSERT_EQ(summaries.size(), 1U);
  const auto summary = group_summary_of(summaries.front());
  EXPECT_EQ(summary->summary.outcome, CallOutcome::kAnswered);
  EXPECT_EQ(summary->by, anna.who.account);
  EXPECT_EQ(knows(boris), (People{-1}));
  EXPECT_EQ(ended(gleb), CallOutcome::kMissed);
  EXPECT_EQ(kept(gleb)->by, anna.who.account);
  EXPECT_EQ(kept(anna2)->outcome, CallOutcome::kAnswered);
  EXPECT_TRUE(kept(anna2)->outgoing);
}

TEST_F(GroupCallMachineTest, a_summary_makes_a_line_for_who_was_away_and_three_free_ones_for_who_lies) {
  start(anna);
  join(boris);
  pass(minutes(1));
  leave(anna);
  leave(boris);
  Side away(60, 9);
  hear(boris, away, summaries.front());
  EXPECT_EQ(kept(away)->outcome, CallOutcome::kMissed);
  EXPECT_EQ(kept(away)->duration_ms, 60'000U);
  away.all.clear();
  for (uint8_t i = 0; i < 20; ++i) {
    CallBody body = summaries.front();
    body.call = id_of<CallId>(static_cast<uint8_t>(100 + i));
    hear(boris, away, body);
  }
  EXPECT_EQ(away.all.size(), size_t{kCallRingsFree - 1});
}

TEST_F(GroupCallMachineTest, half_of_what_is_said_is_lost_and_all_still_find_each_other) {
  uint64_t state = 7;
  lost = [&](const auto&, const auto&, const CallBody&) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return (state >> 63) != 0;
  };
  start(anna);
  pass(seconds(30));
  for (Side* each : {&boris, &vera, &gleb}) {
    ASSERT_NE(each->machine.find(kCall), nullptr);
    EXPECT_EQ(join(*each), GroupRefusal::kNone);
  }
  pass(seconds(40));
  lost = [](const auto&, const auto&, const auto&) { return false; };
  pass(seconds(15));
  for (const Side* each : {&anna, &boris, &vera, &gleb}) EXPECT_EQ(with(*each).size(), 3U);
}

TEST_F(GroupCallMachineTest, who_is_silent_is_out_and_is_found_again) {
  start(anna);
  join(boris);
  join(vera);
  const Side* cut = &vera;
  lost = [&](const Side& from, const Side& to, const CallBody&) { return &from == cut || &to == cut; };
  pass(kGroupSilent + seconds(10));
  EXPECT_EQ(with(anna), (People{20}));
  EXPECT_EQ(with(vera), (People{}));
  lost = [](const auto&, const auto&, const auto&) { return false; };
  pass(kGroupTellAgain + seconds(10));
  EXPECT_EQ(with(anna), (People{20, 30}));
  EXPECT_EQ(with(vera), (People{10, 20}));
}

TEST_F(GroupCallMachineTest, what_was_said_before_leaving_and_comes_behind_it_brings_nobody_back) {
  start(anna);
  join(boris);
  CallHere old{boris.machine.live()->join, 90, 0, 1, anna.who.account, {}};
  const CallBody late{kCall, CallStep::kHere, CallMedia::kVoice, {}, codec::encoded(old)};
  leave(boris);
  hear(boris, anna, late);
  hear(boris, vera, late);
  EXPECT_EQ(with(anna), (People{}));
  EXPECT_EQ(knows(vera), (People{10}));
  EXPECT_EQ(join(boris), GroupRefusal::kNone);  // with another number
  EXPECT_EQ(with(anna), (People{20}));
}

TEST_F(GroupCallMachineTest, of_what_one_says_the_newest_counts) {
  start(anna);
  join(boris);
  const auto heard = anna.machine.live()->going.peers.front().heard_ms;
  now = now + seconds(10);
  const CallHere again{boris.machine.live()->join, 1, 0, 1, anna.who.account, {}};
  hear(boris, anna, {kCall, CallStep::kHere, CallMedia::kVoice, {}, codec::encoded(again)});
  EXPECT_EQ(anna.machine.live()->going.peers.front().heard_ms, heard);
}

TEST_F(GroupCallMachineTest, of_two_calls_begun_at_once_the_smaller_id_holds_in_either_order) {
  for (const bool anna_first : {true, false}) {
    GroupCallEffects of_anna, of_boris;
    ASSERT_EQ(anna.machine.start(kLarger, kChat, 1, CallMedia::kVoice, now, of_anna), GroupRefusal::kNone);
    ASSERT_EQ(boris.machine.start(kSmaller, kChat, 1, CallMedia::kVoice, now, of_boris), GroupRefusal::kNone);
    if (anna_first) settle(anna, std::move(of_anna));
    settle(boris, std::move(of_boris));
    if (!anna_first) settle(anna, std::move(of_anna));
    for (const Side* each : {&anna, &boris}) {
      ASSERT_NE(each->machine.live(), nullptr);
      EXPECT_EQ(each->machine.live()->going.call, kSmaller);
      EXPECT_EQ(with(*each).size(), 1U);
    }
    EXPECT_EQ(ended(anna), CallOutcome::kMerged);
    EXPECT_FALSE(kept(anna).has_value());
    EXPECT_EQ(knows(vera, kSmaller), (People{10, 20}));
    EXPECT_EQ(knows(vera, kLarger), (People{-1}));
    EXPECT_FALSE(kept(vera).has_value());
    for (Side* each : sides) *each = Side(each->who.account.value[0], each->who.device.value[0]);
  }
}

TEST_F(GroupCallMachineTest, a_call_that_goes_on_is_not_broken_up_by_a_smaller_id) {
  start(anna, kLarger);
  join(boris, kLarger);
  pass(kGroupGlare + seconds(1));
  const CallHere here{1, 1, kHereAsks | kHereRings, static_cast<uint64_t>(now.ms), gleb.who.account, {}};
  for (Side* each : {&anna, &boris, &vera}) {
    hear(gleb, *each, {kSmaller, CallStep::kHere, CallMedia::kVoice, {}, codec::encoded(here)});
  }
  EXPECT_EQ(anna.machine.live()->going.call, kLarger);
  EXPECT_EQ(with(boris), (People{10}));
  EXPECT_EQ(knows(vera, kLarger), (People{10, 20}));
}

TEST_F(GroupCallMachineTest, who_begins_one_and_has_not_heard_of_that_which_goes_on_comes_into_it_whichever_id_is_smaller) {
  for (const bool smaller : {true, false}) {
    start(anna, kCall);
    join(boris);
    pass(kGroupGlare + seconds(1));
    dina.machine = GroupCallMachine(dina.who.account, dina.who.device);  // has come into the group just now
    EXPECT_EQ(start(dina, smaller ? kSmaller : kLarger), GroupRefusal::kNone);
    EXPECT_EQ(with(dina), (People{10, 20}));
    EXPECT_EQ(dina.machine.live()->going.call, kCall);
    EXPECT_EQ(with(anna), (People{20, 50}));
    EXPECT_FALSE(kept(dina).has_value());
    for (Side* each : sides) *each = Side(each->who.account.value[0], each->who.device.value[0]);
  }
}

TEST_F(GroupCallMachineTest, a_call_that_is_said_to_go_on_moves_who_is_alone_for_a_minute_only) {
  start(anna, kCall);
  pass(kGroupGlare + seconds(1));
  const CallSeat other{boris.who.account, boris.who.device, 1};
  const CallHere here{1, 1, kHereAsks, 1, gleb.who.account, {other}};
  hear(gleb, anna, {kLarger, CallStep::kHere, CallMedia::kVoice, {}, codec::encoded(here)});
  EXPECT_EQ(anna.machine.live()->going.call, kCall);
}

TEST_F(GroupCallMachineTest, who_is_in_a_call_of_two_does_not_ring_and_sees_it_go_on) {
  boris.busy = true;
  start(anna);
  EXPECT_FALSE(rings(boris));
  EXPECT_EQ(knows(boris), (People{10}));
}

TEST_F(GroupCallMachineTest, a_device_is_in_one_call_and_another_own_one_stops_the_ringing) {
  start(boris);
  EXPECT_TRUE(rings(anna2));
  join(anna);
  EXPECT_FALSE(rings(anna2));
  EXPECT_EQ(start(anna, kLarger), GroupRefusal::kBusyHere);
  EXPECT_EQ(join(anna), GroupRefusal::kBusyHere);
  EXPECT_EQ(join(anna2), GroupRefusal::kNone);  // beside the other
  EXPECT_EQ(with(boris), (People{10, 10}));
}

TEST_F(GroupCallMachineTest, ignoring_it_stops_all_own_devices_and_it_can_be_joined_still) {
  start(boris);
  GroupCallEffects out;
  EXPECT_EQ(anna.machine.ignore(kCall, out), GroupRefusal::kNone);
  settle(anna, std::move(out));
  EXPECT_FALSE(rings(anna));
  EXPECT_FALSE(rings(anna2));
  EXPECT_TRUE(rings(vera));
  EXPECT_EQ(join(anna2), GroupRefusal::kNone);
}

TEST_F(GroupCallMachineTest, starting_where_one_goes_on_comes_into_that_one) {
  start(anna);
  EXPECT_EQ(start(boris, kLarger), GroupRefusal::kNone);
  EXPECT_EQ(boris.machine.live()->going.call, kCall);
}

TEST_F(GroupCallMachineTest, who_is_removed_from_the_group_is_out_of_the_call_on_both_sides) {
  start(anna);
  join(boris);
  join(vera);
  keep_members({&anna, &boris, &gleb, &dina, &anna2});
  EXPECT_EQ(with(anna), (People{20}));
  EXPECT_EQ(with(boris), (People{10}));
  EXPECT_EQ(ended(vera), CallOutcome::kRemoved);
  EXPECT_EQ(with(vera), (People{-1}));
}

TEST_F(GroupCallMachineTest, signals_reach_the_one_device_that_they_name_and_nobody_who_is_not_in_it) {
  start(anna);
  join(boris);
  join(vera);
  GroupCallEffects out;
  EXPECT_EQ(anna.machine.signal(kCall, vera.who.device, Bytes{1}, out), GroupRefusal::kNone);
  EXPECT_EQ(anna.machine.signal(kCall, gleb.who.device, Bytes{1}, out), GroupRefusal::kNotNow);
  EXPECT_EQ(anna.machine.signal(kCall, vera.who.device, Bytes(kCallSignalSizeMax + 1), out), GroupRefusal::kNotNow);
  const SayCall say = std::get<SayCall>(out.front());
  EXPECT_EQ(say.to, std::vector<AccountId>{vera.who.account});
  GroupCallEffects at_vera, at_boris, from_gleb;
  vera.machine.heard(as_heard(anna, vera), say.body, false, now, at_vera);
  boris.machine.heard(as_heard(anna, boris), say.body, false, now, at_boris);
  vera.machine.heard(as_heard(gleb, vera), say.body, false, now, from_gleb);
  ASSERT_EQ(at_vera.size(), 1U);
  EXPECT_EQ(std::get<CallSignalled>(at_vera.front()).from, anna.who.device);
  EXPECT_TRUE(at_boris.empty());
  EXPECT_TRUE(from_gleb.empty());
}

TEST_F(GroupCallMachineTest, a_program_that_is_ended_and_begun_again_is_still_in_it) {
  start(anna);
  join(boris);
  const LiveGroupCall stored = *boris.machine.live();
  boris.machine = GroupCallMachine(boris.who.account, boris.who.device);
  now = now + seconds(20);
  GroupCallEffects out;
  boris.machine.restore(stored, now, out);
  settle(boris, std::move(out));
  EXPECT_EQ(with(boris), (People{10}));
  EXPECT_EQ(boris.machine.live()->join, stored.join);
  pass(minutes(2));
  EXPECT_EQ(with(anna), (People{20}));
}

TEST_F(GroupCallMachineTest, who_left_and_begins_anew_sees_it_go_on_and_comes_back_in) {
  start(anna);
  join(boris);
  join(vera);
  leave(boris);
  boris.machine = GroupCallMachine(boris.who.account, boris.who.device);
  boris.machine.know_line(kCall);  // the history has his part of it
  pass(minutes(1));
  EXPECT_EQ(knows(boris), (People{10, 30}));
  EXPECT_EQ(join(boris), GroupRefusal::kNone);
  pass(minutes(2));
  EXPECT_EQ(with(boris), (People{10, 30}));
  EXPECT_EQ(with(anna), (People{20, 30}));
}

TEST_F(GroupCallMachineTest, a_summary_of_a_call_that_goes_on_keeps_nobody_out) {
  start(anna);
  join(boris);
  Side& late = vera;
  late.machine = GroupCallMachine(late.who.account, late.who.device);
  const GroupCallSummary summary{{CallOutcome::kAnswered, static_cast<uint64_t>(now.ms), 1000}, anna.who.account};
  hear(dina, late, CallBody{kCall, CallStep::kGroupSummary, CallMedia::kVoice, {}, codec::encoded(summary)});
  pass(minutes(1));
  EXPECT_EQ(knows(late), (People{10, 20}));
  EXPECT_EQ(join(late), GroupRefusal::kNone);
}

TEST_F(GroupCallMachineTest, ever_smaller_ids_move_a_call_for_a_minute_only_and_ring_once) {
  start(anna, kLarger);
  join(boris, kLarger);
  lost = [](const Side& from, const Side&, const CallBody&) { return from.who.account == id_of<AccountId>(50); };
  for (uint8_t each = 30; each > 15; --each) {
    const CallHere here{1, each, kHereAsks | kHereRings, static_cast<uint64_t>(now.ms), dina.who.account, {}};
    const CallBody body{id_of<CallId>(each), CallStep::kHere, CallMedia::kVoice, {}, codec::encoded(here)};
    for (Side* side : {&anna, &boris, &gleb}) hear(dina, *side, body);
    pass(seconds(10));
  }
  ASSERT_NE(anna.machine.live(), nullptr);
  EXPECT_GE(anna.machine.live()->going.call, id_of<CallId>(24));
  EXPECT_EQ(with(anna), (People{20}));
  EXPECT_FALSE(rings(gleb));
}

TEST_F(GroupCallMachineTest, a_page_that_is_gone_leaves_by_itself_and_an_old_call_does_not_come_back) {
  start(anna);
  join(boris);
  const LiveGroupCall stored = *boris.machine.live();
  boris.has_page = false;
  pass(kGroupPageSilent + seconds(1));
  EXPECT_EQ(ended(boris), CallOutcome::kLost);
  EXPECT_EQ(with(anna), (People{}));
  boris.machine = GroupCallMachine(boris.who.account, boris.who.device);
  GroupCallEffects out;
  boris.machine.restore(stored, now + minutes(10), out);
  EXPECT_EQ(boris.machine.live(), nullptr);
}

TEST_F(GroupCallMachineTest, who_is_alone_leaves_after_a_while) {
  start(anna);
  pass(kGroupAlone + seconds(10));
  EXPECT_EQ(ended(anna), CallOutcome::kNoAnswer);
  EXPECT_EQ(kept(anna)->outcome, CallOutcome::kNoAnswer);
  EXPECT_EQ(kept(boris)->outcome, CallOutcome::kMissed);
  EXPECT_EQ(anna.machine.deadline(), kNever);
  EXPECT_EQ(boris.machine.deadline(), kNever);
}

TEST_F(GroupCallMachineTest, who_rings_and_hangs_up_rings_three_times) {
  int rang = 0;
  for (uint8_t i = 0; i < 20; ++i) {
    const auto call = id_of<CallId>(static_cast<uint8_t>(100 + i));
    start(anna, call);
    rang += rings(boris) ? 1 : 0;
    leave(anna, call);
    pass(seconds(5));
  }
  EXPECT_EQ(rang, kCallRingsFree);
}

TEST_F(GroupCallMachineTest, a_large_group_hears_of_it_from_one_of_them_twice_a_minute) {
  start(anna);
  for (Side* each : {&boris, &vera, &gleb}) join(*each);
  pass(minutes(2));
  size_t to_dina = 0;
  lost = [&](const Side&, const Side& to, const CallBody&) {
    to_dina += &to == &dina ? 1U : 0U;
    return false;
  };
  pass(minutes(10));
  EXPECT_GE(to_dina, 18U);
  EXPECT_LE(to_dina, 21U);
  EXPECT_EQ(knows(dina).size(), 4U);
}

TEST_F(GroupCallMachineTest, bounds_hold_against_who_makes_up_calls_and_seats) {
  for (int i = 0; i < 1000; ++i) {
    CallId call;
    call.value[0] = 9;
    call.value[1] = static_cast<uint8_t>(i);
    call.value[2] = static_cast<uint8_t>(i >> 8);
    CallHere here{1, 1, kHereRings, 1, gleb.who.account, {}};
    for (uint8_t seat = 0; seat < kCallSeatsMax; ++seat) {
      CallSeat made{id_of<AccountId>(seat), id_of<DeviceId>(seat), static_cast<uint32_t>(i)};
      made.device.value[5] = static_cast<uint8_t>(i);
      here.others.push_back(made);
    }
    CallSpeaker who = as_heard(gleb, anna);
    who.chat.value[3] = static_cast<uint8_t>(i);
    who.chat.value[4] = static_cast<uint8_t>(i >> 8);
    GroupCallEffects out;
    anna.machine.heard(who, {call, CallStep::kHere, CallMedia::kVoice, {}, codec::encoded(here)}, false, now, out);
    EXPECT_LE(anna.machine.going().size(), kGoingCallsMax);
    for (const GoingCall& each : anna.machine.going()) EXPECT_LE(each.peers.size(), kCallSeatsMax);
  }
}

}  // namespace
}  // namespace godwit::engine::testing
