// Links of groups that an account keeps: any of its devices lets in who comes by them.

#include "engine/errors.h"
#include "engine/healing.h"
#include "tests/engine/asking.h"
#include "tests/engine/device_chats.h"

namespace godwit::testworld {
namespace {

using namespace godwit::engine;

class DeviceDoors : public DeviceChats {
 protected:
  void SetUp() override {
    DeviceChats::SetUp();
    group_ = must<ChatMade>(phone_, NewGroup{"friends"}).chat.chat;
    link(phone_, laptop_, "Laptop");
    ASSERT_TRUE(is_whole(laptop_, 2));
    world_.settle();
    must<AccountMade>(carol_, NewAccount{"Carol", world_.home_link()});
  }
  std::string make_link(Person& by, MakeGroupLink how = {}) {
    how.chat = group_;
    const std::string text = must<GroupLinkMade>(by, how).text;
    world_.settle();
    return text;
  }
  bool is_in(Person& who) {
    return std::ranges::any_of(who.chats(), [&](const ChatInfo& chat) { return chat.chat == group_ && chat.member; });
  }
  bool comes_in(Person& who, Duration patience) {
    return world_.run_until([&] { return is_in(who); }, patience);
  }
  size_t members(Person& by) { return must<Members>(by, ListMembers{group_}).members.size(); }
  std::vector<JoinRequestShown> waiting(Person& by) {
    return must<JoinRequests>(by, ListJoinRequests{group_}).requests;
  }
  std::vector<GroupLinkShown> links(Person& by) { return must<GroupLinks>(by, ListGroupLinks{group_}).links; }

  Person& laptop_ = world_.add();
  Person& carol_ = world_.add();
  ChatId group_;
};

TEST_F(DeviceDoors, who_comes_by_a_link_is_let_in_by_another_device_when_the_one_that_made_it_is_off) {
  const std::string text = make_link(phone_);
  ASSERT_EQ(links(laptop_).size(), 1U);
  EXPECT_EQ(links(laptop_)[0].text, text) << "it can be shown to others from here, too";
  phone_.kill();
  must<JoinAsked>(carol_, JoinGroup{text, ""});
  EXPECT_FALSE(comes_in(carol_, kHealTurn - seconds(30))) << "the phone might be on its way";
  laptop_.kill();
  laptop_.start();
  EXPECT_TRUE(comes_in(carol_, kHealTurn * 2));
  phone_.start();
  world_.pass(minutes(10));
  EXPECT_EQ(members(phone_), 2U);
  EXPECT_EQ(members(laptop_), 2U);
}

TEST_F(DeviceDoors, a_link_from_before_is_known_to_a_device_that_is_linked_later) {
  const std::string text = make_link(phone_);
  Person& tablet = link("Tablet");
  ASSERT_TRUE(is_whole(tablet, 2));
  world_.settle();
  phone_.kill();
  laptop_.kill();
  must<JoinAsked>(carol_, JoinGroup{text, ""});
  EXPECT_TRUE(comes_in(carol_, kHealTurn * 2));
}

TEST_F(DeviceDoors, with_both_on_he_is_in_at_once_and_once) {
  const std::string text = make_link(laptop_);
  must<JoinAsked>(carol_, JoinGroup{text, ""});
  EXPECT_TRUE(comes_in(carol_, seconds(30)));
  world_.pass(minutes(10));
  EXPECT_EQ(members(phone_), 2U);
  EXPECT_EQ(members(carol_), 2U);
  EXPECT_TRUE(waiting(phone_).empty());
}

TEST_F(DeviceDoors, who_waits_for_an_admin_is_shown_and_let_in_on_any_device) {
  MakeGroupLink how;
  how.approval = true;
  const std::string text = make_link(phone_, how);
  must<JoinAsked>(carol_, JoinGroup{text, "it is me"});
  world_.settle();
  ASSERT_EQ(waiting(phone_).size(), 1U);
  ASSERT_EQ(waiting(laptop_).size(), 1U);
  EXPECT_EQ(waiting(laptop_)[0].greeting, "it is me");
  phone_.kill();
  must<Nothing>(laptop_, ApproveJoin{group_, waiting(laptop_)[0].account});
  EXPECT_TRUE(comes_in(carol_, seconds(30)));
  phone_.start();
  world_.settle();
  EXPECT_TRUE(waiting(phone_).empty());
}

TEST_F(DeviceDoors, a_link_for_one_lets_in_one_whichever_device_answers) {
  MakeGroupLink how;
  how.uses = 1;
  const std::string text = make_link(phone_, how);
  must<JoinAsked>(carol_, JoinGroup{text, ""});
  ASSERT_TRUE(comes_in(carol_, minutes(1)));
  world_.settle();
  phone_.kill();
  must<JoinAsked>(bob_, JoinGroup{text, ""});
  EXPECT_FALSE(comes_in(bob_, kHealTurn * 3));
  EXPECT_TRUE(std::ranges::any_of(bob_.notices, [](const Notice& each) {
    const auto* refused = std::get_if<JoinRefused>(&each);
    return refused != nullptr && refused->error.code == kGroupLinkUsedUp;
  }));
}

TEST_F(DeviceDoors, a_link_for_one_lets_in_nobody_more_by_a_device_that_was_linked_later) {
  MakeGroupLink how;
  how.uses = 1;
  const std::string text = make_link(phone_, how);
  must<JoinAsked>(carol_, JoinGroup{text, ""});
  ASSERT_TRUE(comes_in(carol_, minutes(1)));
  world_.settle();
  Person& tablet = link("Tablet");
  ASSERT_TRUE(is_whole(tablet, 2));
  world_.settle();
  phone_.kill();
  laptop_.kill();
  must<JoinAsked>(bob_, JoinGroup{text, ""});
  EXPECT_FALSE(comes_in(bob_, kHealTurn * 3));
}

TEST_F(DeviceDoors, who_came_and_went_is_not_let_in_again_by_a_device_that_was_off) {
  const std::string text = make_link(phone_);
  laptop_.kill();
  must<JoinAsked>(carol_, JoinGroup{text, ""});
  ASSERT_TRUE(comes_in(carol_, minutes(1)));
  world_.settle();
  must<Nothing>(carol_, LeaveGroup{group_});
  ASSERT_TRUE(world_.run_until([&] { return members(phone_) == 1; }));
  world_.settle();
  laptop_.start();
  world_.pass(minutes(30));
  EXPECT_EQ(members(laptop_), 1U);
  EXPECT_FALSE(is_in(carol_));
}

TEST_F(DeviceDoors, a_link_that_is_closed_on_either_device_is_closed_on_both) {
  const std::string first = make_link(phone_);
  const std::string second = make_link(laptop_);
  ASSERT_EQ(links(phone_).size(), 2U);
  for (const GroupLinkShown& each : links(laptop_)) {
    EXPECT_TRUE(each.own);
    must<Nothing>(laptop_, RevokeGroupLink{group_, each.link});
  }
  world_.settle();
  EXPECT_TRUE(links(phone_).empty());
  world_.pass(hours(2));
  for (Person* each : {&phone_, &laptop_}) {
    each->kill();
    each->start();
  }
  world_.settle();
  for (const std::string& text : {first, second}) {
    EXPECT_FALSE(carol_.ask(JoinGroup{text, ""}).has_value());
    EXPECT_FALSE(comes_in(carol_, kHealTurn * 2));
  }
  EXPECT_TRUE(links(phone_).empty());
  EXPECT_TRUE(links(laptop_).empty());
}

}  // namespace
}  // namespace godwit::testworld
