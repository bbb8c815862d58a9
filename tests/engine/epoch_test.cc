// Epochs: commits, races for one epoch, late messages, and what cannot be opened.

#include <gtest/gtest.h>

#include "codec/codec.h"
#include "engine/chat.h"
#include "engine/envelope.h"
#include "engine/record_key.h"
#include "engine/records.h"
#include "tests/engine/world.h"

namespace godwit::testworld {
namespace {

using Texts = std::vector<std::string>;

class Epochs : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(crypto::initialise());
    world.meet(alice, bob);
    chat = bob.chat().chat;
  }
  // The record of a person's chat, as it lies on his disk.
  engine::ChatRecord record_of(Person& person) {
    const Bytes key = engine::record_key(engine::RecordKind::kChat, chat.view());
    auto value = engine::open_record(person.key(), key, person.disk().records().at(key));
    return codec::decoded<engine::ChatRecord>(value->reveal()).value();
  }
  // Puts an envelope into a person's mailbox, as his peer could.
  void deliver_to(Person& person, const engine::Envelope& envelope) {
    const auto record = record_of(person);
    deliver_payload(record, engine::seal_envelope(envelope, record.keys.envelope.value, record.chat.view(), random));
  }
  void deliver_payload(const engine::ChatRecord& record, Bytes payload) {
    const wire::Recipient recipient{
        record.own_alias, engine::to_token(engine::address_token(record.keys, record.own_alias)), {random.bytes<16>()}};
    EXPECT_TRUE(std::holds_alternative<wire::Done>(world.ask_home(wire::Deliver{recipient, 3600, std::move(payload)})));
  }

  static engine::Options quiet() {
    engine::Options options;
    options.refresh_by_itself = false;
    return options;
  }
  World world;
  Person& alice = world.add(quiet());
  Person& bob = world.add(quiet());
  crypto::SeededRandom random{99};
  engine::ChatId chat;
};

TEST_F(Epochs, refresh_moves_both_sides_to_the_next_epoch) {
  const uint64_t before = bob.chat().epoch;
  ASSERT_TRUE(bob.ask(engine::RefreshKeys{chat}).has_value());
  world.settle();
  EXPECT_EQ(bob.chat().epoch, before + 1);
  EXPECT_EQ(alice.chat().epoch, before + 1);
  bob.say("in the new epoch");
  alice.say("me too");
  world.settle();
  EXPECT_EQ(alice.texts(false), Texts{"in the new epoch"});
  EXPECT_EQ(bob.texts(false), Texts{"me too"});
}

TEST_F(Epochs, first_message_refreshes_by_itself) {
  World other;
  Person& carol = other.add();
  Person& dave = other.add();
  other.meet(carol, dave);
  const uint64_t before = dave.chat().epoch;
  dave.say("hello");
  other.settle();
  EXPECT_EQ(dave.chat().epoch, before + 1);
  EXPECT_EQ(carol.chat().epoch, before + 1);
  dave.say("and no second time");
  other.settle();
  EXPECT_EQ(dave.chat().epoch, before + 1);
  other.pass(days(8));
  dave.say("but weekly");
  other.settle();
  EXPECT_EQ(dave.chat().epoch, before + 2);
  EXPECT_EQ(carol.texts(false).size(), 3U);
}

TEST_F(Epochs, race_for_one_epoch_ends_with_both_commits_made) {
  const uint64_t before = bob.chat().epoch;
  const auto of_bob = bob.give(engine::RefreshKeys{chat});
  const auto of_alice = alice.give(engine::RefreshKeys{chat});
  world.settle();
  ASSERT_NE(bob.answer(of_bob), nullptr);
  ASSERT_NE(alice.answer(of_alice), nullptr);
  EXPECT_TRUE(bob.answer(of_bob)->has_value());
  EXPECT_TRUE(alice.answer(of_alice)->has_value());
  EXPECT_EQ(bob.engine().counters().epoch_conflicts + alice.engine().counters().epoch_conflicts, 1U);
  EXPECT_EQ(bob.chat().epoch, before + 2);
  EXPECT_EQ(alice.chat().epoch, before + 2);
  alice.say("still together");
  world.settle();
  EXPECT_EQ(bob.texts(false), Texts{"still together"});
}

TEST_F(Epochs, messages_and_commits_at_once_lose_nothing) {
  Texts from_bob;
  Texts from_alice;
  for (int i = 0; i < 6; ++i) {
    bob.give(engine::SendText{chat, "b" + std::to_string(i)});
    from_bob.push_back("b" + std::to_string(i));
    alice.give(engine::RefreshKeys{chat});
    alice.give(engine::SendText{chat, "a" + std::to_string(i)});
    from_alice.push_back("a" + std::to_string(i));
    bob.give(engine::RefreshKeys{chat});
    world.pass(milliseconds(i));
  }
  world.settle();
  EXPECT_EQ(alice.texts(false), from_bob);
  EXPECT_EQ(bob.texts(false), from_alice);
  EXPECT_EQ(bob.chat().epoch, alice.chat().epoch);
}

TEST_F(Epochs, whoever_was_away_for_many_epochs_catches_up) {
  alice.kill();
  for (int i = 0; i < 7; ++i) {
    ASSERT_TRUE(bob.ask(engine::RefreshKeys{chat}).has_value());
    bob.say(std::to_string(i));
    world.settle();
  }
  alice.start();
  world.settle();
  EXPECT_EQ(alice.texts(false), (Texts{"0", "1", "2", "3", "4", "5", "6"}));
  EXPECT_EQ(alice.chat().epoch, bob.chat().epoch);
  EXPECT_EQ(alice.engine().counters().resends, 0U);
}

TEST_F(Epochs, message_that_comes_twice_is_shown_once) {
  // What Bob sends is caught on its way to his disk, and comes to Alice once more, later, under another delivery id.
  Bytes payload;
  bob.on_batch = [&](const engine::StoreBatch& batch) {
    for (const auto& change : batch.changes) {
      if (change.key.front() != static_cast<uint8_t>(engine::RecordKind::kOutbox) || !change.value) continue;
      const auto value = engine::open_record(bob.key(), change.key, *change.value);
      payload = codec::decoded<engine::OutboxRecord>(value->reveal())->payload;
    }
  };
  bob.say("once");
  world.settle();
  ASSERT_FALSE(payload.empty());
  const uint64_t before = alice.engine().counters().duplicates;
  deliver_payload(record_of(alice), payload);
  world.settle();
  EXPECT_EQ(alice.texts(false), Texts{"once"});
  EXPECT_EQ(alice.engine().counters().duplicates, before + 1);
}

TEST_F(Epochs, message_that_cannot_be_opened_is_sent_again) {
  // A message of an epoch that Alice has forgotten: she has it already, under this id, so it must not be shown twice.
  const engine::MessageId id = bob.say("the only one");
  world.settle();
  Bytes old;
  bob.on_batch = [&](const engine::StoreBatch& batch) {
    for (const auto& change : batch.changes) {
      if (change.key.front() != static_cast<uint8_t>(engine::RecordKind::kOutbox) || !change.value || !old.empty())
        continue;
      const auto value = engine::open_record(bob.key(), change.key, *change.value);
      old = codec::decoded<engine::OutboxRecord>(value->reveal())->payload;
    }
  };
  bob.say("of this epoch");
  world.settle();
  for (size_t i = 0; i < engine::kPastEpochsMax + 2; ++i) ASSERT_TRUE(bob.ask(engine::RefreshKeys{chat}).has_value());
  world.settle();
  deliver_payload(record_of(alice), old);
  deliver_to(alice, {engine::EnvelopeKind::kHint, id, {}});
  world.settle();
  EXPECT_EQ(alice.engine().counters().resends, 1U);
  EXPECT_EQ(bob.engine().counters().resends, 1U);
  EXPECT_EQ(alice.texts(false), (Texts{"the only one", "of this epoch"}));
  EXPECT_GE(alice.engine().counters().duplicates, 1U);
}

TEST_F(Epochs, two_who_cannot_read_each_other_do_not_ask_for_ever) {
  const uint64_t before = world.home().counters().delivered;
  constexpr int kUnreadable = 60;
  for (int i = 0; i < kUnreadable; ++i) {
    deliver_to(alice, {engine::EnvelopeKind::kMls, {random.bytes<16>()}, Bytes(200, 1)});
    world.pass(milliseconds(200));
  }
  world.pass(minutes(30));
  // Each asking is a message, which the other may be unable to read, and so on.
  EXPECT_LT(world.home().counters().delivered - before, kUnreadable + 12U);
  bob.say("readable");
  world.settle();
  EXPECT_EQ(alice.texts(false), Texts{"readable"});
}

TEST_F(Epochs, garbage_in_the_mailbox_stops_nothing) {
  const auto record = record_of(alice);
  deliver_payload(record, Bytes(300, 7));
  deliver_payload(record, {});
  deliver_to(alice, {engine::EnvelopeKind::kMls, {}, Bytes(200, 1)});
  deliver_to(alice, {engine::EnvelopeKind::kMls, {}, {}});
  deliver_to(alice, {engine::EnvelopeKind::kWelcome, {}, Bytes(200, 1)});
  deliver_to(alice, {engine::EnvelopeKind::kHint, {}, {}});
  bob.say("after the garbage");
  world.settle();
  EXPECT_EQ(alice.texts(false), Texts{"after the garbage"});
  EXPECT_EQ(alice.chats().size(), 1U);
}

TEST_F(Epochs, void_entry_in_the_log_is_passed_over_by_both) {
  const auto record = record_of(alice);
  const auto group = mls::Group::restore(mls::suites_default(), alice.group_records(chat));
  ASSERT_TRUE(group.has_value());
  wire::LogAppend append;
  append.log = record.log.log;
  append.epoch = group->epoch();
  append.epoch_token = engine::to_token(*engine::log_epoch_token(*group));
  append.read_token_hash = engine::hash_of(record.keys.log_read.value);
  append.entry = Bytes(500, 3);
  ASSERT_TRUE(std::holds_alternative<wire::Done>(world.ask_home(append)));
  ASSERT_TRUE(bob.ask(engine::RefreshKeys{chat}).has_value());
  world.settle();
  EXPECT_EQ(alice.chat().epoch, group->epoch() + 1);
  EXPECT_EQ(bob.chat().epoch, group->epoch() + 1);
  bob.say("on the second attempt");
  world.settle();
  EXPECT_EQ(alice.texts(false), Texts{"on the second attempt"});
}

}  // namespace
}  // namespace godwit::testworld
