#pragma once
// The local network on this machine, as the engine asks for it: sockets of net/lan.h under the engine's numbers. Nothing of it
// exists while the engine does not want it.

#include <deque>
#include <functional>
#include <map>
#include <memory>

#include "base/random.h"
#include "engine/effects.h"
#include "net/lan.h"

namespace godwit::cli {

/// See above.
class LanHost {
 public:
  /// `loop` and `random` must outlive it. `tell` takes what happens; never called from inside a call.
  LanHost(net::EventLoop& loop, Random& random, std::function<void(engine::Event)> tell)
      : loop_(loop), random_(random), tell_(std::move(tell)) {}

  /// Does what the engine asks.
  void watch(engine::LanWatch effect);
  /// The same.
  void send(engine::LanSend effect);
  /// The same.
  void close(engine::LanId id) { opened_.erase(id); }

 private:
  struct Opened {
    std::unique_ptr<net::Pipe> pipe;
    std::deque<Bytes> backlog;  ///< The engine's window bounds it.
  };
  net::PipeEvents take(net::LanArrival arrival);
  void send_backlog(engine::LanId id);

  net::EventLoop& loop_;
  Random& random_;
  std::function<void(engine::Event)> tell_;
  std::map<engine::LanId, Opened> opened_;
  std::unique_ptr<net::Lan> lan_;
  uint64_t last_id_ = 0;
};

}  // namespace godwit::cli
