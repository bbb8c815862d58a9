// Calls of groups between people of one home: who rings, who is in it, who is not any more. The states themselves are group_call_machine_test.cc's.

#include "engine/call_content.h"
#include "engine/group_call_machine.h"
#include "engine/said_proof.h"
#include "tests/engine/asking.h"
#include "tests/engine/groups.h"

namespace godwit::testworld {
namespace {

using namespace godwit::engine;

// Five people in a group of the first.
class GroupCalling : public Groups {
 protected:
  GroupCalling() { people.push_back(&world.add(quiet())); }
  void SetUp() override {
    Groups::SetUp();
    make_group(5);
  }
  void moment() { world.pass(seconds(3)); }
  CallId start(size_t i) {
    const auto taken = must<GroupCallTaken>(person(i), StartGroupCall{group, CallMedia::kVoice});
    moment();
    return taken.call.call;
  }
  void join(size_t i, const CallId& call) {
    EXPECT_EQ(must<GroupCallTaken>(person(i), JoinGroupCall{call}).call.state, GroupCallState::kHere);
    moment();
  }
  void leave(size_t i, const CallId& call) {
    must<Nothing>(person(i), EndCall{call});
    moment();
  }
  std::optional<GroupCallInfo> known(size_t i) {
    const auto calls = must<Calls>(person(i), ReadCalls{});
    return calls.groups.empty() ? std::nullopt : std::optional(calls.groups.front());
  }
  std::optional<GroupCallState> state(size_t i) {
    const auto call = known(i);
    return call ? std::optional(call->state) : std::nullopt;
  }
  // Whom person `i` sees in it beside himself.
  Texts with(size_t i) {
    Texts out;
    if (const auto call = known(i)) {
      for (const auto& each : call->peers) out.push_back(each.name);
    }
    std::ranges::sort(out);
    return out;
  }
  DeviceId device(size_t i) {
    for (const auto& each : must<OwnDevices>(person(i), ListDevices{}).devices) {
      if (each.own) return each.device;
    }
    return {};
  }
  static CallOutcome outcome(const Person& person) {
    for (auto it = person.notices.rbegin(); it != person.notices.rend(); ++it) {
      const auto* changed = std::get_if<GroupCallChanged>(&*it);
      if (changed != nullptr && changed->call.outcome) return *changed->call.outcome;
    }
    return CallOutcome::kNone;
  }
  static std::vector<CallSignal> signals(const Person& person) {
    std::vector<CallSignal> out;
    for (const Notice& each : person.notices) {
      if (const auto* signal = std::get_if<CallSignal>(&each)) out.push_back(*signal);
    }
    return out;
  }
  std::vector<CallLine> call_lines(size_t i) {
    std::vector<CallLine> out;
    for (const Message& each : lines(i)) {
      if (each.line->call) out.push_back(*each.line->call);
    }
    return out;
  }
  // The pages of these are there for so long.
  void talk(const std::vector<size_t>& who, const CallId& call, Duration time) {
    for (int64_t passed = 0; passed < time.ms; passed += 10'000) {
      for (const size_t each : who) must<Nothing>(person(each), SayCallMedia{call, true, CallWay::kRelayedTls});
      world.pass(seconds(10));
    }
  }
};

TEST_F(GroupCalling, four_talk_and_signals_go_from_device_to_device) {
  const CallId call = start(0);
  for (const size_t each : {1U, 2U, 3U, 4U}) EXPECT_EQ(state(each), GroupCallState::kRinging);
  EXPECT_EQ(known(1)->by_name, "P0");
  EXPECT_EQ(known(1)->name, "friends");
  for (const size_t each : {1U, 2U, 3U}) join(each, call);
  EXPECT_EQ(with(0), (Texts{"P1", "P2", "P3"}));
  EXPECT_EQ(with(3), (Texts{"P0", "P1", "P2"}));
  EXPECT_EQ(with(4), (Texts{"P0", "P1", "P2", "P3"}));
  // Of each two one offers.
  for (size_t a = 0; a < 4; ++a) {
    const auto call_of = known(a);
    ASSERT_TRUE(call_of);
    for (const auto& peer : call_of->peers) {
      EXPECT_EQ(peer.offers, device(a) < peer.device);
    }
  }
  must<Nothing>(person(1), SendCallSignal{call, "for the fourth", device(3)});
  moment();
  ASSERT_EQ(signals(person(3)).size(), 1U);
  EXPECT_EQ(signals(person(3)).front().data, "for the fourth");
  EXPECT_EQ(signals(person(3)).front().from, device(1));
  for (const size_t each : {0U, 2U, 4U}) EXPECT_TRUE(signals(person(each)).empty());
  EXPECT_EQ(refusal(1, SendCallSignal{call, "x", device(4)}), kCallNotNow);
  EXPECT_EQ(refusal(1, SendCallSignal{call, "x", std::nullopt}), kCallNotNow);
  EXPECT_EQ(refusal(4, SendCallSignal{call, "x", device(3)}), kNoSuchCall);
}

TEST_F(GroupCalling, a_fifth_is_told_that_it_is_full_and_has_the_place_of_who_leaves) {
  const CallId call = start(0);
  for (const size_t each : {1U, 2U, 3U}) join(each, call);
  EXPECT_TRUE(known(4)->full);
  EXPECT_EQ(refusal(4, JoinGroupCall{call}), kCallFull);
  EXPECT_EQ(refusal(4, StartGroupCall{group}), kCallFull);
  leave(2, call);
  EXPECT_FALSE(known(4)->full);
  join(4, call);
  EXPECT_EQ(with(4), (Texts{"P0", "P1", "P3"}));
  EXPECT_EQ(with(0), (Texts{"P1", "P3", "P4"}));
  EXPECT_EQ(state(2), GroupCallState::kGoing);
}

TEST_F(GroupCalling, what_came_of_it_stands_in_the_history_of_all_also_of_who_was_away) {
  person(4).kill();
  const CallId call = start(0);
  join(1, call);
  talk({0, 1}, call, minutes(2));
  EXPECT_EQ(with(0), (Texts{"P1"}));
  leave(0, call);
  EXPECT_EQ(state(0), GroupCallState::kGoing);
  leave(1, call);
  EXPECT_EQ(state(0), std::nullopt);
  world.settle();
  person(4).start();
  world.settle();
  for (size_t i = 0; i < 5; ++i) {
    const auto found = call_lines(i);
    ASSERT_EQ(found.size(), 1U) << i;
    EXPECT_EQ(found.front().call, call);
    EXPECT_EQ(found.front().outgoing, i == 0);
    EXPECT_EQ(found.front().outcome, i < 2 ? CallOutcome::kAnswered : CallOutcome::kMissed);
    EXPECT_NEAR(static_cast<double>(found.front().duration_ms), 120'000.0, 20'000.0);
    const auto past = must<Calls>(person(i), ReadCalls{}).past;
    ASSERT_EQ(past.size(), 1U);
    EXPECT_EQ(past.front().name, "friends");
  }
  for (const Message& each : lines(3)) {
    if (each.line->call) {
      EXPECT_EQ(each.line->by_name, "P0");
    }
  }
}

TEST_F(GroupCalling, who_is_removed_from_the_group_is_out_of_its_call) {
  const CallId call = start(0);
  join(1, call);
  join(2, call);
  ASSERT_TRUE(person(0).ask(RemoveMember{group, account(2)}).has_value());
  moment();
  EXPECT_EQ(with(0), (Texts{"P1"}));
  EXPECT_EQ(with(1), (Texts{"P0"}));
  world.pass(seconds(20));
  EXPECT_EQ(outcome(person(2)), CallOutcome::kRemoved);
  EXPECT_EQ(refusal(2, SendCallSignal{call, "x", device(0)}), kNoSuchCall);
  talk({0, 1}, call, minutes(1));
  EXPECT_EQ(with(0), (Texts{"P1"}));
}

TEST_F(GroupCalling, who_is_removed_and_has_kept_his_keys_rings_nobody_and_comes_into_no_call) {
  auto copy = mls::Group::restore(mls::suites_default(), person(2).group_records(group)).value();
  const DeviceId out = device(2);
  const AccountId outsider = account(2);
  person(2).kill();
  // In the last epoch that he was in, to who has the next one; `kind`: a text shows that it opens there.
  const auto say = [&](size_t to, ContentKind kind, Bytes body) {
    Content content;
    content.id = {random.bytes<16>()};
    content.sent_ms = static_cast<uint64_t>(world.now.ms);
    content.kind = kind;
    content.body = std::move(body);
    content.clock = 100;
    const Bytes words = codec::encoded(content);
    const Bytes proof = kind == ContentKind::kText ? person(2).proof_of(group, words) : Bytes{};
    const Bytes key = record_key(RecordKind::kChat, group.view());
    const auto value = open_record(person(to).key(), key, person(to).disk().records().at(key));
    const auto record = codec::decoded<ChatRecord>(value->reveal()).value();
    const Envelope envelope{EnvelopeKind::kMls, content.id,
                            copy.protect(codec::encoded(Said{1, words, proof}), {}, random).value(),
                            copy.own_leaf().value};
    const wire::Recipient recipient{
        record.own_alias, to_token(address_token(record.keys, record.own_alias)), {random.bytes<16>()}};
    const Bytes payload = seal_envelope(envelope, record.keys.envelope.value, group.view(), random);
    EXPECT_TRUE(std::holds_alternative<wire::Done>(world.ask_home(wire::Deliver{recipient, 3600, payload})));
    world.pass(seconds(1));
  };
  const auto here = [&](const CallId& call, uint32_t number) {
    CallHere said{7, number, kHereRings | kHereAsks, static_cast<uint64_t>(world.now.ms), outsider, {}};
    return codec::encoded(CallBody{call, CallStep::kHere, CallMedia::kVoice, {}, codec::encoded(said)});
  };
  say(1, ContentKind::kCall, here(CallId{random.bytes<16>()}, 1));
  EXPECT_EQ(state(1), GroupCallState::kRinging) << "while he is a member";
  world.pass(minutes(3));
  ASSERT_TRUE(person(0).ask(RemoveMember{group, outsider}).has_value());
  world.settle();
  say(1, ContentKind::kText, to_bytes(as_bytes("late")));
  EXPECT_EQ(heard(1), (Texts{"late"}));
  EXPECT_EQ(state(1), std::nullopt);
  say(1, ContentKind::kCall, here(CallId{random.bytes<16>()}, 1));
  EXPECT_EQ(state(1), std::nullopt);
  const CallId call = start(0);
  join(1, call);
  say(1, ContentKind::kCall, here(call, 1));
  say(1, ContentKind::kCall,
      codec::encoded(CallBody{call, CallStep::kSignal, CallMedia::kVoice, device(1), to_bytes(as_bytes("{}"))}));
  EXPECT_EQ(with(1), (Texts{"P0"}));
  EXPECT_TRUE(signals(person(1)).empty());
  // One who is in it and tells of him brings him in no more.
  const auto seen = known(1);
  ASSERT_TRUE(seen);
  for (const auto& each : seen->peers) EXPECT_NE(each.device, out);
}

TEST_F(GroupCalling, two_that_begin_at_once_end_in_one_call) {
  person(0).give(StartGroupCall{group});
  person(1).give(StartGroupCall{group});
  moment();
  ASSERT_TRUE(known(0).has_value() && known(1).has_value());
  EXPECT_EQ(known(0)->call, known(1)->call);
  EXPECT_EQ(state(0), GroupCallState::kHere);
  EXPECT_EQ(state(1), GroupCallState::kHere);
  EXPECT_EQ(with(0), (Texts{"P1"}));
  EXPECT_EQ(with(1), (Texts{"P0"}));
  EXPECT_EQ(with(2), (Texts{"P0", "P1"}));
}

TEST_F(GroupCalling, a_program_that_begins_anew_is_still_in_it_and_one_whose_page_is_gone_leaves) {
  const CallId call = start(0);
  join(1, call);
  person(1).kill();
  person(1).start();
  moment();
  EXPECT_EQ(state(1), GroupCallState::kHere);
  talk({0, 1}, call, minutes(1));
  EXPECT_EQ(with(0), (Texts{"P1"}));
  talk({0}, call, kGroupPageSilent + seconds(20));
  EXPECT_EQ(with(0), Texts{});
  EXPECT_EQ(outcome(person(1)), CallOutcome::kLost);
}

TEST_F(GroupCalling, who_dies_without_a_word_is_out_after_a_while) {
  const CallId call = start(0);
  join(1, call);
  join(2, call);
  person(2).kill();
  talk({0, 1}, call, kGroupSilent + seconds(20));
  EXPECT_EQ(with(0), (Texts{"P1"}));
  EXPECT_EQ(with(1), (Texts{"P0"}));
}

TEST_F(GroupCalling, who_comes_back_while_it_goes_on_sees_it_and_who_ignores_it_does_not_ring) {
  person(3).kill();
  const CallId call = start(0);
  must<Nothing>(person(2), IgnoreGroupCall{call});
  EXPECT_EQ(state(2), GroupCallState::kGoing);
  join(1, call);
  talk({0, 1}, call, minutes(3));  // what rang is older than a ring may be
  person(3).start();
  talk({0, 1}, call, seconds(40));
  EXPECT_EQ(state(3), GroupCallState::kGoing);
  EXPECT_EQ(with(3), (Texts{"P0", "P1"}));
}

TEST_F(GroupCalling, where_only_admins_write_only_they_ring_and_all_may_come_in) {
  SetGroupSettings settings;
  settings.chat = group;
  settings.announcement_only = true;
  must<Nothing>(person(0), settings);
  world.settle();
  EXPECT_EQ(refusal(1, StartGroupCall{group}), kNotAllowed);
  const CallId call = start(0);
  EXPECT_EQ(state(1), GroupCallState::kRinging);
  join(1, call);
  EXPECT_EQ(with(0), (Texts{"P1"}));
}

TEST_F(GroupCalling, what_cannot_be_is_refused) {
  EXPECT_EQ(refusal(0, StartGroupCall{ChatId{}}), kNoSuchChat);
  EXPECT_EQ(refusal(0, JoinGroupCall{CallId{}}), kNoSuchCall);
  EXPECT_EQ(refusal(0, IgnoreGroupCall{CallId{}}), kNoSuchCall);
  EXPECT_EQ(refusal(0, StartCall{group}), kNotDirect);
  for (const auto& chat : person(0).chats()) {
    if (chat.chat != group) {
      EXPECT_EQ(refusal(0, StartGroupCall{chat.chat}), kNotGroup);
    }
  }
  const CallId call = start(0);
  EXPECT_EQ(refusal(0, StartGroupCall{group}), kInCall);
  for (const auto& chat : person(0).chats()) {
    if (chat.chat != group) {
      EXPECT_EQ(refusal(0, StartCall{chat.chat}), kInCall);
    }
  }
  EXPECT_EQ(refusal(1, EndCall{call}), kNoSuchCall);
}

TEST_F(GroupCalling, who_is_in_a_call_of_a_group_is_busy_for_one_who_calls_him_alone) {
  start(0);
  ChatId alone;
  for (const auto& chat : person(1).chats()) {
    if (chat.chat != group) alone = chat.chat;
  }
  must<CallTaken>(person(1), StartCall{alone});
  moment();
  std::optional<CallOutcome> ended;
  for (const Notice& each : person(1).notices) {
    if (const auto* changed = std::get_if<CallChanged>(&each)) ended = changed->call.outcome;
  }
  EXPECT_EQ(ended, CallOutcome::kBusy);
}

}  // namespace
}  // namespace godwit::testworld
