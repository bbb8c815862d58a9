#pragma once
// A program beside this one that serves it: coturn, Janus. It runs as a child of ours, listens where nobody else knows, ends with us, and
// is started again, later each time, when it ends by itself.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "net/event_loop.h"

namespace godwit::net {

/// Where a program begins to listen: a TCP port of 127.0.0.1, or with 0 a Unix socket, or with `stun` an IP address of this machine, at whose UDP
/// port it answers a STUN message (RFC 8489).
struct ListensAt {
  uint16_t port = 0;
  std::string path;
  std::string stun{};
};

/// How to start it.
struct KeptProgramOptions {
  std::string program;  ///< A path, or a name that is looked for in PATH.
  std::vector<std::string> arguments;
  std::vector<std::string> environment;  ///< As ChildCommand::environment.
  /// Called before each start: makes its configuration, with secrets that were never used before, and says where it will listen.
  std::function<Result<ListensAt>()> prepare;
  Duration start_limit = seconds(20);  ///< Until it accepts connections.
};

/// What becomes of it, from the loop only; not from inside create().
struct KeptProgramEvents {
  std::function<void(const ListensAt& at)> on_up;
  /// It runs no more, or has not begun to: kPtMissing (no such program), kPtEnded, kPtHangs, or what `prepare` gave. It is tried again
  /// by itself. `last_words`: of one that never was up, what it complained of, printable; else empty, since it would name people's
  /// addresses.
  std::function<void(Error, const std::string& last_words)> on_down;
};

/// Keeps it running. Destroying it ends the program.
class KeptProgram {
 public:
  KeptProgram(EventLoop& loop, KeptProgramOptions options, KeptProgramEvents events);
  ~KeptProgram();
  KeptProgram(const KeptProgram&) = delete;
  KeptProgram& operator=(const KeptProgram&) = delete;

  /// Ends it as one that does not do what it is for, and starts it again as after any end; on_down is called with `why` from inside.
  void give_up(Error why);
  /// The number of its process; 0: it does not run now.
  int pid() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

/// A TCP port of 127.0.0.1 that is free now; 0: none is. Another may take it before it is used: then the start fails, and the next one finds
/// another.
uint16_t free_loopback_port(EventLoop& loop);
/// True if nobody has this UDP port of an IP address of this machine now. Programs that share their ports (SO_REUSEPORT, as coturn does) find out by nothing else
/// that another one has it.
bool is_udp_port_free(EventLoop& loop, const std::string& address, uint16_t port);

}  // namespace godwit::net
