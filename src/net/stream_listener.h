#pragma once
// A server of the stream form on loopback: where the program of a pluggable transport (its ORPORT) or Tor (an onion
// service's port) hands over what it has carried. It has no protection of its own, so nobody else is let in.

#include <memory>

#include "net/listener.h"

namespace godwit::net {

/// The server. Destroying it closes the socket; pipes live on with their owners.
class StreamListener {
 public:
  /// Connections at once; one beyond is closed at once.
  static constexpr size_t kConnectionsMax = 10'000;

  /// Listens on 127.0.0.1, on a free port if `port` is 0. A pipe from which nothing comes for `idle` ends.
  /// kAddressInUse, kAddressForbidden, kSystem.
  static Result<std::unique_ptr<StreamListener>> create(EventLoop& loop, uint16_t port, AcceptPipe on_pipe,
                                                        Duration idle = minutes(25));
  ~StreamListener();
  StreamListener(const StreamListener&) = delete;
  StreamListener& operator=(const StreamListener&) = delete;

  /// The port in use.
  uint16_t port() const;
  /// Stops accepting; pipes live on.
  void close();

 private:
  struct Impl;
  explicit StreamListener(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace godwit::net
