#pragma once
// A client of a program on this machine that speaks text messages by WebSocket (RFC 6455) over a Unix socket: Janus.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/event_loop.h"

namespace godwit::net {

/// Where, and what for.
struct TextSocketOptions {
  std::string path;      ///< of the Unix socket
  std::string protocol;  ///< the subprotocol (RFC 6455 §1.9) that must be agreed on
  /// A message that is longer ends the connection.
  size_t message_bytes_max = 512 * 1024;
  /// So does more than this that the program does not take.
  size_t queue_bytes_max = 8 * 1024 * 1024;
  /// Until the connection stands.
  Duration connect_timeout = seconds(10);
};

/// What becomes of it, from the loop only; not from inside create() or send().
struct TextSocketEvents {
  std::function<void()> on_open;
  /// A message, valid UTF-8 and for the time of the call only.
  std::function<void(std::string_view)> on_text;
  /// It is over, once; nothing follows. The connection's error, or kBadHttp, kUpgradeRefused, kBadWebSocket, kGenericTimeout, kPipeFull.
  std::function<void(Error)> on_closed;
};

/// One connection. Destroying it ends it, and nothing is called any more; it may be destroyed from inside an event.
class TextSocket {
 public:
  TextSocket(EventLoop& loop, TextSocketOptions options, TextSocketEvents events);
  ~TextSocket();
  TextSocket(const TextSocket&) = delete;
  TextSocket& operator=(const TextSocket&) = delete;

  /// Sends one message, UTF-8. Before on_open and after on_closed it is dropped.
  void send(std::string_view text);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace godwit::net
