// Names, contact requests, invites for many and blocks, with a real home core.

#include <gtest/gtest.h>

#include "engine/errors.h"
#include "engine/invite_link.h"
#include "engine/name_book.h"
#include "engine/record_key.h"
#include "engine/records.h"
#include "tests/engine/asking.h"

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
  NameResolved find(const std::string& name, const std::string& passcode = {}) {
    return must<NameResolved>(bob, ResolveName{name, passcode, world.home_link()});
  }
  Person& newcomer(const std::string& name, const std::string& host = {}) {
    Person& person = world.add();
    person.start();
    const std::string link = host.empty() ? world.home_link() : world.home_link_at(host);
    EXPECT_TRUE(person.ask(NewAccount{name, link}).has_value());
    return person;
  }
  // What is on a disk of one kind of record.
  template <typename Record>
  std::vector<std::pair<Bytes, Record>> records(Person& person, RecordKind kind) {
    std::vector<std::pair<Bytes, Record>> out;
    for (const auto& [key, sealed] : person.disk().records()) {
      if (key.front() != static_cast<uint8_t>(kind)) continue;
      const auto opened = open_record(person.key(), key, sealed);
      if (!opened) continue;
      if (auto record = codec::decoded<Record>(opened->reveal())) out.emplace_back(key, std::move(*record));
    }
    return out;
  }
  std::vector<OpenInviteInfo> open_invites() { return must<OpenInvites>(alice, ListOpenInvites{}).invites; }
  bool was_told_used_up() {
    return std::ranges::any_of(alice.notices,
                               [](const Notice& one) { return std::holds_alternative<OpenInviteUsedUp>(one); });
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
  must<NameClaimed>(alice, ClaimName{"alice", "tulips"});
  EXPECT_EQ(refusal(bob, ResolveName{"alice", "", world.home_link()}), kNoSuchName);
  EXPECT_EQ(refusal(bob, ResolveName{"alicia", "", world.home_link()}), kNoSuchName);
  EXPECT_EQ(find("alice", "tulips").name, "Alice");
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

TEST_F(NamesTest, a_request_of_a_blocked_account_is_dropped) {
  must<NameClaimed>(alice, ClaimName{"alice", ""});
  must<NameClaimed>(bob, ClaimName{"bob", ""});
  const AccountId account = must<NameResolved>(alice, ResolveName{"bob", "", world.home_link()}).account;
  must<Nothing>(alice, BlockAccount{account});
  must<RequestSent>(bob, SendContactRequest{find("alice").link, "hi"});
  world.settle();
  EXPECT_TRUE(waiting(alice).empty());
  // One that waits when its account is blocked goes when somebody looks at it.
  must<Nothing>(alice, UnblockAccount{account});
  must<RequestSent>(bob, SendContactRequest{find("alice").link, "hi"});
  ASSERT_TRUE(world.run_until([&] { return !waiting(alice).empty(); }));
  must<Nothing>(alice, BlockAccount{account});
  const auto request = waiting(alice).at(0).request;
  EXPECT_EQ(refusal(alice, AcceptContactRequest{request}), kNoSuchRequest);
  EXPECT_EQ(refusal(alice, OpenContactRequest{request}), kNoSuchRequest);
  EXPECT_TRUE(waiting(alice).empty());
}

TEST_F(NamesTest, a_blocked_account_does_not_come_in_by_an_invite) {
  must<NameClaimed>(bob, ClaimName{"bob", ""});
  const AccountId account = must<NameResolved>(alice, ResolveName{"bob", "", world.home_link()}).account;
  const auto link = must<InviteMade>(alice, MakeInvite{}).link;
  must<Nothing>(alice, BlockAccount{account});
  bob.give(AddContact{link});
  world.pass(minutes(10));
  EXPECT_TRUE(alice.chats().empty());
}

TEST_F(NamesTest, invites_for_one_are_listed_until_they_are_taken_or_revoked) {
  EXPECT_TRUE(must<Invites>(alice, ListInvites{}).invites.empty());
  const Instant before = world.now;
  const auto first = must<InviteMade>(alice, MakeInvite{}).link;
  world.pass(minutes(1));
  const auto second = must<InviteMade>(alice, MakeInvite{}).link;
  // Keys for others stand among the same records, and are none of these.
  must<RequestSent>(alice, SendContactRequest{must<InviteMade>(bob, MakeOpenInvite{1, 30}).link, "hi"});
  const auto both = must<Invites>(alice, ListInvites{}).invites;
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0].link, first);
  EXPECT_EQ(both[1].link, second);
  EXPECT_GE(both[0].made, before);
  EXPECT_EQ(both[0].expires - both[0].made, days(90));
  must<Nothing>(alice, RevokeInvite{both[0].invite});
  const auto left = must<Invites>(alice, ListInvites{}).invites;
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].link, second);
  EXPECT_EQ(refusal(alice, RevokeInvite{both[0].invite}), kNoSuchInvite);
  EXPECT_EQ(refusal(alice, RevokeInvite{}), kNoSuchInvite);
  world.settle();
  Person& carol = newcomer("Carol");
  EXPECT_EQ(refusal(carol, AddContact{first}), kInviteRefused);
  must<ChatMade>(carol, AddContact{second});
  world.settle();
  EXPECT_TRUE(must<Invites>(alice, ListInvites{}).invites.empty());
  EXPECT_EQ(refusal(alice, RevokeInvite{left[0].invite}), kNoSuchInvite) << "it is the address of a chat now";
  EXPECT_EQ(refusal(world.add(), ListInvites{}), kNoAccount);
}

TEST_F(NamesTest, an_invite_that_was_revoked_without_a_network_lets_nobody_in) {
  const auto link = must<InviteMade>(alice, MakeInvite{}).link;
  const auto listed = must<Invites>(alice, ListInvites{}).invites;
  ASSERT_EQ(listed.size(), 1U);
  alice.online = false;
  world.cut(alice);
  must<Nothing>(alice, RevokeInvite{listed[0].invite});
  alice.kill();
  // The home does not know yet, and gives the keys away.
  must<ChatMade>(bob, AddContact{link});
  alice.online = true;
  alice.start();
  world.pass(minutes(10));
  EXPECT_TRUE(must<Invites>(alice, ListInvites{}).invites.empty());
  EXPECT_TRUE(alice.chats().empty());
  EXPECT_TRUE(records<InviteRecord>(alice, RecordKind::kInvite).empty()) << "the home knows it now";
}

TEST_F(NamesTest, requests_of_one_account_wait_once_and_are_declined_together) {
  must<NameClaimed>(alice, ClaimName{"alice", ""});
  Person& carol = newcomer("Carol");
  const auto link = find("alice").link;
  for (Person* person : {&bob, &bob, &carol, &bob}) must<RequestSent>(*person, SendContactRequest{link, "hi"});
  world.settle();
  EXPECT_EQ(waiting(alice).size(), 2U);
  must<Nothing>(alice, DeclineContactRequests{});
  EXPECT_TRUE(waiting(alice).empty());
}

TEST_F(NamesTest, junk_does_not_end_contact_requests_for_good) {
  must<NameClaimed>(alice, ClaimName{"alice", ""});
  const auto link = find("alice").link;
  alice.kill();
  crypto::SeededRandom random(7);
  const auto addresses = records<RequestAddressRecord>(alice, RecordKind::kRequestAddress);
  for (size_t i = 0; i < kContactRequestsMax; ++i) {
    ContactRequestRecord junk;
    junk.alias = addresses.at(0).second.alias;
    junk.by_name = true;
    junk.received_ms = static_cast<int64_t>(i);
    junk.account = AccountId{random.bytes<AccountId::kSize>()};
    junk.invite_alias = wire::Alias{random.bytes<wire::Alias::kSize>()};
    const auto id = random.bytes<ContactRequestId::kSize>();
    const Bytes key = record_key(RecordKind::kContactRequest, id);
    alice.disk().put(key, seal_record(alice.key(), random, key, codec::encoded(junk)));
  }
  alice.start();
  ASSERT_EQ(waiting(alice).size(), kContactRequestsMax);
  const auto oldest = waiting(alice).front().request;
  must<RequestSent>(bob, SendContactRequest{link, "it is me"});
  world.settle();
  EXPECT_EQ(waiting(alice).size(), kContactRequestsMax);
  EXPECT_NE(waiting(alice).front().request, oldest);
  const auto newest = must<ContactRequestOpened>(alice, OpenContactRequest{waiting(alice).back().request});
  EXPECT_EQ(newest.greeting, "it is me");
}

TEST_F(NamesTest, an_invite_in_a_request_is_for_the_one_who_was_asked) {
  must<NameClaimed>(alice, ClaimName{"alice", ""});
  must<RequestSent>(bob, SendContactRequest{find("alice").link, "hi"});
  ASSERT_TRUE(world.run_until([&] { return !waiting(alice).empty(); }));
  const auto kept = records<ContactRequestRecord>(alice, RecordKind::kContactRequest);
  ASSERT_EQ(kept.size(), 1U);
  // Alice, or her home if it knows her name, hands on what Bob has sent.
  Person& carol = newcomer("Carol");
  carol.give(AddContact{kept[0].second.invite});
  world.pass(minutes(10));
  EXPECT_TRUE(bob.chats().empty());
}

TEST_F(NamesTest, no_contact_says_which_home_is_at_a_host) {
  world.add_home("other.example");
  Person& carol = newcomer("Carol", "other.example");
  const auto invite = must<InviteMade>(carol, MakeInvite{}).link;
  must<ChatMade>(alice, AddContact{invite});
  world.settle();
  must<NameClaimed>(carol, ClaimName{"carol", ""});
  EXPECT_EQ(refusal(alice, ResolveName{"carol@other.example", "", ""}), kUnknownNameHome);
  const auto link = world.home_link_at("other.example");
  EXPECT_EQ(must<NameResolved>(alice, ResolveName{"carol@other.example", "", link}).name, "Carol");
  must<NameClaimed>(bob, ClaimName{"bob", ""});
  EXPECT_EQ(must<NameResolved>(alice, ResolveName{"bob@home.example", "", ""}).name, "Bob");
}

TEST_F(NamesTest, a_new_passcode_ends_the_link_that_the_old_one_gave) {
  EXPECT_EQ(refusal(alice, ClaimName{"alice", "short"}), kPasscodeShort);
  must<NameClaimed>(alice, ClaimName{"alice", "tulips"});
  const auto old = find("alice", "tulips").link;
  must<NameClaimed>(alice, ClaimName{"alice", "daffodils"});
  world.settle();
  EXPECT_EQ(refusal(bob, SendContactRequest{old, "hi"}), kInviteRefused);
  must<RequestSent>(bob, SendContactRequest{find("alice", "daffodils").link, "hi"});
  ASSERT_TRUE(world.run_until([&] { return !waiting(alice).empty(); }));
}

TEST_F(NamesTest, few_names_are_tried_in_a_day) {
  must<NameClaimed>(alice, ClaimName{"alice", ""});
  for (int i = 0; i < 8; ++i) EXPECT_EQ(refusal(bob, ClaimName{"alice", ""}), engine::kNameTaken);
  EXPECT_EQ(refusal(bob, ClaimName{"bob", ""}), kTooManyClaims);
  world.pass(hours(4));
  must<NameClaimed>(bob, ClaimName{"bob", ""});
}

TEST_F(NamesTest, an_account_comes_in_once_by_an_invite_for_many) {
  const auto link = must<InviteMade>(alice, MakeOpenInvite{3, 30}).link;
  for (int i = 0; i < 3; ++i) {
    must<RequestSent>(bob, SendContactRequest{link, ""});
    world.settle();
  }
  must<RequestSent>(bob, SendContactRequest{link, ""});
  must<RequestSent>(bob, SendContactRequest{link, ""});
  world.settle();
  EXPECT_EQ(alice.chats().size(), 1U);
  ASSERT_EQ(open_invites().size(), 1U);
  EXPECT_EQ(open_invites()[0].uses_left, 2U);
}

TEST_F(NamesTest, those_whose_home_is_silent_hold_up_nobody_and_are_given_up_after_a_day) {
  world.add_home("other.example");
  alice.blocked.insert("other.example");
  const auto link = must<InviteMade>(alice, MakeOpenInvite{2, 30}).link;
  for (size_t i = 0; i < kTakingsMax + 1; ++i) {
    must<RequestSent>(newcomer("Silent", "other.example"), SendContactRequest{link, ""});
  }
  world.settle();
  EXPECT_LE(records<TakingRecord>(alice, RecordKind::kTaking).size(), kTakingsMax);
  must<RequestSent>(bob, SendContactRequest{link, ""});
  ASSERT_TRUE(world.run_until([&] { return alice.chats().size() == 1; }, minutes(30)));
  EXPECT_EQ(open_invites().at(0).uses_left, 1U);
  world.pass(days(1) + hours(1));
  alice.blocked.clear();
  world.pass(hours(1));
  EXPECT_EQ(alice.chats().size(), 1U);
  EXPECT_TRUE(records<TakingRecord>(alice, RecordKind::kTaking).empty());
  EXPECT_TRUE(records<ContactRequestRecord>(alice, RecordKind::kContactRequest).empty());
}

TEST_F(NamesTest, the_last_one_comes_in_also_after_a_restart_and_counts_once) {
  world.add_home("other.example");
  alice.blocked.insert("other.example");
  const auto link = must<InviteMade>(alice, MakeOpenInvite{1, 30}).link;
  Person& carol = newcomer("Carol", "other.example");
  must<RequestSent>(carol, SendContactRequest{link, ""});
  world.settle();
  EXPECT_EQ(open_invites().at(0).uses_left, 1U) << "it counts when the chat stands";
  alice.kill();
  alice.blocked.clear();
  alice.start();
  ASSERT_TRUE(world.run_until([&] { return !carol.chats().empty() && carol.chat().ready; }));
  EXPECT_TRUE(open_invites().empty());
  EXPECT_TRUE(was_told_used_up());
}

TEST_F(NamesTest, an_invite_for_any_number_leads_to_so_many_chats) {
  const auto link = must<InviteMade>(alice, MakeOpenInvite{0, 30}).link;
  alice.kill();
  for (auto& [key, record] : records<RequestAddressRecord>(alice, RecordKind::kRequestAddress)) {
    record.chats = kOpenInviteChatsMax - 1;
    crypto::SeededRandom random(7);
    alice.disk().put(key, seal_record(alice.key(), random, key, codec::encoded(record)));
  }
  alice.start();
  must<RequestSent>(bob, SendContactRequest{link, ""});
  ASSERT_TRUE(world.run_until([&] { return alice.chats().size() == 1; }));
  world.settle();
  EXPECT_TRUE(open_invites().empty());
  EXPECT_TRUE(was_told_used_up());
  EXPECT_EQ(refusal(newcomer("Carol"), SendContactRequest{link, ""}), kInviteRefused);
}

TEST_F(NamesTest, nobody_is_let_in_by_himself_whose_home_is_said_to_be_in_the_house) {
  const auto link = must<InviteMade>(alice, MakeOpenInvite{0, 30}).link;
  world.add_home("192.168.1.7");
  must<RequestSent>(newcomer("Carol", "192.168.1.7"), SendContactRequest{link, ""});
  world.pass(minutes(10));
  EXPECT_TRUE(alice.chats().empty());
  EXPECT_TRUE(std::ranges::none_of(alice.dialled, [](const auto& route) { return route.host == "192.168.1.7"; }));
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
