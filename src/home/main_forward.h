#pragma once
// Passes sealed requests on to other homes, for `godwit-home run`: dials, opens anonymous sessions, keeps each for some
// seconds. Who named the goal is a stranger: only wss:// routes, only public addresses, few dials to one host.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "home/home.h"
#include "home/rate.h"
#include "net/dial.h"
#include "net/event_loop.h"
#include "session/client_session.h"

namespace godwit::home {

/// How it does that. The defaults are right for homes; tests shorten the times.
struct ForwarderOptions {
  bool private_too = false;           ///< addresses of this machine and its networks as well
  Duration dial_max = seconds(8);     ///< for one route, until the session stands
  Duration answer_max = seconds(20);  ///< for one request, dials included
  Duration idle_max = seconds(10);    ///< a session is kept for more to pass on
};

/// The other homes' sessions.
class Forwarder {
 public:
  /// Sessions at once, idle ones included.
  static constexpr size_t kLinesMax = 128;
  /// Routes of one address that are tried.
  static constexpr size_t kRoutesTried = 2;

  /// `done` is told once of each request, from the loop, never from inside a call: the reply, wire::kSealedRefused or
  /// kTooManyRequests as the other home said it, else wire::kHomeUnreachable. `loop` and `random` must outlive it.
  Forwarder(net::EventLoop& loop, Random& random, ForwarderOptions options,
            std::function<void(ForwardId, Result<Bytes>)> done);
  ~Forwarder();
  Forwarder(const Forwarder&) = delete;
  Forwarder& operator=(const Forwarder&) = delete;

  /// Passes one on.
  void forward(ForwardSealed request);
  /// Sessions at once now.
  size_t lines() const { return lines_.size(); }

 private:
  struct Line;
  using LineId = uint64_t;
  Line* line_for(const wire::HomeAddress& home);
  bool dial(LineId id, Line& line);
  void bytes_came(LineId id, ByteView bytes);
  void pipe_closed(LineId id);
  void pump(LineId id);
  void hear(Line& line, const session::ClientEvent& event);
  void set_timer(LineId id, Line& line);
  void timer_rang(LineId id);
  void give_up_late(Line& line);
  void fail_all(LineId id);
  void answer(ForwardId forward, Result<Bytes> reply);

  net::EventLoop& loop_;
  Random& random_;
  const ForwarderOptions options_;
  const std::function<void(ForwardId, Result<Bytes>)> done_;
  std::shared_ptr<net::Resolver> resolver_;
  Rate dial_rate_;     // by host and port
  Rate address_rate_;  // by the address that is really connected to, whatever names it has
  std::map<LineId, std::unique_ptr<Line>> lines_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  LineId next_line_ = 1;
};

}  // namespace godwit::home
