#pragma once
// Who sits in a call of a group, and since when: what the parts of GroupCallMachine share. Inside group_call_*.cc only.

#include <algorithm>

#include "engine/group_call_machine.h"

namespace godwit::engine::seats {

/// A time or a span as records have it.
inline uint64_t ms_of(Instant at) { return static_cast<uint64_t>(std::max<int64_t>(at.ms, 0)); }
/// The same.
inline uint64_t ms_of(Duration time) { return static_cast<uint64_t>(time.ms); }

/// And back.
inline Instant instant_of(uint64_t ms) {
  return ms > static_cast<uint64_t>(kNever.ms) ? kNever : Instant{static_cast<int64_t>(ms)};
}

/// Media that a later version has count as voice.
inline CallMedia known(CallMedia media) { return media == CallMedia::kVideo ? media : CallMedia::kVoice; }

/// Whether so much time has passed since then. A clock that has gone back begins anew.
inline bool has_passed(uint64_t& since_ms, Duration time, Instant now) {
  since_ms = std::min(since_ms, ms_of(now));
  return since_ms + ms_of(time) <= ms_of(now);
}

/// The device in the call, or null.
inline GroupPeer* find_peer(GoingCall& call, const DeviceId& device) {
  const auto found = std::ranges::find(call.peers, device, [](const GroupPeer& each) { return each.seat.device; });
  return found == call.peers.end() ? nullptr : &*found;
}

/// Whether who sat there has said Gone.
inline bool has_left(const GoingCall& call, const CallSeat& seat) {
  return std::ranges::find(call.gone, seat) != call.gone.end();
}

/// Remembers that; the oldest gives way.
inline void note_gone(GoingCall& call, const CallSeat& seat) {
  if (has_left(call, seat)) return;
  call.gone.push_back(seat);
  if (call.gone.size() > kGoneMax) call.gone.erase(call.gone.begin());
}

/// Puts one in, in the order of devices.
inline void insert(GoingCall& call, GroupPeer peer) {
  const auto place = std::ranges::lower_bound(call.peers, peer.seat.device, {},
                                              [](const GroupPeer& each) { return each.seat.device; });
  call.peers.insert(place, std::move(peer));
}

/// Takes out those whom `is_out` names; whether there were any.
template <typename IsOut>
inline bool take_out(GoingCall& call, const IsOut& is_out) {
  return std::erase_if(call.peers, is_out) > 0;
}

/// Takes out who was silent for so long; whether there were any.
inline bool drop_silent(GoingCall& call, Duration silence, Instant now) {
  return take_out(call, [&](GroupPeer& each) { return has_passed(each.heard_ms, silence, now); });
}

/// Of a call that this device is not in.
inline GroupCallState state_of(const GoingCall& call) {
  return call.ring_until_ms != 0 ? GroupCallState::kRinging : GroupCallState::kGoing;
}

/// Tells how a call stands that this device is not in.
inline void tell(const GoingCall& call, GroupCallEffects& out) {
  out.emplace_back(GroupCallStands{call, state_of(call)});
}

/// The same of the one that it is in.
inline void tell(const LiveGroupCall& live, GroupCallEffects& out) {
  GroupCallStands stands{live.going, GroupCallState::kHere};
  stands.live = live;
  out.emplace_back(std::move(stands));
}

/// From one time to another, in ms; 0: it never began.
inline uint64_t time_between(uint64_t from_ms, uint64_t to_ms) {
  return from_ms != 0 && to_ms > from_ms ? std::min(to_ms - from_ms, kCallDurationMaxMs) : 0;
}

/// What a device says of rooms of a unit.
inline void take_rooms(GroupPeer& peer, const CallHere& here) {
  peer.rooms = (here.wishes & kHereRooms) != 0;
  peer.room = (here.wishes & kHereRoom) != 0;
}

/// Whether one of those in it has a room, and all know what that is; of whom nobody but others has said a word, that is not known.
inline bool has_room(const GoingCall& call) { return std::ranges::any_of(call.peers, &GroupPeer::room); }
/// The same.
inline bool all_know_rooms(const GoingCall& call) {
  return std::ranges::all_of(call.peers, [](const GroupPeer& each) { return each.rooms || each.number == 0; });
}

/// How many devices may be in a call that this device is not in.
inline size_t places_in(const GoingCall& call) {
  return has_room(call) && all_know_rooms(call) ? kCallSeatsMax : kGroupCallMax;
}
/// And in the one that it is in. An older device among them, and it has four.
inline size_t places_in(const LiveGroupCall& live) {
  const bool room = live.rooms && (live.room || has_room(live.going));
  return room && all_know_rooms(live.going) ? kCallSeatsMax : kGroupCallMax;
}
/// The same, for one who comes and says this: he may have brought the room.
inline size_t places_for(const LiveGroupCall& live, const CallHere& here) {
  const bool room = live.rooms && (live.room || has_room(live.going) || (here.wishes & kHereRoom) != 0);
  const bool all = all_know_rooms(live.going) && (here.wishes & kHereRooms) != 0;
  return room && all ? kCallSeatsMax : kGroupCallMax;
}

/// How many this device has heard itself; seats that others told of may be nobody's.
inline size_t heard_in(const GoingCall& call) {
  return static_cast<size_t>(std::ranges::count_if(call.peers, [](const GroupPeer& each) { return each.number != 0; }));
}

}  // namespace godwit::engine::seats
