#pragma once
// A program as a child of ours: started with an environment of its own and nothing of ours open, and ended with us, however we
// end. It is trusted with nothing, but for what it does.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/event_loop.h"

namespace godwit::net {

/// The absolute path of a program; empty: there is none, or it may not be run.
std::string find_program(const std::string& name);

/// What to start.
struct ChildCommand {
  std::string program;  ///< An absolute path: find_program().
  std::vector<std::string> arguments;
  std::vector<std::string> environment;  ///< "NAME=value": all that it gets beside kInherited.
  bool ends_with_input = false;          ///< It ends when its input closes: SIGTERM comes only a second after that.
};

/// What becomes of it, from the loop only. Either may be empty, and either may destroy the child.
struct ChildEvents {
  /// It has said something: the bytes of its standard output, or with `error` of its standard error.
  std::function<void(ByteView bytes, bool error)> on_output;
  /// The end, once; everything it had said was given before.
  std::function<void()> on_end;
};

/// Of our environment, what a child gets.
inline constexpr const char* kInherited[] = {"PATH", "HOME", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR"};

/// One running program. Destroying it ends the program, without waiting: its input closes, then come SIGTERM and SIGKILL.
class ChildProcess {
 public:
  /// Starts it. kSystem: no process or descriptor is left.
  static Result<std::unique_ptr<ChildProcess>> start(EventLoop& loop, const ChildCommand& command, ChildEvents events);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// Its number; 0: it has ended.
  int pid() const;

 private:
  struct Impl;
  explicit ChildProcess(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace godwit::net
