#pragma once
// A page on 127.0.0.1 for the browser of the same machine: the files of the page, one WebSocket for its program, and files that
// both hand to each other. Other users of the machine and other pages of the browser can reach the port as well, so that nothing
// but the page itself is given without the token, and only to requests that name this host and come from this page.

#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/random.h"
#include "net/event_loop.h"

namespace godwit::net {

/// Listens, and holds the connections. Destroying it ends them all.
class LocalWeb {
 public:
  /// Names one WebSocket; never used twice.
  using ConnectionId = uint64_t;

  /// What is listened on and shown.
  struct Options {
    uint16_t port = 0;    ///< 0: a free one.
    std::string page;     ///< The folder of the page's files.
    std::string files;    ///< The folder of files on their way (web_files.h).
    std::function<bool(std::string_view)> is_token;  ///< Compares in constant time.
    /// The first bytes on a WebSocket that was opened with `/api?nonce=` and 64 hexadecimal digits, which are given: by them the
    /// page sees that it talks to whoever gave it the token. A port that is free again is anybody's. May be left out.
    std::function<std::string(std::string_view)> prove = {};
  };
  /// What is called of WebSockets, on the loop's thread. All of them may call send() and close().
  struct Events {
    std::function<void(ConnectionId)> on_open;
    /// Bytes of binary messages: one stream, whose borders mean nothing.
    std::function<void(ConnectionId, ByteView)> on_bytes;
    /// It is gone, by whomever; the last call about it.
    std::function<void(ConnectionId)> on_closed;
  };

  /// `loop` and `random` must outlive it. kBadSiteFolder: the page is not there. kAddressInUse, kAddressForbidden, kSystem.
  static Result<std::unique_ptr<LocalWeb>> create(EventLoop& loop, Random& random, Options options, Events events);
  ~LocalWeb();
  LocalWeb(const LocalWeb&) = delete;
  LocalWeb& operator=(const LocalWeb&) = delete;

  /// The port in use.
  uint16_t port() const;
  /// Sends as one message. False: too much waits already (LocalServer), and nothing is added; close() it.
  [[nodiscard]] bool send(ConnectionId id, ByteView bytes);
  /// Ends a WebSocket in good order, after `last_words`.
  void close(ConnectionId id, ByteView last_words = {});
  /// Removes what was saved for the page: nobody may look at it any more.
  void forget_saved();
  /// Whether files are given and taken, as they are at first. While not, who asks with the token is answered 403, and what was half
  /// given or taken when it began is broken off.
  void let_files(bool let);

 private:
  struct Impl;
  explicit LocalWeb(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace godwit::net
