// What the other side of a chat may put into its log, and what this side makes of it: nothing that is not an honest commit
// changes anything, and nothing stops the chat in silence.

#include <gtest/gtest.h>

#include "codec/codec.h"
#include "engine/chat.h"
#include "engine/envelope.h"
#include "engine/errors.h"
#include "engine/log_entry.h"
#include "engine/record_key.h"
#include "engine/records.h"
#include "mls/testing/forger.h"
#include "tests/engine/world.h"

namespace godwit::testworld {
namespace {

using Texts = std::vector<std::string>;
using engine::RecordKind;

class LogAttacks : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(crypto::initialise());
    world.meet(alice, bob);
    chat = bob.chat().chat;
  }
  static engine::Options quiet() {
    engine::Options options;
    options.refresh_by_itself = false;
    return options;
  }
  Bytes group_bytes(Person& person) { return to_bytes(mls::dump(person.group_records(chat)).reveal()); }
  mls::Group group_of(Person& person) {
    return mls::Group::restore(mls::suites_default(), person.group_records(chat)).value();
  }
  engine::ChatRecord record_of(Person& person) {
    const Bytes key = engine::record_key(RecordKind::kChat, chat.view());
    auto value = engine::open_record(person.key(), key, person.disk().records().at(key));
    return codec::decoded<engine::ChatRecord>(value->reveal()).value();
  }
  // Replaces a person's MLS state, past epochs included; he must not run.
  void put_group(Person& person, const mls::Group& group) {
    for (const RecordKind kind : {RecordKind::kGroup, RecordKind::kPastEpoch}) {
      const Bytes prefix = engine::record_key(kind, chat.view());
      for (const auto& [key, value] : std::map<Bytes, Bytes>(person.disk().records())) {
        if (key >= prefix && key < engine::after_prefix(prefix)) person.disk().erase(key);
      }
    }
    for (const auto& [within, value] : mls::GroupAccess::records(group)) {
      const Bytes key = engine::record_key(RecordKind::kGroup, chat.view(), within);
      person.disk().put(key, engine::seal_record(person.key(), random, key, value.reveal()));
    }
    person.disk().sync();
  }

  // Appends bytes to the log, as any member can.
  wire::Reply append_entry(Bytes entry, uint8_t attempt) {
    const mls::Group group = group_of(bob);
    const auto record = record_of(bob);
    wire::LogAppend append;
    append.log = record.log.log;
    append.epoch = group.epoch();
    append.attempt = attempt;
    append.epoch_token = engine::to_token(*engine::log_epoch_token(group));
    append.read_token_hash = engine::hash_of(record.keys.log_read.value);
    append.entry = std::move(entry);
    return world.ask_home(append);
  }
  void append_message(const Bytes& message, uint8_t attempt) {
    const auto record = record_of(bob);
    const Bytes entry =
        engine::seal_log_entry({message}, record.log.key.value, record.log.log, group_of(bob).epoch(), random);
    EXPECT_TRUE(std::holds_alternative<wire::Done>(append_entry(entry, attempt))) << int{attempt};
  }
  size_t entries_in_log() {
    const auto record = record_of(bob);
    const auto reply = world.ask_home(
        wire::LogRead{record.log.log, engine::to_token(record.keys.log_read.value), group_of(bob).epoch(), 1'000'000});
    return std::get<wire::LogEntries>(reply).entries.size();
  }
  void deliver_to(Person& person, const engine::Envelope& envelope) {
    const auto record = record_of(person);
    const wire::Recipient recipient{
        record.own_alias, engine::to_token(engine::address_token(record.keys, record.own_alias)), {random.bytes<16>()}};
    const Bytes payload = engine::seal_envelope(envelope, record.keys.envelope.value, record.chat.view(), random);
    EXPECT_TRUE(std::holds_alternative<wire::Done>(world.ask_home(wire::Deliver{recipient, 3600, payload})));
  }
  void let_look(Person& person) {
    deliver_to(person, {engine::EnvelopeKind::kHint, {}, {}});
    world.settle();
  }
  size_t troubles(Person& person, ErrorCode code) {
    size_t count = 0;
    for (const auto& notice : person.notices) {
      const auto* trouble = std::get_if<engine::Trouble>(&notice);
      if (trouble != nullptr && trouble->error.code == code) ++count;
    }
    return count;
  }
  size_t troubles(Person& person) {
    size_t count = 0;
    for (const auto& notice : person.notices) count += std::holds_alternative<engine::Trouble>(notice) ? 1U : 0U;
    return count;
  }
  ErrorCode refresh(Person& person) {
    const auto answer = person.ask(engine::RefreshKeys{chat});
    return answer ? ErrorCode{0, Action::kDrop, "done"} : answer.error().code;
  }
  void expect_talk() {
    alice.say("from alice");
    bob.say("from bob");
    world.settle();
    EXPECT_EQ(bob.texts(false), Texts{"from alice"});
    EXPECT_EQ(alice.texts(false), Texts{"from bob"});
    EXPECT_EQ(alice.chat().epoch, bob.chat().epoch);
  }

  World world;
  Person& alice = world.add(quiet());
  Person& bob = world.add(quiet());
  crypto::SeededRandom random{99};
  engine::ChatId chat;
};

TEST_F(LogAttacks, entry_that_is_no_commit_changes_nothing_and_is_never_committed) {
  mls::Group forger = group_of(bob);
  mls::LeafNode leaf = *mls::GroupAccess::state(forger).tree.leaf(forger.own_leaf());
  leaf.source = mls::LeafNodeSource::kUpdate;
  leaf.encryption_key = mls::HpkeKeyPair::generate(mls::suite_xwing(), random).public_key;
  mls::sign_leaf_node(leaf, mls::GroupAccess::state(forger).signature_key, {forger.group_id(), forger.own_leaf()});
  const Bytes before = group_bytes(alice);
  const mls::Member bob_before = *group_of(alice).member(forger.own_leaf());
  append_message(mls::testing::forge(forger, mls::Proposal{mls::Update{leaf}}, random), 0);
  const auto eve = mls::KeyPackagePrivate::generate(mls::suite_xwing(), mls::testing::parameters("eve"), days(30),
                                                    random, world.now);
  append_message(mls::testing::forge(forger, mls::Proposal{mls::Add{eve.key_package}}, random), 1);
  append_message(mls::testing::forge(forger, mls::Proposal{mls::GroupContextExtensions{}}, random), 2);
  append_message(mls::testing::forge(forger, Bytes(20, 1), random), 3);
  mls::testing::Forgery in_public;
  in_public.wire_format = mls::WireFormat::kPublicMessage;
  append_message(mls::testing::forge(forger, mls::Proposal{mls::Remove{{0}}}, random, in_public), 4);
  let_look(alice);
  EXPECT_EQ(group_bytes(alice), before);
  EXPECT_EQ(refresh(alice).number, 0);
  world.settle();
  EXPECT_EQ(*group_of(alice).member(forger.own_leaf()), bob_before);
  EXPECT_EQ(group_of(alice).members().size(), 2U);
  EXPECT_EQ(troubles(alice), 0U);
  expect_talk();
}

TEST_F(LogAttacks, commit_by_reference_stays_void_when_its_proposal_comes_later) {
  mls::Group forger = group_of(bob);
  const auto eve = mls::KeyPackagePrivate::generate(mls::suite_xwing(), mls::testing::parameters("eve"), days(30),
                                                    random, world.now);
  const auto published = mls::KeyPackage::parse(mls::suite_xwing(), eve.encode_message(), world.now).value();
  const Bytes proposal = forger.propose_add(published, random, world.now).value();
  mls::Commit commit;
  commit.proposals.push_back({mls::GroupAccess::state(forger).proposals.at(0).ref});
  append_message(mls::testing::forge_confirmed(forger, commit, random), 0);
  append_message(proposal, 1);
  const Bytes before = group_bytes(alice);
  let_look(alice);
  alice.kill();
  alice.start();
  let_look(alice);
  EXPECT_EQ(group_bytes(alice), before);
  const uint64_t epoch = alice.chat().epoch;
  EXPECT_EQ(refresh(alice).number, 0);
  world.settle();
  EXPECT_EQ(alice.chat().epoch, epoch + 1);
  EXPECT_EQ(group_of(alice).members().size(), 2U);
  EXPECT_EQ(troubles(alice), 0U);
}

TEST_F(LogAttacks, reinit_and_pre_shared_keys_are_void) {
  mls::Group forger = group_of(bob);
  const mls::ReInit reinit{Bytes(16, 1), mls::ProtocolVersion::kMls10, mls::CipherSuiteId{3}, {}};
  append_message(mls::testing::forge_confirmed(forger, {{reinit}}, random), 0);
  mls::PreSharedKeyID id;
  id.psktype = mls::PSKType::kResumption;
  id.psk_group_id = forger.group_id();
  id.psk_epoch = forger.epoch();
  id.psk_nonce = Bytes(32, 2);
  std::vector<mls::PreSharedKey> psks;
  psks.push_back({id, mls::GroupAccess::state(forger).secrets.resumption_psk.buffer().clone()});
  mls::Commit commit;
  commit.proposals.push_back({mls::Proposal{mls::PreSharedKeyProposal{id}}});
  append_message(
      mls::testing::forge_confirmed(forger, commit, random, mls::zero_commit_secret(mls::suite_xwing()), psks), 1);
  const uint64_t epoch = alice.chat().epoch;
  const Bytes before = group_bytes(alice);
  let_look(alice);
  EXPECT_EQ(alice.chat().epoch, epoch);
  EXPECT_EQ(group_bytes(alice), before);
  // Bob's own program takes what was forged here for commits of another copy of itself, so only Alice's side is looked at.
  EXPECT_EQ(refresh(alice).number, 0);
  alice.say("in the next epoch");
  world.settle();
  EXPECT_EQ(alice.chat().epoch, epoch + 1);
  ASSERT_EQ(alice.history().size(), 1U);
  EXPECT_EQ(alice.history()[0].delivery, engine::Delivery::kSent);
}

TEST_F(LogAttacks, message_of_a_group_that_has_ended_waits_and_is_not_failed) {
  alice.kill();
  mls::Group ended = group_of(alice);
  mls::GroupAccess::state(ended).ended_by.emplace();
  put_group(alice, ended);
  alice.start();
  alice.say("kept");
  world.settle();
  ASSERT_EQ(alice.history().size(), 1U);
  EXPECT_EQ(alice.history()[0].delivery, engine::Delivery::kQueued);
  EXPECT_EQ(troubles(alice, engine::kNoCommit), 1U);
}

TEST_F(LogAttacks, eight_void_entries_do_not_stop_a_refresh_in_silence) {
  for (uint8_t i = 0; i < 8; ++i) {
    ASSERT_TRUE(std::holds_alternative<wire::Done>(append_entry(Bytes(500, 3), i)));
  }
  const ErrorCode answer = refresh(alice);
  world.settle();
  if (answer.number == 0) {
    EXPECT_EQ(alice.chat().epoch, bob.chat().epoch);
  } else {
    EXPECT_EQ(answer, engine::kLogFlooded);
    EXPECT_EQ(troubles(alice, engine::kLogFlooded), 1U);
  }
  EXPECT_TRUE(alice.engine().idle());
  expect_talk();
}

TEST_F(LogAttacks, void_entries_larger_than_one_answer_do_not_hide_the_valid_one) {
  const uint64_t epoch = alice.chat().epoch;
  alice.kill();
  ASSERT_TRUE(std::holds_alternative<wire::Done>(append_entry(Bytes(70 * 1024, 3), 0)));
  for (uint8_t i = 1; i < 4; ++i) {
    ASSERT_TRUE(std::holds_alternative<wire::Done>(append_entry(Bytes(128 * 1024, 3), i)));
  }
  EXPECT_EQ(refresh(bob).number, 0);
  EXPECT_EQ(refresh(bob).number, 0);
  alice.start();
  world.settle();
  EXPECT_EQ(alice.chat().epoch, epoch + 2);
  expect_talk();
}

TEST_F(LogAttacks, commit_in_our_name_that_we_have_not_signed_is_void) {
  mls::Group forger = group_of(bob);
  const mls::LeafIndex own{1 - forger.own_leaf().value};
  const auto& key = mls::GroupAccess::state(forger).signature_key;
  const Bytes sealed = mls::testing::forge_as(forger, own, 0, mls::Commit{}, key, random);
  auto noise = codec::decoded<mls::MLSMessage>(sealed).value();
  std::get<mls::PrivateMessage>(noise.body).ciphertext.back() ^= 1;
  append_message(sealed, 0);
  append_message(codec::encoded(noise), 1);
  append_message(mls::testing::forge_as(forger, own, 7, mls::Commit{}, key, random), 2);
  let_look(alice);
  EXPECT_EQ(troubles(alice), 0U);
  EXPECT_EQ(refresh(alice).number, 0);
  EXPECT_EQ(refresh(bob).number, 0);
  world.settle();
  EXPECT_EQ(troubles(alice), 0U);
  expect_talk();
}

TEST_F(LogAttacks, own_commit_that_was_sealed_anew_by_the_peer_is_adopted) {
  // Alice's commit is on her disk and has not reached the home; the entry around it is not hers.
  Bytes commit;
  alice.on_batch = [&](const engine::StoreBatch& batch) {
    for (const auto& change : batch.changes) {
      if (change.key.front() != static_cast<uint8_t>(RecordKind::kStaged) || !change.value) continue;
      const auto value = engine::open_record(alice.key(), change.key, *change.value);
      commit = codec::decoded<engine::StagedRecord>(value->reveal())->commit;
      append_message(commit, 0);
    }
  };
  const uint64_t epoch = alice.chat().epoch;
  EXPECT_EQ(refresh(alice).number, 0);
  ASSERT_FALSE(commit.empty());
  world.settle();
  EXPECT_EQ(alice.chat().epoch, epoch + 1);
  EXPECT_EQ(troubles(alice), 0U);
  expect_talk();
}

TEST_F(LogAttacks, profile_that_was_rolled_back_is_told_also_when_it_has_made_a_commit_of_its_own) {
  const auto old = alice.disk().records();
  EXPECT_EQ(refresh(alice).number, 0);
  world.settle();
  alice.kill();
  for (const auto& [key, value] : std::map<Bytes, Bytes>(alice.disk().records())) {
    if (!old.contains(key)) alice.disk().erase(key);
  }
  for (const auto& [key, value] : old) alice.disk().put(key, value);
  alice.disk().sync();
  alice.start();
  EXPECT_EQ(refresh(alice), engine::kProfileRolledBack);
  world.settle();
  EXPECT_EQ(troubles(alice, engine::kProfileRolledBack), 1U);
  EXPECT_TRUE(alice.engine().idle());
}

TEST_F(LogAttacks, commit_whose_part_for_us_is_spoilt_is_told_and_gets_no_rival) {
  mls::Group forger = group_of(bob);
  const auto honest = forger.clone().stage_commit({}, random, world.now).value().commit;
  const auto secret = mls::testing::commit_secret_of(group_of(alice), honest);
  auto commit = std::get<mls::Commit>(mls::testing::opened(group_of(alice), honest).content.body);
  commit.path->nodes.at(0).encrypted_path_secret.at(0).ciphertext[0] ^= 1;
  append_message(mls::testing::forge_confirmed(forger, commit, random, secret), 0);
  const Bytes before = group_bytes(alice);
  let_look(alice);
  EXPECT_EQ(group_bytes(alice), before);
  EXPECT_EQ(troubles(alice, engine::kChatStuck), 1U);
  EXPECT_EQ(refresh(alice), engine::kChatStuck);
  world.settle();
  EXPECT_EQ(entries_in_log(), 1U);
  EXPECT_EQ(troubles(alice, engine::kChatStuck), 1U);
  EXPECT_TRUE(alice.engine().idle());
}

TEST_F(LogAttacks, commit_that_cannot_be_made_is_told) {
  alice.kill();
  mls::Group broken = group_of(alice);
  auto& tree = mls::GroupAccess::state(broken).tree;
  mls::LeafNode leaf = *tree.leaf(group_of(bob).own_leaf());
  leaf.encryption_key = Bytes(32);
  tree.set_leaf(group_of(bob).own_leaf(), leaf);
  mls::GroupAccess::state(broken).context.tree_hash = tree.tree_hash(mls::suite_0x0003());
  put_group(alice, broken);
  alice.start();
  EXPECT_EQ(refresh(alice), engine::kNoCommit);
  EXPECT_EQ(troubles(alice, engine::kNoCommit), 1U);
  EXPECT_TRUE(alice.engine().idle());
}

TEST_F(LogAttacks, third_leaf_does_not_speak_as_the_peer) {
  const auto eve = mls::KeyPackagePrivate::generate(mls::suite_xwing(), mls::testing::parameters("eve"), days(30),
                                                    random, world.now);
  mls::Group adder = group_of(bob);
  mls::CommitRequest request;
  request.add.push_back(mls::KeyPackage::parse(mls::suite_xwing(), eve.encode_message(), world.now).value());
  const auto staged = adder.stage_commit(request, random, world.now).value();
  bob.kill();  // his epoch is another one now
  alice.kill();
  mls::Group at_alice = group_of(alice);
  auto processed = at_alice.process(staged.commit, world.now).value();
  put_group(alice, *std::get<mls::CommitProcessed>(processed).successor);
  alice.start();
  mls::Group at_eve = mls::Group::join(mls::suites_default(), *staged.welcome, eve, std::nullopt, world.now).value();
  const auto say = [&](mls::Group& speaker, const std::string& text) {
    const engine::Content content{1, {random.bytes<16>()}, 0, engine::ContentKind::kText, to_bytes(as_bytes(text))};
    const Bytes words = codec::encoded(content);
    deliver_to(alice,
               {engine::EnvelopeKind::kMls, content.id,
                speaker.protect(codec::encoded(engine::Said{1, words, bob.proof_of(chat, words)}), {}, random).value()});
  };
  say(at_eve, "I am bob");
  mls::Group at_bob = staged.successor.clone();
  say(at_bob, "no, I am");
  world.settle();
  EXPECT_EQ(alice.texts(false), Texts{"no, I am"});
}

}  // namespace
}  // namespace godwit::testworld
