#pragma once
// A group of people and their programs, with one home.

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/chat_keys.h"
#include "engine/envelope.h"
#include "engine/errors.h"
#include "engine/record_key.h"
#include "engine/records.h"
#include "tests/engine/world.h"

namespace godwit::testworld {

using engine::Role;
using Texts = std::vector<std::string>;

/// Four people with accounts; make_group() makes contacts and a group of the first of them.
class Groups : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(crypto::initialise());
    for (size_t i = 0; i < people.size(); ++i) {
      ASSERT_TRUE(people[i]->ask(engine::NewAccount{"P" + std::to_string(i), world.home_link()}).has_value());
    }
  }
  static engine::Options quiet() {
    engine::Options options;
    options.refresh_by_itself = false;
    return options;
  }
  Person& person(size_t i) { return *people[i]; }
  engine::AccountId account(size_t i) {
    return std::get<engine::Account>(*person(i).ask(engine::ReadAccount{})).account;
  }
  // Makes contacts of two.
  void meet(size_t inviter, size_t taker) {
    const auto invite = person(inviter).ask(engine::MakeInvite{});
    ASSERT_TRUE(invite.has_value());
    ASSERT_TRUE(person(taker).ask(engine::AddContact{std::get<engine::InviteMade>(*invite).link}).has_value());
    world.settle();
  }
  // A group of the first `count`, made by the first.
  void make_group(size_t count) {
    for (size_t i = 1; i < count; ++i) meet(0, i);
    const auto made = person(0).ask(engine::NewGroup{"friends"});
    ASSERT_TRUE(made.has_value());
    group = std::get<engine::ChatMade>(*made).chat.chat;
    std::vector<engine::AccountId> others;
    for (size_t i = 1; i < count; ++i) others.push_back(account(i));
    ASSERT_TRUE(person(0).ask(engine::AddMembers{group, others}).has_value());
    world.settle();
  }
  engine::Members members(size_t i) {
    const auto answer = person(i).ask(engine::ListMembers{group});
    return answer ? std::get<engine::Members>(*answer) : engine::Members{};
  }
  Role role(size_t of, size_t as_seen_by) {
    const engine::AccountId who = account(of);
    for (const auto& member : members(as_seen_by).members) {
      if (member.account == who) return member.role;
    }
    return Role::kNone;
  }
  engine::ChatInfo info(size_t i) {
    for (const auto& chat : person(i).chats()) {
      if (chat.chat == group) return chat;
    }
    return {};
  }
  // Comes to the address of member `to` as if another member had sent it.
  void deliver(size_t to, const engine::Envelope& envelope) {
    const Bytes key = engine::record_key(engine::RecordKind::kChat, group.view());
    const auto value = engine::open_record(person(to).key(), key, person(to).disk().records().at(key));
    const auto record = codec::decoded<engine::ChatRecord>(value->reveal()).value();
    const wire::Recipient recipient{
        record.own_alias, engine::to_token(engine::address_token(record.keys, record.own_alias)), {random.bytes<16>()}};
    const Bytes payload = engine::seal_envelope(envelope, record.keys.envelope.value, record.chat.view(), random);
    EXPECT_TRUE(std::holds_alternative<wire::Done>(world.ask_home(wire::Deliver{recipient, 3600, payload})));
    world.settle();
  }
  void say(size_t i, const std::string& text) { ASSERT_TRUE(person(i).ask(engine::SendText{group, text}).has_value()); }
  Texts heard(size_t i) {
    Texts out;
    const auto answer = person(i).ask(engine::ReadHistory{group, std::nullopt, 200});
    if (!answer) return out;
    for (const auto& message : std::get<engine::Messages>(*answer).messages) {
      if (!message.own && !message.line) out.push_back(message.text);
    }
    return out;
  }
  // The lines of the group, as this person has them.
  std::vector<engine::Message> lines(size_t i) {
    std::vector<engine::Message> out;
    const auto answer = person(i).ask(engine::ReadHistory{group, std::nullopt, 200});
    if (!answer) return out;
    for (const auto& message : std::get<engine::Messages>(*answer).messages) {
      if (message.line) out.push_back(message);
    }
    return out;
  }
  engine::Message message(size_t i, const engine::MessageId& id) {
    const auto answer = person(i).ask(engine::ReadMessage{group, id});
    return answer ? std::get<engine::MessageFound>(*answer).message : engine::Message{};
  }
  ErrorCode refusal(size_t i, engine::Command command) {
    const auto answer = person(i).ask(std::move(command));
    return answer ? ErrorCode{} : answer.error().code;
  }

  crypto::SeededRandom random{78};
  World world;
  std::vector<Person*> people = {&world.add(quiet()), &world.add(quiet()), &world.add(quiet()), &world.add(quiet())};
  engine::ChatId group;
};

}  // namespace godwit::testworld
