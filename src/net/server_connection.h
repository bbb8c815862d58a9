#pragma once
// One connection to a Listener, until it ends or becomes a pipe. Not for other folders.

#include <memory>

#include "net/listener.h"
#include "net/site.h"
#include "net/tls_socket.h"

namespace godwit::net {

class ServerConnection;

/// What all connections of a listener share.
struct ServerShared {
  Site site;
  ListenerLimits limits;
  std::string websocket_path;
  AcceptPipe on_pipe;
  ListenerCounts counts;
};

/// Reads requests, answers them from the site, and hands the socket to a pipe when asked rightly.
class ServerConnection : public TlsSocketUser, public std::enable_shared_from_this<ServerConnection> {
 public:
  /// `on_end` is called once, from the loop, when this connection has ended or become a pipe; it may release it.
  ServerConnection(EventLoop& loop, std::shared_ptr<ServerShared> shared, std::shared_ptr<TlsSocket> socket,
                   ByteArray<16> source, std::function<void()> on_end);

  /// Begins. Once.
  void start();
  /// Closes at once; on_end is not called.
  void abort();

  void on_secure() override;
  void on_plain(ByteView bytes) override;
  void on_room() override;
  void on_progress(bool sent) override;
  void on_socket_closed(Error error) override;
  std::string plain_http_reply() override;

 private:
  void serve();
  bool serve_one();
  void reply(SiteReply answer);
  void send_more();
  void upgrade(const HttpRequest& request);
  void close(Error reason);
  void cut(Error reason);
  void wait(Duration time, const char* rule);

  EventLoop& loop_;
  std::shared_ptr<ServerShared> shared_;
  std::shared_ptr<TlsSocket> socket_;
  ByteArray<16> source_;
  std::function<void()> on_end_;
  Timer timer_;
  Bytes input_;
  std::unique_ptr<SiteFile> file_;  ///< What a reply still has to send.
  size_t requests_ = 0;
  bool replying_ = false;  ///< A reply waits to be sent; the next request waits for it.
  bool keep_alive_ = true;
  bool in_request_ = true;  ///< The time for a request's head runs.
  bool ended_ = false;
};

}  // namespace godwit::net
