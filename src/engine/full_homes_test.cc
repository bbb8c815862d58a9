// What answers of homes say about their room.

#include "engine/full_homes.h"

#include <gtest/gtest.h>

#include "wire/errors.h"

namespace godwit::engine {
namespace {

const wire::HomeKey kOwn{{1}};
const wire::HomeKey kOther{{2}};
const wire::Reply kFull = wire::Refused{wire::kHomeFull.number, 0, 0};
const wire::Reply kDone = wire::Done{};
constexpr Instant kNow{1'000'000};

TEST(FullHomes, one_that_refuses_for_want_of_room_is_full_until_it_takes_something) {
  FullHomes homes;
  EXPECT_FALSE(homes.has(kOwn));
  homes.note(kOwn, RoomUse::kTakes, kFull, kNow);
  EXPECT_TRUE(homes.has(kOwn));
  EXPECT_FALSE(homes.has_other(kOwn));
  EXPECT_TRUE(homes.has_other(kOther));
  homes.note(kOther, RoomUse::kTakes, kDone, kNow);
  homes.note(kOwn, RoomUse::kNone, kDone, kNow);
  EXPECT_TRUE(homes.has(kOwn)) << "neither another home's room nor reading says anything";
  homes.note(kOwn, RoomUse::kTakes, kDone, kNow);
  EXPECT_FALSE(homes.has(kOwn));
}

TEST(FullHomes, other_refusals_say_nothing_about_room) {
  FullHomes homes;
  for (const ErrorCode& code : {wire::kQuotaFull, wire::kUnavailable, wire::kTooManyRequests, wire::kAddressRefused}) {
    homes.note(kOwn, RoomUse::kTakes, wire::Refused{code.number, 0, 0}, kNow);
    EXPECT_FALSE(homes.has(kOwn)) << code.name;
  }
  homes.note(kOwn, RoomUse::kNone, kFull, kNow);
  EXPECT_FALSE(homes.has(kOwn)) << "of what was passed on it is another home's word";
  homes.note(kOwn, RoomUse::kTakes, kFull, kNow);
  homes.note(kOwn, RoomUse::kTakes, wire::Refused{wire::kQuotaFull.number, 0, 0}, kNow);
  homes.note(kOwn, RoomUse::kTakes, wire::Conflict{}, kNow);
  EXPECT_TRUE(homes.has(kOwn));
}

TEST(FullHomes, of_a_delivery_to_many_one_refusal_tells_and_one_success_only_without_it) {
  FullHomes homes;
  homes.note(kOwn, RoomUse::kTakes, wire::Delivered{{wire::kAddressRefused.number, wire::kHomeFull.number, 0}}, kNow);
  EXPECT_TRUE(homes.has(kOwn));
  homes.note(kOwn, RoomUse::kTakes, wire::Delivered{{wire::kAddressRefused.number}}, kNow);
  EXPECT_TRUE(homes.has(kOwn));
  homes.note(kOwn, RoomUse::kTakes, wire::Delivered{{0, wire::kAddressRefused.number}}, kNow);
  EXPECT_FALSE(homes.has(kOwn));
}

TEST(FullHomes, a_home_that_still_gives_away_may_have_no_room_to_take) {
  FullHomes homes;
  homes.note(kOwn, RoomUse::kTakes, kFull, kNow);
  homes.note(kOwn, RoomUse::kFrees, kDone, kNow);
  EXPECT_TRUE(homes.has(kOwn));
  FullHomes others;
  others.note(kOwn, RoomUse::kFrees, kFull, kNow);
  EXPECT_TRUE(others.has(kOwn));
  others.note(kOwn, RoomUse::kFrees, kDone, kNow);
  EXPECT_FALSE(others.has(kOwn)) << "nothing else was refused";
}

TEST(FullHomes, who_has_not_refused_for_long_is_forgotten) {
  FullHomes homes;
  EXPECT_EQ(homes.expire(kNow), kNever);
  homes.note(kOwn, RoomUse::kTakes, kFull, kNow);
  homes.note(kOther, RoomUse::kTakes, kFull, kNow + seconds(1));
  homes.note(kOwn, RoomUse::kTakes, kFull, kNow + seconds(2));
  EXPECT_EQ(homes.expire(kNow + seconds(2)), kNow + seconds(1) + FullHomes::kStillSo);
  EXPECT_EQ(homes.expire(kNow + seconds(1) + FullHomes::kStillSo), kNow + seconds(2) + FullHomes::kStillSo);
  EXPECT_TRUE(homes.has(kOwn));
  EXPECT_FALSE(homes.has_other(kOwn));
  EXPECT_EQ(homes.expire(kNow + seconds(2) + FullHomes::kStillSo), kNever);
  EXPECT_FALSE(homes.has(kOwn));
}

TEST(RoomUse, what_is_stored_takes_room_and_what_is_not_does_not) {
  EXPECT_EQ(room_use(wire::Deliver{{}, 60, {}}), RoomUse::kTakes);
  EXPECT_EQ(room_use(wire::Deliver{{}, 0, {}}), RoomUse::kNone);
  EXPECT_EQ(room_use(wire::Fetch{}), RoomUse::kNone);
  EXPECT_EQ(room_use(wire::Forward{}), RoomUse::kNone);
  EXPECT_EQ(room_use(wire::Acknowledge{}), RoomUse::kFrees);
  EXPECT_EQ(room_use(wire::MailboxProve{}), RoomUse::kNone) << "who proves has stored nothing by it";
}

}  // namespace
}  // namespace godwit::engine
