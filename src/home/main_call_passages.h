#pragma once
// Pipes of a running home that turn out to be a call's: a person's program leads the media of a call to the relay by the way that its
// messages take, over a bridge or a pluggable transport (docs/protocol/calls.md, "Ways for the media").

#include <functional>
#include <map>
#include <memory>

#include "home/home.h"
#include "net/call_passage.h"
#include "net/listener.h"

namespace godwit::home {

/// Looks at what each pipe says first, and keeps those that are a call's.
class CallPassages {
 public:
  /// `take_pipe` gives up the pipe of a session, which is none. `listener` must outlive this.
  CallPassages(net::Listener& listener, std::function<std::unique_ptr<net::Pipe>(PipeId)> take_pipe)
      : listener_(listener), take_pipe_(std::move(take_pipe)) {}

  /// A pipe has come; `source` as of Arrival.
  void opened(PipeId id, const ByteArray<16>& source) { fresh_[id].source = source; }
  /// Bytes have come from a pipe. True: they are the session's, after those that are in `held`. False: they were taken.
  bool are_sessions(PipeId id, ByteView bytes, Bytes& held);
  /// A pipe has room again. True: that was for a call.
  bool drained(PipeId id);
  /// A pipe has ended. True: it was a call's.
  bool closed(PipeId id);

 private:
  struct Fresh {
    ByteArray<16> source{};
    Bytes first;
  };
  net::Listener& listener_;
  std::function<std::unique_ptr<net::Pipe>(PipeId)> take_pipe_;
  std::map<PipeId, Fresh> fresh_;  // of which it is not known yet
  std::map<PipeId, std::unique_ptr<net::CallPassage>> calls_;
};

}  // namespace godwit::home
