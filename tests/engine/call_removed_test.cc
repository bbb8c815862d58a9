// Calls and a device that was removed from the account, whose keys of before are in somebody's hand: what it says in the last epoch that it
// was in still opens, as any late message does, and nobody rings, stops ringing or hands a call over for it.

#include "engine/call_content.h"
#include "engine/chat_keys.h"
#include "engine/content_bodies.h"
#include "engine/envelope.h"
#include "engine/record_key.h"
#include "engine/records.h"
#include "engine/said_proof.h"
#include "tests/engine/asking.h"
#include "tests/engine/device_chats.h"

namespace godwit::testworld {
namespace {

using namespace godwit::engine;

// Alice has a phone and a laptop, and the laptop's keys are copied before anything else happens.
class RemovedDevice : public DeviceChats {
 protected:
  void SetUp() override {
    DeviceChats::SetUp();
    laptop_ = &link_whole();
    chat_ = phone_.chat().chat;
    device_ = own_id(*laptop_);
  }
  void copy_keys() {
    copy_.emplace(mls::Group::restore(mls::suites_default(), laptop_->group_records(chat_)).value());
    laptop_->kill();
  }
  void remove_laptop() {
    const uint64_t epoch = bob_.chat().epoch;
    must<Nothing>(phone_, RemoveDevice{device_, {}});
    ASSERT_TRUE(world_.run_until([&] { return bob_.chat().epoch > epoch && phone_.chat().epoch > epoch; }));
    world_.settle();
  }
  // Said with the copied keys, and brought by somebody who can: the addresses of today, by which a removed device reaches nobody.
  void say(Person& to, ContentKind kind, Bytes body) {
    Content content;
    content.id = {random_.bytes<16>()};
    content.sent_ms = static_cast<uint64_t>(world_.now.ms);
    content.kind = kind;
    content.body = std::move(body);
    content.clock = 100;
    const Bytes words = codec::encoded(content);
    const Bytes proof = kind == ContentKind::kText ? laptop_->proof_of(chat_, words) : Bytes{};
    const Bytes key = record_key(RecordKind::kChat, chat_.view());
    const auto value = open_record(to.key(), key, to.disk().records().at(key));
    const auto record = codec::decoded<ChatRecord>(value->reveal()).value();
    const Envelope envelope{EnvelopeKind::kMls, content.id,
                            copy_->protect(codec::encoded(Said{1, words, proof}), {}, random_).value(),
                            copy_->own_leaf().value};
    const wire::Recipient recipient{
        record.own_alias, to_token(address_token(record.keys, record.own_alias)), {random_.bytes<16>()}};
    const Bytes payload = seal_envelope(envelope, record.keys.envelope.value, chat_.view(), random_);
    EXPECT_TRUE(std::holds_alternative<wire::Done>(world_.ask_home(wire::Deliver{recipient, 3600, payload})));
    world_.pass(seconds(2));
  }
  void say(Person& to, const CallBody& body) { say(to, ContentKind::kCall, codec::encoded(body)); }
  // A text that it says so is heard: it is not the way that fails.
  void expect_text_heard(Person& to) {
    say(to, ContentKind::kText, to_bytes(as_bytes("late")));
    const Texts texts = all_texts(to, chat_);
    EXPECT_TRUE(std::ranges::any_of(texts, [](const std::string& each) { return each.ends_with(" late"); }));
  }
  static std::optional<CallInfo> live(Person& person) { return must<Calls>(person, ReadCalls{}).live; }
  static std::optional<CallState> state(Person& person) {
    const auto call = live(person);
    return call ? std::optional(call->state) : std::nullopt;
  }
  static CallOutcome outcome(const Person& person) {
    for (auto it = person.notices.rbegin(); it != person.notices.rend(); ++it) {
      const auto* changed = std::get_if<CallChanged>(&*it);
      if (changed != nullptr && changed->call.outcome) return *changed->call.outcome;
    }
    return CallOutcome::kNone;
  }
  CallId ring(Person& by) {
    const CallId call = must<CallTaken>(by, StartCall{chat_, CallMedia::kVoice}).call.call;
    world_.pass(seconds(2));
    return call;
  }
  void answer(Person& by, const CallId& call) {
    must<CallTaken>(by, AcceptCall{call});
    world_.pass(seconds(2));
    for (Person* each : {&by, &bob_}) {
      must<Nothing>(*each, SayCallMedia{call, true, CallWay::kRelayedTls});
      world_.pass(seconds(2));
    }
  }

  Person* laptop_ = nullptr;
  ChatId chat_;
  DeviceId device_;
  std::optional<mls::Group> copy_;
  crypto::SeededRandom random_{91};
};

TEST_F(RemovedDevice, a_ring_in_its_last_epoch_rings_nobody) {
  copy_keys();
  const CallBody before{{random_.bytes<16>()}, CallStep::kRing};
  say(bob_, before);
  EXPECT_EQ(state(bob_), CallState::kRingingHere) << "while it is a device of hers";
  say(bob_, {before.call, CallStep::kCancel});
  EXPECT_EQ(state(bob_), std::nullopt);
  remove_laptop();
  expect_text_heard(bob_);
  bob_.notices.clear();
  phone_.notices.clear();
  for (Person* each : {&bob_, &phone_}) {
    say(*each, {{random_.bytes<16>()}, CallStep::kRing});
    EXPECT_EQ(state(*each), std::nullopt);
    EXPECT_FALSE(has_notice<CallChanged>(*each));
  }
  EXPECT_EQ(must<Calls>(bob_, ReadCalls{}).past.size(), 1U) << "the one of before";
}

TEST_F(RemovedDevice, it_stops_no_ringing_answers_nothing_and_is_given_no_call) {
  copy_keys();
  remove_laptop();
  const CallId call = ring(bob_);
  ASSERT_EQ(state(phone_), CallState::kRingingHere);
  for (const CallStep step : {CallStep::kAccept, CallStep::kDecline, CallStep::kBusy}) {
    say(phone_, {call, step});
    say(bob_, {call, step});
  }
  expect_text_heard(phone_);
  EXPECT_EQ(state(phone_), CallState::kRingingHere);
  EXPECT_EQ(state(bob_), CallState::kRingingThere);
  answer(phone_, call);
  ASSERT_EQ(state(bob_), CallState::kActive);
  const auto with = live(bob_)->device;
  const auto phone = own_id(phone_);
  bob_.notices.clear();
  phone_.notices.clear();
  say(phone_, {call, CallStep::kWant, CallMedia::kVoice, phone});
  say(bob_, {call, CallStep::kGive, CallMedia::kVoice, device_});
  say(bob_, {call, CallStep::kSignal, CallMedia::kVoice, own_id(bob_), to_bytes(as_bytes("offer"))});
  for (Person* each : {&bob_, &phone_}) {
    say(*each, {call, CallStep::kEnd});
    say(*each, {call, CallStep::kHold});
    say(*each, {call,
                CallStep::kSummary,
                CallMedia::kVoice,
                {},
                codec::encoded(CallSummary{CallOutcome::kAnswered, static_cast<uint64_t>(world_.now.ms), 1})});
    EXPECT_EQ(state(*each), CallState::kActive);
    EXPECT_FALSE(has_notice<CallChanged>(*each));
    EXPECT_FALSE(has_notice<CallSignal>(*each));
  }
  EXPECT_EQ(live(bob_)->device, with);
}

TEST_F(RemovedDevice, a_call_that_it_is_in_is_over_for_the_other_side) {
  const CallId call = ring(bob_);
  answer(*laptop_, call);
  ASSERT_EQ(state(bob_), CallState::kActive);
  ASSERT_EQ(live(bob_)->device, device_);
  remove_laptop();
  EXPECT_EQ(state(bob_), std::nullopt);
  EXPECT_EQ(outcome(bob_), CallOutcome::kAnswered);
  // And what the phone says of the next one counts.
  const CallId next = ring(phone_);
  answer(bob_, next);
  EXPECT_EQ(state(phone_), CallState::kConnecting);
}

TEST_F(RemovedDevice, what_it_said_of_a_call_that_is_over_stands_in_the_history_of_who_was_away) {
  copy_keys();
  remove_laptop();
  say(bob_, {{random_.bytes<16>()},
             CallStep::kSummary,
             CallMedia::kVoice,
             {},
             codec::encoded(CallSummary{CallOutcome::kNoAnswer, static_cast<uint64_t>(world_.now.ms), 0})});
  const auto past = must<Calls>(bob_, ReadCalls{}).past;
  ASSERT_EQ(past.size(), 1U);
  EXPECT_EQ(past.front().line.outcome, CallOutcome::kMissed);
}

TEST_F(RemovedDevice, one_that_is_only_late_is_heard) {
  copy_keys();
  const uint64_t epoch = bob_.chat().epoch;
  must<Nothing>(bob_, RefreshKeys{chat_});
  ASSERT_TRUE(world_.run_until([&] { return bob_.chat().epoch > epoch; }));
  world_.settle();
  const CallBody rings{{random_.bytes<16>()}, CallStep::kRing};
  say(bob_, rings);
  EXPECT_EQ(state(bob_), CallState::kRingingHere) << "a commit has overtaken it";
}

}  // namespace
}  // namespace godwit::testworld
