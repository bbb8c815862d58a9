// How a call goes from one own device to another one (docs/protocol/calls.md, "Another own device takes it over").

#include <algorithm>

#include "engine/call_standing.h"

namespace godwit::engine {

using namespace standing;

namespace {

// Media flow, or have.
bool can_move(const LiveCall& call) { return is_pair(call) && call.active_ms != 0; }

// It was given to another own device, and whether that one has it is not certain yet.
bool is_giving(const LiveCall& call, Instant now) {
  return call.move.given_to != DeviceId{} && ms_of(now) < call.move.until_ms;
}

CallHas has_of(const LiveCall& call) {
  return {call.peer,        call.peer_device, call.outgoing, call.held_there,
          call.media_there, call.begun_ms,    call.active_ms};
}

ElsewhereCall as_elsewhere(const LiveCall& call, const DeviceId& device, Instant now) {
  return {call.call, call.chat, device, call.media, has_of(call), ms_of(now + kCallElsewhereMax)};
}

}  // namespace

// --- The own devices of each other.

void CallMachine::say_has(LiveCall& call, Instant now, CallEffects& out) const {
  call.again_ms = ms_of(now + kCallHasAgain);
  SayCall said{call.chat, CallBody{call.call, CallStep::kHas, call.media, {}, codec::encoded(has_of(call))}};
  said.to = {account_};
  out.emplace_back(std::move(said));
}

void CallMachine::say_want(LiveCall& call, Instant now, CallEffects& out) const {
  call.again_ms = ms_of(now + kCallWantAgain);
  SayCall said{call.chat, CallBody{call.call, CallStep::kWant, call.media, call.move.taken_from}};
  said.to = {account_};
  out.emplace_back(std::move(said));
}

CallRefusal CallMachine::take_over(const CallId& call, CallMedia media, Instant now, CallEffects& out) {
  if (live_) return CallRefusal::kBusyHere;
  const ElsewhereCall* found = find_elsewhere(call);
  if (found == nullptr) return CallRefusal::kUnknown;
  const ElsewhereCall there = *found;
  LiveCall taken;
  taken.call = there.call;
  taken.chat = there.chat;
  taken.peer = there.has.peer;
  taken.peer_device = there.has.peer_device;
  taken.media = known(media);
  taken.media_there = known(there.has.media_there);
  taken.outgoing = there.has.outgoing;
  taken.held_there = there.has.held_there;
  taken.begun_ms = there.has.begun_ms;
  taken.active_ms = there.has.active_ms;
  taken.seen_ms = ms_of(now);
  taken.move.taken_from = there.device;
  stand(taken, CallState::kTaking, now + kCallWantTime, kNever);
  live_ = taken;
  std::erase(over_, call);  // it rang here, and another device has answered
  std::erase_if(elsewhere_, [&](const ElsewhereCall& each) { return each.call == call; });
  out.emplace_back(CallsMoved{});
  say_want(*live_, now, out);
  tell(*live_, out);
  return CallRefusal::kNone;
}

void CallMachine::hear_move(const CallSpeaker& from, const CallBody& body, Instant now, CallEffects& out) {
  if (from.late) return;  // who still wants something says so again
  switch (body.step) {
    case CallStep::kHas:
      if (from.own) on_has(from, body, now, out);
      return;
    case CallStep::kWant:
      if (from.own && body.device == self_) on_want(from, body, now, out);
      return;
    case CallStep::kGive: {
      if (from.own) return on_given_here(from, body, now, out);
      LiveCall* live = find(body.call);
      const bool fits = live != nullptr && live->chat == from.chat && live->peer == from.account;
      if (fits) on_given_there(*live, from, body, now, out);
      return;
    }
    case CallStep::kMove:
      if (!from.own) on_move(from, body, now, out);
      return;
    default:
      return;  // of a later version
  }
}

void CallMachine::on_has(const CallSpeaker& from, const CallBody& body, Instant now, CallEffects& out) {
  const auto has = engine::has_of(body);
  if (!has || std::ranges::find(ended_, body.call) != ended_.end()) return;
  if (LiveCall* live = find(body.call)) {
    if (live->chat != from.chat) return;
    if (live->state == CallState::kTaking) {
      live->move.taken_from = from.device;
      live->peer_device = has->peer_device;
    }
    // Who of two has it the other side decides. One that says nothing of it does not keep this device listening where the person has left it.
    const bool gone = is_pair(*live) && live->move.given_to == from.device && ms_of(now) >= live->move.until_ms;
    if (gone) go_elsewhere(from.device, CallOutcome::kMoved, now, out);
    return;
  }
  const ElsewhereCall heard{body.call, from.chat, from.device, known(body.media), *has, ms_of(now + kCallElsewhereMax)};
  ElsewhereCall* before = find_elsewhere(body.call);
  if (before != nullptr) {
    const bool same = before->device == heard.device && before->chat == heard.chat && before->has == heard.has;
    *before = heard;
    if (!same) out.emplace_back(CallsMoved{});
    return;
  }
  elsewhere_.push_back(heard);
  if (elsewhere_.size() > kCallsElsewhereMax) elsewhere_.pop_front();
  out.emplace_back(CallsMoved{});
}

// Another own device wants the call of this one: it is given without a question, as any own device may answer for the account.
void CallMachine::on_want(const CallSpeaker& from, const CallBody& body, Instant now, CallEffects& out) {
  LiveCall* live = find(body.call);
  if (live == nullptr || live->chat != from.chat || !can_move(*live)) return;
  if (live->move.there_before != DeviceId{}) return;  // the other side's goes to another device just now
  const bool again = live->move.given_to == from.device;
  if (!again && is_giving(*live, now)) return;
  if (!again || !is_giving(*live, now)) {
    live->move.given_to = from.device;
    live->move.until_ms = ms_of(now + kCallMoveTime);
    // Its line may be why: it does not hang up meanwhile.
    if (live->state == CallState::kReconnecting) live->until_ms = ms_of(now + kCallReconnectTime);
  }
  say(*live, CallStep::kGive, out, from.device);
}

// An own device has given the call to one that asked, or gives back what it was given.
void CallMachine::on_given_here(const CallSpeaker& from, const CallBody& body, Instant now, CallEffects& out) {
  LiveCall* live = find(body.call);
  if (live == nullptr || live->chat != from.chat) return;
  if (body.device == self_ && live->move.given_to == from.device) live->move.given_to = {};
  const bool other = live->state == CallState::kTaking && body.device != self_ && live->move.taken_from == from.device;
  if (other) go_elsewhere(body.device, CallOutcome::kMoved, now, out);
}

void CallMachine::stay_there(Instant now, CallEffects& out) {
  say(*live_, CallStep::kGive, out, live_->move.taken_from);
  go_elsewhere(live_->move.taken_from, CallOutcome::kStays, now, out);
}

void CallMachine::go_elsewhere(const DeviceId& device, CallOutcome outcome, Instant now, CallEffects& out) {
  elsewhere_.push_back(as_elsewhere(*live_, device, now));
  out.emplace_back(CallsMoved{});  // before the end: who shows that says where it went
  finish(outcome, now, out);
}

// --- The other side.

void CallMachine::on_given_there(LiveCall& call, const CallSpeaker& from, const CallBody& body, Instant now,
                                 CallEffects& out) {
  CallMove& move = call.move;
  if (move.there_before != DeviceId{}) {
    // Said again, since the answer was lost; or the new one does not want it any more.
    if (from.device == move.there_before && body.device == call.peer_device) {
      say(call, CallStep::kMove, out, call.peer_device);
    } else if (from.device == call.peer_device && body.device == move.there_before) {
      go_back(out);
    }
    return;
  }
  if (from.device != call.peer_device || body.device == call.peer_device || !can_move(call)) return;
  if (is_giving(call, now) || !may_move(now)) return;  // one side at a time
  move.given_to = {};
  move.there_before = call.peer_device;
  move.until_ms = ms_of(now + kCallMoveTime);
  call.peer_device = body.device;
  if (call.state == CallState::kReconnecting) call.until_ms = ms_of(now + kCallReconnectTime);
  say(call, CallStep::kMove, out, call.peer_device);
  tell(call, out);
}

// The other side goes over to a device of this account, and talks with the one of before until media flow.
void CallMachine::on_move(const CallSpeaker& from, const CallBody& body, Instant now, CallEffects& out) {
  LiveCall* live = find(body.call);
  if (live == nullptr) {
    // This device has given up, and that was lost.
    const ElsewhereCall* there = find_elsewhere(body.call);
    const bool mine = there != nullptr && there->chat == from.chat && there->has.peer == from.account;
    if (!mine || body.device != self_) return;
    out.emplace_back(SayCall{from.chat, CallBody{body.call, CallStep::kGive, there->media, there->device}});
    return;
  }
  if (live->chat != from.chat || live->peer != from.account || live->peer_device != from.device) return;
  if (live->state != CallState::kTaking || !is_in_order(from, body)) return;
  if (body.device != self_) return go_elsewhere(body.device, CallOutcome::kMoved, now, out);
  live->move.until_ms = ms_of(now + kCallMoveTime);
  stand(*live, CallState::kConnecting, now + kCallConnectTime, kNever);
  tell(*live, out);
}

// The other side says which device of this account has the call.
void CallMachine::on_decided(LiveCall& call, const DeviceId& device, Instant now, CallEffects& out) {
  if (device == self_) {
    call.move.given_to = {};
    return;
  }
  // It goes nowhere by the other side's word alone: to who leaves us the call is over.
  if (call.move.given_to == DeviceId{} && call.move.taken_from == DeviceId{}) return finish(hung_up(call), now, out);
  const bool back = device == call.move.taken_from && device != call.move.given_to;
  go_elsewhere(device, back ? CallOutcome::kStays : CallOutcome::kMoved, now, out);
}

// What the page says of media while the other side's call goes to another device: true, nothing else follows from it.
bool CallMachine::waits_for_media(const std::optional<DeviceId>& device, bool flows, Instant now, CallEffects& out) {
  LiveCall& call = *live_;
  if (device && *device != call.peer_device) {
    if (flows) call.seen_ms = ms_of(now);
    return true;
  }
  if (call.move.there_before == DeviceId{}) return false;
  if (!device || !flows) return true;
  call.move.there_before = {};
  call.move.until_ms = 0;
  call.held_there = false;  // the new device has not said so
  say(call, CallStep::kTaken, out, call.peer_device);
  if (call.held_here) say(call, CallStep::kHold, out);
  say_has(call, now, out);
  tell(call, out);
  return false;
}

// No media came of the new device: the one of before has it, whose media flow still.
void CallMachine::go_back(CallEffects& out) {
  live_->peer_device = live_->move.there_before;
  live_->move.there_before = {};
  live_->move.until_ms = 0;
  say(*live_, CallStep::kTaken, out, live_->peer_device);
  tell(*live_, out);
}

bool CallMachine::may_move(Instant now) {
  // A clock that went back begins anew.
  std::erase_if(moves_, [&](Instant at) { return at > now || at + kCallMovesTime <= now; });
  if (moves_.size() >= kCallMovesMax) return false;
  moves_.push_back(now);
  return true;
}

// Whether the other side says it after what it has said of this call's moves before: a home may have kept it meanwhile.
bool CallMachine::is_in_order(const CallSpeaker& from, const CallBody& body) {
  if (told_call_ == body.call && told_by_ == from.device && from.sent_ms < told_ms_) return false;
  told_call_ = body.call;
  told_by_ = from.device;
  told_ms_ = from.sent_ms;
  return true;
}

// --- What other own devices are in.

void CallMachine::note_end(const CallSpeaker& from, const CallBody& body, CallEffects& out) {
  const ElsewhereCall* there = find_elsewhere(body.call);
  if (there == nullptr) {
    if (find(body.call) == nullptr) remember_ended(body.call);  // what is said of it may come behind
    return;
  }
  if (there->chat != from.chat || !(from.own || from.account == there->has.peer)) return;
  // Of another device than was heard of it may not be the end: who has the call says so again.
  const bool one = from.own ? from.device == there->device : from.device == there->has.peer_device;
  if (one) remember_ended(body.call);
  std::erase_if(elsewhere_, [&](const ElsewhereCall& each) { return each.call == body.call; });
  out.emplace_back(CallsMoved{});
}

void CallMachine::expire_elsewhere(Instant now, CallEffects& out) {
  const uint64_t latest = ms_of(now + kCallElsewhereMax);  // the clock may have gone back
  for (ElsewhereCall& each : elsewhere_) each.until_ms = std::min(each.until_ms, latest);
  const auto silent = [&](const ElsewhereCall& each) { return each.until_ms <= ms_of(now); };
  if (std::erase_if(elsewhere_, silent) > 0) out.emplace_back(CallsMoved{});
}

ElsewhereCall* CallMachine::find_elsewhere(const CallId& call) {
  const auto found = std::ranges::find(elsewhere_, call, &ElsewhereCall::call);
  return found == elsewhere_.end() ? nullptr : &*found;
}

void CallMachine::remember_ended(const CallId& call) {
  if (std::ranges::find(ended_, call) != ended_.end()) return;
  ended_.push_back(call);
  if (ended_.size() > kCallsOverMax) ended_.pop_front();
}

}  // namespace godwit::engine
