// The log of a group goes on at another home when its own has gone for good.

#include "tests/engine/groups.h"

namespace godwit::testworld {
namespace {

/// Person 3 lives at another home; the log is at the first one.
class LogMove : public Groups {
 protected:
  void SetUp() override {
    ASSERT_TRUE(crypto::initialise());
    world.add_home(kOther);
    for (size_t i = 0; i < people.size(); ++i) {
      const std::string link = i == 0 ? world.home_link() : world.home_link_at(kOther);
      ASSERT_TRUE(person(i).ask(engine::NewAccount{"P" + std::to_string(i), link}).has_value());
    }
  }
  // Nobody reaches the first home any more.
  void lose_first_home() {
    world.lost.insert(kHere);
    for (Person* each : people) {
      each->blocked.insert(kHere);
      world.cut(*each);
    }
  }
  void make_admin(size_t i) {
    ASSERT_TRUE(person(0).ask(engine::SetRole{group, account(i), Role::kAdmin}).has_value());
    world.settle();
  }
  static constexpr const char* kHere = "home.example";
  static constexpr const char* kOther = "other.example";
};

TEST_F(LogMove, admin_moves_the_log_and_the_group_changes_again) {
  make_group(4);
  make_admin(1);
  lose_first_home();
  const auto moved = person(1).ask(engine::MoveLog{group, std::nullopt});
  ASSERT_TRUE(moved.has_value()) << moved.error().code.name << " " << moved.error().rule;
  world.pass(minutes(5));
  ASSERT_TRUE(person(1).ask(engine::RenameGroup{group, "elsewhere"}).has_value());
  world.pass(minutes(5));
  EXPECT_EQ(info(2).name, "elsewhere");
  EXPECT_EQ(info(3).name, "elsewhere");
  EXPECT_EQ(info(2).epoch, info(1).epoch);
}

TEST_F(LogMove, member_does_not_move_it) {
  make_group(4);
  lose_first_home();
  EXPECT_EQ(refusal(2, engine::MoveLog{group, std::nullopt}), ErrorCode{engine::kNotAllowed});
}

TEST_F(LogMove, log_that_answers_stays_where_it_is) {
  make_group(4);
  EXPECT_EQ(refusal(0, engine::MoveLog{group, std::nullopt}), ErrorCode{engine::kLogIsThere});
  make_admin(1);
  EXPECT_EQ(info(2).epoch, info(0).epoch);
}

TEST_F(LogMove, two_who_move_it_at_once_end_at_one_log) {
  make_group(4);
  make_admin(1);
  make_admin(2);
  lose_first_home();
  person(1).give(engine::MoveLog{group, std::nullopt});
  person(2).give(engine::MoveLog{group, std::nullopt});
  world.pass(minutes(5));
  ASSERT_TRUE(person(1).ask(engine::RenameGroup{group, "one"}).has_value());
  ASSERT_TRUE(person(2).ask(engine::RefreshKeys{group}).has_value());
  world.pass(minutes(5));
  EXPECT_EQ(info(3).name, "one");
  EXPECT_EQ(info(2).epoch, info(1).epoch);
  EXPECT_EQ(info(3).epoch, info(1).epoch);
}

TEST_F(LogMove, who_slept_finds_it_and_so_does_who_lives_at_the_home_that_was_away) {
  make_group(4);
  make_admin(1);
  person(3).kill();
  lose_first_home();
  const auto moved = person(1).ask(engine::MoveLog{group, std::nullopt});
  ASSERT_TRUE(moved.has_value()) << moved.error().code.name << " " << moved.error().rule;
  ASSERT_TRUE(person(1).ask(engine::RenameGroup{group, "elsewhere"}).has_value());
  world.pass(hours(1));
  person(3).start();
  world.lost.clear();
  for (Person* each : people) each->blocked.clear();
  world.pass(hours(1));
  world.settle();
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(info(i).name, "elsewhere") << i;
    EXPECT_EQ(info(i).epoch, info(1).epoch) << i;
  }
}

TEST_F(LogMove, without_a_word_it_moves_after_three_days) {
  make_group(4);
  make_admin(1);
  lose_first_home();
  person(2).give(engine::RefreshKeys{group});
  person(1).give(engine::RefreshKeys{group});
  world.pass(days(3) + hours(6));
  ASSERT_TRUE(person(1).ask(engine::RenameGroup{group, "by itself"}).has_value());
  world.pass(minutes(5));
  EXPECT_EQ(info(2).name, "by itself");
  EXPECT_EQ(info(2).epoch, info(1).epoch);
}

}  // namespace
}  // namespace godwit::testworld
