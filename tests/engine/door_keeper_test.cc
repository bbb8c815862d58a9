// Links without approval whose keeper has heard who comes, and cannot let him in: the other admins do.

#include "engine/door_records.h"
#include "engine/group_content.h"
#include "tests/engine/log_moves.h"

namespace godwit::testworld {
namespace {

// The log is at the home of the first; the keeper of the link is the second, another admin the third, and the fourth comes.
class DoorKeeper : public LogMove {
 protected:
  void SetUp() override {
    LogMove::SetUp();
    make_group(3);
    give_role(1, Role::kAdmin);
    give_role(2, Role::kAdmin);
    make_link();
    world.lost.insert(kHere);
    lose_home_for({1});
  }
  void make_link() {
    const auto made = person(1).ask(engine::MakeGroupLink{group, false, 0, 0});
    ASSERT_TRUE(made.has_value());
    link = std::get<engine::GroupLinkMade>(*made).text;
    world.settle();
  }
  void ask_to_join() { ASSERT_TRUE(person(3).ask(engine::JoinGroup{link, ""}).has_value()); }
  bool is_in(size_t who) {
    const auto chats = person(who).chats();
    return std::ranges::any_of(chats, [&](const auto& chat) { return chat.chat == group && chat.member; });
  }
  std::optional<engine::JoinRequestRecord> request_at(size_t i) {
    for (const auto& [key, value] : person(i).disk().records()) {
      if (key[0] != static_cast<uint8_t>(engine::RecordKind::kJoinRequest)) continue;
      auto record =
          codec::decoded<engine::JoinRequestRecord>(engine::open_record(person(i).key(), key, value)->reveal());
      if (record) return std::move(*record);
    }
    return std::nullopt;
  }
  std::vector<engine::JoinRequestShown> waiting(size_t at) {
    const auto answer = person(at).ask(engine::ListJoinRequests{group});
    return answer ? std::get<engine::JoinRequests>(*answer).requests : std::vector<engine::JoinRequestShown>{};
  }
  void expect_in_once() {
    find_home();
    world.pass(minutes(10));
    EXPECT_TRUE(is_in(3));
    for (size_t i = 0; i < 4; ++i) EXPECT_EQ(members(i).members.size(), 4U) << i;
    for (size_t i = 0; i < 3; ++i) EXPECT_FALSE(request_at(i).has_value()) << i;
    const auto joins = [&](size_t i) {
      return std::ranges::count_if(lines(i), [&](const auto& each) {
        return each.line->what == engine::LineKind::kJoined && each.line->account == account(3);
      });
    };
    for (size_t i = 0; i < 3; ++i) EXPECT_EQ(joins(i), 1) << i;
    expect_talk({0, 1, 2, 3}, "in ");
  }
  std::string link;
};

TEST_F(DoorKeeper, who_comes_by_a_link_whose_keeper_does_not_reach_the_log_is_let_in_by_another_admin) {
  ask_to_join();
  world.pass(seconds(30));
  EXPECT_FALSE(is_in(3));
  ASSERT_TRUE(request_at(2).has_value());
  EXPECT_EQ(request_at(2)->state, engine::JoinRequestRecord::State::kDeferred);
  EXPECT_TRUE(waiting(2).empty()) << "nobody has to say anything";
  world.pass(minutes(5));
  EXPECT_TRUE(is_in(3));
  EXPECT_EQ(members(2).members.size(), 4U);
  expect_in_once();
}

TEST_F(DoorKeeper, the_other_admin_does_it_after_a_restart) {
  ask_to_join();
  world.pass(seconds(30));
  person(2).kill();
  world.pass(minutes(1));
  person(2).start();
  world.pass(minutes(5));
  EXPECT_TRUE(is_in(3));
  expect_in_once();
}

TEST_F(DoorKeeper, who_comes_is_in_once_when_the_keeper_gets_through_at_the_moment_of_the_other) {
  ask_to_join();
  ASSERT_TRUE(world.run_until([&] { return request_at(2).has_value(); }, minutes(2)));
  // The first lives at the home that is lost, and is told of nobody; it has the turn before the third if its account stands before.
  const int turn = account(0) < account(2) ? 2 : 1;
  world.pass(Instant{request_at(2)->received_ms} + minutes(2 * turn) - seconds(1) - world.now);
  EXPECT_FALSE(is_in(3));
  find_home();
  expect_in_once();
}

TEST_F(DoorKeeper, who_is_let_in_by_the_keeper_in_time_is_told_to_nobody) {
  find_home();
  ask_to_join();
  world.settle();
  EXPECT_TRUE(is_in(3));
  EXPECT_FALSE(request_at(2).has_value());
  expect_in_once();
}

TEST_F(DoorKeeper, a_link_that_was_closed_meanwhile_lets_nobody_in) {
  ask_to_join();
  world.pass(seconds(30));
  ASSERT_TRUE(request_at(2).has_value());
  const auto links = std::get<engine::GroupLinks>(*person(0).ask(engine::ListGroupLinks{group})).links;
  ASSERT_TRUE(person(0).ask(engine::RevokeGroupLink{group, links.at(0).link}).has_value());
  world.pass(minutes(10));
  EXPECT_FALSE(is_in(3));
  EXPECT_EQ(members(2).members.size(), 3U);
  EXPECT_FALSE(request_at(2).has_value());
}

TEST_F(DoorKeeper, a_group_that_asks_for_approval_meanwhile_shows_who_waits) {
  ask_to_join();
  world.pass(seconds(30));
  engine::SetGroupSettings ask_first;
  ask_first.chat = group;
  ask_first.join_by_approval = true;
  ASSERT_TRUE(person(0).ask(ask_first).has_value());
  world.pass(minutes(5));
  EXPECT_FALSE(is_in(3));
  ASSERT_EQ(waiting(2).size(), 1U);
  ASSERT_TRUE(person(2).ask(engine::ApproveJoin{group, account(3)}).has_value());
  world.settle();
  EXPECT_TRUE(is_in(3));
}

}  // namespace
}  // namespace godwit::testworld
