#pragma once
// One connection to a Listener, until it ends or becomes a pipe. Not for other folders.

#include <memory>

#include <optional>

#include "net/call_relay.h"
#include "net/listener.h"
#include "net/site.h"
#include "net/splice.h"
#include "net/tls_socket.h"
#include "net/socket_pipe.h"

namespace godwit::net {

/// What all connections of a listener share.
struct ServerShared {
  Site site;
  ListenerLimits limits;
  std::vector<std::string> websocket_paths;
  bool answer_later = false;
  std::optional<asio::ip::tcp::endpoint> site_upstream;
  AcceptPipe on_pipe;
  ListenerCounts counts;
  CallRelays call_relays;
};

/// Reads requests, answers them from the site, and hands the socket to a pipe when asked rightly.
class ServerConnection : public TlsSocketUser, public std::enable_shared_from_this<ServerConnection> {
 public:
  /// `waiting` is dropped when the connection is a stranger's no more. `on_end` is called once, from the loop, when it has ended or become a
  /// pipe; it may release it.
  ServerConnection(EventLoop& loop, std::shared_ptr<ServerShared> shared, std::shared_ptr<TlsSocket> socket,
                   ByteArray<16> source, std::shared_ptr<void> waiting, std::function<void()> on_end);

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
  void upgrade(HttpParsed<HttpRequest> parsed, size_t path);
  void accept_upgrade();
  void refuse_upgrade();
  std::optional<size_t> our_path(const HttpRequest& request) const;
  bool may_become_upgrade() const;
  void begin_splice();
  void pass_to_upstream();
  bool pass_to_call_relay();
  void close(Error reason);
  void cut(Error reason);
  void wait(Duration time, const char* rule);

  EventLoop& loop_;
  std::shared_ptr<ServerShared> shared_;
  std::shared_ptr<TlsSocket> socket_;
  ByteArray<16> source_;
  std::shared_ptr<void> waiting_;
  std::function<void()> on_end_;
  Timer timer_;
  Bytes input_;
  /// An upgrade that its taker has not answered yet.
  struct Asked {
    HttpRequest request;
    Bytes head;  ///< The request as it came.
    std::shared_ptr<SocketPipe> pipe;
  };
  std::optional<Asked> asked_;
  std::shared_ptr<Splice> splice_;
  std::unique_ptr<CallPlace> call_place_;  ///< With the TURN server: what counts it there.
  std::unique_ptr<SiteFile> file_;  ///< What a reply still has to send.
  size_t requests_ = 0;
  bool replying_ = false;  ///< A reply waits to be sent; the next request waits for it.
  bool keep_alive_ = true;
  bool in_request_ = true;  ///< The time for a request's head runs.
  bool secure_ = false;     ///< TLS stands, or there is none.
  bool ended_ = false;
};

}  // namespace godwit::net
