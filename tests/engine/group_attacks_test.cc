// Commits that a member makes with his own hands, beyond what his role lets him: they stand in the log, and every program passes
// over them alike.

#include "codec/codec.h"
#include "engine/chat.h"
#include "engine/content_bodies.h"
#include "engine/envelope.h"
#include "engine/group_settings.h"
#include "engine/log_entry.h"
#include "engine/record_key.h"
#include "mls/testing/forger.h"
#include "tests/engine/groups.h"

namespace godwit::testworld {
namespace {

using engine::GroupSettings;
using engine::RecordKind;

// The first made the group; the second is an admin, the third a member, the fourth nobody knows.
class GroupAttacks : public Groups {
 protected:
  void SetUp() override {
    Groups::SetUp();
    make_group(3);
    ASSERT_TRUE(person(0).ask(engine::SetRole{group, account(1), Role::kAdmin}).has_value());
    world.settle();
  }
  mls::Group group_of(size_t i) {
    return mls::Group::restore(mls::suites_default(), person(i).group_records(group)).value();
  }
  engine::ChatRecord record_of(size_t i) {
    const Bytes key = engine::record_key(RecordKind::kChat, group.view());
    const auto value = engine::open_record(person(i).key(), key, person(i).disk().records().at(key));
    return codec::decoded<engine::ChatRecord>(value->reveal()).value();
  }
  static GroupSettings settings_of(const mls::Group& state) {
    return engine::parse_group_settings(state.group_context_extensions()).value().value();
  }
  static mls::CommitRequest with(const GroupSettings& settings) {
    mls::CommitRequest request;
    request.group_context_extensions = mls::Extensions{engine::group_settings_extension(settings)};
    return request;
  }
  mls::LeafIndex leaf_of(const mls::Group& state, const engine::AccountId& who) {
    for (const mls::Member& member : state.members()) {
      if (equal(member.identity, who.view())) return member.leaf;
    }
    ADD_FAILURE() << "no such member";
    return {};
  }

  // Member `i` puts his commit into the log, where the next one is due; then all look.
  void commit(size_t i, mls::CommitRequest request) {
    mls::Group state = group_of(i);
    request.padding = mls::Padding::kNone;
    auto staged = state.stage_commit(request, random, world.now);
    ASSERT_TRUE(staged.has_value()) << staged.error().rule;
    const engine::ChatRecord record = record_of(i);
    wire::LogAppend append;
    append.log = record.log.log;
    append.epoch = state.epoch();
    append.attempt = attempts++;
    append.epoch_token = engine::to_token(*engine::log_epoch_token(state));
    append.next_epoch_token_hash = engine::hash_of(*engine::log_epoch_token(staged->successor));
    append.read_token_hash = engine::hash_of(record.keys.log_read.value);
    append.entry =
        engine::seal_log_entry({staged->commit, {}}, record.log.key.value, record.log.log, state.epoch(), random);
    ASSERT_TRUE(std::holds_alternative<wire::Done>(world.ask_home(append)));
  }
  // Member `i`, whose program does not run, says something by hand to the others.
  void tell_all(size_t i, engine::ContentKind kind, Bytes body) {
    engine::Content content;
    content.id = {random.bytes<16>()};
    content.sent_ms = static_cast<uint64_t>(world.now.ms);
    content.kind = kind;
    content.body = std::move(body);
    content.clock = 100;
    if (!speakers.contains(i)) speakers.emplace(i, group_of(i));
    mls::Group& speaker = speakers.at(i);
    const Bytes words = codec::encoded(content);
    const engine::Envelope envelope{
        engine::EnvelopeKind::kMls, content.id,
        speaker.protect(codec::encoded(engine::Said{1, words, person(i).proof_of(group, words)}), {}, random).value(),
        speaker.own_leaf().value};
    const Bytes payload = engine::seal_envelope(envelope, record_of(i).keys.envelope.value, group.view(), random);
    for (size_t to = 0; to < 3; ++to) {
      if (to == i) continue;
      const auto record = record_of(to);
      const wire::Recipient recipient{record.own_alias,
                                      engine::to_token(engine::address_token(record.keys, record.own_alias)),
                                      {random.bytes<16>()}};
      ASSERT_TRUE(std::holds_alternative<wire::Done>(world.ask_home(wire::Deliver{recipient, 3600, payload})));
    }
    world.settle();
  }
  // What the others see is what it was, and the owner's next change goes through, behind all that stands there. Whoever has used
  // his program's keys behind its back has lost it.
  void expect_unmoved(const std::set<size_t>& attackers) {
    ASSERT_TRUE(person(0).ask(engine::RenameGroup{group, "goes on"}).has_value());
    world.settle();
    say(0, "heard");
    world.settle();
    for (size_t i = 0; i < 3; ++i) {
      if (attackers.contains(i)) continue;
      EXPECT_EQ(info(i).name, "goes on") << i;
      EXPECT_EQ(members(i).members.size(), 3U) << i;
      EXPECT_EQ(role(0, i), Role::kOwner) << i;
      EXPECT_EQ(role(1, i), Role::kAdmin) << i;
      EXPECT_EQ(role(2, i), Role::kMember) << i;
      EXPECT_FALSE(members(i).announcement_only) << i;
      EXPECT_EQ(info(i).epoch, info(0).epoch) << i;
      EXPECT_EQ(heard(i), i == 0 ? Texts{} : Texts{"heard"}) << i;
    }
  }

  uint8_t attempts = 0;
  std::map<size_t, mls::Group> speakers;
  crypto::SeededRandom random{79};
};

TEST_F(GroupAttacks, a_member_makes_himself_and_others_nothing) {
  GroupSettings settings = settings_of(group_of(2));
  settings.set_role(account(2), Role::kOwner);
  commit(2, with(settings));
  settings = settings_of(group_of(2));
  settings.set_role(account(1), Role::kMember);
  commit(2, with(settings));
  expect_unmoved({2});
}

TEST_F(GroupAttacks, a_member_changes_neither_name_nor_rules) {
  GroupSettings settings = settings_of(group_of(2));
  settings.name = "mine";
  commit(2, with(settings));
  settings = settings_of(group_of(2));
  settings.announcement_only = true;
  commit(2, with(settings));
  settings = settings_of(group_of(2));
  settings.saved = true;
  commit(2, with(settings));
  expect_unmoved({2});
}

TEST_F(GroupAttacks, a_member_removes_nobody_and_lets_nobody_in) {
  mls::CommitRequest removal;
  removal.remove.push_back(leaf_of(group_of(2), account(1)));
  commit(2, std::move(removal));
  const mls::CipherSuite& suite = group_of(2).suite();
  const auto eve = mls::KeyPackagePrivate::generate(
      suite, mls::testing::parameters("eve", {engine::kGroupSettingsExtension}), days(30), random, world.now);
  mls::CommitRequest addition;
  addition.add.push_back(mls::KeyPackage::parse(suite, eve.encode_message(), world.now).value());
  commit(2, std::move(addition));
  expect_unmoved({2});
}

TEST_F(GroupAttacks, an_admin_is_not_above_the_owner) {
  GroupSettings settings = settings_of(group_of(1));
  settings.set_role(account(1), Role::kOwner);
  commit(1, with(settings));
  settings = settings_of(group_of(1));
  settings.set_role(account(0), Role::kMember);
  commit(1, with(settings));
  mls::CommitRequest removal;
  removal.remove.push_back(leaf_of(group_of(1), account(0)));
  commit(1, std::move(removal));
  expect_unmoved({1});
}

TEST_F(GroupAttacks, a_door_is_opened_by_its_keeper_and_by_admins_only) {
  const auto open = [&](size_t i, size_t keeper) {
    GroupSettings settings = settings_of(group_of(i));
    settings.doors.push_back({{random.bytes<16>()}, account(keeper), false, 0, 0});
    commit(i, with(settings));
  };
  open(1, 0);
  open(2, 1);
  expect_unmoved({1, 2});
  const auto doors = settings_of(group_of(0)).doors;
  EXPECT_TRUE(doors.empty());
}

TEST_F(GroupAttacks, a_context_that_is_none_of_ours_is_void) {
  mls::CommitRequest nothing;
  nothing.group_context_extensions = mls::Extensions{};
  commit(1, std::move(nothing));
  mls::CommitRequest damaged;
  mls::Extension extension = engine::group_settings_extension(settings_of(group_of(1)));
  extension.data.resize(extension.data.size() / 2);
  damaged.group_context_extensions = mls::Extensions{extension};
  commit(1, std::move(damaged));
  expect_unmoved({1});
}

// By their own program an edit of another's words is not even sent.
TEST_F(GroupAttacks, neither_an_admin_nor_a_member_edits_what_another_has_said) {
  const auto said = person(0).ask(engine::SendText{group, "said by the owner"});
  ASSERT_TRUE(said.has_value());
  const auto id = std::get<engine::MessageQueued>(*said).message.id;
  world.settle();
  for (const size_t attacker : {size_t{1}, size_t{2}}) {
    person(attacker).kill();
    tell_all(attacker, engine::ContentKind::kEdit, codec::encoded(engine::EditBody{id, "put into her mouth"}));
    for (size_t i = 0; i < 3; ++i) {
      if (!person(i).alive()) continue;
      EXPECT_EQ(message(i, id).text, "said by the owner") << i;
      EXPECT_EQ(message(i, id).edits, 0U) << i;
    }
  }
  // What he may do comes through in the same way, so that the above says something.
  tell_all(1, engine::ContentKind::kReaction, codec::encoded(engine::ReactionBody{id, "👍", false}));
  EXPECT_EQ(message(0, id).reactions.size(), 1U);
}

TEST_F(GroupAttacks, slow_mode_holds_members_back_and_not_admins) {
  ASSERT_TRUE(person(0).ask(engine::SetGroupSettings{group, {}, 600, {}}).has_value());
  world.settle();
  say(2, "first");
  const auto second = person(2).ask(engine::SendText{group, "second"});
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, engine::kTooSoon);
  say(1, "an admin");
  say(1, "and again");
  world.pass(minutes(11));
  say(2, "third");
  world.settle();
  EXPECT_EQ(heard(0), (Texts{"first", "an admin", "and again", "third"}));
}

}  // namespace
}  // namespace godwit::testworld
