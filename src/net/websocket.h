#pragma once
// WebSocket frames (RFC 6455 §5) as a machine over bytes: binary messages are chunks of one stream, and their borders mean
// nothing.

#include <memory>

#include "base/bytes.h"
#include "base/result.h"
#include "net/framing.h"

namespace godwit::net {

/// The close code of an end in good order (RFC 6455 §7.4.1).
inline constexpr uint16_t kNormalClosure = 1000;

/// One connection after its opening handshake.
class WebSocket final : public Framing {
 public:
  /// A client masks what it sends and takes only unmasked frames; a server the other way round (RFC 6455 §5.1).
  enum class Role : uint8_t { kClient, kServer };

  explicit WebSocket(Role role);
  ~WebSocket() override;
  WebSocket(const WebSocket&) = delete;
  WebSocket& operator=(const WebSocket&) = delete;

  /// Takes all of `bytes` and appends the contents of binary messages to `data`. Pongs and the answer to a close go to
  /// output(). kBadWebSocket: a rule is broken, or a text message came; output() has the close frame for it.
  Status feed(ByteView bytes, Bytes& data) override;
  /// One binary message with these bytes; nothing after close().
  void send(ByteView bytes) override;
  /// Pongs that nobody has asked for, with random bytes, `size` of them in all (RFC 6455 §5.5.3: they are not answered).
  void fill(size_t size) override;
  /// An empty ping, which the peer must answer (RFC 6455 §5.5.2).
  void ping() override;
  /// A close frame with this code (RFC 6455 §7.4); once.
  void close(uint16_t code);
  /// The same with "normal closure".
  void close() override { close(kNormalClosure); }

  /// Bytes for the peer; whoever sends them consumes them.
  ByteQueue& output() override;
  /// The peer has sent a close frame; nothing more is read.
  bool is_closed_by_peer() const override;
  /// True if no part of a frame or message has come without the rest, and nobody has closed: then hardly any memory is held.
  bool is_at_rest() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace godwit::net
