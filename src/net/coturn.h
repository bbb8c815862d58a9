#pragma once
// coturn (the program `turnserver`) as a child of ours: a TURN server that listens on a loopback port which nobody else knows, ends
// with us, and is started again, later each time, when it ends by itself.

#include <functional>
#include <memory>
#include <string>

#include "base/time.h"
#include "net/event_loop.h"

namespace godwit::net {

/// How to start it.
struct CoturnOptions {
  std::string program = "turnserver";  ///< A path, or a name that is looked for in PATH.
  std::string config_file;             ///< Absolute.
  /// Writes `config_file` for a TURN server that listens on this TCP port of 127.0.0.1; called before each start.
  std::function<Status(uint16_t port)> configure;
  Duration start_limit = seconds(20);  ///< Until it accepts connections.
};

/// What becomes of it, from the loop only; not from inside create().
struct CoturnEvents {
  std::function<void(uint16_t port)> on_up;
  /// It runs no more, or has not begun to: kPtMissing (no such program), kPtEnded, kPtHangs, or what `configure` gave. It is tried again
  /// by itself. `last_words`: of one that never was up, what it complained of, printable; else empty, since it would name people's
  /// addresses.
  std::function<void(Error, const std::string& last_words)> on_down;
};

/// Keeps it running. Destroying it ends the program.
class Coturn {
 public:
  Coturn(EventLoop& loop, CoturnOptions options, CoturnEvents events);
  ~Coturn();
  Coturn(const Coturn&) = delete;
  Coturn& operator=(const Coturn&) = delete;

  /// The number of its process; 0: it does not run now.
  int pid() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace godwit::net
