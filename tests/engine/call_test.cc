// Calls between accounts of one and two devices: who rings, who has it, what is left of it. The states themselves are call_machine_test.cc's.

#include "engine/call_content.h"
#include "engine/call_machine.h"
#include "engine/errors.h"
#include "tests/engine/asking.h"
#include "tests/engine/device_chats.h"
#include "tests/engine/hostile_peer.h"

namespace godwit::testworld {
namespace {

using namespace godwit::engine;

// Alice has a phone and, where a test says so, a laptop; Bob has one device.
class Calling : public DeviceChats {
 protected:
  void moment() { world_.pass(seconds(2)); }
  CallId start(Person& person, CallMedia media = CallMedia::kVoice) {
    const auto taken = must<CallTaken>(person, StartCall{bob_.chat().chat, media});
    moment();
    return taken.call.call;
  }
  static std::optional<CallInfo> live(Person& person) { return must<Calls>(person, ReadCalls{}).live; }
  static std::optional<CallState> state(Person& person) {
    const auto call = live(person);
    return call ? std::optional(call->state) : std::nullopt;
  }
  // What a person was told last of any call.
  static std::optional<CallInfo> told(const Person& person) {
    for (auto it = person.notices.rbegin(); it != person.notices.rend(); ++it) {
      if (const auto* changed = std::get_if<CallChanged>(&*it)) return changed->call;
    }
    return std::nullopt;
  }
  static CallOutcome outcome(const Person& person) {
    const auto call = told(person);
    return call && call->outcome ? *call->outcome : CallOutcome::kNone;
  }
  static size_t rings(const Person& person) {
    return static_cast<size_t>(std::ranges::count_if(person.notices, [](const Notice& each) {
      const auto* changed = std::get_if<CallChanged>(&each);
      return changed != nullptr && changed->call.state == CallState::kRingingHere;
    }));
  }
  static std::vector<std::string> signals(const Person& person) {
    std::vector<std::string> out;
    for (const Notice& each : person.notices) {
      if (const auto* signal = std::get_if<CallSignal>(&each)) out.push_back(signal->data);
    }
    return out;
  }
  static std::vector<CallLine> lines(Person& person) {
    std::vector<CallLine> out;
    for (const Message& each : person.history()) {
      if (each.line && each.line->call) out.push_back(*each.line->call);
    }
    return out;
  }
  static CallOutcome line(Person& person) {
    const auto all = lines(person);
    EXPECT_EQ(all.size(), 1U);
    return all.empty() ? CallOutcome::kNone : all.front().outcome;
  }
  void flow(Person& person, const CallId& call, bool flowing = true) {
    must<Nothing>(person, SayCallMedia{call, flowing, CallWay::kRelayedTls});
    moment();
  }
  // Bob calls, the phone has it, and they talk.
  static std::vector<CallElsewhere> elsewhere(Person& person) { return must<Calls>(person, ReadCalls{}).elsewhere; }
  // What `person` was told last of calls that other own devices are in.
  static size_t told_elsewhere(const Person& person) {
    for (auto it = person.notices.rbegin(); it != person.notices.rend(); ++it) {
      if (const auto* changed = std::get_if<CallsElsewhere>(&*it)) return changed->calls.size();
    }
    return 0;
  }
  void flow_with(Person& person, const CallId& call) {
    const auto device = live(person)->device;
    ASSERT_TRUE(device.has_value());
    SayCallMedia said{call, true, CallWay::kRelayedTls};
    said.device = device;
    must<Nothing>(person, said);
    moment();
  }
  CallId talk() {
    const CallId call = start(bob_);
    must<CallTaken>(phone_, AcceptCall{call});
    moment();
    flow(phone_, call);
    flow(bob_, call);
    return call;
  }
  void again(Person& person) {
    person.kill();
    person.start();
    moment();
  }
};

TEST_F(Calling, all_devices_ring_and_the_one_that_answers_has_it) {
  Person& laptop = link_whole();
  const CallId call = start(bob_, CallMedia::kVideo);
  EXPECT_EQ(state(bob_), CallState::kRingingThere);
  for (Person* each : {&phone_, &laptop}) {
    const auto rings = live(*each);
    ASSERT_TRUE(rings.has_value());
    EXPECT_EQ(rings->state, CallState::kRingingHere);
    EXPECT_EQ(rings->peer_name, "Bob");
    EXPECT_EQ(rings->media_there, CallMedia::kVideo);
    EXPECT_TRUE(rings->offers);
  }
  EXPECT_EQ(must<CallTaken>(phone_, AcceptCall{call}).call.state, CallState::kAnswering);
  must<Nothing>(phone_, SendCallSignal{call, "offer"});
  moment();
  EXPECT_EQ(outcome(laptop), CallOutcome::kElsewhere);
  EXPECT_EQ(state(laptop), std::nullopt);
  EXPECT_EQ(state(phone_), CallState::kConnecting);
  must<Nothing>(bob_, SendCallSignal{call, "answer"});
  flow(phone_, call);
  flow(bob_, call);
  EXPECT_EQ(signals(bob_), (Texts{"offer"}));
  EXPECT_EQ(signals(phone_), (Texts{"answer"}));
  EXPECT_TRUE(signals(laptop).empty());
  EXPECT_EQ(live(bob_)->way, CallWay::kRelayedTls);
  EXPECT_EQ(refusal(laptop, EndCall{call}), kNoSuchCall);
}

TEST_F(Calling, what_came_of_it_stands_in_the_history_of_every_device_with_its_time) {
  Person& laptop = link_whole();
  const CallId call = talk();
  world_.pass(minutes(5));
  EXPECT_EQ(state(phone_), CallState::kActive);
  must<Nothing>(bob_, EndCall{call});
  world_.settle();
  for (Person* each : {&phone_, &laptop, &bob_}) {
    const auto all = lines(*each);
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all.front().call, call);
    EXPECT_EQ(all.front().outcome, CallOutcome::kAnswered);
    EXPECT_EQ(all.front().outgoing, each == &bob_);
    EXPECT_NEAR(static_cast<double>(all.front().duration_ms), 300'000.0, 5'000.0);
    const auto past = must<Calls>(*each, ReadCalls{}).past;
    ASSERT_EQ(past.size(), 1U);
    EXPECT_EQ(past.front().line.call, call);
    EXPECT_EQ(past.front().name, each == &bob_ ? "Alice" : "Bob");
  }
  again(laptop);
  EXPECT_EQ(line(laptop), CallOutcome::kAnswered);
  EXPECT_EQ(must<Calls>(laptop, ReadCalls{}).past.size(), 1U);
}

TEST_F(Calling, another_own_device_takes_a_call_over_and_the_line_in_the_history_is_one) {
  Person& laptop = link_whole();
  const CallId call = talk();
  ASSERT_EQ(elsewhere(laptop).size(), 1U);
  EXPECT_EQ(told_elsewhere(laptop), 1U);
  EXPECT_TRUE(elsewhere(phone_).empty());
  const CallElsewhere there = elsewhere(laptop).front();
  EXPECT_EQ(there.peer_name, "Bob");
  const auto own = devices(laptop).devices;
  const auto named = std::ranges::find(own, there.device, &DeviceInfo::device);
  ASSERT_NE(named, own.end());
  EXPECT_FALSE(named->own);
  EXPECT_EQ(there.device_name, named->name);
  const auto phone_device = live(bob_)->device;
  EXPECT_EQ(must<CallTaken>(laptop, TakeOverCall{call}).call.state, CallState::kTaking);
  moment();
  // It is given and gone over to, and media of the phone flow still.
  EXPECT_EQ(state(laptop), CallState::kConnecting);
  EXPECT_EQ(state(phone_), CallState::kActive);
  EXPECT_NE(live(bob_)->device, phone_device);
  EXPECT_EQ(state(bob_), CallState::kActive);
  EXPECT_EQ(live(laptop)->offers, true);  // the account has answered
  must<Nothing>(laptop, SendCallSignal{call, "offer of the laptop"});
  must<Nothing>(phone_, SendCallSignal{call, "too late"});
  moment();
  must<Nothing>(bob_, SendCallSignal{call, "answer for the laptop"});
  moment();
  EXPECT_EQ(signals(bob_), (Texts{"offer of the laptop"}));
  EXPECT_EQ(signals(laptop), (Texts{"answer for the laptop"}));
  EXPECT_TRUE(signals(phone_).empty());
  flow(bob_, call);  // with whom is not said: those of before, which flow on
  EXPECT_EQ(state(phone_), CallState::kActive);
  flow_with(laptop, call);
  flow_with(bob_, call);
  EXPECT_EQ(state(laptop), CallState::kActive);
  EXPECT_EQ(outcome(phone_), CallOutcome::kMoved);
  EXPECT_EQ(state(phone_), std::nullopt);
  ASSERT_EQ(elsewhere(phone_).size(), 1U);
  EXPECT_NE(elsewhere(phone_).front().device, there.device);
  EXPECT_TRUE(elsewhere(laptop).empty());
  must<CallTaken>(phone_, StartCall{phone_.chat().chat});  // it is free
  moment();
  EXPECT_EQ(outcome(phone_), CallOutcome::kBusy);
  world_.pass(minutes(2));
  EXPECT_EQ(state(laptop), CallState::kActive);
  must<Nothing>(laptop, EndCall{call});
  world_.settle();
  EXPECT_EQ(outcome(bob_), CallOutcome::kAnswered);
  EXPECT_TRUE(elsewhere(phone_).empty());
  for (Person* each : {&phone_, &laptop, &bob_}) {
    const auto all = lines(*each);
    EXPECT_EQ(std::ranges::count(all, call, &CallLine::call), 1);
    const auto one = std::ranges::find(all, call, &CallLine::call);
    ASSERT_NE(one, all.end());
    EXPECT_EQ(one->outcome, CallOutcome::kAnswered);
    EXPECT_NEAR(static_cast<double>(one->duration_ms), 140'000.0, 25'000.0);
  }
}

TEST_F(Calling, a_call_stays_where_it_is_if_that_device_does_not_answer) {
  Person& laptop = link_whole();
  const CallId call = talk();
  EXPECT_EQ(refusal(phone_, TakeOverCall{call}), kNoSuchCall);
  EXPECT_EQ(refusal(bob_, TakeOverCall{call}), kNoSuchCall);
  phone_.online = false;
  world_.cut(phone_);
  must<CallTaken>(laptop, TakeOverCall{call});
  world_.pass(kCallWantTime + seconds(2));
  EXPECT_EQ(outcome(laptop), CallOutcome::kStays);
  EXPECT_EQ(state(laptop), std::nullopt);
  EXPECT_EQ(state(bob_), CallState::kActive);
  EXPECT_TRUE(lines(laptop).empty() || lines(laptop).front().outcome == CallOutcome::kElsewhere);
  phone_.online = true;
  world_.pass(minutes(1));
  EXPECT_EQ(state(phone_), CallState::kActive);
  ASSERT_EQ(elsewhere(laptop).size(), 1U);
  again(laptop);
  world_.pass(kCallHasAgain + seconds(5));
  EXPECT_EQ(elsewhere(laptop).size(), 1U);
  must<CallTaken>(laptop, TakeOverCall{call});
  moment();
  EXPECT_EQ(state(laptop), CallState::kConnecting);
}

TEST_F(Calling, a_device_that_a_verified_contact_does_not_vouch_for_is_not_gone_over_to) {
  must<Nothing>(bob_, MarkVerified{bob_.chat().chat});
  const CallId call = talk();
  Person& laptop = link_whole();
  ASSERT_TRUE(bob_.chat().new_devices);
  world_.run_until([&] { return elsewhere(laptop).size() == 1U; });
  must<CallTaken>(laptop, TakeOverCall{call});
  world_.pass(kCallWantTime + seconds(2));
  EXPECT_EQ(outcome(laptop), CallOutcome::kStays);
  EXPECT_EQ(state(phone_), CallState::kActive);
  EXPECT_EQ(state(bob_), CallState::kActive);
}

TEST_F(Calling, declining_on_one_device_is_declining_on_all) {
  Person& laptop = link_whole();
  const CallId call = start(bob_);
  must<Nothing>(laptop, DeclineCall{call});
  moment();
  EXPECT_EQ(outcome(bob_), CallOutcome::kDeclined);
  EXPECT_EQ(outcome(phone_), CallOutcome::kElsewhere);
  world_.settle();
  EXPECT_EQ(line(phone_), CallOutcome::kDeclined);  // as the caller has said
  EXPECT_EQ(line(laptop), CallOutcome::kDeclined);
  EXPECT_EQ(line(bob_), CallOutcome::kDeclined);
}

TEST_F(Calling, who_is_in_a_call_is_busy_for_a_third) {
  Person& carol = world_.add();
  must<AccountMade>(carol, NewAccount{"Carol", world_.home_link()});
  const auto chat = must<ChatMade>(carol, AddContact{must<InviteMade>(phone_, MakeInvite{}).link}).chat.chat;
  world_.settle();
  const CallId call = start(bob_);
  must<CallTaken>(phone_, AcceptCall{call});
  moment();
  flow(phone_, call);
  must<CallTaken>(carol, StartCall{chat});
  moment();
  EXPECT_EQ(outcome(carol), CallOutcome::kBusy);
  EXPECT_EQ(live(phone_)->call, call);
  const auto past = must<Calls>(phone_, ReadCalls{chat}).past;
  ASSERT_EQ(past.size(), 1U);
  EXPECT_EQ(past.front().line.outcome, CallOutcome::kBusy);
  EXPECT_EQ(refusal(phone_, StartCall{chat}), kInCall);
}

TEST_F(Calling, who_was_away_has_missed_it_and_does_not_ring_when_he_is_back) {
  phone_.kill();
  start(bob_);
  world_.pass(minutes(2));
  EXPECT_EQ(outcome(bob_), CallOutcome::kNoAnswer);
  world_.pass(minutes(20));
  phone_.start();
  world_.settle();
  EXPECT_EQ(rings(phone_), 0U);
  EXPECT_EQ(line(phone_), CallOutcome::kMissed);
  EXPECT_EQ(line(bob_), CallOutcome::kNoAnswer);
}

TEST_F(Calling, who_comes_back_while_it_rings_rings_with_a_wrong_clock_too) {
  for (const Duration error : {seconds(0), minutes(-10)}) {
    phone_.kill();
    phone_.clock_error = error;
    const CallId call = start(bob_);
    world_.pass(seconds(15));
    phone_.start();
    world_.pass(seconds(15));  // with a wrong clock the next ring tells
    EXPECT_EQ(state(phone_), CallState::kRingingHere);
    must<Nothing>(bob_, EndCall{call});
    world_.settle();
  }
}

TEST_F(Calling, a_ring_of_a_caller_who_is_gone_does_not_ring_an_hour_later) {
  phone_.kill();
  start(bob_);
  bob_.kill();
  world_.pass(minutes(40));
  phone_.start();
  world_.settle();
  EXPECT_EQ(rings(phone_), 0U);
  bob_.start();  // says that it is over
  world_.settle();
  EXPECT_EQ(rings(phone_), 0U);
  EXPECT_EQ(line(phone_), CallOutcome::kMissed);
  EXPECT_EQ(line(bob_), CallOutcome::kNoAnswer);
}

TEST_F(Calling, both_who_call_at_once_are_in_one_call) {
  Person& laptop = link_whole();
  const ChatId chat = bob_.chat().chat;
  phone_.give(StartCall{chat});
  bob_.give(StartCall{chat});
  moment();
  const auto one = live(phone_);
  const auto other = live(bob_);
  ASSERT_TRUE(one.has_value() && other.has_value());
  EXPECT_EQ(one->call, other->call);
  EXPECT_EQ(one->state, CallState::kConnecting);
  EXPECT_EQ(other->state, CallState::kConnecting);
  EXPECT_NE(one->offers, other->offers);
  EXPECT_EQ(state(laptop), std::nullopt);
  must<Nothing>(phone_, EndCall{one->call});
  world_.settle();
  for (Person* each : {&phone_, &laptop, &bob_}) EXPECT_EQ(line(*each), CallOutcome::kFailed);
}

TEST_F(Calling, who_rings_and_hangs_up_a_hundred_times_rings_and_leaves_a_few_lines) {
  for (int i = 0; i < 100; ++i) {
    const auto call = must<CallTaken>(bob_, StartCall{bob_.chat().chat}).call.call;
    world_.pass(milliseconds(100));
    must<Nothing>(bob_, EndCall{call});
  }
  world_.settle();
  EXPECT_EQ(rings(phone_), static_cast<size_t>(kCallRingsFree));
  EXPECT_EQ(lines(phone_).size(), static_cast<size_t>(kCallRingsFree));
}

TEST_F(Calling, a_program_that_begins_anew_goes_on_with_the_call) {
  const CallId call = talk();
  again(phone_);
  EXPECT_EQ(state(phone_), CallState::kReconnecting);
  EXPECT_EQ(state(bob_), CallState::kActive);
  must<Nothing>(phone_, SendCallSignal{call, "offer again"});
  flow(phone_, call);
  EXPECT_EQ(state(phone_), CallState::kActive);
  EXPECT_EQ(signals(bob_), (Texts{"offer again"}));
  again(bob_);
  world_.pass(minutes(1));  // its page does not come back
  EXPECT_EQ(outcome(bob_), CallOutcome::kLost);
  EXPECT_EQ(outcome(phone_), CallOutcome::kAnswered);
  EXPECT_EQ(state(phone_), std::nullopt);
}

TEST_F(Calling, a_program_that_begins_anew_while_it_rings_rings_on) {
  const CallId call = start(bob_);
  again(phone_);
  EXPECT_EQ(state(phone_), CallState::kRingingHere);
  again(bob_);
  must<CallTaken>(phone_, AcceptCall{call});
  moment();
  EXPECT_EQ(state(bob_), CallState::kConnecting);
}

TEST_F(Calling, who_is_blocked_does_not_ring_and_hears_nothing) {
  const AccountId bob = bob_.chat().chat == ChatId{} ? AccountId{} : must<Account>(bob_, ReadAccount{}).account;
  const CallId call = talk();
  must<Nothing>(phone_, BlockAccount{bob});
  moment();
  EXPECT_EQ(state(phone_), std::nullopt);
  EXPECT_EQ(refusal(bob_, EndCall{call}), kNoSuchCall);  // it ended with the block
  world_.settle();
  EXPECT_EQ(refusal(phone_, StartCall{phone_.chat().chat}), kCallBlocked);
  phone_.notices.clear();
  start(bob_);
  EXPECT_EQ(state(bob_), CallState::kCalling);
  EXPECT_EQ(rings(phone_), 0U);
  world_.settle();
  EXPECT_EQ(outcome(bob_), CallOutcome::kNoAnswer);
  EXPECT_EQ(lines(phone_).size(), 1U);
}

TEST_F(Calling, calls_go_past_messages_that_wait) {
  const std::string long_text(90'000, 'x');
  for (int i = 0; i < 5; ++i) bob_.give(SendText{bob_.chat().chat, long_text});
  const CallId call = start(bob_);
  EXPECT_EQ(live(phone_)->call, call);
}

TEST_F(Calling, what_cannot_be_is_refused) {
  const ChatId chat = bob_.chat().chat;
  EXPECT_EQ(refusal(bob_, StartCall{ChatId{}}), kNoSuchChat);
  EXPECT_EQ(refusal(bob_, StartCall{must<ChatMade>(bob_, NewGroup{"Friends"}).chat.chat}), kNotDirect);
  EXPECT_EQ(refusal(bob_, AcceptCall{CallId{}}), kNoSuchCall);
  EXPECT_EQ(refusal(bob_, EndCall{CallId{}}), kNoSuchCall);
  const CallId call = must<CallTaken>(bob_, StartCall{chat}).call.call;
  EXPECT_EQ(refusal(bob_, AcceptCall{call}), kCallNotNow);
  EXPECT_EQ(refusal(bob_, HoldCall{call}), kCallNotNow);
  EXPECT_EQ(refusal(bob_, SendCallSignal{call, "too early"}), kCallNotNow);
  EXPECT_EQ(refusal(bob_, SendCallSignal{call, ""}), kTooLong);
  EXPECT_EQ(refusal(bob_, SendCallSignal{call, std::string(kCallSignalSizeMax + 1, 'x')}), kTooLong);
  EXPECT_EQ(refusal(bob_, SendCallSignal{call, "\xff"}), kNotText);
  must<Nothing>(bob_, EndCall{call});
  bob_.online = false;
  world_.cut(bob_);
  world_.pass(minutes(5));
  EXPECT_EQ(refusal(bob_, StartCall{chat}), kNotConnected);
  EXPECT_EQ(refusal(world_.add(), ReadCalls{}), kNoAccount);
}

TEST_F(Calling, signals_as_long_as_they_may_be_pass) {
  const CallId call = talk();
  const std::string data(kCallSignalSizeMax, 'x');
  must<Nothing>(bob_, SendCallSignal{call, data});
  moment();
  EXPECT_EQ(signals(phone_), (Texts{data}));
}

TEST_F(Calling, past_calls_come_in_pages_and_go_with_the_history) {
  for (int i = 0; i < 3; ++i) {
    const CallId call = start(bob_);
    must<Nothing>(phone_, DeclineCall{call});
    world_.pass(minutes(10));
  }
  ReadCalls page;
  page.count = 2;
  EXPECT_EQ(must<Calls>(phone_, page).past.size(), 2U);
  EXPECT_TRUE(must<Calls>(phone_, page).more);
  page.skip = 2;
  EXPECT_EQ(must<Calls>(phone_, page).past.size(), 1U);
  EXPECT_FALSE(must<Calls>(phone_, page).more);
  must<Nothing>(phone_, DeleteChat{phone_.chat().chat, true});
  world_.settle();
  EXPECT_TRUE(must<Calls>(phone_, ReadCalls{}).past.empty());
  EXPECT_TRUE(lines(phone_).empty());
}

TEST_F(Calling, a_device_of_a_verified_contact_that_nobody_knows_is_not_called) {
  must<Nothing>(bob_, MarkVerified{bob_.chat().chat});
  link("Laptop");
  world_.settle();
  ASSERT_TRUE(bob_.chat().new_devices);
  EXPECT_EQ(refusal(bob_, StartCall{bob_.chat().chat}), kNewDevices);
  const CallId call = start(phone_);
  EXPECT_EQ(state(bob_), CallState::kRingingHere);
  EXPECT_EQ(state(phone_), CallState::kCalling);  // it hears nothing of that
  EXPECT_EQ(refusal(bob_, AcceptCall{call}), kNewDevices);
  must<Nothing>(bob_, AcknowledgeDevices{bob_.chat().chat});
  must<CallTaken>(bob_, AcceptCall{call});
  moment();
  EXPECT_EQ(state(phone_), CallState::kConnecting);
}

TEST_F(Calling, relays_are_those_of_the_own_home_and_none_where_it_has_none) {
  EXPECT_TRUE(must<CallRelays>(phone_, ReadCallRelays{}).relays.empty());
  const auto password_of = [](std::string_view, Instant) { return std::string("word"); };
  world_.home().set_call_relay(home::CallRelayPlan{{"turns:evil.example:443?transport=tcp"}, password_of});
  EXPECT_TRUE(must<CallRelays>(phone_, ReadCallRelays{}).relays.empty()) << "a host that the home's link does not name";
  world_.home().set_call_relay(home::CallRelayPlan{
      {"turns:evil.example:443?transport=tcp", "turns:home.example:443?transport=tcp"}, password_of});
  const auto relays = must<CallRelays>(phone_, ReadCallRelays{}).relays;
  ASSERT_EQ(relays.size(), 1U);
  EXPECT_EQ(relays.front().urls, (Texts{"turns:home.example:443?transport=tcp"}));
  EXPECT_EQ(relays.front().credential, "word");
  EXPECT_GT(relays.front().expires_at, world_.now);
  EXPECT_NE(must<CallRelays>(phone_, ReadCallRelays{}).relays.front().username, relays.front().username);
  phone_.online = false;
  world_.cut(phone_);
  world_.pass(minutes(5));
  EXPECT_EQ(refusal(phone_, ReadCallRelays{}), kNotConnected);
}

TEST_F(Calling, a_home_that_hands_out_what_is_somebody_elses_or_nonsense_leads_nobody_there) {
  const auto good = [](std::string_view, Instant) { return std::string("word"); };
  // The relay of another home, whose credentials may be good there, is not asked for anything.
  for (const char* foreign :
       {"turns:other.example:443?transport=tcp", "turns:home.example.evil.example:443?transport=tcp",
        "turns:home.example@evil.example:443", "turn:127.0.0.1:3478?transport=tcp"}) {
    world_.home().set_call_relay(home::CallRelayPlan{{foreign}, good});
    EXPECT_TRUE(must<CallRelays>(phone_, ReadCallRelays{}).relays.empty()) << foreign;
  }
  const std::string own = "turns:home.example:443?transport=tcp";
  for (const std::string& word : {std::string(), std::string("two\nlines"), std::string(5'000, 'x')}) {
    world_.home().set_call_relay(home::CallRelayPlan{{own}, [&](std::string_view, Instant) { return word; }});
    EXPECT_TRUE(must<CallRelays>(phone_, ReadCallRelays{}).relays.empty());
  }
  // At its own relay it can say whose it likes; each call has others, so nobody has one's without being told.
  world_.home().set_call_relay(home::CallRelayPlan{{own}, good});
  std::set<std::string> names;
  for (Person* each : {&phone_, &bob_, &bob_}) {
    for (const auto& relay : must<CallRelays>(*each, ReadCallRelays{}).relays) names.insert(relay.username);
  }
  EXPECT_EQ(names.size(), 3U);
}

TEST_F(Calling, of_two_windows_that_answer_at_once_one_has_it) {
  const CallId call = start(bob_);
  const CommandId first = phone_.give(AcceptCall{call});
  const CommandId second = phone_.give(AcceptCall{call});
  moment();
  const auto* taken = phone_.answer(first);
  const auto* refused = phone_.answer(second);
  ASSERT_TRUE(taken != nullptr && refused != nullptr);
  EXPECT_TRUE(taken->has_value());
  ASSERT_FALSE(refused->has_value());
  EXPECT_EQ(refused->error().code, kCallNotNow);
  EXPECT_EQ(state(phone_), CallState::kConnecting);
  EXPECT_EQ(state(bob_), CallState::kConnecting);
}

// Bob's keys in the hand of somebody who says what no program says.
class HostileCaller : public HostilePeer {
 protected:
  void say_call(const CallBody& body) {
    Content said = content(ContentKind::kCall, codec::encoded(body), 0);
    say_bytes(codec::encoded(said), {}, {});
    world.pass(seconds(2));
  }
  Calls calls() { return must<Calls>(alice, ReadCalls{}); }
};

TEST_F(HostileCaller, nonsense_of_calls_changes_nothing) {
  const CallId call{random.bytes<16>()};
  const DeviceId device{random.bytes<32>()};
  for (uint8_t step = 0; step < 24; ++step) {
    if (step == static_cast<uint8_t>(CallStep::kRing)) continue;
    say_call({call, static_cast<CallStep>(step), CallMedia::kVoice, device, Bytes{1, 2, 3}});
  }
  say_bytes(codec::encoded(content(ContentKind::kCall, Bytes{1, 2, 3}, 0)), {}, {});
  world.settle();
  EXPECT_FALSE(calls().live.has_value());
  EXPECT_TRUE(calls().past.empty());
}

TEST_F(HostileCaller, a_signal_that_is_no_text_reaches_no_page_and_a_caller_who_falls_silent_ends_by_himself) {
  const CallId call{random.bytes<16>()};
  say_call({call, CallStep::kRing, static_cast<CallMedia>(77), {}, {}});
  ASSERT_TRUE(calls().live.has_value());
  EXPECT_EQ(calls().live->media_there, CallMedia::kVoice);
  must<CallTaken>(alice, AcceptCall{call});
  const DeviceId device = must<OwnDevices>(alice, ListDevices{}).devices.front().device;
  say_call({call, CallStep::kTaken, CallMedia::kVoice, device, {}});
  EXPECT_EQ(calls().live->state, CallState::kConnecting);
  say_call({call, CallStep::kSignal, CallMedia::kVoice, device, Bytes{0xff, 0xfe}});
  EXPECT_FALSE(has_notice<CallSignal>(alice));
  world.pass(minutes(2));
  EXPECT_FALSE(calls().live.has_value());
  ASSERT_EQ(calls().past.size(), 1U);
  EXPECT_EQ(calls().past.front().line.outcome, CallOutcome::kFailed);
}

TEST_F(HostileCaller, summaries_of_calls_that_never_were_are_a_few_lines) {
  CallBody body{{}, CallStep::kSummary, CallMedia::kVoice, {}, {}};
  for (int i = 0; i < 50; ++i) {
    body.call = {random.bytes<16>()};
    body.data = codec::encoded(CallSummary{CallOutcome::kNoAnswer, static_cast<uint64_t>(world.now.ms), 0});
    say_call(body);
  }
  EXPECT_EQ(calls().past.size(), static_cast<size_t>(kCallRingsFree));
  body.call = calls().past.front().line.call;
  body.data = codec::encoded(CallSummary{CallOutcome::kAnswered, 0, 1'000});
  say_call(body);
  EXPECT_EQ(calls().past.size(), static_cast<size_t>(kCallRingsFree));
}

}  // namespace
}  // namespace godwit::testworld
