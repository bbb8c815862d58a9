// How many may be in a call of a group, where a unit has a room for it.

#include <gtest/gtest.h>

#include "engine/group_call_seats.h"
#include "engine/testing/group_call_sides.h"

namespace godwit::engine::testing {
namespace {

using seats::places_in;

TEST_F(GroupCallMachineTest, with_a_room_that_all_know_more_than_four_come_in_also_at_once) {
  for (Side* each : sides) each->rooms = true;
  EXPECT_EQ(start(anna), GroupRefusal::kNone);
  EXPECT_EQ(places_in(*anna.machine.live()), kGroupCallMax) << "there is none yet";
  say_room(anna, true);
  EXPECT_EQ(places_in(*dina.machine.find(kCall)), kCallSeatsMax) << "also for who is not in it";
  for (Side* each : {&boris, &vera, &gleb, &dina}) EXPECT_EQ(join(*each), GroupRefusal::kNone);
  EXPECT_EQ(with(anna), (People{20, 30, 40, 50}));
  EXPECT_EQ(with(dina), (People{10, 20, 30, 40}));
  EXPECT_EQ(said[CallStep::kFull], 0u);
  say_room(boris, true);
  EXPECT_EQ(leave(anna), GroupRefusal::kNone);
  EXPECT_EQ(places_in(*dina.machine.live()), kCallSeatsMax) << "another one has it too";
  say_room(boris, false);
  EXPECT_EQ(places_in(*dina.machine.live()), kGroupCallMax) << "the unit is gone";
  EXPECT_EQ(with(dina), (People{20, 30, 40})) << "and nobody is put out";
  pass(minutes(2));
  EXPECT_EQ(with(dina), (People{20, 30, 40}));
}

TEST_F(GroupCallMachineTest, while_an_older_device_is_in_a_call_it_has_four_places) {
  for (Side* each : sides) each->rooms = true;
  gleb.rooms = false;
  EXPECT_EQ(start(anna), GroupRefusal::kNone);
  say_room(anna, true);
  for (Side* each : {&boris, &vera, &gleb}) EXPECT_EQ(join(*each), GroupRefusal::kNone);
  EXPECT_EQ(with(gleb), (People{10, 20, 30}));
  EXPECT_EQ(join(dina), GroupRefusal::kFull);
  EXPECT_EQ(leave(gleb), GroupRefusal::kNone);
  EXPECT_EQ(join(dina), GroupRefusal::kNone);
  EXPECT_EQ(join(anna2), GroupRefusal::kNone);
  EXPECT_EQ(with(anna), (People{20, 30, 50, 10}));
  EXPECT_EQ(join(gleb), GroupRefusal::kFull) << "five are in it, and it could reach three of them";
}

TEST_F(GroupCallMachineTest, an_older_device_that_comes_in_beside_a_newer_one_is_told_that_it_is_full) {
  for (Side* each : sides) each->rooms = true;
  dina.rooms = false;
  EXPECT_EQ(start(anna), GroupRefusal::kNone);
  say_room(anna, true);
  for (Side* each : {&boris, &vera, &gleb}) EXPECT_EQ(join(*each), GroupRefusal::kNone);
  GroupCallEffects out;
  // It has heard of two of them alone.
  GroupCallMachine& machine = dina.machine;
  machine.heard(vera.who, CallBody{kCall, CallStep::kGone, CallMedia::kVoice, {}, codec::encoded(CallGone{vera.joins})},
                false, now, out);
  machine.heard(gleb.who, CallBody{kCall, CallStep::kGone, CallMedia::kVoice, {}, codec::encoded(CallGone{gleb.joins})},
                false, now, out);
  EXPECT_EQ(join(dina), GroupRefusal::kNone);
  EXPECT_EQ(ended(dina), CallOutcome::kFull);
  EXPECT_EQ(with(anna), (People{20, 30, 40}));
}

}  // namespace
}  // namespace godwit::engine::testing
