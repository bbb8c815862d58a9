#include "engine/group_calls.h"

#include <algorithm>

#include "engine/blocks.h"
#include "engine/call_lines.h"
#include "engine/call_saying.h"
#include "engine/calls.h"
#include "engine/chat_people.h"
#include "engine/group_call_seats.h"
#include "engine/known_devices.h"
#include "engine/members.h"

namespace godwit::engine {
namespace {

// The machine of this device, made when it is first needed.
GroupCallMachine& machine_of(Machine& m) {
  GroupCallBook& book = m.calls.groups;
  const DeviceId device{m.self->device.public_key};
  if (!book.machine || book.device != device) {
    book.machine.emplace(m.self->record.account, device);
    book.device = device;
    for (const PastCallRecord& each : m.calls.past.calls) book.machine->know_line(each.call);
  }
  return *book.machine;
}

GroupCallInfo shown(const Machine& m, const GroupCallStands& stands) {
  GroupCallInfo out;
  const GoingCall& call = stands.live ? stands.live->going : stands.call;
  out.call = call.call;
  out.chat = call.chat;
  out.by = call.by;
  out.state = stands.state;
  out.media = stands.live ? stands.live->media : call.media;
  out.begun_at = Instant{static_cast<int64_t>(call.begun_ms)};
  out.duration_ms = stands.duration_ms;
  if (stands.state == GroupCallState::kOver) out.outcome = stands.outcome;
  const bool here = stands.state == GroupCallState::kHere;
  if (here) out.joined_at = Instant{static_cast<int64_t>(stands.live->joined_ms)};
  const auto found = m.chats.find(call.chat);
  if (found != m.chats.end()) {
    out.name = found->second.record.name;
    out.by_name = member_name(found->second, call.by);
  }
  const size_t places = stands.live ? seats::places_in(*stands.live) : seats::places_in(call);
  out.full = !here && seats::heard_in(call) >= places;
  out.places = static_cast<uint32_t>(places);
  if (stands.state == GroupCallState::kOver) return out;
  for (const GroupPeer& each : call.peers) {
    GroupCallPeer peer{each.seat.account, {}, each.seat.device, each.seat.join, each.media, false};
    if (found != m.chats.end()) peer.name = member_name(found->second, each.seat.account);
    peer.offers = here && m.calls.groups.device < each.seat.device;
    out.peers.push_back(std::move(peer));
  }
  return out;
}

GroupCallStands standing(const LiveGroupCall& live) {
  GroupCallStands out{live.going, GroupCallState::kHere};
  out.live = live;
  return out;
}

GroupCallStands standing(const GoingCall& call) {
  return {call, call.ring_until_ms != 0 ? GroupCallState::kRinging : GroupCallState::kGoing};
}

void store(Machine& m) {
  const LiveGroupCall* live = group_call_of(m);
  const Bytes key = record_key(RecordKind::kLiveGroupCall);
  if (live == nullptr) return m.journal.erase(key);
  m.journal.put(key, LiveGroupCallRecord{kRecordVersion, *live});
}

void stands(Machine& m, const GroupCallStands& effect) {
  m.tell_then(GroupCallChanged{shown(m, effect)});
  if (effect.state != GroupCallState::kOver) return;
  const CallId& call = effect.call.call;
  call_off_said(m, [&](const CallSaid& each) { return each.call == call && !is_last_word(each.step); });
}

void signalled(Machine& m, const CallSignalled& effect) {
  std::string data(effect.data.begin(), effect.data.end());
  if (is_utf8(data)) m.tell(CallSignal{effect.call, std::move(data), effect.from});
}

// In its order: what is told and said follows what is stored.
void carry_out(Machine& m, const GroupCallEffects& effects, uint64_t clock = 0) {
  if (effects.empty()) return;
  store(m);
  for (const GroupCallEffect& effect : effects) {
    if (const auto* said = std::get_if<SayCall>(&effect)) {
      say_of_call(m, *said);
    } else if (const auto* changed = std::get_if<GroupCallStands>(&effect)) {
      stands(m, *changed);
    } else if (const auto* signal = std::get_if<CallSignalled>(&effect)) {
      signalled(m, *signal);
    } else if (const auto* kept = std::get_if<KeepCall>(&effect)) {
      keep_call(m, *kept, clock);
    }
  }
}

std::optional<Error> error_of(GroupRefusal refusal) {
  switch (refusal) {
    case GroupRefusal::kNone:
      return std::nullopt;
    case GroupRefusal::kBusyHere:
      return Error{kInCall, "a device is in one call at most"};
    case GroupRefusal::kUnknown:
      return Error{kNoSuchCall, "a call that goes on"};
    case GroupRefusal::kFull:
      return Error{kCallFull, "a call has so many places"};
    case GroupRefusal::kNotNow:
      break;
  }
  return Error{kCallNotNow, "who is in a call"};
}

using Deed = std::function<GroupRefusal(GroupCallMachine&, GroupCallEffects&)>;

void act(Machine& m, CommandId id, const Deed& deed, const std::function<Answer()>& answer) {
  if (!m.has_account()) return m.fail(id, {kNoSuchCall, "a call is of an account"});
  GroupCallEffects effects;
  const auto error = error_of(deed(machine_of(m), effects));
  if (error) return m.fail(id, *error);
  carry_out(m, effects);
  m.done_then(id, answer());
}

Answer nothing() { return Nothing{}; }

std::function<Answer()> taken(Machine& m) {
  return [&m] { return GroupCallTaken{shown(m, standing(*group_call_of(m)))}; };
}

bool is_in_call_of_two(const Machine& m) { return m.calls.machine && m.calls.machine->live() != nullptr; }

// Why nobody can come into a call in this chat now.
std::optional<Error> obstacle(Machine& m, const Chat& chat) {
  const ChatRecord& record = chat.record;
  const bool ready = chat.group && record.ready && record.address_ready && record.log_ready;
  if (!ready) return Error{kChatNotReady, "this device is in the group"};
  if (count_others(chat) >= kGroupCallMembersMax)
    return Error{kGroupCallTooLarge, "groups of up to a hundred have calls"};
  if (is_in_call_of_two(m)) return Error{kInCall, "a device is in one call at most"};
  if (is_held_back(m, chat)) return Error{kNewDevices, "the devices of a verified contact are known"};
  if (m.mailbox().is_small()) return Error{kNoCallWay, "connections last"};
  const bool online = m.mailbox().state().connection == Connection::kConnected;
  if (!online) return Error{kNotConnected, "a connection to the home"};
  return std::nullopt;
}

// The devices that are in the group now; nobody: this account is not.
std::vector<DeviceId> devices_in(const Chat* chat) {
  std::vector<DeviceId> out;
  if (chat == nullptr || chat->deleted || !chat->group) return out;
  for (const mls::Member& leaf : chat->group->members()) {
    DeviceId device;
    if (DeviceId::from(leaf.signature_key, device)) out.push_back(device);
  }
  return out;
}

void judge_members(Machine& m, const ChatId& id) {
  const Chat* chat = m.find_chat(id);
  const bool in = chat != nullptr && !chat->deleted && chat->group;
  const std::optional<uint64_t> epoch = in ? std::optional(chat->group->epoch()) : std::nullopt;
  const auto [known, is_new] = m.calls.groups.judged.try_emplace(id, epoch);
  if (!is_new && known->second == epoch) return;
  known->second = epoch;
  GroupCallEffects effects;
  m.calls.groups.machine->keep_members(id, devices_in(chat), m.wall(), effects);
  carry_out(m, effects);
}

}  // namespace

const LiveGroupCall* group_call_of(const Machine& m) {
  return m.calls.groups.machine ? m.calls.groups.machine->live() : nullptr;
}

bool is_in_group_call(const Machine& m, const CallId& call) {
  const LiveGroupCall* live = group_call_of(m);
  return live != nullptr && live->going.call == call;
}

void start_group_call(Machine& m, CommandId id, const StartGroupCall& command) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a call is of an account"});
  const Chat* chat = m.find_chat(command.chat);
  if (chat == nullptr || chat->deleted) return m.fail(id, m.no_chat(command.chat));
  if (chat->record.kind != ChatKind::kGroup) return m.fail(id, {kNotGroup, "a call of many is a group's"});
  if (!may_say(settings_at(*chat, UINT64_MAX), self_in(m, *chat).role, ContentKind::kText)) {
    return m.fail(id, {kNotAllowed, "who may write may ring"});
  }
  if (const auto error = obstacle(m, *chat)) return m.fail(id, *error);
  const auto call = m.random_id<CallId>();
  const auto join = static_cast<uint32_t>(m.random.below(UINT32_MAX));
  const auto deed = [&](GroupCallMachine& machine, GroupCallEffects& out) {
    return machine.start(call, command.chat, join, command.media, m.wall(), out, command.rooms);
  };
  act(m, id, deed, taken(m));
}

void join_group_call(Machine& m, CommandId id, const JoinGroupCall& command) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a call is of an account"});
  const GoingCall* call = machine_of(m).find(command.call);
  const Chat* chat = call == nullptr ? nullptr : m.find_chat(call->chat);
  if (chat == nullptr) return m.fail(id, {kNoSuchCall, "a call that goes on"});
  if (const auto error = obstacle(m, *chat)) return m.fail(id, *error);
  const auto join = static_cast<uint32_t>(m.random.below(UINT32_MAX));
  const auto deed = [&](GroupCallMachine& machine, GroupCallEffects& out) {
    return machine.join(command.call, join, command.media, m.wall(), out, command.rooms);
  };
  act(m, id, deed, taken(m));
}

void ignore_group_call(Machine& m, CommandId id, const IgnoreGroupCall& command) {
  const auto deed = [&](GroupCallMachine& machine, GroupCallEffects& out) { return machine.ignore(command.call, out); };
  act(m, id, deed, nothing);
}

void leave_group_call(Machine& m, CommandId id, const EndCall& command) {
  const auto deed = [&](GroupCallMachine& machine, GroupCallEffects& out) {
    return machine.leave(CallId(command.call), m.wall(), out);
  };
  act(m, id, deed, nothing);
}

void signal_in_group_call(Machine& m, CommandId id, const SendCallSignal& command) {
  if (!command.to) return m.fail(id, {kCallNotNow, "a signal in a call of a group names a device"});
  const auto deed = [&](GroupCallMachine& machine, GroupCallEffects& out) {
    return machine.signal(command.call, *command.to, to_bytes(as_bytes(command.data)), out);
  };
  act(m, id, deed, nothing);
}

void say_group_call_media(Machine& m, CommandId id, const SayCallMedia& command) {
  const auto deed = [&](GroupCallMachine& machine, GroupCallEffects& out) {
    const GroupRefusal refusal = machine.page_is_there(command.call, command.room, m.wall(), out);
    if (refusal == GroupRefusal::kNone) store(m);
    return refusal;
  };
  act(m, id, deed, nothing);
}

void list_group_calls(Machine& m, const ReadCalls& command, Calls& out) {
  const GroupCallMachine& machine = machine_of(m);
  const auto wanted = [&](const ChatId& chat) { return !command.chat || *command.chat == chat; };
  if (const LiveGroupCall* live = machine.live()) out.groups.push_back(shown(m, standing(*live)));
  for (const GoingCall& each : machine.going()) {
    if (wanted(each.chat)) out.groups.push_back(shown(m, standing(each)));
  }
}

void take_group_call(Machine& m, const Chat& chat, const CallSpeaker& from, const CallBody& body, uint64_t clock) {
  if (!is_device_now(m, chat, from.account, from.device)) return;
  CallBody heard = body;
  if (heard.step == CallStep::kHere) {
    auto here = here_of(heard);
    if (!here) return;
    // Of whom he tells, only those count who can be in it at all.
    std::erase_if(here->others,
                  [&](const CallSeat& each) { return !is_device_now(m, chat, each.account, each.device); });
    // Who may not write in this group rings nobody, though he may talk.
    const bool may = may_say(settings_at(chat, UINT64_MAX), role_of(chat, from.account), ContentKind::kText);
    if (!may) here->wishes &= static_cast<uint8_t>(~kHereRings);
    heard.data = codec::encoded(*here);
  }
  GroupCallEffects effects;
  machine_of(m).heard(from, heard, is_in_call_of_two(m), m.wall(), effects);
  carry_out(m, effects, heard.step == CallStep::kGroupSummary ? clock : 0);
}

void resume_group_calls(Machine& m) {
  const auto stored = std::exchange(m.calls.groups.stored, std::nullopt);
  if (!stored || !m.has_account()) return;
  GroupCallEffects effects;
  machine_of(m).restore(*stored, m.wall(), effects);
  carry_out(m, effects);
}

void pump_group_calls(Machine& m, Instant& wake) {
  if (!m.calls.groups.machine || !m.has_account()) return;
  GroupCallMachine& machine = *m.calls.groups.machine;
  std::vector<ChatId> chats;
  if (machine.live() != nullptr) chats.push_back(machine.live()->going.chat);
  for (const GoingCall& each : machine.going()) chats.push_back(each.chat);
  for (const ChatId& each : chats) judge_members(m, each);
  std::erase_if(m.calls.groups.judged,
                [&](const auto& entry) { return std::ranges::find(chats, entry.first) == chats.end(); });
  const auto due = [&] {
    const Instant at = machine.deadline();
    return at == kNever ? kNever : m.when(at.ms);
  };
  if (due() <= m.now) {
    GroupCallEffects effects;
    machine.expire(m.wall(), effects);
    carry_out(m, effects);
  }
  wake = std::min(wake, due());
}

}  // namespace godwit::engine
