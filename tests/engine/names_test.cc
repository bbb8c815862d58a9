// Names, contact requests, invites for many and blocks, with a real home core.

#include <gtest/gtest.h>

#include "engine/errors.h"
#include "tests/engine/world.h"

namespace godwit::testworld {
namespace {

using namespace engine;

class NamesTest : public ::testing::Test {
 protected:
  World world;
  Person& alice = world.add();
  Person& bob = world.add();

  void SetUp() override {
    for (Person* person : {&alice, &bob}) {
      person->start();
      const std::string name = person == &alice ? "Alice" : "Bob";
      ASSERT_TRUE(person->ask(NewAccount{name, world.home_link()}).has_value());
    }
  }
  template <typename T>
  T must(Person& person, Command command) {
    auto answer = person.ask(std::move(command));
    EXPECT_TRUE(answer.has_value()) << (answer ? "" : answer.error().code.name);
    return answer ? std::get<T>(*answer) : T{};
  }
  ErrorCode refusal(Person& person, Command command) {
    const auto answer = person.ask(std::move(command));
    return answer ? ErrorCode{} : answer.error().code;
  }
  NameResolved find(const std::string& name, const std::string& passcode = {}) {
    return must<NameResolved>(bob, ResolveName{name, passcode, world.home_link()});
  }
  std::vector<ContactRequestInfo> waiting(Person& person) {
    return must<ContactRequests>(person, ListContactRequests{}).requests;
  }
};

TEST_F(NamesTest, a_stranger_finds_a_name_and_becomes_a_contact) {
  must<NameClaimed>(alice, ClaimName{"Alice.1", ""});
  const NameResolved found = find("alice.1");
  EXPECT_EQ(found.name, "Alice");
  must<RequestSent>(bob, SendContactRequest{found.link, "we met on Sunday"});
  ASSERT_TRUE(world.run_until([&] { return !waiting(alice).empty(); }));
  EXPECT_TRUE(alice.chats().empty());
  const auto request = waiting(alice).at(0).request;
  const auto opened = must<ContactRequestOpened>(alice, OpenContactRequest{request});
  EXPECT_EQ(opened.name, "Bob");
  EXPECT_EQ(opened.greeting, "we met on Sunday");
  must<ChatMade>(alice, AcceptContactRequest{request});
  ASSERT_TRUE(world.run_until([&] { return !bob.chats().empty() && bob.chat().ready; }));
  EXPECT_EQ(bob.chat().peer, found.account);
  alice.say("hello Bob");
  ASSERT_TRUE(world.run_until([&] { return bob.texts(false) == std::vector<std::string>{"hello Bob"}; }));
  EXPECT_TRUE(waiting(alice).empty());
}

TEST_F(NamesTest, without_the_passcode_nobody_is_found) {
  must<NameClaimed>(alice, ClaimName{"alice", "tulip"});
  EXPECT_EQ(refusal(bob, ResolveName{"alice", "", world.home_link()}), kNoSuchName);
  EXPECT_EQ(refusal(bob, ResolveName{"alicia", "", world.home_link()}), kNoSuchName);
  EXPECT_EQ(find("alice", "tulip").name, "Alice");
}

TEST_F(NamesTest, a_name_is_taken_once_and_can_be_given_back) {
  must<NameClaimed>(alice, ClaimName{"alice", ""});
  EXPECT_EQ(refusal(bob, ClaimName{"ALICE", ""}), engine::kNameTaken);
  EXPECT_EQ(refusal(alice, ClaimName{"other", ""}), engine::kHasName);
  EXPECT_EQ(refusal(alice, ClaimName{"x", ""}), kBadName);
  EXPECT_FALSE(must<NameState>(alice, ReadName{}).name.empty());
  must<Nothing>(alice, ReleaseName{});
  EXPECT_TRUE(must<NameState>(alice, ReadName{}).name.empty());
  EXPECT_EQ(refusal(bob, ResolveName{"alice", "", world.home_link()}), kNoSuchName);
  must<NameClaimed>(bob, ClaimName{"alice", ""});
}

TEST_F(NamesTest, a_name_and_what_waits_outlive_a_restart) {
  must<NameClaimed>(alice, ClaimName{"alice", ""});
  must<RequestSent>(bob, SendContactRequest{find("alice").link, "hi"});
  ASSERT_TRUE(world.run_until([&] { return !waiting(alice).empty(); }));
  alice.kill();
  alice.start();
  EXPECT_FALSE(must<NameState>(alice, ReadName{}).name.empty());
  ASSERT_EQ(waiting(alice).size(), 1U);
  must<ChatMade>(alice, AcceptContactRequest{waiting(alice).at(0).request});
  ASSERT_TRUE(world.run_until([&] { return !bob.chats().empty() && bob.chat().ready; }));
}

TEST_F(NamesTest, a_declined_request_is_gone_and_its_sender_hears_nothing) {
  must<NameClaimed>(alice, ClaimName{"alice", ""});
  must<RequestSent>(bob, SendContactRequest{find("alice").link, "hi"});
  ASSERT_TRUE(world.run_until([&] { return !waiting(alice).empty(); }));
  const auto request = waiting(alice).at(0).request;
  must<Nothing>(alice, DeclineContactRequest{request});
  EXPECT_EQ(refusal(alice, OpenContactRequest{request}), kNoSuchRequest);
  world.pass(hours(1));
  EXPECT_TRUE(bob.chats().empty());
}

TEST_F(NamesTest, what_turns_the_direction_of_a_line_is_in_no_name_and_no_greeting) {
  EXPECT_EQ(refusal(alice, ClaimName{"al\u202eice", ""}), kBadName);
  EXPECT_EQ(refusal(alice, NewChannel{"Ne\u2066ws", "", true}), kNotText);
  must<NameClaimed>(alice, ClaimName{"alice", ""});
  const auto link = find("alice").link;
  EXPECT_EQ(refusal(bob, SendContactRequest{link, "hi \u202ethere"}), kNotText);
  EXPECT_EQ(refusal(bob, SendContactRequest{link, std::string(201, 'x')}), kTooLong);
}

TEST_F(NamesTest, a_request_of_a_blocked_account_is_removed_when_it_is_opened) {
  must<NameClaimed>(alice, ClaimName{"alice", ""});
  must<NameClaimed>(bob, ClaimName{"bob", ""});
  const AccountId account = must<NameResolved>(alice, ResolveName{"bob", "", world.home_link()}).account;
  must<Nothing>(alice, BlockAccount{account});
  must<RequestSent>(bob, SendContactRequest{find("alice").link, "hi"});
  ASSERT_TRUE(world.run_until([&] { return !waiting(alice).empty(); }));
  EXPECT_EQ(refusal(alice, OpenContactRequest{waiting(alice).at(0).request}), kNoSuchRequest);
  EXPECT_TRUE(waiting(alice).empty());
}

TEST_F(NamesTest, an_invite_for_two_lets_two_in) {
  const auto link = must<InviteMade>(alice, MakeOpenInvite{2, 30}).link;
  Person& carol = world.add();
  Person& dave = world.add();
  for (Person* person : {&carol, &dave}) {
    person->start();
    ASSERT_TRUE(person->ask(NewAccount{"C", world.home_link()}).has_value());
  }
  must<RequestSent>(bob, SendContactRequest{link, ""});
  must<RequestSent>(carol, SendContactRequest{link, ""});
  ASSERT_TRUE(
      world.run_until([&] { return alice.chats().size() == 2 && !carol.chats().empty() && carol.chat().ready; }));
  EXPECT_TRUE(world.run_until([&] { return must<OpenInvites>(alice, ListOpenInvites{}).invites.empty(); }));
  world.settle();
  EXPECT_EQ(refusal(dave, SendContactRequest{link, ""}), kInviteRefused);
  EXPECT_EQ(alice.chats().size(), 2U);
}

TEST_F(NamesTest, an_invite_for_many_ends_when_it_is_revoked_or_over) {
  const auto link = must<InviteMade>(alice, MakeOpenInvite{0, 1}).link;
  world.pass(days(3));
  EXPECT_EQ(refusal(bob, SendContactRequest{link, ""}), kInviteRefused);
  const auto other = must<InviteMade>(alice, MakeOpenInvite{0, 30}).link;
  const auto invites = must<OpenInvites>(alice, ListOpenInvites{}).invites;
  ASSERT_EQ(invites.size(), 1U);
  must<Nothing>(alice, RevokeOpenInvite{invites[0].invite});
  EXPECT_EQ(refusal(alice, RevokeOpenInvite{invites[0].invite}), kNoSuchInvite);
  world.settle();
  EXPECT_EQ(refusal(bob, SendContactRequest{other, ""}), kInviteRefused);
  EXPECT_EQ(refusal(alice, MakeOpenInvite{0, 0}), kBadInviteDays);
}

TEST(BlocksTest, nothing_comes_from_a_blocked_account_until_that_is_taken_back) {
  World world;
  Person& alice = world.add();
  Person& bob = world.add();
  alice.start();
  bob.start();
  world.meet(alice, bob);
  const AccountId account = alice.chat().peer;
  ASSERT_TRUE(alice.ask(BlockAccount{account}).has_value());
  world.settle();
  bob.say("are you there?");
  world.pass(minutes(10));
  EXPECT_TRUE(alice.texts(false).empty());
  EXPECT_EQ(std::get<BlockedAccounts>(*alice.ask(ListBlocked{})).accounts, std::vector{account});
  ASSERT_TRUE(alice.ask(UnblockAccount{account}).has_value());
  EXPECT_EQ(alice.ask(UnblockAccount{account}).error().code, kNotBlocked);
  world.settle();
  bob.say("and now?");
  EXPECT_TRUE(world.run_until([&] { return alice.texts(false) == std::vector<std::string>{"and now?"}; }));
}

}  // namespace
}  // namespace godwit::testworld
