#pragma once
// Dials a peer that speaks the stream form: through Tor, or through the program of a pluggable transport. What looks like
// what on the wire is their business. Not for other folders: see dial.h.

#include <memory>

#include "base/time.h"
#include "net/connector.h"
#include "net/event_loop.h"
#include "net/pipe.h"
#include "routes/pace.h"

namespace godwit::net {

/// How to dial.
struct StreamOptions {
  ConnectOptions connect = {};
  /// The session's first bytes: sent before anything that the owner sends.
  Bytes early_bytes;
  /// From the call until on_open.
  Duration connect_timeout = seconds(20);
  /// What must live as long as the dial lasts.
  std::shared_ptr<void> needs = {};
  /// When silence is death; nothing can be asked of the peer in between.
  routes::StallTimes stall;
};

/// A dial in want of its plan: the pipe is there at once, the way is found meanwhile.
class StreamDial {
 public:
  virtual ~StreamDial() = default;
  /// Goes on with this plan; once.
  virtual void go(ConnectPlan plan) = 0;
  /// There is no way.
  virtual void fail(Error error) = 0;
};

/// Begins; `pipe` gets the owner's handle. Whoever finds the way keeps a weak reference to the dial.
std::weak_ptr<StreamDial> connect_stream(EventLoop& loop, StreamOptions options, PipeEvents events,
                                         std::unique_ptr<Pipe>& pipe);

}  // namespace godwit::net
