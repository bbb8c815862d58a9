#pragma once
// Connections of other programs on this machine: a Unix socket, or a port of loopback. It carries bytes as they are; who may
// say what is decided above.

#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "net/event_loop.h"

namespace godwit::net {

/// Listens, and holds the connections. Destroying it ends them all.
class LocalServer {
 public:
  /// Names one connection; never used twice.
  using ConnectionId = uint64_t;

  /// Connections at once, those among them that are being closed; one beyond is closed without a word.
  static constexpr size_t kConnectionsMax = 128;
  /// Bytes that wait for a program that does not read, beside the longest piece that waits.
  static constexpr size_t kQueueBytesMax = 16 * 1024 * 1024;

  /// What is called, on the loop's thread. All of them may call send() and close().
  struct Events {
    std::function<void(ConnectionId)> on_open;
    /// 1 to 65,536 bytes, valid during the call.
    std::function<void(ConnectionId, ByteView)> on_bytes;
    /// Nothing more comes, but the program may still read: close() when all is said. One that is gone altogether is
    /// noticed; on TCP only when something is sent.
    std::function<void(ConnectionId)> on_end;
    /// It is gone, by whomever; the last call about it. Not from inside send() or close().
    std::function<void(ConnectionId)> on_closed;
    /// All that was sent has been taken. May be left out.
    std::function<void(ConnectionId)> on_room = {};
  };

  /// Listens on a Unix socket at `path` with the mode 0600. A socket that a dead program has left there is replaced.
  /// kAddressInUse: somebody answers there. kBadSocketPath: too long, something else is there, or no access.
  static Result<std::unique_ptr<LocalServer>> create_unix(EventLoop& loop, const std::string& path, Events events);
  /// Listens on 127.0.0.1, on a free port if `port` is 0. kAddressInUse, kAddressForbidden, kSystem.
  static Result<std::unique_ptr<LocalServer>> create_tcp(EventLoop& loop, uint16_t port, Events events);
  /// True if somebody listens on the Unix socket at `path`.
  static bool answers(const std::string& path);

  ~LocalServer();
  LocalServer(const LocalServer&) = delete;
  LocalServer& operator=(const LocalServer&) = delete;

  /// The port in use; 0 for a Unix socket.
  uint16_t port() const;
  /// Sends, as far as the connection is still there. False: more than kQueueBytesMax waits already and nothing is added;
  /// close() it.
  [[nodiscard]] bool send(ConnectionId id, ByteView bytes);
  /// Ends a connection, once what was sent and `last_words` have been taken, or after five seconds.
  void close(ConnectionId id, ByteView last_words = {});
  /// Ends a connection at once: what waits for it is not sent.
  void cut(ConnectionId id);

 private:
  struct Impl;
  explicit LocalServer(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace godwit::net
