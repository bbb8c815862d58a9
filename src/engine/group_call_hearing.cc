// What other devices say of calls of groups.

#include <algorithm>

#include "engine/group_call_seats.h"

namespace godwit::engine {

using namespace seats;

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
  // By when this call was first known here: neither coming into an old one nor giving way makes it new again.
  const bool fresh = !has_passed(live_->going.since_ms, kGroupGlare, now);
  const bool alone = live_->going.peers.empty();
  // Who has just come into the group has heard of no call, and begins one: he gives way to one that goes on, whose people do not.
  uint64_t begun_ms = here.begun_ms;
  const bool late = fresh && alone && !here.others.empty() && has_passed(begun_ms, kGroupGlare, now);
  if (!late && (!(body.call < live_->going.call) || !(fresh || alone))) {
    // Who has begun the other one may not have heard of this one.
    if ((here.wishes & kHereAsks) != 0) say_here(0, false, now, out, {from.account});
    return false;
  }
  const GoingCall* known_one = find_going(body.call);
  if (known_one != nullptr && known_one->chat != from.chat) return false;
  GoingCall other = known_one != nullptr ? *known_one : GoingCall{};
  const CallMedia wished = live_->media;
  const uint32_t join_number = live_->join;
  const uint64_t since_ms = live_->going.since_ms;
  const bool rooms = live_->rooms;
  finish(CallOutcome::kMerged, true, now, out);
  std::erase_if(going_, [&](const GoingCall& each) { return each.call == body.call; });
  other.call = body.call;
  other.chat = from.chat;
  other.by = here.by;
  other.media = known(body.media);
  other.begun_ms = std::min(here.begun_ms, ms_of(now));
  other.since_ms = since_ms;
  other.ring_until_ms = 0;
  other.peers.clear();
  enter(std::move(other), join_number, wished, rooms, now, out);
  return true;
}

void GroupCallMachine::on_here_inside(const CallSpeaker& from, const CallBody& body, const CallHere& here, Instant now,
                                      GroupCallEffects& out) {
  GoingCall& call = live_->going;
  const CallSeat seat{from.account, from.device, here.join};
  if (has_left(call, seat)) return;
  GroupPeer* peer = find_peer(call, from.device);
  const size_t places = places_in(*live_);
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
  take_rooms(*find_peer(call, from.device), here);
  if ((here.wishes & kHereAsks) != 0 || is_new) say_here(0, false, now, out, {from.account});
  // Whom others have heard and this one has not: it may not know of this one either.
  std::vector<AccountId> unheard;
  for (size_t i = 0; i < std::min(here.others.size(), places_in(*live_) - 1); ++i) {
    const CallSeat& each = here.others[i];
    const bool is_known = each.device == self_ || find_peer(call, each.device) != nullptr || has_left(call, each);
    if (!is_known && call.peers.size() + 1 < places_in(*live_)) unheard.push_back(each.account);
  }
  if (!unheard.empty()) say_here(0, false, now, out, std::move(unheard));
  if (is_new) note_company(now);
  if (is_new || places_in(*live_) != places) tell(*live_, out);
}

// Whether one more can come in. Each judges by whom it has heard itself; who comes in and is told by one of them that there is no place goes.
bool GroupCallMachine::has_place(const CallSpeaker& from, const CallHere& here, Instant now, GroupCallEffects& out) {
  GoingCall& call = live_->going;
  if (call.peers.size() + 1 < places_for(*live_, here)) return true;
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
    const uint64_t rang_until_ms = other != nullptr ? other->ring_until_ms : 0;
    const uint64_t since_ms = other != nullptr ? other->since_ms : ms_of(now);
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
    begun.since_ms = since_ms;  // the minute in which ids decide does not begin anew
    make_room(out);
    call = &going_.emplace_back(std::move(begun));
    const bool rings = (here.wishes & kHereRings) != 0 && here.by == from.account && !from.own && !busy;
    if (rings && rang_until_ms != 0) {
      call->ring_until_ms = rang_until_ms;
    } else if (rings && ringers_.take(from.account, now)) {
      call->ring_until_ms = ms_of(now + kGroupRingTime);
    }
  }
  bool changed = is_new;
  const size_t places = places_in(*call);
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
  if (GroupPeer* peer = find_peer(*call, from.device); peer != nullptr && peer->number == here.number) {
    take_rooms(*peer, here);
  }
  changed = changed || places_in(*call) != places;
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
  const bool is_known = going != nullptr || is_over(body.call) || has_line(body.call);
  if (!from.own && !is_known) {
    const Instant at = std::max({begun, now - kCallToldBack, tellers_.since(from.account)});
    if (!tellers_.take(from.account, at)) return;
  }
  const bool own = from.own || (going != nullptr && going->own);
  // An end that is told while somebody is heard in it is none yet: the line follows who is left.
  const CallOutcome outcome = own || said->by == account_ ? said->summary.outcome : CallOutcome::kMissed;
  out.emplace_back(KeepCall{body.call, from.chat, said->by == account_, outcome, known(body.media), ms_of(begun),
                            said->summary.duration_ms, false, said->by});
  know_line(body.call);  // it may go on: who says so may have lost the others
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

}  // namespace godwit::engine
