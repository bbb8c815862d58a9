#pragma once
// A group whose log is at a home that goes for good.

#include "crypto/ed25519.h"
#include "engine/chat_keys.h"
#include "engine/log_move.h"
#include "engine/log_watch.h"
#include "engine/record_key.h"
#include "engine/records.h"
#include "tests/engine/groups.h"
#include "wire/errors.h"

namespace godwit::testworld {

/// The first person lives at the home where the log is, the others at another one.
class LogMove : public Groups {
 protected:
  static constexpr const char* kHere = "home.example";
  static constexpr const char* kOther = "other.example";

  void SetUp() override {
    ASSERT_TRUE(crypto::initialise());
    world.add_home(kOther);
    for (size_t i = 0; i < people.size(); ++i) {
      const std::string link = i == 0 ? world.home_link() : world.home_link_at(kOther);
      ASSERT_TRUE(person(i).ask(engine::NewAccount{"P" + std::to_string(i), link}).has_value());
    }
  }
  // Nobody reaches the first home any more, nor does one of these.
  void lose_home_for(std::initializer_list<size_t> some) {
    for (const size_t i : some) {
      person(i).blocked.insert(kHere);
      world.cut(person(i));
    }
  }
  void lose_home() {
    world.lost.insert(kHere);
    lose_home_for({0, 1, 2, 3});
  }
  void find_home() {
    world.lost.clear();
    for (Person* each : people) each->blocked.clear();
  }
  void give_role(size_t i, Role to, size_t by = 0) {
    ASSERT_TRUE(person(by).ask(engine::SetRole{group, account(i), to}).has_value());
    world.settle();
  }
  engine::ChatRecord record(size_t i) {
    const Bytes key = engine::record_key(engine::RecordKind::kChat, group.view());
    const auto plain = engine::open_record(person(i).key(), key, person(i).disk().records().at(key));
    return codec::decoded<engine::ChatRecord>(plain->reveal()).value();
  }
  wire::LogId log(size_t i) { return record(i).log.log; }
  std::string log_host(size_t i) { return record(i).log.home.routes.at(0); }
  void expect_moved(std::initializer_list<size_t> who, const wire::LogId& from) {
    const wire::LogId to = log(*who.begin());
    EXPECT_NE(to, from);
    for (const size_t i : who) {
      EXPECT_EQ(log(i), to) << i;
      EXPECT_EQ(log_host(i), "wss://other.example/ws") << i;
      EXPECT_FALSE(record(i).astray) << i;
    }
  }
  void expect_same(std::initializer_list<size_t> who, size_t count) {
    const engine::ChatInfo first = info(*who.begin());
    for (const size_t i : who) {
      EXPECT_TRUE(info(i).member) << i;
      EXPECT_EQ(info(i).epoch, first.epoch) << i;
      EXPECT_EQ(info(i).name, first.name) << i;
      EXPECT_EQ(members(i).members.size(), count) << i;
    }
  }
  void expect_talk(std::initializer_list<size_t> who, const std::string& about) {
    for (const size_t i : who) say(i, about + std::to_string(i));
    world.settle();
    for (const size_t i : who) {
      const Texts texts = heard(i);
      for (const size_t j : who) {
        EXPECT_EQ(std::ranges::count(texts, about + std::to_string(j)), i == j ? 0 : 1) << i << " of " << j;
      }
    }
  }
  // A move with the signature of this key.
  static Bytes signed_with(const crypto::Ed25519KeyPair& device, engine::LogMove move) {
    move.device = device.public_key;
    Bytes said = to_bytes(as_bytes("godwit log move 1"));
    const Bytes all = codec::encoded(move);
    append(said, ByteView(all).first(all.size() - move.signature.size()));
    move.signature = device.sign(said);
    return codec::encoded(move);
  }
  // What member `i` signs with his own hands; his program is stopped.
  Bytes signed_by(size_t i, const engine::LogMove& move) {
    if (person(i).alive()) person(i).kill();
    const Bytes key = engine::record_key(engine::RecordKind::kAccount);
    const auto plain = engine::open_record(person(i).key(), key, person(i).disk().records().at(key));
    const auto account = codec::decoded<engine::AccountRecord>(plain->reveal()).value();
    return signed_with(crypto::Ed25519KeyPair::from_seed(account.device_seed.value.clone()), move);
  }
  // A record on somebody's disk.
  template <typename T>
  T stored(size_t i, const Bytes& key) {
    const auto plain = engine::open_record(person(i).key(), key, person(i).disk().records().at(key));
    return codec::decoded<T>(plain->reveal()).value();
  }
  bool is_told(size_t i, ErrorCode code) {
    return std::ranges::any_of(person(i).notices, [code](const engine::Notice& each) {
      const auto* trouble = std::get_if<engine::Trouble>(&each);
      return trouble != nullptr && trouble->error.code == code;
    });
  }
  // So much time goes by, and nobody notices before it is over.
  void jump(Duration time) {
    world.now = world.now + time;
    world.settle();
  }
  void move(size_t by) {
    const auto moved = person(by).ask(engine::MoveLog{group, std::nullopt});
    ASSERT_TRUE(moved.has_value()) << moved.error().code.name << " " << moved.error().rule;
    world.pass(minutes(10));
  }
  void change(size_t by, engine::Command command) {
    const auto done = person(by).ask(std::move(command));
    ASSERT_TRUE(done.has_value()) << done.error().code.name << " " << done.error().rule;
    world.pass(minutes(5));
  }
  // The first `count` are in, and these are owners; then the home is lost. Gives the log that is lost with it.
  wire::LogId prepare(size_t count, std::initializer_list<size_t> owners) {
    make_group(count);
    for (const size_t i : owners) give_role(i, Role::kOwner);
    const wire::LogId before = log(0);
    for (size_t i = 0; i < count; ++i) EXPECT_EQ(log(i), before);
    return before;
  }
};

}  // namespace godwit::testworld
