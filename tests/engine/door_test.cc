// Links of groups: coming by them, with and without approval, and all the ways in which one does not.

#include "crypto/proof_of_work.h"
#include "engine/door_book.h"
#include "engine/door_link.h"
#include "engine/member_info.h"
#include "engine/record_key.h"
#include "engine/records.h"
#include "tests/engine/groups.h"

namespace godwit::testworld {
namespace {

class Doors : public Groups {
 protected:
  // A link that the `keeper` makes.
  std::string make_link(size_t keeper, engine::MakeGroupLink how = {}) {
    how.chat = group;
    const auto made = person(keeper).ask(how);
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().rule);
    return made ? std::get<engine::GroupLinkMade>(*made).text : std::string();
  }
  engine::MakeGroupLink with_approval() { return {{}, true, 0, 0}; }
  wire::Alias only_link(size_t as_seen_by) {
    const auto links = person(as_seen_by).ask(engine::ListGroupLinks{group});
    return links ? std::get<engine::GroupLinks>(*links).links.at(0).link : wire::Alias{};
  }
  Result<engine::Answer> join(size_t who, const std::string& link) {
    auto answer = person(who).ask(engine::JoinGroup{link, "it is me"});
    world.settle();
    return answer;
  }
  bool is_in(size_t who) {
    const auto chats = person(who).chats();
    return std::ranges::any_of(chats, [&](const auto& chat) { return chat.chat == group && chat.member; });
  }
  // Why somebody was not let in, as he was told.
  ErrorCode told(size_t who) {
    ErrorCode code;
    for (const auto& notice : person(who).notices) {
      if (const auto* refused = std::get_if<engine::JoinRefused>(&notice)) code = refused->error.code;
    }
    return code;
  }
  std::vector<engine::JoinRequestShown> waiting(size_t at) {
    const auto answer = person(at).ask(engine::ListJoinRequests{group});
    return answer ? std::get<engine::JoinRequests>(*answer).requests : std::vector<engine::JoinRequestShown>{};
  }
  void make_admin(size_t who) {
    ASSERT_TRUE(person(0).ask(engine::SetRole{group, account(who), Role::kAdmin}).has_value());
    world.settle();
  }
};

TEST_F(Doors, who_holds_a_link_comes_in_and_is_heard_by_all) {
  make_group(2);
  const std::string link = make_link(0);
  world.settle();
  ASSERT_TRUE(join(2, link).has_value());
  ASSERT_TRUE(join(3, link).has_value());
  say(3, "hello");
  world.settle();
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(members(i).members.size(), 4U) << i;
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(heard(i), Texts{"hello"}) << i;
  EXPECT_EQ(role(3, 1), Role::kMember);
}

TEST_F(Doors, all_see_that_a_link_exists_and_only_its_keeper_has_it) {
  make_group(3);
  const std::string link = make_link(0, {{}, false, 5, 7});
  world.settle();
  for (size_t i = 0; i < 3; ++i) {
    const auto links = std::get<engine::GroupLinks>(*person(i).ask(engine::ListGroupLinks{group})).links;
    ASSERT_EQ(links.size(), 1U) << i;
    EXPECT_EQ(links[0].keeper, account(0));
    EXPECT_EQ(links[0].uses, 5U);
    EXPECT_EQ(links[0].own, i == 0);
    EXPECT_EQ(links[0].text.value_or(""), i == 0 ? link : "");
  }
}

TEST_F(Doors, only_admins_open_and_close_links_and_see_who_waits) {
  make_group(3);
  make_link(0, with_approval());
  world.settle();
  EXPECT_EQ(refusal(1, engine::MakeGroupLink{group, false, 0, 0}), ErrorCode{engine::kNotAllowed});
  EXPECT_EQ(refusal(1, engine::RevokeGroupLink{group, only_link(1)}), ErrorCode{engine::kNotAllowed});
  EXPECT_EQ(refusal(1, engine::ApproveJoin{group, account(3)}), ErrorCode{engine::kNotAllowed});
  EXPECT_EQ(refusal(1, engine::RefuseJoin{group, account(3)}), ErrorCode{engine::kNotAllowed});
  EXPECT_EQ(refusal(0, engine::RevokeGroupLink{group, wire::Alias{}}), ErrorCode{engine::kNoSuchGroupLink});
  EXPECT_EQ(refusal(0, engine::MakeGroupLink{group, false, 1001, 0}), ErrorCode{engine::kBadLinkTerms});
  EXPECT_EQ(refusal(0, engine::MakeGroupLink{group, false, 0, 366}), ErrorCode{engine::kBadLinkTerms});
}

TEST_F(Doors, with_approval_who_comes_waits_for_an_admin) {
  make_group(3);
  make_admin(1);
  const std::string link = make_link(0, with_approval());
  ASSERT_TRUE(join(3, link).has_value());
  EXPECT_FALSE(is_in(3));
  for (size_t i = 0; i < 2; ++i) {
    const auto requests = waiting(i);
    ASSERT_EQ(requests.size(), 1U) << i;
    EXPECT_EQ(requests[0].account, account(3));
    EXPECT_EQ(requests[0].name, "P3");
    EXPECT_EQ(requests[0].greeting, "it is me");
  }
  EXPECT_TRUE(waiting(2).empty());
  ASSERT_TRUE(person(1).ask(engine::ApproveJoin{group, account(3)}).has_value());
  world.settle();
  EXPECT_TRUE(is_in(3));
  EXPECT_EQ(members(2).members.size(), 4U);
  EXPECT_TRUE(waiting(0).empty());
  EXPECT_TRUE(waiting(1).empty());
}

TEST_F(Doors, who_is_refused_is_told_and_may_ask_again) {
  make_group(3);
  make_admin(1);
  const std::string link = make_link(0, with_approval());
  ASSERT_TRUE(join(3, link).has_value());
  ASSERT_TRUE(person(1).ask(engine::RefuseJoin{group, account(3)}).has_value());
  world.settle();
  EXPECT_EQ(told(3), ErrorCode{engine::kJoinRefused});
  EXPECT_TRUE(waiting(0).empty());
  EXPECT_EQ(refusal(0, engine::ApproveJoin{group, account(3)}), ErrorCode{engine::kNoSuchJoinRequest});
  ASSERT_TRUE(join(3, link).has_value());
  ASSERT_TRUE(person(0).ask(engine::ApproveJoin{group, account(3)}).has_value());
  world.settle();
  EXPECT_TRUE(is_in(3));
}

TEST_F(Doors, two_admins_who_approve_at_once_let_him_in_once) {
  make_group(3);
  make_admin(1);
  ASSERT_TRUE(join(3, make_link(0, with_approval())).has_value());
  const auto one = person(0).give(engine::ApproveJoin{group, account(3)});
  const auto other = person(1).give(engine::ApproveJoin{group, account(3)});
  world.settle();
  ASSERT_NE(person(0).answer(one), nullptr);
  ASSERT_NE(person(1).answer(other), nullptr);
  EXPECT_NE(person(0).answer(one)->has_value(), person(1).answer(other)->has_value());
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(members(i).members.size(), 4U) << i;
  say(3, "in");
  world.settle();
  EXPECT_EQ(heard(2), Texts{"in"});
}

TEST_F(Doors, one_admin_approves_and_another_refuses_at_once) {
  make_group(3);
  make_admin(1);
  ASSERT_TRUE(join(3, make_link(0, with_approval())).has_value());
  person(0).give(engine::ApproveJoin{group, account(3)});
  person(1).give(engine::RefuseJoin{group, account(3)});
  world.settle();
  EXPECT_TRUE(is_in(3));
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(members(i).members.size(), 4U) << i;
}

TEST_F(Doors, link_for_one_is_used_by_one) {
  make_group(2);
  const std::string link = make_link(0, {{}, false, 1, 0});
  const auto one = person(2).give(engine::JoinGroup{link, ""});
  const auto other = person(3).give(engine::JoinGroup{link, ""});
  world.settle();
  EXPECT_TRUE(person(2).answer(one)->has_value());
  EXPECT_TRUE(person(3).answer(other)->has_value());
  EXPECT_NE(is_in(2), is_in(3));
  const size_t outside = is_in(2) ? 3 : 2;
  EXPECT_EQ(told(outside), ErrorCode{engine::kGroupLinkUsedUp});
  EXPECT_EQ(members(0).members.size(), 3U);
}

TEST_F(Doors, who_is_in_does_not_come_again) {
  make_group(2);
  const std::string link = make_link(0, {{}, false, 2, 0});
  ASSERT_TRUE(join(2, link).has_value());
  EXPECT_EQ(join(2, link).error().code, ErrorCode{engine::kAlreadyInGroup});
  EXPECT_EQ(join(0, link).error().code, ErrorCode{engine::kAlreadyInGroup});
  ASSERT_TRUE(join(3, link).has_value());
  EXPECT_EQ(members(0).members.size(), 4U);
}

TEST_F(Doors, link_that_is_over_leads_nowhere) {
  make_group(2);
  const std::string link = make_link(0, {{}, false, 0, 1});
  world.pass(hours(25));
  EXPECT_EQ(join(2, link).error().code, ErrorCode{engine::kGroupLinkExpired});
  person(3).clock_error = hours(-3);
  ASSERT_TRUE(join(3, link).has_value());
  EXPECT_EQ(told(3), ErrorCode{engine::kGroupLinkExpired});
  world.pass(days(2));
  EXPECT_TRUE(std::get<engine::GroupLinks>(*person(1).ask(engine::ListGroupLinks{group})).links.empty());
}

TEST_F(Doors, revoked_link_leads_nowhere_whoever_revoked_it) {
  make_group(3);
  make_admin(1);
  const std::string link = make_link(0);
  world.settle();
  ASSERT_TRUE(person(1).ask(engine::RevokeGroupLink{group, only_link(1)}).has_value());
  world.settle();
  EXPECT_EQ(join(3, link).error().code, ErrorCode{engine::kGroupLinkGone});
  EXPECT_TRUE(std::get<engine::GroupLinks>(*person(0).ask(engine::ListGroupLinks{group})).links.empty());
}

TEST_F(Doors, link_that_was_revoked_while_its_keeper_was_away_lets_nobody_in) {
  make_group(3);
  make_admin(1);
  const std::string link = make_link(0);
  world.settle();
  person(0).kill();
  ASSERT_TRUE(person(1).ask(engine::RevokeGroupLink{group, only_link(1)}).has_value());
  ASSERT_TRUE(person(3).ask(engine::JoinGroup{link, ""}).has_value());
  world.settle();
  person(0).start();
  world.settle();
  EXPECT_FALSE(is_in(3));
  EXPECT_EQ(told(3), ErrorCode{engine::kGroupLinkGone});
  EXPECT_EQ(members(0).members.size(), 3U);
}

TEST_F(Doors, link_of_an_admin_who_is_none_any_more_is_closed) {
  make_group(3);
  make_admin(1);
  const std::string link = make_link(1);
  world.settle();
  ASSERT_TRUE(person(0).ask(engine::SetRole{group, account(1), Role::kMember}).has_value());
  world.settle();
  EXPECT_EQ(join(3, link).error().code, ErrorCode{engine::kGroupLinkGone});
}

TEST_F(Doors, link_of_an_admin_who_leaves_is_closed_by_whoever_commits_it) {
  make_group(3);
  make_admin(1);
  const std::string link = make_link(1);
  world.settle();
  ASSERT_TRUE(person(1).ask(engine::LeaveGroup{group}).has_value());
  world.settle();
  EXPECT_EQ(members(2).members.size(), 2U);
  EXPECT_EQ(members(0).members.size(), 2U);
  EXPECT_TRUE(std::get<engine::GroupLinks>(*person(2).ask(engine::ListGroupLinks{group})).links.empty());
  EXPECT_EQ(join(3, link).error().code, ErrorCode{engine::kGroupLinkGone});
}

TEST_F(Doors, who_was_removed_comes_back_by_an_admins_hand_only) {
  make_group(4);
  const std::string link = make_link(0);
  ASSERT_TRUE(person(0).ask(engine::RemoveMember{group, account(3)}).has_value());
  world.settle();
  ASSERT_TRUE(join(3, link).has_value());
  EXPECT_FALSE(is_in(3));
  EXPECT_EQ(told(3), ErrorCode{engine::kGroupBarred});
  ASSERT_TRUE(person(0).ask(engine::AddMembers{group, {account(3)}}).has_value());
  world.settle();
  EXPECT_TRUE(is_in(3));
  ASSERT_TRUE(person(3).ask(engine::LeaveGroup{group}).has_value());
  world.settle();
  ASSERT_TRUE(join(3, link).has_value());
  EXPECT_TRUE(is_in(3)) << "who left by himself comes back by a link";
}

TEST_F(Doors, who_was_blocked_by_the_keeper_is_refused) {
  make_group(2);
  const std::string link = make_link(0);
  ASSERT_TRUE(person(0).ask(engine::BlockAccount{account(3)}).has_value());
  ASSERT_TRUE(join(3, link).has_value());
  EXPECT_EQ(told(3), ErrorCode{engine::kJoinRefused});
  EXPECT_EQ(members(0).members.size(), 2U);
}

TEST_F(Doors, setting_of_the_group_makes_every_link_one_with_approval) {
  make_group(2);
  ASSERT_TRUE(person(0).ask(engine::SetGroupSettings{group, {}, {}, true}).has_value());
  const std::string link = make_link(0);
  EXPECT_TRUE(engine::parse_group_link(link)->approval);
  ASSERT_TRUE(join(3, link).has_value());
  EXPECT_FALSE(is_in(3));
  EXPECT_EQ(waiting(0).size(), 1U);
}

TEST_F(Doors, who_becomes_an_admin_hears_of_those_who_wait_already) {
  make_group(3);
  ASSERT_TRUE(join(3, make_link(0, with_approval())).has_value());
  make_admin(1);
  ASSERT_EQ(waiting(1).size(), 1U);
  person(0).kill();
  ASSERT_TRUE(person(1).ask(engine::ApproveJoin{group, account(3)}).has_value());
  world.settle();
  EXPECT_TRUE(is_in(3));
}

TEST_F(Doors, use_that_was_refused_is_free_again) {
  make_group(2);
  const std::string link = make_link(0, {{}, true, 1, 0});
  ASSERT_TRUE(join(2, link).has_value());
  ASSERT_TRUE(join(3, link).has_value());
  EXPECT_EQ(told(3), ErrorCode{engine::kGroupLinkUsedUp});
  ASSERT_TRUE(person(0).ask(engine::RefuseJoin{group, account(2)}).has_value());
  ASSERT_TRUE(join(3, link).has_value());
  ASSERT_TRUE(person(0).ask(engine::ApproveJoin{group, account(3)}).has_value());
  world.settle();
  EXPECT_TRUE(is_in(3));
}

TEST_F(Doors, damaged_and_foreign_links_are_refused) {
  make_group(2);
  std::string link = make_link(0);
  link[link.size() / 2] = link[link.size() / 2] == 'A' ? 'B' : 'A';
  EXPECT_EQ(join(2, link).error().code, ErrorCode{engine::kLinkDamaged});
  EXPECT_EQ(join(2, "https://example.org").error().code, ErrorCode{engine::kLinkNotGodwit});
  EXPECT_EQ(join(2, "godwit:i#AAAA").error().code, ErrorCode{engine::kLinkOther});
  EXPECT_EQ(refusal(2, engine::JoinGroup{make_link(0), std::string(201, 'x')}), ErrorCode{engine::kTooLong});
}

TEST_F(Doors, nobody_answers_for_a_month) {
  make_group(2);
  const std::string link = make_link(0);
  world.settle();
  person(0).kill();
  ASSERT_TRUE(person(2).ask(engine::JoinGroup{link, ""}).has_value());
  world.pass(days(31));
  EXPECT_EQ(told(2), ErrorCode{engine::kJoinUnanswered});
}

TEST_F(Doors, refusals_that_no_home_takes_keep_nobody_out) {
  make_group(2);
  const std::string link = make_link(0);
  world.settle();
  person(0).kill();
  for (size_t i = 0; i < engine::kJoinRequestsMax; ++i) {
    engine::JoinRequestRecord refused;
    refused.group = group;
    refused.account = {random.bytes<32>()};
    refused.home = {{random.bytes<32>()}, {"wss://gone.example/ws"}, {}};
    refused.alias = {random.bytes<16>()};
    refused.token.value = crypto::Secret<32>::random(random);
    refused.key.value = crypto::Secret<32>::random(random);
    refused.received_ms = world.now.ms;
    refused.state = engine::JoinRequestRecord::State::kRefused;
    refused.refusal = engine::JoinRefusal::kGone;
    refused.payload = Bytes(64, 1);
    const Bytes key = engine::record_key(engine::RecordKind::kJoinRequest, group.view(), refused.account.view());
    person(0).disk().put(key, engine::seal_record(person(0).key(), random, key, codec::encoded(refused)));
  }
  person(0).disk().sync();
  person(0).blocked.insert("gone.example");
  person(0).start();
  ASSERT_TRUE(person(2).ask(engine::JoinGroup{link, ""}).has_value());
  world.pass(minutes(10));
  EXPECT_TRUE(is_in(2));
  world.pass(hours(25));
  size_t kept = 0;
  for (const auto& [key, value] : person(0).disk().records()) {
    kept += key.front() == static_cast<uint8_t>(engine::RecordKind::kJoinRequest) ? 1U : 0U;
  }
  EXPECT_EQ(kept, 0U);
}

TEST_F(Doors, one_who_cannot_be_let_in_keeps_out_nobody_who_can) {
  make_group(3);
  const std::string text = make_link(0);
  world.settle();
  person(0).kill();
  // Somebody asks with an address that is person 1's.
  World other(77);
  Person& stranger = other.add();
  ASSERT_TRUE(stranger.ask(engine::NewAccount{"Eve", other.home_link()}).has_value());
  const Bytes account_key = engine::record_key(engine::RecordKind::kAccount);
  auto value = engine::open_record(stranger.key(), account_key, stranger.disk().records().at(account_key));
  const auto eve = codec::decoded<engine::AccountRecord>(value->reveal()).value();
  const Bytes chat_key = engine::record_key(engine::RecordKind::kChat, group.view());
  value = engine::open_record(person(1).key(), chat_key, person(1).disk().records().at(chat_key));
  const auto chat = codec::decoded<engine::ChatRecord>(value->reveal()).value();
  engine::MemberInfo info{eve.account, "Eve", *engine::DeviceList::validate(eve.account, eve.devices),
                          world.home_link_parts().home, chat.own_alias};
  info.entry_token = engine::SecretField{crypto::Secret<32>::random(random)};
  mls::LeafParameters leaf;
  leaf.identity = to_bytes(eve.account.view());
  leaf.signature_key = crypto::Ed25519KeyPair::from_seed(eve.device_seed.value.clone());
  leaf.extensions = {engine::member_extension(info)};
  leaf.supported = {engine::kGroupSettingsExtension};
  for (const mls::CipherSuite* suite : mls::suites_default()) leaf.cipher_suites.push_back(suite->id);
  const auto link = engine::parse_group_link(text).value();
  engine::JoinRequest request;
  request.group = group;
  request.key.value = crypto::Secret<32>::random(random);
  request.package = mls::KeyPackagePrivate::generate(mls::suite_xwing(), std::move(leaf), days(30), random, world.now)
                        .encode_message();
  const Bytes payload = *engine::seal_join_request(request, link, random);
  const wire::Recipient to{link.alias, engine::to_token(link.token.value), {random.bytes<16>()}};
  Bytes subject = to_bytes(link.alias.view());
  append(subject, to.delivery_id.view());
  const uint64_t work = crypto::find_work(wire::kWorkLabel, subject, 20);
  ASSERT_TRUE(std::holds_alternative<wire::Done>(world.ask_home(wire::ContactDeliver{to, {work}, payload})));
  ASSERT_TRUE(person(3).ask(engine::JoinGroup{text, ""}).has_value());
  world.settle();
  person(0).start();
  world.pass(minutes(10));
  EXPECT_TRUE(is_in(3));
  EXPECT_EQ(members(0).members.size(), 4U);
}

// The program of `who` dies before each of its batches in turn, and starts again.
void survive_crashes_of(size_t who) {
  for (uint64_t dies_at = 1; dies_at <= 12; ++dies_at) {
    SCOPED_TRACE(dies_at);
    World world;
    std::vector<Person*> people;
    for (size_t i = 0; i < 3; ++i) people.push_back(&world.add());
    for (size_t i = 0; i < 3; ++i) {
      ASSERT_TRUE(people[i]->ask(engine::NewAccount{"P" + std::to_string(i), world.home_link()}).has_value());
    }
    const auto made = people[0]->ask(engine::NewGroup{"friends"});
    const engine::ChatId group = std::get<engine::ChatMade>(*made).chat.chat;
    const auto linked = people[0]->ask(engine::MakeGroupLink{group, false, 1, 0});
    ASSERT_TRUE(linked.has_value());
    world.settle();
    Person& dying = *people[who];
    uint64_t batches = 0;
    dying.on_effect = [&](const engine::Effect& effect) {
      if (std::holds_alternative<engine::StoreBatch>(effect) && ++batches == dies_at) dying.kill();
    };
    people[2]->give(engine::JoinGroup{std::get<engine::GroupLinkMade>(*linked).text, ""});
    world.settle();
    dying.on_effect = {};
    if (!dying.alive()) dying.start();
    world.settle();
    const auto in = [&] {
      for (const auto& chat : people[2]->chats()) {
        if (chat.chat == group) return chat.member;
      }
      return false;
    };
    if (!in()) {  // the request itself was lost with its record: it is given again
      ASSERT_EQ(who, 2U);
      ASSERT_TRUE(people[2]->ask(engine::JoinGroup{std::get<engine::GroupLinkMade>(*linked).text, ""}).has_value());
      world.settle();
    }
    EXPECT_TRUE(in());
    const auto members = people[0]->ask(engine::ListMembers{group});
    ASSERT_TRUE(members.has_value());
    EXPECT_EQ(std::get<engine::Members>(*members).members.size(), 2U);
  }
}

TEST_F(Doors, who_comes_survives_crashes_between_records) { survive_crashes_of(2); }
TEST_F(Doors, keeper_survives_crashes_between_records) { survive_crashes_of(0); }

}  // namespace
}  // namespace godwit::testworld
