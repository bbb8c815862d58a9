#pragma once
// How a call of two stands, and saying so: what call_machine.cc and call_moving.cc share.

#include <algorithm>
#include <utility>

#include "engine/call_machine.h"

namespace godwit::engine::standing {

/// Milliseconds since 1970; of a time before that 0.
inline uint64_t ms_of(Instant at) { return static_cast<uint64_t>(std::max<int64_t>(at.ms, 0)); }

/// Two devices have it.
inline bool is_pair(const LiveCall& call) {
  return call.state >= CallState::kConnecting && call.state <= CallState::kReconnecting;
}

/// It stands so from now on; kNever: for as long as nothing happens, and nothing is said again.
inline void stand(LiveCall& call, CallState state, Instant until, Instant again) {
  call.state = state;
  call.until_ms = until == kNever ? 0 : ms_of(until);
  call.again_ms = again == kNever ? 0 : ms_of(again);
}

/// Says it to all devices of both accounts.
inline void say(const LiveCall& call, CallStep step, CallEffects& out, const DeviceId& device = {}, Bytes data = {}) {
  out.emplace_back(SayCall{call.chat, CallBody{call.call, step, call.media, device, std::move(data)}});
}

/// The page is told.
inline void tell(const LiveCall& call, CallEffects& out) {
  out.emplace_back(CallStands{call, CallOutcome::kNone});
}

/// Whether both see the same end: hung up after media flowed, or nothing came through.
inline CallOutcome hung_up(const LiveCall& call) {
  return call.active_ms != 0 ? CallOutcome::kAnswered : CallOutcome::kFailed;
}

/// What a later version may say counts as voice.
inline CallMedia known(CallMedia media) { return media == CallMedia::kVideo ? media : CallMedia::kVoice; }

}  // namespace godwit::engine::standing
