#include "engine/call_machine.h"

#include <algorithm>

#include "engine/call_standing.h"

namespace godwit::engine {

using namespace standing;

namespace {

Instant instant_of(uint64_t ms) {
  return ms > static_cast<uint64_t>(kNever.ms) ? kNever : Instant{static_cast<int64_t>(ms)};
}

// What another device says first of a call, before two devices have it.
bool rings_out(const LiveCall& call) {
  return call.state == CallState::kCalling || call.state == CallState::kRingingThere;
}

// This one has been with the other side's device, or may have been.
bool hears(const LiveCall& call) {
  return is_pair(call) || call.state == CallState::kAnswering || call.state == CallState::kTaking;
}

uint64_t duration_of(const LiveCall& call, CallOutcome outcome, Instant now) {
  if (call.active_ms == 0) return 0;
  const uint64_t end = outcome == CallOutcome::kLost ? call.seen_ms : ms_of(now);
  return end > call.active_ms ? end - call.active_ms : 0;
}

// The same outcome, as the other side has it.
CallOutcome as_called(CallOutcome outcome) {
  const bool unanswered = outcome == CallOutcome::kCancelled || outcome == CallOutcome::kNoAnswer;
  return unanswered ? CallOutcome::kMissed : outcome;
}

void keep_newest(std::deque<CallId>& calls, const CallId& call) {
  calls.push_back(call);
  if (calls.size() > kCallsOverMax) calls.pop_front();
}

}  // namespace

// --- The person, and the page.

CallRefusal CallMachine::start(const CallId& call, const ChatId& chat, const AccountId& peer, CallMedia media,
                               Instant now, CallEffects& out) {
  if (live_) return CallRefusal::kBusyHere;
  LiveCall begun;
  begun.call = call;
  begun.chat = chat;
  begun.peer = peer;
  begun.media = known(media);
  begun.outgoing = true;
  begun.begun_ms = ms_of(now);
  stand(begun, CallState::kCalling, now + kCallRingTime, now + kCallRingAgain);
  live_ = begun;
  say(begun, CallStep::kRing, out);
  tell(begun, out);
  return CallRefusal::kNone;
}

CallRefusal CallMachine::accept(const CallId& call, CallMedia media, Instant now, CallEffects& out) {
  LiveCall* live = find(call);
  if (live == nullptr) return CallRefusal::kUnknown;
  if (live->state != CallState::kRingingHere) return CallRefusal::kNotNow;
  live->media = known(media);
  ringers_.give_back(live->peer);
  stand(*live, CallState::kAnswering, now + kCallAnswerTime, now + kCallAnswerAgain);
  say(*live, CallStep::kAccept, out);
  tell(*live, out);
  return CallRefusal::kNone;
}

CallRefusal CallMachine::decline(const CallId& call, Instant now, CallEffects& out) {
  LiveCall* live = find(call);
  if (live == nullptr) return CallRefusal::kUnknown;
  if (live->state != CallState::kRingingHere) return CallRefusal::kNotNow;
  say(*live, CallStep::kDecline, out);
  finish(CallOutcome::kDeclined, now, out);
  return CallRefusal::kNone;
}

CallRefusal CallMachine::end(const CallId& call, Instant now, CallEffects& out) {
  LiveCall* live = find(call);
  if (live == nullptr) return CallRefusal::kUnknown;
  if (live->state == CallState::kRingingHere) return decline(call, now, out);
  if (live->state == CallState::kTaking) {
    stay_there(now, out);
    return CallRefusal::kNone;
  }
  if (rings_out(*live)) {
    say(*live, CallStep::kCancel, out);
    finish(CallOutcome::kCancelled, now, out);
  } else if (live->state == CallState::kAnswering) {
    // The caller may have said kTaken or not: this ends it in both cases.
    say(*live, CallStep::kDecline, out);
    finish(CallOutcome::kDeclined, now, out);
  } else {
    say(*live, CallStep::kEnd, out);
    finish(hung_up(*live), now, out);
  }
  return CallRefusal::kNone;
}

CallRefusal CallMachine::hold(const CallId& call, bool held, CallEffects& out) {
  LiveCall* live = find(call);
  if (live == nullptr) return CallRefusal::kUnknown;
  if (!is_pair(*live)) return CallRefusal::kNotNow;
  if (live->held_here == held) return CallRefusal::kNone;
  live->held_here = held;
  say(*live, held ? CallStep::kHold : CallStep::kResume, out);
  tell(*live, out);
  return CallRefusal::kNone;
}

CallRefusal CallMachine::signal(const CallId& call, Bytes data, CallEffects& out) {
  LiveCall* live = find(call);
  if (live == nullptr) return CallRefusal::kUnknown;
  // Who answers offers at once, without waiting for kTaken: that saves a round trip, and the caller's device knows him by then.
  const bool may = is_pair(*live) || live->state == CallState::kAnswering;
  if (!may || data.empty() || data.size() > kCallSignalSizeMax) return CallRefusal::kNotNow;
  say(*live, CallStep::kSignal, out, live->peer_device, std::move(data));
  return CallRefusal::kNone;
}

CallRefusal CallMachine::media(const CallId& call, bool flows, Instant now, CallEffects& out,
                               const std::optional<DeviceId>& device) {
  LiveCall* live = find(call);
  if (live == nullptr) return CallRefusal::kUnknown;
  if (!is_pair(*live)) return CallRefusal::kNotNow;
  if (waits_for_media(device, flows, now, out)) return CallRefusal::kNone;
  const bool flowed = live->state == CallState::kActive;
  if (flows || flowed) live->seen_ms = ms_of(now);
  if (flows == flowed) return CallRefusal::kNone;
  if (!flows) {
    stand(*live, CallState::kReconnecting, now + kCallReconnectTime, now + kCallHasAgain);
  } else {
    if (live->active_ms == 0) live->active_ms = ms_of(now);
    stand(*live, CallState::kActive, kNever, kNever);
    say_has(*live, now, out);
  }
  // Before the first media there is nothing to reconnect: kConnecting keeps its time.
  tell(*live, out);
  return CallRefusal::kNone;
}

// --- The other devices.

void CallMachine::heard(const CallSpeaker& from, const CallBody& body, Instant now, CallEffects& out) {
  if (from.own && from.device == self_) return;
  const bool ends = body.step == CallStep::kCancel || body.step == CallStep::kEnd;
  if (ends && own_ring_ && own_ring_->call == body.call && own_ring_->chat == from.chat) own_ring_.reset();
  if (ends || body.step == CallStep::kSummary) note_end(from, body, out);
  if (body.step == CallStep::kSummary) return on_summary(from, body, now, out);
  if (body.step >= CallStep::kHas) return hear_move(from, body, now, out);
  if (is_over(body.call)) return;
  if (from.own) return on_own_step(from, body, now, out);
  if (body.step == CallStep::kRing) return on_ring(from, body, now, out);
  LiveCall* live = find(body.call);
  if (live == nullptr && body.step == CallStep::kCancel) return remember(body.call);  // its ring may come behind it
  if (live == nullptr || live->chat != from.chat || live->peer != from.account) return;
  switch (body.step) {
    case CallStep::kRinging:
      if (live->state != CallState::kCalling) return;
      live->state = CallState::kRingingThere;
      return tell(*live, out);
    case CallStep::kAccept:
      return on_accept(*live, from, body, now, out);
    case CallStep::kTaken:
      return on_taken(*live, from, body, now, out);
    case CallStep::kDecline:
    case CallStep::kBusy:
      return on_refused(*live, from, body.step, now, out);
    case CallStep::kCancel:
    case CallStep::kEnd:
      return on_over(*live, from, body, now, out);
    case CallStep::kHold:
    case CallStep::kResume:
    case CallStep::kSignal:
      return on_pair(*live, from, body, out);
    default:
      return;  // of a later version
  }
}

void CallMachine::on_own_step(const CallSpeaker& from, const CallBody& body, Instant now, CallEffects& out) {
  if (body.step == CallStep::kRing) {
    if (from.late) return;
    own_ring_ = OwnRing{body.call, from.chat, now + kCallRingTime};
    // Both accounts call: this device rings for the other's call, and the own one holds.
    const bool rings = live_ && live_->state == CallState::kRingingHere && live_->chat == from.chat;
    if (rings && body.call < live_->call) finish(CallOutcome::kMerged, now, out);
    return;
  }
  const bool answers = body.step == CallStep::kAccept || body.step == CallStep::kDecline;
  LiveCall* live = find(body.call);
  // It may overtake the ring: two devices say these, and nothing orders them.
  if (live == nullptr && answers) return remember(body.call);
  if (live == nullptr || live->chat != from.chat) return;
  // Whoever of the two own devices hangs up while the call goes from one to the other ends it.
  const bool other = from.device == live->move.given_to || from.device == live->move.taken_from;
  const bool moves = other && (ms_of(now) < live->move.until_ms || live->state == CallState::kTaking);
  if (body.step == CallStep::kEnd && moves) {
    // The other side may have gone over, and hears that one no more.
    if (from.device == live->move.taken_from && is_pair(*live)) say(*live, CallStep::kEnd, out);
    return finish(hung_up(*live), now, out);
  }
  if (live->state != CallState::kRingingHere) return;
  // Two that answer at once both go on until the caller says who has it; one that only rings stops. After kBusy of one the others
  // ring on until the caller ends it.
  if (answers) finish(CallOutcome::kElsewhere, now, out);
}

// What came of a call that this device may have seen or not. Its lines give way to those of who took part.
void CallMachine::on_summary(const CallSpeaker& from, const CallBody& body, Instant now, CallEffects& out) {
  const auto summary = summary_of(body);
  if (!summary || std::ranges::find(quiet_, body.call) != quiet_.end()) return;
  if (LiveCall* live = find(body.call)) {
    if (from.own || live->outgoing || live->chat != from.chat || live->peer_device != from.device) return;
    on_over(*live, from, body, now, out);
  }
  const Instant begun{static_cast<int64_t>(std::min(summary->begun_ms, ms_of(now)))};
  if (!from.own && !is_over(body.call) && !may_tell(from.account, begun, now)) return;
  remember(body.call);
  const CallOutcome outcome = from.own ? summary->outcome : as_called(summary->outcome);
  out.emplace_back(
      KeepCall{body.call, from.chat, from.own, outcome, known(body.media), ms_of(begun), summary->duration_ms, false});
}

void CallMachine::on_ring(const CallSpeaker& from, const CallBody& body, Instant now, CallEffects& out) {
  if (from.late) return;
  if (live_ && live_->call == body.call) {
    const bool same = live_->peer_device == from.device && live_->chat == from.chat;
    if (same && live_->state == CallState::kRingingHere) say(*live_, CallStep::kRinging, out);
    return;
  }
  if (live_) {
    const bool same_chat = live_->chat == from.chat && live_->peer == from.account;
    if (same_chat && rings_out(*live_)) return on_glare(from, body, now, out);
    // Of two calls at once the other one's ring may come late.
    if (same_chat && live_->state == CallState::kConnecting) return remember(body.call);
    // The other device of this call rings anew: it has lost the call.
    if (!same_chat || !is_pair(*live_) || live_->peer_device != from.device) return refuse_busy(from, body, now, out);
    finish(live_->active_ms != 0 ? CallOutcome::kLost : CallOutcome::kFailed, now, out);
  }
  if (busy_) return refuse_busy(from, body, now, out);
  if (own_ring_ && (own_ring_->until <= now || is_over(own_ring_->call))) own_ring_.reset();
  if (own_ring_ && own_ring_->chat == from.chat && own_ring_->call < body.call) return remember(body.call);
  if (!may_ring(from, body, now)) return remember(body.call);
  ring_here(from, body, now);
  say(*live_, CallStep::kRinging, out);
  out.emplace_back(CallRings{*live_});
}

void CallMachine::refuse_busy(const CallSpeaker& from, const CallBody& body, Instant now, CallEffects& out) {
  remember(body.call);
  if (!may_ring(from, body, now)) return;
  LiveCall other;
  other.call = body.call;
  other.chat = from.chat;
  say(other, CallStep::kBusy, out);
  out.emplace_back(KeepCall{body.call, from.chat, false, CallOutcome::kBusy, known(body.media), ms_of(now), 0, false});
}

void CallMachine::on_glare(const CallSpeaker& from, const CallBody& body, Instant now, CallEffects& out) {
  // Both devices know both ids and judge alike: the smaller one holds.
  if (live_->call < body.call) return remember(body.call);
  const CallMedia wished = live_->media;
  finish(CallOutcome::kMerged, now, out);
  ring_here(from, body, now);
  // Whoever calls wants to talk: the call is accepted for him, with what he wished to send.
  const CallRefusal refused = accept(body.call, wished, now, out);
  static_cast<void>(refused);  // it rings, so it can be accepted
}

void CallMachine::ring_here(const CallSpeaker& from, const CallBody& body, Instant now) {
  LiveCall call;
  call.call = body.call;
  call.chat = from.chat;
  call.peer = from.account;
  call.peer_device = from.device;
  call.media_there = known(body.media);
  call.begun_ms = ms_of(now);
  stand(call, CallState::kRingingHere, now + kCallRingHeardMax, kNever);
  live_ = call;
}

void CallMachine::on_accept(LiveCall& call, const CallSpeaker& from, const CallBody& body, Instant now,
                            CallEffects& out) {
  if (!call.outgoing) return;
  if (rings_out(call)) {
    call.peer_device = from.device;
    call.media_there = known(body.media);
    stand(call, CallState::kConnecting, now + kCallConnectTime, kNever);
    say(call, CallStep::kTaken, out, call.peer_device);
    return tell(call, out);
  }
  if (call.move.there_before != DeviceId{}) return;
  // The kTaken was lost, or a second device was too late. One answer for each kAccept, so nothing goes round.
  say(call, CallStep::kTaken, out, call.peer_device);
}

void CallMachine::on_taken(LiveCall& call, const CallSpeaker& from, const CallBody& body, Instant now,
                           CallEffects& out) {
  if (from.device != call.peer_device) return;
  if (is_pair(call)) {
    if (is_in_order(from, body)) on_decided(call, body.device, now, out);
    return;
  }
  if (call.outgoing || call.state == CallState::kTaking) return;
  if (body.device != self_) {
    return finish(CallOutcome::kElsewhere, now, out);
  }
  if (call.state != CallState::kAnswering) return;
  stand(call, CallState::kConnecting, now + kCallConnectTime, kNever);
  tell(call, out);
}

void CallMachine::on_refused(LiveCall& call, const CallSpeaker& from, CallStep step, Instant now, CallEffects& out) {
  if (!call.outgoing) return;
  if (rings_out(call)) {
    say(call, CallStep::kCancel, out);  // their other devices stop
    return finish(step == CallStep::kBusy ? CallOutcome::kBusy : CallOutcome::kDeclined, now, out);
  }
  // The device that had it thought better of it before it heard that it has it.
  if (from.device == call.peer_device && step == CallStep::kDecline) finish(hung_up(call), now, out);
}

void CallMachine::on_over(LiveCall& call, const CallSpeaker& from, const CallBody& body, Instant now,
                          CallEffects& out) {
  const bool before = from.device == call.move.there_before && body.step == CallStep::kEnd;
  if (from.device != call.peer_device && !before) return;
  if (call.state == CallState::kTaking) return finish(hung_up(call), now, out);
  finish(is_pair(call) ? hung_up(call) : CallOutcome::kMissed, now, out);
}

void CallMachine::on_pair(LiveCall& call, const CallSpeaker& from, const CallBody& body, CallEffects& out) {
  if (from.device != call.peer_device) {
    // It has not heard who has the call.
    const bool decided = is_pair(call) && call.move.there_before == DeviceId{};
    if (decided && body.step == CallStep::kSignal && body.device == self_) {
      say(call, CallStep::kTaken, out, call.peer_device);
    }
    return;
  }
  if (!hears(call)) return;
  if (body.step == CallStep::kSignal) {
    if (body.device == self_) out.emplace_back(CallSignalled{call.call, body.data});
    return;
  }
  const bool held = body.step == CallStep::kHold;
  if (call.held_there == held) return;
  call.held_there = held;
  tell(call, out);
}

// --- Time.

void CallMachine::restore(const LiveCall& call, Instant now, CallEffects& out) {
  live_ = call;
  if (is_pair(*live_) && live_->active_ms != 0) {
    // The page may have gone on without the program, and says so then.
    stand(*live_, CallState::kReconnecting, now + kCallReconnectTime, now);
  }
  if (live_->again_ms != 0) live_->again_ms = std::max<uint64_t>(ms_of(now), 1);
  const bool rings = live_->state == CallState::kRingingHere && ms_of(now) < live_->until_ms;
  if (rings) {
    out.emplace_back(CallRings{*live_});
  } else {
    tell(*live_, out);
  }
  expire(now, out);
}

void CallMachine::expire(Instant now, CallEffects& out) {
  expire_elsewhere(now, out);
  if (!live_) return;
  // The clock may have gone back: no state lasts longer than this from now.
  const uint64_t latest = ms_of(now + kCallRingHeardMax);
  live_->until_ms = std::min(live_->until_ms, latest);
  live_->again_ms = std::min(live_->again_ms, latest);
  live_->move.until_ms = std::min(live_->move.until_ms, latest);
  if (live_->until_ms != 0 && live_->until_ms <= ms_of(now)) return run_out(now, out);
  if (live_->move.there_before != DeviceId{} && live_->move.until_ms <= ms_of(now)) go_back(out);
  if (live_->again_ms != 0 && live_->again_ms <= ms_of(now)) say_again(now, out);
}

void CallMachine::run_out(Instant now, CallEffects& out) {
  switch (live_->state) {
    case CallState::kCalling:
    case CallState::kRingingThere:
      say(*live_, CallStep::kCancel, out);
      return finish(CallOutcome::kNoAnswer, now, out);
    case CallState::kRingingHere:
      return finish(CallOutcome::kMissed, now, out);
    case CallState::kTaking:
      return stay_there(now, out);
    case CallState::kReconnecting:
      // Nobody has said that it is here still.
      if (live_->move.given_to != DeviceId{}) return go_elsewhere(live_->move.given_to, CallOutcome::kMoved, now, out);
      [[fallthrough]];
    default:
      say(*live_, CallStep::kEnd, out);
      return finish(live_->active_ms != 0 ? CallOutcome::kLost : CallOutcome::kFailed, now, out);
  }
}

void CallMachine::say_again(Instant now, CallEffects& out) {
  if (live_->state == CallState::kTaking) return say_want(*live_, now, out);
  if (is_pair(*live_)) return say_has(*live_, now, out);
  const bool answers = live_->state == CallState::kAnswering;
  live_->again_ms = ms_of(now + (answers ? kCallAnswerAgain : kCallRingAgain));
  say(*live_, answers ? CallStep::kAccept : CallStep::kRing, out);
}

Instant CallMachine::deadline() const {
  Instant next = kNever;
  for (const ElsewhereCall& each : elsewhere_) next = std::min(next, instant_of(each.until_ms));
  if (!live_) return next;
  if (live_->move.there_before != DeviceId{}) next = std::min(next, instant_of(live_->move.until_ms));
  if (live_->until_ms != 0) next = std::min(next, instant_of(live_->until_ms));
  if (live_->again_ms != 0) next = std::min(next, instant_of(live_->again_ms));
  return next;
}

// --- The end.

void CallMachine::finish(CallOutcome outcome, Instant now, CallEffects& out) {
  LiveCall over = *live_;
  live_.reset();
  remember(over.call);
  const bool goes_on = outcome == CallOutcome::kMoved || outcome == CallOutcome::kStays;
  if (!goes_on && outcome != CallOutcome::kElsewhere) remember_ended(over.call);
  const bool was_here = over.state != CallState::kTaking;
  over.state = CallState::kOver;
  over.until_ms = 0;
  over.again_ms = 0;
  out.emplace_back(CallStands{over, outcome});
  if (outcome == CallOutcome::kMerged || outcome == CallOutcome::kStays || !was_here) return;
  // Of one that goes on elsewhere the line is that device's, once it is over; until then this one says how long it was here.
  const bool has_gone = outcome == CallOutcome::kMissed || outcome == CallOutcome::kElsewhere;
  const bool took_part = !goes_on && (over.outgoing || !has_gone);
  const CallOutcome kept = goes_on ? CallOutcome::kAnswered : outcome;
  out.emplace_back(KeepCall{over.call, over.chat, over.outgoing, kept, over.outgoing ? over.media : over.media_there,
                            over.begun_ms, duration_of(over, outcome, now), took_part});
  if (!over.outgoing || goes_on) return;
  const uint64_t lasted = std::min(duration_of(over, outcome, now), kCallDurationMaxMs);
  CallBody body{over.call, CallStep::kSummary, over.media, {}, {}};
  body.data = codec::encoded(CallSummary{outcome, std::min(over.begun_ms, kCallTimeMaxMs), lasted});
  out.emplace_back(SayCall{over.chat, std::move(body), true});
}

void CallMachine::remember(const CallId& call) {
  if (!is_over(call)) keep_newest(over_, call);
}

bool CallMachine::is_over(const CallId& call) const { return std::ranges::find(over_, call) != over_.end(); }

bool CallMachine::may_ring(const CallSpeaker& from, const CallBody& body, Instant now) {
  if (ringers_.take(from.account, now)) return true;
  keep_newest(quiet_, body.call);
  return false;
}

// By the time that the caller claims, which does not go back: who was away hears of the calls of a week as of those of a day.
bool CallMachine::may_tell(const AccountId& account, Instant begun, Instant now) {
  const Instant at = std::max({begun, now - kCallToldBack, tellers_.since(account)});
  return tellers_.take(account, at);
}

}  // namespace godwit::engine
