#pragma once
// A pipe on which a TURN client speaks, passed on to the TURN server of this machine: by a bridge, a pluggable transport, or in the
// WebSocket of a site. As a listener passes on the connections that begin so by themselves.

#include <functional>
#include <memory>

#include "net/call_relay.h"
#include "net/joined_pipes.h"
#include "net/stun_start.h"

namespace godwit::net {

/// One such pipe. Destroying it closes it.
class CallPassage {
 public:
  /// Connects to `relay` and gives it `first`, what the person's pipe has said so far. `on_end` is called once, from the loop, when
  /// either side has ended, or no credentials were shown in CallRelay::stranger; it may destroy this.
  CallPassage(EventLoop& loop, const CallRelay& relay, std::unique_ptr<CallPlace> place, std::unique_ptr<Pipe> person,
              ByteView first, std::function<void()> on_end);
  CallPassage(const CallPassage&) = delete;
  CallPassage& operator=(const CallPassage&) = delete;

  /// What the events of the person's pipe say: bytes have come,
  void bytes_came(ByteView bytes) { joined_.bytes_came(JoinedPipes::Side::kNear, bytes); }
  /// it has room again,
  void drained() { joined_.drained(JoinedPipes::Side::kNear); }
  /// or it has ended: on_end is called.
  void closed() { joined_.closed(JoinedPipes::Side::kNear); }

 private:
  std::unique_ptr<CallPlace> place_;
  AllocateEar ear_;
  Timer stranger_;
  JoinedPipes joined_;
};

}  // namespace godwit::net
