#pragma once
// The pluggable transports that a home serves, and the loopback port where they hand over. Only main files include this.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "home/main.h"
#include "net/event_loop.h"
#include "net/listener.h"
#include "net/pt_server.h"
#include "net/stream_listener.h"

namespace godwit::home {

/// How a home listens for its site and for sessions, as the configuration has it.
net::ListenerOptions listener_options(const Place& place, const Config& config);

/// Supervises the programs and notes their routes for `routes` and `invite`.
class ServedTransports {
 public:
  /// Starts what the configuration names; nothing if it names nothing. net::kAddressInUse, net::kBadOption (a `listen`).
  static Result<std::unique_ptr<ServedTransports>> create(net::EventLoop& loop, const Place& place,
                                                          const Config& config, net::AcceptPipe on_pipe);
  ~ServedTransports();
  ServedTransports(const ServedTransports&) = delete;
  ServedTransports& operator=(const ServedTransports&) = delete;

  /// Calls `work` whenever the noted routes have changed.
  void on_routes(std::function<void()> work) { on_routes_ = std::move(work); }
  /// Takes nobody in any more.
  void close();

 private:
  ServedTransports(const Place& place, const Config& config) : place_(place), config_(config) {}
  void ready(const TransportConfig& transport, const routes::PtMethod& method);
  void note_routes();

  const Place& place_;
  const Config& config_;
  std::unique_ptr<net::StreamListener> listener_;
  std::vector<std::unique_ptr<net::PtServer>> servers_;
  std::map<std::string, std::string> routes_;  ///< by transport
  std::function<void()> on_routes_;
};

}  // namespace godwit::home
