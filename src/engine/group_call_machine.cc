#include "engine/group_call_machine.h"

#include <algorithm>

#include "engine/group_call_seats.h"

namespace godwit::engine {

using namespace seats;
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
                                     Instant now, GroupCallEffects& out, bool rooms) {
  if (live_) return GroupRefusal::kBusyHere;
  if (const GoingCall* going = find_in(chat)) return join(CallId(going->call), join_number, media, now, out, rooms);
  GoingCall begun;
  begun.call = call;
  begun.chat = chat;
  begun.by = account_;
  begun.media = known(media);
  begun.begun_ms = begun.since_ms = ms_of(now);
  enter(std::move(begun), join_number, media, rooms, now, out);
  return GroupRefusal::kNone;
}

GroupRefusal GroupCallMachine::join(const CallId& call, uint32_t join_number, CallMedia media, Instant now,
                                    GroupCallEffects& out, bool rooms) {
  if (live_) return GroupRefusal::kBusyHere;
  GoingCall* going = find_going(call);
  if (going == nullptr) return GroupRefusal::kUnknown;
  if (heard_in(*going) >= (rooms ? places_in(*going) : kGroupCallMax))
    return GroupRefusal::kFull;  // who is inside says Full to one too many
  GoingCall entered = *going;
  std::erase_if(going_, [&](const GoingCall& each) { return each.call == call; });
  ringers_.give_back(entered.by);
  entered.ring_until_ms = 0;
  entered.peers.clear();  // each is counted when it is heard
  enter(std::move(entered), join_number, media, rooms, now, out);
  return GroupRefusal::kNone;
}

void GroupCallMachine::enter(GoingCall call, uint32_t join_number, CallMedia media, bool rooms, Instant now,
                             GroupCallEffects& out) {
  LiveGroupCall live;
  live.rooms = rooms;
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

GroupRefusal GroupCallMachine::page_is_there(const CallId& call, bool room, Instant now, GroupCallEffects& out) {
  if (!live_ || live_->going.call != call) return GroupRefusal::kUnknown;
  live_->page_ms = ms_of(now);
  if (room != live_->room) {
    live_->room = room;
    live_->rooms = live_->rooms || room;
    say_here(0, true, now, out);  // also to those who may come in then
    tell(*live_, out);
  }
  return GroupRefusal::kNone;
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
  wishes = static_cast<uint8_t>(wishes | (live.rooms ? kHereRooms : 0) | (live.room ? kHereRoom : 0));
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
    make_room(out);
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

// The one heard of first gives way, and is told to be over: nothing of it may go on ringing.
void GroupCallMachine::make_room(GroupCallEffects& out) {
  if (going_.size() < kGoingCallsMax) return;
  out.emplace_back(GroupCallStands{going_.front(), GroupCallState::kOver, CallOutcome::kMissed});
  going_.pop_front();
}

void GroupCallMachine::know_line(const CallId& call) {
  if (has_line(call)) return;
  lines_.push_back(call);
  if (lines_.size() > kCallsOverMax) lines_.pop_front();
}

bool GroupCallMachine::has_line(const CallId& call) const { return std::ranges::find(lines_, call) != lines_.end(); }

void GroupCallMachine::remember(const CallId& call) {
  if (is_over(call)) return;
  over_.push_back(call);
  if (over_.size() > kCallsOverMax) over_.pop_front();
}

bool GroupCallMachine::is_over(const CallId& call) const { return std::ranges::find(over_, call) != over_.end(); }

}  // namespace godwit::engine
