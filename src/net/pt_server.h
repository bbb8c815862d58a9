#pragma once
// The server's side of a pluggable transport: its program listens to the world and hands over what it has carried on a
// loopback port of ours. It is started anew when it ends.

#include <functional>
#include <memory>
#include <string>

#include "net/event_loop.h"
#include "net/pt_process.h"

namespace godwit::net {

/// What to serve.
struct PtServerOptions {
  std::string transport;     ///< "obfs4"
  std::string program;       ///< as in PtCommand
  std::string listen;        ///< "address:port", IPv6 in brackets: where the world comes in
  uint16_t orport = 0;       ///< 127.0.0.1, where a StreamListener takes what was carried
  std::string state_folder;  ///< as in PtCommand; without it the next start has other keys
  std::string options = {};  ///< of the transport, "name=value;name=value"
  Duration start_limit = seconds(8);
};

/// What becomes of it, from the loop only.
struct PtServerEvents {
  /// It serves; again after each start anew. What clients must know stands in the method's arguments.
  std::function<void(const routes::PtMethod&)> on_ready;
  /// It has failed and is tried again after a pause: why, and what the program said last (printable).
  std::function<void(Error, const std::string& last_words)> on_trouble;
};

/// One supervised program. Destroying it ends the program.
class PtServer {
 public:
  /// Starts it. kBadOption: `listen` is not an address and a port. A program that is missing or fails is told by
  /// on_trouble.
  static Result<std::unique_ptr<PtServer>> create(EventLoop& loop, PtServerOptions options, PtServerEvents events);
  ~PtServer();
  PtServer(const PtServer&) = delete;
  PtServer& operator=(const PtServer&) = delete;

 private:
  struct Impl;
  explicit PtServer(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace godwit::net
