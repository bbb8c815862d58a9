// The own name is the account's: each device hears who asks by it, answers for all, and may give it up.

#include "engine/errors.h"
#include "engine/home_move.h"
#include "tests/engine/asking.h"
#include "tests/engine/device_chats.h"

namespace godwit::testworld {
namespace {

using namespace godwit::engine;

class DeviceNames : public DeviceChats {
 protected:
  // Somebody who asks by the name, with its passcode.
  Person& asks(const std::string& passcode = {}) {
    Person& stranger = world_.add();
    stranger.start();
    must<AccountMade>(stranger, NewAccount{"Stranger", world_.home_link()});
    const std::string link = found(stranger, passcode).link;
    must<RequestSent>(stranger, SendContactRequest{link, "we met on Sunday"});
    world_.settle();
    return stranger;
  }
  NameResolved found(Person& person, const std::string& passcode = {}) {
    return must<NameResolved>(person, ResolveName{"anna", passcode, world_.home_link()});
  }
  std::vector<ContactRequestInfo> waiting(Person& person) {
    return must<ContactRequests>(person, ListContactRequests{}).requests;
  }
  std::string name_of(Person& person) { return must<NameState>(person, ReadName{}).name; }
};

TEST_F(DeviceNames, a_name_is_on_all_devices_also_on_those_that_come_later) {
  Person& laptop = link_whole();
  const std::string name = must<NameClaimed>(phone_, ClaimName{"anna", ""}).name;
  world_.settle();
  EXPECT_EQ(name_of(laptop), name);
  Person& tablet = link_whole();
  EXPECT_EQ(name_of(tablet), name);
  for (Person* each : {&laptop, &tablet}) {
    each->kill();
    each->start();
    EXPECT_EQ(name_of(*each), name);
    EXPECT_EQ(refusal(*each, ClaimName{"other", ""}), kHasName);
  }
}

TEST_F(DeviceNames, who_asks_is_seen_on_all_and_whom_one_device_lets_in_waits_on_none) {
  must<NameClaimed>(phone_, ClaimName{"anna", ""});
  Person& laptop = link_whole();
  Person& stranger = asks();
  ASSERT_EQ(waiting(phone_).size(), 1U);
  ASSERT_EQ(waiting(laptop).size(), 1U);
  must<ChatMade>(laptop, AcceptContactRequest{waiting(laptop).at(0).request});
  ASSERT_TRUE(world_.run_until([&] { return !stranger.chats().empty() && phone_.chats().size() == 2; }));
  world_.settle();
  EXPECT_TRUE(waiting(phone_).empty());
  EXPECT_TRUE(waiting(laptop).empty());
  stranger.say("hello Anna");
  world_.settle();
  for (Person* each : {&phone_, &laptop}) EXPECT_EQ(all_texts(*each, stranger.chat().chat), Texts{"< hello Anna"});
}

TEST_F(DeviceNames, the_phone_is_off_and_the_laptop_answers) {
  must<NameClaimed>(phone_, ClaimName{"anna", ""});
  Person& laptop = link_whole();
  phone_.kill();
  Person& stranger = asks();
  ASSERT_EQ(waiting(laptop).size(), 1U);
  must<ChatMade>(laptop, AcceptContactRequest{waiting(laptop).at(0).request});
  ASSERT_TRUE(world_.run_until([&] { return !stranger.chats().empty(); }));
  phone_.start();
  world_.settle();
  EXPECT_TRUE(waiting(phone_).empty());
  EXPECT_EQ(phone_.chats().size(), 2U);
}

TEST_F(DeviceNames, what_one_declines_is_gone_on_all) {
  must<NameClaimed>(phone_, ClaimName{"anna", ""});
  Person& laptop = link_whole();
  asks();
  asks();
  ASSERT_EQ(waiting(phone_).size(), 2U);
  must<Nothing>(phone_, DeclineContactRequest{waiting(phone_).at(0).request});
  world_.settle();
  ASSERT_EQ(waiting(laptop).size(), 1U);
  must<Nothing>(laptop, DeclineContactRequests{});
  world_.settle();
  EXPECT_TRUE(waiting(phone_).empty());
}

TEST_F(DeviceNames, another_passcode_set_on_one_device_is_that_of_all) {
  must<NameClaimed>(phone_, ClaimName{"anna", ""});
  Person& laptop = link_whole();
  const std::string before = found(bob_).link;
  must<NameClaimed>(laptop, ClaimName{"anna", "tulips"});
  world_.settle();
  EXPECT_TRUE(must<NameState>(phone_, ReadName{}).passcode);
  EXPECT_EQ(refusal(bob_, ResolveName{"anna", "", world_.home_link()}), kNoSuchName);
  EXPECT_EQ(refusal(bob_, SendContactRequest{before, "by the old address"}), kInviteRefused);
  asks("tulips");
  EXPECT_EQ(waiting(phone_).size(), 1U);
  EXPECT_EQ(waiting(laptop).size(), 1U);
}

TEST_F(DeviceNames, a_name_given_up_on_one_device_is_given_up_on_all) {
  must<NameClaimed>(phone_, ClaimName{"anna", ""});
  Person& laptop = link_whole();
  must<Nothing>(laptop, ReleaseName{});
  world_.settle();
  EXPECT_EQ(name_of(phone_), "");
  EXPECT_EQ(refusal(bob_, ResolveName{"anna", "", world_.home_link()}), kNoSuchName);
  must<NameClaimed>(phone_, ClaimName{"other", ""});
  world_.settle();
  EXPECT_EQ(name_of(laptop).substr(0, 6), "other@");
  Person& tablet = link_whole();
  EXPECT_EQ(name_of(tablet).substr(0, 6), "other@");
}

TEST_F(DeviceNames, two_devices_that_claim_at_once_have_one_name_in_the_end) {
  Person& laptop = link_whole();
  const CommandId by_phone = phone_.give(ClaimName{"anna", ""});
  const CommandId by_laptop = laptop.give(ClaimName{"other", ""});
  ASSERT_TRUE(
      world_.run_until([&] { return phone_.answer(by_phone) != nullptr && laptop.answer(by_laptop) != nullptr; }));
  world_.settle();
  EXPECT_NE(phone_.answer(by_phone)->has_value(), laptop.answer(by_laptop)->has_value());
  EXPECT_NE(name_of(phone_), "");
  EXPECT_EQ(name_of(phone_), name_of(laptop));
}

TEST_F(DeviceNames, a_claim_that_was_cut_gives_up_no_name_that_another_device_has_claimed_since) {
  Person& laptop = link_whole();
  laptop.kill();
  laptop.online = false;
  laptop.start();
  laptop.give(ClaimName{"other", ""});
  world_.pass(seconds(5));
  laptop.kill();
  const std::string name = must<NameClaimed>(phone_, ClaimName{"anna", ""}).name;
  laptop.online = true;
  laptop.start();
  world_.settle();
  for (Person* each : {&phone_, &laptop}) EXPECT_EQ(name_of(*each), name);
  found(bob_);
}

TEST_F(DeviceNames, a_change_of_the_passcode_that_was_cut_leaves_the_name_in_reach) {
  must<NameClaimed>(phone_, ClaimName{"anna", ""});
  Person& laptop = link_whole();
  for (int dies_at = 1; dies_at < 12; ++dies_at) {
    SCOPED_TRACE(dies_at);
    int effects = 0;
    laptop.on_effect = [&](const Effect&) {
      if (++effects == dies_at) laptop.kill();
    };
    laptop.give(ClaimName{"anna", "tulips"});
    world_.settle();
    laptop.on_effect = nullptr;
    if (!laptop.alive()) laptop.start();
    world_.settle();
    const bool is_new = bob_.ask(ResolveName{"anna", "tulips", world_.home_link()}).has_value();
    asks(is_new ? "tulips" : "");
    EXPECT_EQ(waiting(laptop).size(), 1U);
    must<Nothing>(laptop, DeclineContactRequests{});
    must<NameClaimed>(laptop, ClaimName{"anna", ""});
    world_.settle();
  }
}

TEST_F(DeviceNames, a_name_whose_device_was_lost_can_be_given_up) {
  Person& laptop = link_whole();
  laptop.kill();
  must<NameClaimed>(phone_, ClaimName{"anna", ""});
  // The phone is lost before it has told the laptop.
  phone_.kill();
  laptop.start();
  world_.settle();
  EXPECT_EQ(refusal(laptop, ClaimName{"other", ""}), kHasName);
  must<Nothing>(laptop, ReleaseName{});
  must<NameClaimed>(laptop, ClaimName{"other", ""});
}

TEST_F(DeviceNames, who_moves_while_a_name_is_claimed_has_none) {
  world_.add_home("haven.example");
  world_.kill_home();
  const CommandId claim = phone_.give(ClaimName{"anna", ""});
  world_.pass(seconds(5));
  must<Nothing>(phone_, MoveAccount{world_.home_link_at("haven.example")});
  ASSERT_NE(phone_.answer(claim), nullptr);
  EXPECT_FALSE(phone_.answer(claim)->has_value());
  world_.pass(hours(2));
  EXPECT_EQ(name_of(phone_), "");
  must<NameClaimed>(phone_, ClaimName{"anna", ""});
}

TEST_F(DeviceNames, a_device_that_hears_of_a_move_late_gives_up_no_name_claimed_since) {
  world_.add_home("haven.example");
  Person& laptop = link_whole();
  must<NameClaimed>(phone_, ClaimName{"anna", ""});
  world_.settle();
  laptop.kill();
  must<Nothing>(phone_, MoveAccount{world_.home_link_at("haven.example")});
  world_.pass(days(2));
  must<Nothing>(phone_, MoveAccount{world_.home_link()});
  world_.pass(days(2));
  const std::string name = must<NameClaimed>(phone_, ClaimName{"anna", ""}).name;
  laptop.start();
  world_.pass(hours(1));
  world_.settle();
  EXPECT_EQ(name_of(laptop), name);
  found(bob_);
}

TEST_F(DeviceNames, who_is_being_let_in_is_not_let_in_or_declined_once_more) {
  must<NameClaimed>(phone_, ClaimName{"anna", ""});
  asks();
  const auto request = waiting(phone_).at(0).request;
  const CommandId accepted = phone_.give(AcceptContactRequest{request});
  EXPECT_EQ(refusal(phone_, AcceptContactRequest{request}), kNoSuchRequest);
  EXPECT_EQ(refusal(phone_, DeclineContactRequest{request}), kNoSuchRequest);
  world_.settle();
  ASSERT_NE(phone_.answer(accepted), nullptr);
  EXPECT_TRUE(phone_.answer(accepted)->has_value());
}

TEST_F(DeviceNames, a_name_is_of_the_home_that_the_account_has_left) {
  must<NameClaimed>(phone_, ClaimName{"anna", ""});
  Person& laptop = link_whole();
  world_.add_home("haven.example");
  must<Nothing>(phone_, MoveAccount{world_.home_link_at("haven.example")});
  world_.pass(minutes(30));
  EXPECT_EQ(name_of(phone_), "");
  EXPECT_EQ(name_of(laptop), "");
  Person& tablet = link_whole();
  EXPECT_EQ(name_of(tablet), "");
}

}  // namespace
}  // namespace godwit::testworld
