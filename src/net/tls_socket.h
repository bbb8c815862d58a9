#pragma once
// A TCP socket with TLS on it, on the loop: what client and server share below HTTP and WebSocket. Not for other folders.

#include <asio.hpp>
#include <memory>
#include <string>

#include "net/event_loop_impl.h"
#include "net/pipe.h"
#include "net/tls.h"

namespace godwit::net {

/// Time a closing socket waits for its peer to take more of what is queued, and then to close in turn.
inline constexpr Duration kLingerTime = seconds(5);

/// Who is told what happens on a TlsSocket. Called from the loop only, never from inside a call to the socket.
class TlsSocketUser {
 public:
  virtual ~TlsSocketUser() = default;
  /// The handshake is complete.
  virtual void on_secure() = 0;
  /// Plaintext came; valid during the call.
  virtual void on_plain(ByteView bytes) = 0;
  /// Something was written, and no more than kPipeDrainedBytes wait.
  virtual void on_room() = 0;
  /// Bytes of any kind were sent to the peer, or came from it.
  virtual void on_progress(bool sent) = 0;
  /// The end, once.
  virtual void on_socket_closed(Error error) = 0;
  /// The peer sends nothing more. True: what is queued, and what the user still writes, goes out all the same, until the
  /// user closes; false: the socket closes after what is queued.
  virtual bool on_peer_finished() { return false; }
  /// What to answer somebody who speaks HTTP without TLS; empty: nothing.
  virtual std::string plain_http_reply() { return {}; }
};

/// One connection. Its handlers on the loop keep it alive until it is closed; its user is held weakly, and a socket whose
/// user has gone closes.
class TlsSocket : public std::enable_shared_from_this<TlsSocket> {
 public:
  /// Takes a connected socket. `lease` is released when the socket is closed for good.
  static std::shared_ptr<TlsSocket> create(EventLoop& loop, asio::ip::tcp::socket socket,
                                           std::unique_ptr<TlsStream> tls, std::shared_ptr<void> lease);
  ~TlsSocket();

  /// Begins the handshake. Once.
  void start(std::weak_ptr<TlsSocketUser> user);
  /// Hands the socket to another user.
  void set_user(std::weak_ptr<TlsSocketUser> user) { user_ = std::move(user); }

  /// Queues plaintext. All that is queued before control returns to the loop leaves in one flight.
  void write(ByteView plain);
  /// Keeps what is queued back for `time`, or until the next write: for an answer whose better part is about to come.
  void hold(Duration time);
  /// The system takes no more than about so much of what it cannot send yet; the rest waits here, where queued() counts it.
  void limit_unsent(uint32_t bytes);
  /// Whether to read on; what was read already is still delivered.
  void set_reading(bool reading);
  /// Sends what is queued and closes; on_socket_closed(reason) follows. The first reason counts.
  void close_after_flush(Error reason);
  /// Sends what is queued and then says that nothing more comes; reading goes on.
  void finish_sending();
  /// Closes at once and calls nothing.
  void abort();
  /// The same, with a TCP reset (RFC 9293 §3.10.4) instead of an orderly end.
  void reset();

  /// Bytes not yet handed to the kernel.
  size_t queued() const { return plain_.size() + tls_->output().size(); }
  /// What went over the socket.
  Traffic traffic() const { return traffic_; }
  /// The handshake used a ticket.
  bool is_resumed() const { return tls_->is_resumed(); }
  /// close_after_flush() was called, or the peer has closed.
  bool is_closing() const { return closing_; }

 private:
  TlsSocket(EventLoop& loop, asio::ip::tcp::socket socket, std::unique_ptr<TlsStream> tls, std::shared_ptr<void> lease);
  void wait_readable();
  void on_readable();
  bool read_once();
  void deliver(ByteView cipher);
  void linger();
  void peer_finished(Error error);
  void schedule_flush();
  void flush();
  bool encrypt_more();
  void wait_writable();
  void on_flushed();
  void fail(Error error);
  void close_now();

  EventLoop& loop_;
  asio::ip::tcp::socket socket_;
  std::unique_ptr<TlsStream> tls_;
  std::shared_ptr<void> lease_;
  std::weak_ptr<TlsSocketUser> user_;
  ByteQueue plain_;
  Timer timer_;  ///< Ends hold() or the lingering: never both, since closing ends a hold.
  Traffic traffic_;
  Error reason_{};
  bool secure_told_ = false;
  bool reading_ = true;
  bool waiting_readable_ = false;
  bool waiting_writable_ = false;
  bool flush_scheduled_ = false;
  bool held_ = false;
  bool closing_ = false;
  bool flushed_ = false;  ///< Closing, and everything was sent.
  bool eof_ = false;
  bool peer_finished_ = false;  ///< on_peer_finished() was called.
  bool finishing_ = false;      ///< finish_sending() was called.
  bool sent_end_ = false;       ///< And everything was sent.
};

/// What an error of the system means for a connection.
Error error_of(const asio::error_code& error);

}  // namespace godwit::net
