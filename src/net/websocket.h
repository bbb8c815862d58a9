#pragma once
// WebSocket frames (RFC 6455 §5) as a machine over bytes: binary messages are chunks of one stream, and their borders mean
// nothing.

#include <memory>

#include "base/bytes.h"
#include "base/result.h"
#include "net/byte_queue.h"

namespace godwit::net {

/// One connection after its opening handshake.
class WebSocket {
 public:
  /// A client masks what it sends and takes only unmasked frames; a server the other way round (RFC 6455 §5.1).
  enum class Role : uint8_t { kClient, kServer };

  explicit WebSocket(Role role);
  ~WebSocket();
  WebSocket(const WebSocket&) = delete;
  WebSocket& operator=(const WebSocket&) = delete;

  /// Takes all of `bytes` and appends the contents of binary messages to `data`. Pongs and the answer to a close go to
  /// output(). kBadWebSocket: a rule is broken, or a text message came; output() has the close frame for it.
  Status feed(ByteView bytes, Bytes& data);
  /// One binary message with these bytes; nothing after close().
  void send(ByteView bytes);
  /// An empty ping, which the peer must answer (RFC 6455 §5.5.2).
  void ping();
  /// A close frame with this code (RFC 6455 §7.4); once.
  void close(uint16_t code);

  /// Bytes for the peer; whoever sends them consumes them.
  ByteQueue& output();
  /// The peer has sent a close frame; nothing more is read.
  bool is_closed_by_peer() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace godwit::net
