#pragma once
// A chat of two of which the other side says by hand what our own program never says.

#include <gtest/gtest.h>

#include <algorithm>

#include "codec/codec.h"
#include "engine/chat.h"
#include "engine/content_bodies.h"
#include "engine/envelope.h"
#include "engine/errors.h"
#include "engine/record_key.h"
#include "tests/engine/world.h"

namespace godwit::testworld {

using engine::Content;
using engine::ContentKind;
using engine::Message;
using engine::MessageId;
using engine::RecordKind;

/// Alice and Bob have met, and Alice has said something. Bob's program is stopped, and whoever holds his keys says what he likes.
class HostilePeer : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(crypto::initialise());
    world.meet(alice, bob);
    chat = alice.chat().chat;
    own = alice.say("said by alice");
    world.settle();
    take_over();
  }
  // From now on nobody is Bob but we.
  void take_over() {
    bob.kill();
    speaker = mls::Group::restore(mls::suites_default(), bob.group_records(chat)).value();
  }
  Content content(ContentKind kind, Bytes body, uint64_t clock = 100) {
    Content out;
    out.id = {random.bytes<16>()};
    out.sent_ms = static_cast<uint64_t>(world.now.ms);
    out.kind = kind;
    out.body = std::move(body);
    out.clock = clock;
    return out;
  }
  Content text(const std::string& words, uint64_t clock = 100) {
    return content(ContentKind::kText, to_bytes(as_bytes(words)), clock);
  }
  void say_bytes(const Bytes& plaintext, const MessageId& id) {
    say_bytes(plaintext, id, bob.proof_of(chat, plaintext));
  }
  void say_bytes(const Bytes& plaintext, const MessageId& id, const Bytes& proof) {
    const auto record = chat_record();
    const wire::Recipient recipient = to_alice(record);
    const Bytes said = codec::encoded(engine::Said{1, plaintext, proof});
    const engine::Envelope envelope{engine::EnvelopeKind::kMls, id, speaker->protect(said, {}, random).value(),
                                    speaker->own_leaf().value};
    last_payload = engine::seal_envelope(envelope, record.keys.envelope.value, record.chat.view(), random);
    EXPECT_TRUE(std::holds_alternative<wire::Done>(world.ask_home(wire::Deliver{recipient, 3600, last_payload})));
  }
  wire::Recipient to_alice(const engine::ChatRecord& record) {
    return {
        record.own_alias, engine::to_token(engine::address_token(record.keys, record.own_alias)), {random.bytes<16>()}};
  }
  // What was said last comes once more, as on another way.
  void say_last_again() {
    const wire::Deliver deliver{to_alice(chat_record()), 3600, last_payload};
    EXPECT_TRUE(std::holds_alternative<wire::Done>(world.ask_home(deliver)));
    world.settle();
  }
  MessageId say(const Content& what) {
    say_bytes(codec::encoded(what), what.id);
    world.settle();
    return what.id;
  }
  engine::ChatRecord chat_record() {
    const Bytes key = engine::record_key(RecordKind::kChat, chat.view());
    const auto value = engine::open_record(alice.key(), key, alice.disk().records().at(key));
    return codec::decoded<engine::ChatRecord>(value->reveal()).value();
  }
  template <typename T>
  void put(const Bytes& key, const T& record) {
    alice.disk().put(key, engine::seal_record(alice.key(), random, key, codec::encoded(record)));
  }
  // As if so many more messages had come, and gone, on the disk of Alice, who does not run.
  void age(size_t count) {
    engine::ChatRecord record = chat_record();
    for (size_t i = 0; i < count; ++i) {
      engine::IndexRecord gone;
      gone.id = {random.bytes<16>()};
      gone.gone = true;
      put(engine::record_key(RecordKind::kIndex, chat.view(), ++record.last.value), gone);
    }
    put(engine::record_key(RecordKind::kChat, chat.view()), record);
    alice.disk().sync();
  }
  std::optional<Message> find(const MessageId& id) {
    const auto answer = alice.ask(engine::ReadMessage{chat, id});
    return answer ? std::optional(std::get<engine::MessageFound>(*answer).message) : std::nullopt;
  }
  size_t records(RecordKind kind) {
    size_t count = 0;
    for (const auto& [key, value] : alice.disk().records()) count += size_t{key[0] == static_cast<uint8_t>(kind)};
    return count;
  }

  World world;
  Person& alice = world.add();
  Person& bob = world.add();
  engine::ChatId chat;
  MessageId own;
  std::optional<mls::Group> speaker;
  Bytes last_payload;
  crypto::SeededRandom random{77};
};

}  // namespace godwit::testworld
