#pragma once
// The program of a pluggable transport as a child of ours, from either side (PT 1.0; PT 2.1 where it differs). The
// program is trusted with nothing: it may hang, crash, and say anything. It gets an environment of its own, and it ends
// with us, however we end.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "net/event_loop.h"
#include "routes/pt_lines.h"

namespace godwit::net {

/// What to start.
struct PtCommand {
  /// A path, or a name that is looked for in PATH.
  std::string program;
  std::string transport;  ///< "obfs4"
  bool server = false;
  std::string state_folder;                   ///< Absolute; made if it is missing. Transports keep their keys there.
  std::vector<std::string> environment = {};  ///< "TOR_PT_...=...", beyond what both sides always get.
  bool with_proxy = false;                    ///< TOR_PT_PROXY is among them: a program that ignores it is not used.
  /// From the start until all methods are known.
  Duration start_limit = seconds(8);
};

/// What becomes of it, from the loop only.
struct PtEvents {
  /// The transport is ready; once at most.
  std::function<void(const routes::PtMethod&)> on_ready;
  /// The end, once: kPtEnded, kPtHangs, routes::kPt...; and the last thing that the program said, printable. May destroy
  /// the process.
  std::function<void(Error, const std::string& last_words)> on_end;
};

/// One running program. Destroying it ends the program: its input closes, then comes SIGTERM, then SIGKILL.
class PtProcess {
 public:
  /// Starts it. kPtMissing: there is no such program; kSystem: no process or folder can be made.
  static Result<std::unique_ptr<PtProcess>> start(EventLoop& loop, const PtCommand& command, PtEvents events);
  ~PtProcess();
  PtProcess(const PtProcess&) = delete;
  PtProcess& operator=(const PtProcess&) = delete;

 private:
  struct Impl;
  explicit PtProcess(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

/// How long to wait before a program that has failed `failures` times in a row is started again.
Duration pt_pause(uint32_t failures);

}  // namespace godwit::net
