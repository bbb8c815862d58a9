#include "engine/calls.h"

#include <algorithm>

#include "engine/blocks.h"
#include "engine/call_lines.h"
#include "engine/call_saying.h"
#include "engine/chat_people.h"
#include "engine/group_calls.h"
#include "engine/known_devices.h"
#include "engine/members.h"
#include "engine/shown_name.h"
#include "routes/relay_url.h"

namespace godwit::engine {
namespace {

uint64_t ms_of(Instant at) { return static_cast<uint64_t>(std::max<int64_t>(at.ms, 0)); }

// The machine of this device, made when it is first needed.
CallMachine& machine_of(Machine& m) {
  CallBook& book = m.calls;
  const DeviceId device{m.self->device.public_key};
  if (!book.machine || book.device != device) {
    book.machine.emplace(m.self->record.account, device);
    book.device = device;
    for (const PastCallRecord& each : book.past.calls) {
      // One that another own device has answered, or has taken over, may go on there.
      const bool elsewhere = each.outcome == CallOutcome::kElsewhere || each.outcome == CallOutcome::kAnswered;
      if (each.took_part || !elsewhere) book.machine->know_over(each.call);
    }
  }
  return *book.machine;
}

CallInfo shown(const Machine& m, const LiveCall& call, CallOutcome outcome) {
  CallInfo out;
  out.call = call.call;
  out.chat = call.chat;
  out.peer = call.peer;
  const auto chat = m.chats.find(call.chat);
  if (chat != m.chats.end()) out.peer_name = member_name(chat->second, call.peer);
  if (call.peer_device != DeviceId{}) out.device = call.peer_device;
  out.outgoing = call.outgoing;
  out.state = call.state;
  if (call.state == CallState::kOver) out.outcome = outcome;
  out.media = call.media;
  out.media_there = call.media_there;
  out.offers = !call.outgoing;
  out.held_here = call.held_here;
  out.held_there = call.held_there;
  out.way = call.state == CallState::kActive ? m.calls.way : CallWay::kNone;
  out.begun_at = Instant{static_cast<int64_t>(call.begun_ms)};
  if (call.active_ms != 0) out.active_at = Instant{static_cast<int64_t>(call.active_ms)};
  const bool was_here = outcome != CallOutcome::kStays;
  const bool counts = call.state == CallState::kOver && call.active_ms != 0 && was_here;
  const uint64_t end = outcome == CallOutcome::kLost ? call.seen_ms : ms_of(m.wall());
  if (counts && end > call.active_ms) out.duration_ms = end - call.active_ms;
  return out;
}

// The calls of two that other own devices are in.
std::vector<CallElsewhere> elsewhere(Machine& m) {
  std::vector<CallElsewhere> out;
  for (const ElsewhereCall& each : machine_of(m).elsewhere()) {
    const auto chat = m.chats.find(each.chat);
    if (chat == m.chats.end() || chat->second.deleted || chat->second.record.peer != each.has.peer) continue;
    CallElsewhere call;
    call.call = each.call;
    call.chat = each.chat;
    call.peer = each.has.peer;
    call.peer_name = member_name(chat->second, call.peer);
    call.device = each.device;
    const auto& devices = m.devices.record.devices;
    const auto device = std::ranges::find(devices, each.device.value, &OwnDevice::device_key);
    if (device != devices.end()) call.device_name = device->name;
    call.media = each.media;
    call.begun_at = Instant{static_cast<int64_t>(each.has.begun_ms)};
    call.active_at = Instant{static_cast<int64_t>(each.has.active_ms)};
    out.push_back(std::move(call));
  }
  return out;
}

// ---- what comes of it -----------------------------------------------------------------------------------------------

void store(Machine& m) {
  const LiveCall* live = m.calls.machine->live();
  const Bytes key = record_key(RecordKind::kLiveCall);
  if (live == nullptr) return m.journal.erase(key);
  m.journal.put(key, LiveCallRecord{kRecordVersion, *live});
}

void stands(Machine& m, const CallStands& effect) {
  m.tell_then(CallChanged{shown(m, effect.call, effect.outcome)});
  if (effect.call.state != CallState::kOver) return;
  m.calls.way = CallWay::kNone;
  const CallId& call = effect.call.call;
  call_off_said(m, [&](const CallSaid& each) { return each.call == call && !is_last_word(each.step); });
}

void signalled(Machine& m, const CallSignalled& effect) {
  std::string data(effect.data.begin(), effect.data.end());
  if (is_utf8(data)) m.tell(CallSignal{effect.call, std::move(data)});
}

// In its order: what is told and said follows what is stored. `clock`: where a line stands that a message brings.
void carry_out(Machine& m, const CallEffects& effects, uint64_t clock = 0) {
  if (effects.empty()) return;
  store(m);
  for (const CallEffect& effect : effects) {
    if (const auto* said = std::get_if<SayCall>(&effect)) {
      say_of_call(m, *said);
    } else if (const auto* rings = std::get_if<CallRings>(&effect)) {
      m.tell_then(CallChanged{shown(m, rings->call, CallOutcome::kNone)});
    } else if (const auto* changed = std::get_if<CallStands>(&effect)) {
      stands(m, *changed);
    } else if (const auto* signal = std::get_if<CallSignalled>(&effect)) {
      signalled(m, *signal);
    } else if (std::holds_alternative<CallsMoved>(effect)) {
      m.tell_then(CallsElsewhere{elsewhere(m)});
    } else if (const auto* kept = std::get_if<KeepCall>(&effect)) {
      keep_call(m, *kept, clock);
    }
  }
}

std::optional<Error> error_of(CallRefusal refusal) {
  switch (refusal) {
    case CallRefusal::kNone:
      return std::nullopt;
    case CallRefusal::kBusyHere:
      return Error{kInCall, "a device is in one call at most"};
    case CallRefusal::kUnknown:
      return Error{kNoSuchCall, "the call of this device"};
    case CallRefusal::kNotNow:
      break;
  }
  return Error{kCallNotNow, "what can be done where a call stands"};
}

using Deed = std::function<CallRefusal(CallMachine&, CallEffects&)>;

// Something that a person or a page wants; `answer` is given once it is stored.
void act(Machine& m, CommandId id, const Deed& deed, const std::function<Answer()>& answer) {
  if (!m.has_account()) return m.fail(id, {kNoSuchCall, "the call of this device"});
  CallEffects effects;
  const auto error = error_of(deed(machine_of(m), effects));
  if (error) return m.fail(id, *error);
  carry_out(m, effects);
  m.done_then(id, answer());
}

Answer nothing() { return Nothing{}; }

// The call as it stands, for who has started or accepted it.
std::function<Answer()> taken(Machine& m) {
  return [&m] { return CallTaken{shown(m, *m.calls.machine->live(), CallOutcome::kNone)}; };
}

// What a list that holds says of a device; nothing: it does not name it.
std::optional<DeviceChange> last_change(const DeviceListIn& list, const DeviceId& device) {
  std::optional<DeviceChange> out;
  for (const DeviceEntry& each : list) {
    if (each.device_key == device.value) out = each.change;
  }
  return out;
}

// A line in the history is a message as others are, and is heard as they are; it ends nothing that goes on.
bool is_of_the_past(Machine& m, const CallBody& body) {
  if (body.step != CallStep::kSummary) return false;
  const CallMachine& machine = machine_of(m);
  if (machine.live() != nullptr && machine.live()->call == body.call) return false;
  return std::ranges::find(machine.elsewhere(), body.call, &ElsewhereCall::call) == machine.elsewhere().end();
}

// Who is out of the chat is out of its call: this device, or that of the other side, as if it had hung up. Nothing that it says is heard.
void judge_devices(Machine& m) {
  CallMachine& machine = *m.calls.machine;
  const LiveCall* live = machine.live();
  const Chat* chat = live == nullptr ? nullptr : m.find_chat(live->chat);
  if (chat == nullptr) return;
  CallEffects effects;
  if (!chat->group) {
    if (chat->record.membership == Membership::kActive) return;             // it is on its way back
    static_cast<void>(machine.end(CallId(live->call), m.wall(), effects));  // it is there
  } else if (live->peer_device != DeviceId{} && !is_device_now(m, *chat, live->peer, live->peer_device)) {
    const CallSpeaker gone{live->chat, live->peer, live->peer_device};
    machine.heard(gone, CallBody{live->call, CallStep::kEnd, live->media_there, {}, {}}, m.wall(), effects);
  }
  carry_out(m, effects);
}

bool is_ready(const Chat& chat) {
  const ChatRecord& record = chat.record;
  return chat.group && record.ready && record.address_ready && record.log_ready && count_others(chat) == 1;
}

// Why nobody can be called in this chat now.
std::optional<Error> obstacle(Machine& m, const ChatId& id) {
  if (!m.has_account()) return Error{kNoAccount, "a call is of an account"};
  const Chat* chat = m.find_chat(id);
  if (chat == nullptr || chat->deleted) return m.no_chat(id);
  if (chat->record.kind != ChatKind::kDirect) return Error{kNotDirect, "a call is between two"};
  if (is_cut_off(m, *chat)) return Error{kCallBlocked, "who is blocked is not called"};
  if (!is_ready(*chat)) return Error{kChatNotReady, "both sides are in the chat"};
  if (is_held_back(m, *chat)) return Error{kNewDevices, "the devices of a verified contact are known"};
  if (m.mailbox().is_small()) return Error{kNoCallWay, "connections last"};
  const bool online = m.mailbox().state().connection == Connection::kConnected;
  if (!online) return Error{kNotConnected, "a connection to the home"};
  return std::nullopt;
}

}  // namespace

void start_call(Machine& m, CommandId id, const StartCall& command) {
  if (const auto error = obstacle(m, command.chat)) return m.fail(id, *error);
  if (group_call_of(m) != nullptr) return m.fail(id, {kInCall, "a device is in one call at most"});
  const AccountId peer = m.chats.at(command.chat).record.peer;
  const auto call = m.random_id<CallId>();
  const auto deed = [&](CallMachine& machine, CallEffects& out) {
    return machine.start(call, command.chat, peer, command.media, m.wall(), out);
  };
  act(m, id, deed, taken(m));
}

void accept_call(Machine& m, CommandId id, const AcceptCall& command) {
  if (group_call_of(m) != nullptr) return m.fail(id, {kCallNotNow, "a device is in one call at most"});
  const LiveCall* live = m.calls.machine ? m.calls.machine->live() : nullptr;
  const Chat* chat = live != nullptr && live->call == command.call ? m.find_chat(live->chat) : nullptr;
  if (chat != nullptr && is_held_back(m, *chat)) {
    return m.fail(id, {kNewDevices, "the devices of a verified contact are known"});
  }
  const auto deed = [&](CallMachine& machine, CallEffects& out) {
    return machine.accept(command.call, command.media, m.wall(), out);
  };
  act(m, id, deed, taken(m));
}

void take_over_call(Machine& m, CommandId id, const TakeOverCall& command) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a call is of an account"});
  const auto& calls = machine_of(m).elsewhere();
  const auto found = std::ranges::find(calls, command.call, &ElsewhereCall::call);
  if (found == calls.end()) return m.fail(id, {kNoSuchCall, "a call of another own device"});
  if (const auto error = obstacle(m, found->chat)) return m.fail(id, *error);
  if (group_call_of(m) != nullptr) return m.fail(id, {kInCall, "a device is in one call at most"});
  const auto deed = [&](CallMachine& machine, CallEffects& out) {
    return machine.take_over(command.call, command.media, m.wall(), out);
  };
  act(m, id, deed, taken(m));
}

void decline_call(Machine& m, CommandId id, const DeclineCall& command) {
  const auto deed = [&](CallMachine& machine, CallEffects& out) {
    return machine.decline(command.call, m.wall(), out);
  };
  act(m, id, deed, nothing);
}

void end_call(Machine& m, CommandId id, const EndCall& command) {
  if (is_in_group_call(m, command.call)) return leave_group_call(m, id, command);
  const auto deed = [&](CallMachine& machine, CallEffects& out) { return machine.end(command.call, m.wall(), out); };
  act(m, id, deed, nothing);
}

void hold_call(Machine& m, CommandId id, const HoldCall& command) {
  const auto deed = [&](CallMachine& machine, CallEffects& out) {
    return machine.hold(command.call, command.held, out);
  };
  act(m, id, deed, nothing);
}

void send_call_signal(Machine& m, CommandId id, const SendCallSignal& command) {
  const std::string& data = command.data;
  if (data.empty() || data.size() > kCallSignalSizeMax) return m.fail(id, {kTooLong, "1 to 32,768 bytes of a signal"});
  if (!is_utf8(data)) return m.fail(id, {kNotText, "a signal is UTF-8"});
  if (is_in_group_call(m, command.call)) return signal_in_group_call(m, id, command);
  const auto deed = [&](CallMachine& machine, CallEffects& out) {
    return machine.signal(command.call, to_bytes(as_bytes(data)), out);
  };
  act(m, id, deed, nothing);
}

void say_call_media(Machine& m, CommandId id, const SayCallMedia& command) {
  const LiveCall* live = m.calls.machine ? m.calls.machine->live() : nullptr;
  const bool known = is_in_group_call(m, command.call) || (live != nullptr && live->call == command.call);
  if (command.spoilt && known) routes::note_spoilt_call(m.links.homes.world(), m.now);
  if (is_in_group_call(m, command.call)) return say_group_call_media(m, id, command);
  const auto deed = [&](CallMachine& machine, CallEffects& out) {
    const CallWay before = std::exchange(m.calls.way, command.flowing ? command.way : CallWay::kNone);
    const CallRefusal refusal = machine.media(command.call, command.flowing, m.wall(), out, command.device);
    if (refusal != CallRefusal::kNone) {
      m.calls.way = before;
    } else if (out.empty() && before != m.calls.way) {
      out.emplace_back(CallStands{*machine.live(), CallOutcome::kNone});
    } else if (out.empty()) {
      store(m);  // when media were last seen
    }
    return refusal;
  };
  act(m, id, deed, nothing);
}

void read_calls(Machine& m, CommandId id, const ReadCalls& command) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "calls are of an account"});
  Calls out;
  const LiveCall* live = machine_of(m).live();
  if (live != nullptr) out.live = shown(m, *live, CallOutcome::kNone);
  list_past_calls(m, command, out);
  list_group_calls(m, command, out);
  out.elsewhere = elsewhere(m);
  m.done(id, std::move(out));
}

CallRelay relay_of(const Machine& m, const wire::HomeAddress& home, const wire::TurnCredentials& given) {
  CallRelay out{given.urls, given.username, given.password, m.wall() + seconds(given.ttl_seconds)};
  out.own = home.key == m.self->record.home.key;
  const bool any_host = m.calls_carried && out.own;
  std::erase_if(out.urls, [&](const std::string& url) {
    return url.ends_with(routes::kWhenClear) || (!any_host && !routes::is_relay_of(url, home.routes));
  });
  return out;
}

namespace {

// Those that are for networks that nothing speaks against; also of a program that leads calls itself they name the home.
CallRelay udp_relay_of(const Machine& m, const wire::HomeAddress& home, const wire::TurnCredentials& given) {
  CallRelay out{{}, given.username, given.password, m.wall() + seconds(given.ttl_seconds)};
  out.own = true;
  for (const std::string& url : given.urls) {
    if (auto plain = routes::udp_relay_of(url, home.routes)) out.urls.push_back(std::move(*plain));
  }
  return out;
}

CallRelays relays_of_home(Machine& m, const wire::TurnCredentials& given) {
  const wire::HomeAddress& home = m.mailbox().home();
  CallRelays out;
  out.clear = m.links.homes.policy_of(home).is_clear(m.now);
  CallRelay relay = relay_of(m, home, given);
  if (!relay.urls.empty()) out.relays.push_back(std::move(relay));
  CallRelay udp = udp_relay_of(m, home, given);
  if (out.clear && !udp.urls.empty()) out.udp.push_back(std::move(udp));
  return out;
}

// What is left of what the home gave last; nothing if that is not worth a call.
std::optional<wire::TurnCredentials> turn_kept(const Machine& m) {
  const auto& kept = m.calls.turn;
  if (!kept || kept->home != m.self->record.home.key || kept->until < m.now + kTurnKeptLeast) return std::nullopt;
  wire::TurnCredentials out = kept->given;
  out.ttl_seconds = static_cast<uint32_t>((kept->until - m.now).ms / 1000);
  return out;
}

void take_turn(Machine& m, CommandId id, const Result<wire::Reply>& reply) {
  const auto* given = reply ? std::get_if<wire::TurnCredentials>(&*reply) : nullptr;
  const Outcome outcome = given == nullptr ? outcome_of(reply) : Outcome{};
  if (!outcome.ok() && outcome.error->code.action == Action::kRetryLater) {
    // Too many calls in a while: two of them with one name are better than none.
    const auto kept = turn_kept(m);
    return kept ? m.done(id, relays_of_home(m, *kept)) : m.fail(id, *outcome.error);
  }
  // A home of before does not know the question, one that has none says so, and one that says nonsense has none either.
  const bool good = given != nullptr && wire::check_turn_credentials(*given);
  m.calls.turn.reset();
  if (good) m.calls.turn = TurnKept{m.self->record.home.key, *given, m.now + seconds(given->ttl_seconds)};
  m.done(id, relays_of_home(m, good ? *given : wire::TurnCredentials{}));
}

}  // namespace

void read_call_relays(Machine& m, CommandId id) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "relays are of an account's home"});
  const bool online = m.mailbox().state().connection == Connection::kConnected;
  if (!online) return m.fail(id, {kNotConnected, "a connection to the home"});
  // Asked each time: with the same name two calls would be seen to be one person's.
  m.mailbox().submit(wire::TurnGet{}, [&m, id](const Result<wire::Reply>& reply) { take_turn(m, id, reply); });
}

bool is_device_now(const Machine& m, const Chat& chat, const AccountId& account, const DeviceId& device) {
  if (!chat.group) return false;
  const bool has_leaf = std::ranges::any_of(chat.group->members(), [&](const mls::Member& leaf) {
    return equal(leaf.signature_key, device.view()) && equal(leaf.identity, account.view());
  });
  if (!has_leaf) return false;
  const Member* member = find_member(chat, account);
  if (member != nullptr && last_change(member->record.devices, device) != DeviceChange::kAdd) return false;
  // The commit that takes the leaf of an own device away may be minutes behind the list; a new one's leaf may be before it.
  return !is_self(m, account) || last_change(m.self->record.devices, device) != DeviceChange::kRemove;
}

void take_call(Machine& m, Chat& chat, const Author& author, const Content& content) {
  if (chat.deleted || !m.has_account() || author.device == DeviceId{} || is_blocked(m, author.account)) return;
  const auto body = call_of(content);
  if (!body) return;
  CallSpeaker from{chat.record.chat, author.account, author.device, is_self(m, author.account)};
  from.sent_ms = content.sent_ms;
  // Homes keep for an hour what was to be kept for a minute. What they push now was said now, whatever the sender's clock says.
  const uint64_t now = ms_of(m.wall());
  const uint64_t away = content.sent_ms > now ? content.sent_ms - now : now - content.sent_ms;
  from.late = !m.calls.fresh && away > static_cast<uint64_t>(kCallRingFresh.ms);
  if (chat.record.kind == ChatKind::kGroup) return take_group_call(m, chat, from, *body, content.clock);
  if (chat.record.kind != ChatKind::kDirect) return;
  if (!is_device_now(m, chat, from.account, from.device) && !is_of_the_past(m, *body)) return;
  // A device of a verified contact that its owner does not know of is not gone over to.
  if (body->step == CallStep::kGive && !from.own && is_held_back(m, chat)) return;
  CallEffects effects;
  machine_of(m).set_busy(group_call_of(m) != nullptr);
  machine_of(m).heard(from, *body, m.wall(), effects);
  carry_out(m, effects, body->step == CallStep::kSummary ? content.clock : 0);
}

void end_call_with(Machine& m, const AccountId& account) {
  const LiveCall* live = m.calls.machine ? m.calls.machine->live() : nullptr;
  if (live == nullptr || live->peer != account) return;
  CallEffects effects;
  const CallRefusal refused = m.calls.machine->end(CallId(live->call), m.wall(), effects);
  static_cast<void>(refused);  // it is there
  carry_out(m, effects);
}

void resume_calls(Machine& m) {
  resume_group_calls(m);
  const auto stored = std::exchange(m.calls.stored, std::nullopt);
  if (!stored || !m.has_account()) return;
  CallEffects effects;
  machine_of(m).restore(*stored, m.wall(), effects);
  carry_out(m, effects);
}

void pump_calls(Machine& m, Instant& wake) {
  pump_group_calls(m, wake);
  if (!m.calls.machine || !m.has_account()) return;
  judge_devices(m);
  CallMachine& machine = *m.calls.machine;
  const auto due = [&] {
    const Instant at = machine.deadline();
    return at == kNever ? kNever : m.when(at.ms);
  };
  if (due() <= m.now) {
    CallEffects effects;
    machine.expire(m.wall(), effects);
    carry_out(m, effects);
  }
  wake = std::min(wake, due());
  // A program that waits for it to leave looks again then.
  for (const CallSaid& each : m.calls.said) {
    const Instant until = each.since + kCallSaidWait;
    if (until > m.now) wake = std::min(wake, until);
  }
}

bool calls_idle(const Machine& m) {
  return std::ranges::all_of(m.calls.said, [&](const CallSaid& each) { return each.since + kCallSaidWait <= m.now; });
}

}  // namespace godwit::engine
