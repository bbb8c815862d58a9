#include "engine/group_call_machine.h"

#include <algorithm>

namespace godwit::engine {
namespace {

uint64_t ms_of(Instant at) { return static_cast<uint64_t>(std::max<int64_t>(at.ms, 0)); }
uint64_t ms_of(Duration time) { return static_cast<uint64_t>(time.ms); }

Instant instant_of(uint64_t ms) {
  return ms > static_cast<uint64_t>(kNever.ms) ? kNever : Instant{static_cast<int64_t>(ms)};
}

CallMedia known(CallMedia media) { return media == CallMedia::kVideo ? media : CallMedia::kVoice; }

// A clock that has gone back begins anew.
bool has_passed(uint64_t& since_ms, Duration time, Instant now) {
  since_ms = std::min(since_ms, ms_of(now));
  return since_ms + ms_of(time) <= ms_of(now);
}

GroupPeer* find_peer(GoingCall& call, const DeviceId& device) {
  const auto found = std::ranges::find(call.peers, device, [](const GroupPeer& each) { return each.seat.device; });
  return found == call.peers.end() ? nullptr : &*found;
}

bool has_left(const GoingCall& call, const CallSeat& seat) {
  return std::ranges::find(call.gone, seat) != call.gone.end();
}

void note_gone(GoingCall& call, const CallSeat& seat) {
  if (has_left(call, seat)) return;
  call.gone.push_back(seat);
  if (call.gone.size() > kGoneMax) call.gone.erase(call.gone.begin());
}

void insert(GoingCall& call, GroupPeer peer) {
  const auto place = std::ranges::lower_bound(call.peers, peer.seat.device, {},
                                              [](const GroupPeer& each) { return each.seat.device; });
  call.peers.insert(place, std::move(peer));
}

// Takes out those whom `is_out` names.
template <typename IsOut>
bool take_out(GoingCall& call, const IsOut& is_out) {
  return std::erase_if(call.peers, is_out) > 0;
}

bool drop_silent(GoingCall& call, Duration silence, Instant now) {
  return take_out(call, [&](GroupPeer& each) { return has_passed(each.heard_ms, silence, now); });
}

GroupCallState state_of(const GoingCall& call) {
  return call.ring_until_ms != 0 ? GroupCallState::kRinging : GroupCallState::kGoing;
}

void tell(const GoingCall& call, GroupCallEffects& out) { out.emplace_back(GroupCallStands{call, state_of(call)}); }

void tell(const LiveGroupCall& live, GroupCallEffects& out) {
  GroupCallStands stands{live.going, GroupCallState::kHere};
  stands.live = live;
  out.emplace_back(std::move(stands));
}

uint64_t time_between(uint64_t from_ms, uint64_t to_ms) {
  return from_ms != 0 && to_ms > from_ms ? std::min(to_ms - from_ms, kCallDurationMaxMs) : 0;
}

}  // namespace

const GoingCall* GroupCallMachine::find(const CallId& call) const {
  if (live_ && live_->going.call == call) return &live_->going;
  const auto found = std::ranges::find(going_, call, &GoingCall::call);
  return found == going_.end() ? nullptr : &*found;
}

GoingCall* GroupCallMachine::find_going(const CallId& call) {
  const auto found = std::ranges::find(going_, call, &GoingCall::call);
  return found == going_.end() ? nullptr : &*found;
}

GoingCall* GroupCallMachine::find_in(const ChatId& chat) {
  const auto found = std::ranges::find(going_, chat, &GoingCall::chat);
  return found == going_.end() ? nullptr : &*found;
}

// --- The person, and the page.

GroupRefusal GroupCallMachine::start(const CallId& call, const ChatId& chat, uint32_t join_number, CallMedia media,
                                     Instant now, GroupCallEffects& out) {
  if (live_) return GroupRefusal::kBusyHere;
  if (const GoingCall* going = find_in(chat)) return join(CallId(going->call), join_number, media, now, out);
  GoingCall begun;
  begun.call = call;
  begun.chat = chat;
  begun.by = account_;
  begun.media = known(media);
  begun.begun_ms = begun.since_ms = ms_of(now);
  enter(std::move(begun), join_number, media, now, out);
  return GroupRefusal::kNone;
}

GroupRefusal GroupCallMachine::join(const CallId& call, uint32_t join_number, CallMedia media, Instant now,
                                    GroupCallEffects& out) {
  if (live_) return GroupRefusal::kBusyHere;
  GoingCall* going = find_going(call);
  if (going == nullptr) return GroupRefusal::kUnknown;
  if (going->peers.size() >= kGroupCallMax) return GroupRefusal::kFull;
  GoingCall entered = *going;
  std::erase_if(going_, [&](const GoingCall& each) { return each.call == call; });
  ringers_.give_back(entered.by);
  entered.ring_until_ms = 0;
  entered.peers.clear();  // each is counted when it is heard
  enter(std::move(entered), join_number, media, now, out);
  return GroupRefusal::kNone;
}

void GroupCallMachine::enter(GoingCall call, uint32_t join_number, CallMedia media, Instant now,
                             GroupCallEffects& out) {
  LiveGroupCall live;
  live.going = std::move(call);
  live.going.own = true;
  live.join = join_number;
  live.media = known(media);
  live.joined_ms = live.alone_ms = live.page_ms = ms_of(now);
  live_ = std::move(live);
  say_here(kHereAsks | (rings_all(now) ? kHereRings : 0), true, now, out);
  tell(*live_, out);
}

GroupRefusal GroupCallMachine::ignore(const CallId& call, GroupCallEffects& out) {
  GoingCall* going = find_going(call);
  if (going == nullptr) return GroupRefusal::kUnknown;
  if (going->ring_until_ms == 0) return GroupRefusal::kNone;
  going->ring_until_ms = 0;
  SayCall say{going->chat, CallBody{call, CallStep::kDecline}};
  say.to = {account_};
  out.emplace_back(std::move(say));
  tell(*going, out);
  return GroupRefusal::kNone;
}

GroupRefusal GroupCallMachine::leave(const CallId& call, Instant now, GroupCallEffects& out) {
  if (!live_ || live_->going.call != call) return GroupRefusal::kUnknown;
  finish(live_->met_ms != 0 ? CallOutcome::kAnswered : CallOutcome::kNoAnswer, true, now, out);
  return GroupRefusal::kNone;
}

GroupRefusal GroupCallMachine::signal(const CallId& call, const DeviceId& to, Bytes data, GroupCallEffects& out) {
  if (!live_ || live_->going.call != call) return GroupRefusal::kUnknown;
  const GroupPeer* peer = find_peer(live_->going, to);
  if (peer == nullptr || data.empty() || data.size() > kCallSignalSizeMax) return GroupRefusal::kNotNow;
  SayCall say{live_->going.chat, CallBody{call, CallStep::kSignal, live_->media, to, std::move(data)}};
  say.to = {peer->seat.account};
  out.emplace_back(std::move(say));
  return GroupRefusal::kNone;
}

GroupRefusal GroupCallMachine::page_is_there(const CallId& call, Instant now) {
  if (!live_ || live_->going.call != call) return GroupRefusal::kUnknown;
  live_->page_ms = ms_of(now);
  return GroupRefusal::kNone;
}

// --- The other devices.

void GroupCallMachine::heard(const CallSpeaker& from, const CallBody& body, bool busy, Instant now,
                             GroupCallEffects& out) {
  if (from.device == self_) return;
  if (body.step == CallStep::kGroupSummary) return on_summary(from, body, now, out);
  if (is_over(body.call)) return;
  const bool inside = live_ && live_->going.call == body.call && live_->going.chat == from.chat;
  switch (body.step) {
    case CallStep::kHere:
      if (!from.late) on_here(from, body, busy, now, out);
      return;
    case CallStep::kGone:
      return on_gone(from, body, now, out);
    case CallStep::kFull: {
      const bool mine = inside && body.device == self_ && find_peer(live_->going, from.device) != nullptr;
      if (!mine || has_passed(live_->joined_ms, kGroupEntering, now)) return;
      return finish(CallOutcome::kFull, true, now, out);
    }
    case CallStep::kSignal:
      if (inside && body.device == self_ && find_peer(live_->going, from.device) != nullptr) {
        out.emplace_back(CallSignalled{body.call, body.data, from.device});
      }
      return;
    case CallStep::kDecline:
      if (from.own) stop_ringing(from, body.call, out);
      return;
    default:
      return;  // of a later version, or of a call of two
  }
}

void GroupCallMachine::on_here(const CallSpeaker& from, const CallBody& body, bool busy, Instant now,
                               GroupCallEffects& out) {
  const auto here = here_of(body);
  if (!here) return;
  if (live_ && live_->going.chat == from.chat) {
    if (live_->going.call == body.call || gives_way(from, body, *here, now, out)) {
      on_here_inside(from, body, *here, now, out);
    }
    return;
  }
  on_here_outside(from, body, *here, busy || live_.has_value(), now, out);
}

// Two have begun a call in one group: the smaller id holds, and both come into that one. Later a call is left for another one only by who is
// alone in it: nobody breaks up a call by an id that he has ground.
bool GroupCallMachine::gives_way(const CallSpeaker& from, const CallBody& body, const CallHere& here, Instant now,
                                 GroupCallEffects& out) {
  const bool fresh = !has_passed(live_->joined_ms, kGroupGlare, now);
  if (!(body.call < live_->going.call) || !(fresh || live_->going.peers.empty())) {
    // Who has begun the other one may not have heard of this one.
    if ((here.wishes & kHereAsks) != 0 && live_->going.call < body.call) say_here(0, false, now, out, {from.account});
    return false;
  }
  const CallMedia wished = live_->media;
  const uint32_t join_number = live_->join;
  finish(CallOutcome::kMerged, true, now, out);
  GoingCall other;
  if (const GoingCall* known_one = find_going(body.call)) other = *known_one;
  std::erase_if(going_, [&](const GoingCall& each) { return each.call == body.call; });
  other.call = body.call;
  other.chat = from.chat;
  other.by = here.by;
  other.media = known(body.media);
  other.begun_ms = here.begun_ms;
  other.since_ms = ms_of(now);
  other.ring_until_ms = 0;
  other.peers.clear();
  enter(std::move(other), join_number, wished, now, out);
  return true;
}

void GroupCallMachine::on_here_inside(const CallSpeaker& from, const CallBody& body, const CallHere& here, Instant now,
                                      GroupCallEffects& out) {
  GoingCall& call = live_->going;
  const CallSeat seat{from.account, from.device, here.join};
  if (has_left(call, seat)) return;
  GroupPeer* peer = find_peer(call, from.device);
  const bool is_new = peer == nullptr || peer->seat.join != here.join;
  if (peer != nullptr && is_new) {
    // It has come in anew: nothing is left there of what was agreed with it.
    note_gone(call, peer->seat);
    take_out(call, [&](const GroupPeer& each) { return each.seat.device == from.device; });
    peer = nullptr;
  }
  if (peer == nullptr) {
    if (!has_place(from, here, now, out)) return;
    const bool comes = (here.wishes & kHereAsks) != 0;
    insert(call, GroupPeer{seat, known(body.media), here.number, comes ? ms_of(now) : 0, ms_of(now)});
  } else {
    if (here.number <= peer->number) return;
    peer->number = here.number;
    peer->heard_ms = ms_of(now);
  }
  if ((here.wishes & kHereAsks) != 0 || is_new) say_here(0, false, now, out, {from.account});
  // Whom others have heard and this one has not: it may not know of this one either.
  std::vector<AccountId> unheard;
  for (size_t i = 0; i < std::min(here.others.size(), kGroupCallMax - 1); ++i) {
    const CallSeat& each = here.others[i];
    const bool is_known = each.device == self_ || find_peer(call, each.device) != nullptr || has_left(call, each);
    if (!is_known && call.peers.size() + 1 < kGroupCallMax) unheard.push_back(each.account);
  }
  if (!unheard.empty()) say_here(0, false, now, out, std::move(unheard));
  if (!is_new) return;
  note_company(now);
  tell(*live_, out);
}

// Whether one more can come in. Each judges by whom it has heard itself; who comes in and is told by one of them that there is no place goes.
bool GroupCallMachine::has_place(const CallSpeaker& from, const CallHere& here, Instant now, GroupCallEffects& out) {
  GoingCall& call = live_->going;
  if (call.peers.size() + 1 < kGroupCallMax) return true;
  const auto say_full = [&](const CallSeat& to) {
    SayCall say{call.chat, CallBody{call.call, CallStep::kFull, live_->media, to.device}};
    say.to = {to.account};
    out.emplace_back(std::move(say));
  };
  // Of those who come in just now the largest device id gives way, so that all judge alike who hear them in another order. Who has just come in
  // himself leaves it to the others whether he is one too many.
  const bool fresh = !has_passed(live_->joined_ms, kGroupRace, now);
  if (fresh && ((here.wishes & kHereAsks) == 0 || from.device < self_)) return false;
  auto last = call.peers.end();
  for (auto each = call.peers.begin(); each != call.peers.end(); ++each) {
    if (!has_passed(each->since_ms, kGroupRace, now)) last = each;
  }
  if (last == call.peers.end() || !(from.device < last->seat.device)) {
    say_here(0, false, now, out, {from.account});  // who says so is in it
    say_full({from.account, from.device, here.join});
    return false;
  }
  say_full(last->seat);
  call.peers.erase(last);
  return true;
}

void GroupCallMachine::on_here_outside(const CallSpeaker& from, const CallBody& body, const CallHere& here, bool busy,
                                       Instant now, GroupCallEffects& out) {
  GoingCall* call = find_going(body.call);
  if (call != nullptr && call->chat != from.chat) return;
  const bool is_new = call == nullptr;
  if (is_new) {
    // One in each chat: the one that goes on, or of two that are new the smaller id.
    GoingCall* other = find_in(from.chat);
    if (other != nullptr && (other->call < body.call || !(ms_of(now) < other->since_ms + ms_of(kGroupGlare)))) return;
    const bool rang = other != nullptr && other->ring_until_ms != 0;
    if (other != nullptr) {
      out.emplace_back(GroupCallStands{*other, GroupCallState::kOver, CallOutcome::kMerged});
      remember(other->call);
      std::erase_if(going_, [&](const GoingCall& each) { return each.chat == from.chat; });
    }
    GoingCall begun;
    begun.call = body.call;
    begun.chat = from.chat;
    begun.by = here.by;
    begun.media = known(body.media);
    begun.begun_ms = std::min(here.begun_ms, ms_of(now));
    begun.since_ms = ms_of(now);
    if (going_.size() >= kGoingCallsMax) going_.pop_front();
    call = &going_.emplace_back(std::move(begun));
    const bool rings = (here.wishes & kHereRings) != 0 && here.by == from.account && !from.own && !busy;
    if (rings && (rang || ringers_.take(from.account, now))) call->ring_until_ms = ms_of(now + kGroupRingTime);
  }
  bool changed = is_new;
  const auto take = [&](const CallSeat& seat, CallMedia media, uint32_t number) {
    if (seat.device == self_ || has_left(*call, seat)) return;
    GroupPeer* peer = find_peer(*call, seat.device);
    if (peer != nullptr && (peer->seat == seat || number == 0)) {
      if (number != 0 && number <= peer->number) return;
      if (number != 0) peer->number = number;
      peer->heard_ms = ms_of(now);
      return;
    }
    if (peer != nullptr) take_out(*call, [&](const GroupPeer& each) { return each.seat.device == seat.device; });
    if (call->peers.size() >= kCallSeatsMax) return;
    insert(*call, GroupPeer{seat, known(media), number, ms_of(now), ms_of(now)});
    changed = true;
  };
  take({from.account, from.device, here.join}, body.media, here.number);
  for (const CallSeat& each : here.others) take(each, CallMedia::kVoice, 0);
  call->met = call->met || call->peers.size() > 1;
  if (from.own) call->own = true;
  if (from.own && call->ring_until_ms != 0) {
    call->ring_until_ms = 0;
    changed = true;
  }
  if (changed) tell(*call, out);
}

void GroupCallMachine::on_gone(const CallSpeaker& from, const CallBody& body, Instant now, GroupCallEffects& out) {
  const auto gone = gone_of(body);
  if (!gone) return;
  const CallSeat seat{from.account, from.device, gone->join};
  const auto is_it = [&](const GroupPeer& each) { return each.seat == seat; };
  if (live_ && live_->going.call == body.call && live_->going.chat == from.chat) {
    note_gone(live_->going, seat);
    if (!take_out(live_->going, is_it)) return;
    note_company(now);
    return tell(*live_, out);
  }
  GoingCall* call = find_going(body.call);
  if (call == nullptr || call->chat != from.chat) return;
  note_gone(*call, seat);
  if (!take_out(*call, is_it)) return;
  if (call->peers.empty()) return end_going(CallId(body.call), now, out);
  tell(*call, out);
}

void GroupCallMachine::stop_ringing(const CallSpeaker& from, const CallId& id, GroupCallEffects& out) {
  GoingCall* call = find_going(id);
  if (call == nullptr || call->chat != from.chat || call->ring_until_ms == 0) return;
  call->ring_until_ms = 0;
  tell(*call, out);
}

// What came of a call that this device may have known or not.
void GroupCallMachine::on_summary(const CallSpeaker& from, const CallBody& body, Instant now, GroupCallEffects& out) {
  const auto said = group_summary_of(body);
  if (!said || (live_ && live_->going.call == body.call)) return;
  const Instant begun{static_cast<int64_t>(std::min(said->summary.begun_ms, ms_of(now)))};
  const GoingCall* going = find_going(body.call);
  if (going != nullptr && going->chat != from.chat) return;
  const bool is_known = going != nullptr || is_over(body.call);
  if (!from.own && !is_known) {
    const Instant at = std::max({begun, now - kCallToldBack, tellers_.since(from.account)});
    if (!tellers_.take(from.account, at)) return;
  }
  const bool own = from.own || (going != nullptr && going->own);
  // An end that is told while somebody is heard in it is none yet: the line follows who is left.
  const CallOutcome outcome = own || said->by == account_ ? said->summary.outcome : CallOutcome::kMissed;
  out.emplace_back(KeepCall{body.call, from.chat, said->by == account_, outcome, known(body.media), ms_of(begun),
                            said->summary.duration_ms, false, said->by});
  if (going == nullptr) remember(body.call);
}

void GroupCallMachine::keep_members(const ChatId& chat, const std::vector<DeviceId>& members, Instant now,
                                    GroupCallEffects& out) {
  const auto is_out = [&](const GroupPeer& each) {
    return std::ranges::find(members, each.seat.device) == members.end();
  };
  if (live_ && live_->going.chat == chat) {
    if (members.empty()) return finish(CallOutcome::kRemoved, false, now, out);
    if (take_out(live_->going, is_out)) {
      note_company(now);
      tell(*live_, out);
    }
  }
  GoingCall* call = find_in(chat);
  if (call == nullptr || !take_out(*call, is_out)) return;
  if (call->peers.empty()) return end_going(CallId(call->call), now, out);
  tell(*call, out);
}

// Who is alone, and since when.
void GroupCallMachine::note_company(Instant now) {
  LiveGroupCall& live = *live_;
  if (live.going.peers.empty()) {
    if (live.alone_ms == 0) live.alone_ms = ms_of(now);
    return;
  }
  live.alone_ms = 0;
  live.going.met = true;
  if (live.met_ms == 0) live.met_ms = ms_of(now);
}

// --- What this device says of itself.

bool GroupCallMachine::rings_all(Instant now) const {
  const GoingCall& call = live_->going;
  return call.by == account_ && ms_of(now) < call.begun_ms + ms_of(kGroupRingTime) && live_->joined_ms == call.begun_ms;
}

// One of them tells the whole group, so that it does not hear the same from four.
bool GroupCallMachine::tells_all() const {
  const auto& peers = live_->going.peers;
  return peers.empty() || self_ < peers.front().seat.device;
}

void GroupCallMachine::say_here(uint8_t wishes, bool to_all, Instant now, GroupCallEffects& out,
                                std::vector<AccountId> to) {
  LiveGroupCall& live = *live_;
  const GoingCall& call = live.going;
  CallHere here{live.join, ++live.number, wishes, call.begun_ms, call.by, {}};
  for (const GroupPeer& each : call.peers) here.others.push_back(each.seat);
  SayCall say{call.chat, CallBody{call.call, CallStep::kHere, live.media, {}, codec::encoded(here)}};
  const bool on_time = to.empty();
  if (!to_all) {
    say.to = std::move(to);
    if (on_time) {
      for (const GroupPeer& each : call.peers) say.to.push_back(each.seat.account);
    }
  }
  if (to_all) live.told_ms = ms_of(now);
  if (on_time) live.again_ms = ms_of(now + kGroupHereAgain);
  if (to_all || !say.to.empty()) out.emplace_back(std::move(say));
}

// --- Time.

void GroupCallMachine::restore(const LiveGroupCall& call, Instant now, GroupCallEffects& out) {
  live_ = call;
  live_->again_ms = ms_of(now);
  // The others have their time from now: they may have said where they are meanwhile.
  for (GroupPeer& each : live_->going.peers) each.heard_ms = ms_of(now);
  tell(*live_, out);
  expire(now, out);
}

void GroupCallMachine::expire(Instant now, GroupCallEffects& out) {
  if (live_) expire_live(now, out);
  expire_going(now, out);
}

void GroupCallMachine::expire_live(Instant now, GroupCallEffects& out) {
  LiveGroupCall& live = *live_;
  if (has_passed(live.page_ms, kGroupPageSilent, now)) return finish(CallOutcome::kLost, true, now, out);
  if (drop_silent(live.going, kGroupSilent, now)) {
    note_company(now);
    tell(live, out);
  }
  if (live.alone_ms != 0 && has_passed(live.alone_ms, kGroupAlone, now)) {
    return finish(live.met_ms != 0 ? CallOutcome::kAnswered : CallOutcome::kNoAnswer, true, now, out);
  }
  live.again_ms = std::min(live.again_ms, ms_of(now + kGroupHereAgain));
  if (ms_of(now) < live.again_ms) return;
  const bool rings = rings_all(now);
  const bool tells = tells_all() && has_passed(live.told_ms, kGroupTellAgain, now);
  say_here(rings ? kHereRings : uint8_t{0}, rings || tells, now, out);
}

void GroupCallMachine::expire_going(Instant now, GroupCallEffects& out) {
  std::vector<CallId> ended;
  for (GoingCall& call : going_) {
    const bool fewer = drop_silent(call, kGroupGoingMax, now);
    if (call.peers.empty()) {
      ended.push_back(call.call);
      continue;
    }
    const uint64_t latest = ms_of(now + kGroupRingTime);
    call.ring_until_ms = std::min(call.ring_until_ms, latest);
    const bool quiet = call.ring_until_ms != 0 && call.ring_until_ms <= ms_of(now);
    if (quiet) call.ring_until_ms = 0;
    if (fewer || quiet) tell(call, out);
  }
  for (const CallId& call : ended) end_going(call, now, out);
}

Instant GroupCallMachine::deadline() const {
  uint64_t next = UINT64_MAX;
  const auto by_peers = [&](const GoingCall& call, Duration silence) {
    for (const GroupPeer& each : call.peers) next = std::min(next, each.heard_ms + ms_of(silence));
  };
  if (live_) {
    next = std::min({next, live_->again_ms, live_->page_ms + ms_of(kGroupPageSilent)});
    if (live_->alone_ms != 0) next = std::min(next, live_->alone_ms + ms_of(kGroupAlone));
    by_peers(live_->going, kGroupSilent);
  }
  for (const GoingCall& call : going_) {
    by_peers(call, kGroupGoingMax);
    if (call.ring_until_ms != 0) next = std::min(next, call.ring_until_ms);
  }
  return next == UINT64_MAX ? kNever : instant_of(next);
}

// --- The end.

// This device is not in it any more; the others may be.
void GroupCallMachine::finish(CallOutcome outcome, bool says, Instant now, GroupCallEffects& out) {
  LiveGroupCall over = std::move(*live_);
  live_.reset();
  const CallId call = over.going.call;
  const ChatId chat = over.going.chat;
  const bool goes_on = !over.going.peers.empty() && outcome != CallOutcome::kMerged && outcome != CallOutcome::kRemoved;
  const uint64_t last = outcome == CallOutcome::kLost ? over.page_ms : ms_of(now);
  GroupCallStands stands{over.going, GroupCallState::kOver, outcome};
  stands.live = over;
  stands.duration_ms = time_between(over.met_ms, last);
  if (says)
    out.emplace_back(
        SayCall{chat, CallBody{call, CallStep::kGone, over.media, {}, codec::encoded(CallGone{over.join})}});
  const bool kept = outcome != CallOutcome::kMerged && outcome != CallOutcome::kFull;
  const uint64_t lasted = stands.duration_ms;
  out.emplace_back(std::move(stands));
  if (goes_on) {
    note_gone(over.going, {account_, self_, over.join});
    for (GroupPeer& each : over.going.peers) each.heard_ms = ms_of(now);
    if (going_.size() >= kGoingCallsMax) going_.pop_front();
    going_.push_back(over.going);
    tell(going_.back(), out);
  } else {
    remember(call);
  }
  const GoingCall& going = over.going;
  const CallMedia media = going.by == account_ ? over.media : going.media;
  if (kept && (over.met_ms != 0 || going.by == account_)) {
    out.emplace_back(KeepCall{call, chat, going.by == account_,
                              outcome == CallOutcome::kRemoved ? CallOutcome::kLost : outcome, media, going.begun_ms,
                              lasted, true, going.by});
  }
  const bool was_one = going.met || going.by == account_;
  if (!kept || goes_on || !was_one || outcome == CallOutcome::kRemoved) return;
  GroupCallSummary summary{
      {going.met ? CallOutcome::kAnswered : CallOutcome::kNoAnswer, std::min(going.begun_ms, kCallTimeMaxMs),
       going.met ? time_between(going.begun_ms, last) : 0},
      going.by};
  CallBody body{call, CallStep::kGroupSummary, media, {}, codec::encoded(summary)};
  out.emplace_back(SayCall{chat, std::move(body), true});
}

// Nobody is in a call that this device knew of.
void GroupCallMachine::end_going(const CallId& id, Instant now, GroupCallEffects& out) {
  GoingCall* found = find_going(id);
  if (found == nullptr) return;
  const GoingCall call = std::move(*found);
  std::erase_if(going_, [&](const GoingCall& each) { return each.call == id; });
  remember(id);
  const CallOutcome outcome = call.own || call.by == account_
                                  ? (call.met ? CallOutcome::kAnswered : CallOutcome::kNoAnswer)
                                  : CallOutcome::kMissed;
  const uint64_t lasted = call.met ? time_between(call.since_ms, ms_of(now)) : 0;
  out.emplace_back(GroupCallStands{call, GroupCallState::kOver, outcome, std::nullopt, lasted});
  out.emplace_back(
      KeepCall{id, call.chat, call.by == account_, outcome, call.media, call.begun_ms, lasted, false, call.by});
}

void GroupCallMachine::remember(const CallId& call) {
  if (is_over(call)) return;
  over_.push_back(call);
  if (over_.size() > kCallsOverMax) over_.pop_front();
}

bool GroupCallMachine::is_over(const CallId& call) const { return std::ranges::find(over_, call) != over_.end(); }

}  // namespace godwit::engine
