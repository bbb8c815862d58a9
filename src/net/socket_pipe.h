#pragma once
// The Pipe over a connection, on both sides: in WebSocket messages, or in bytes as they are. Not for other folders.

#include <memory>
#include <optional>

#include "net/framing.h"
#include "net/pipe.h"
#include "net/tls_socket.h"
#include "routes/pace.h"
#include "routes/route.h"

namespace godwit::net {

/// The part behind the owner's handle. A client's waits for its dial first; a server's is attached at once.
class SocketPipe : public TlsSocketUser, public std::enable_shared_from_this<SocketPipe> {
 public:
  /// A client's pipe in want of a socket; `stall` says when silence is death.
  static std::shared_ptr<SocketPipe> create_client(EventLoop& loop, PipeEvents events, routes::StallTimes stall,
                                                   size_t queue_bytes_max = kPipeQueueBytesMax,
                                                   routes::CarriedForm form = routes::CarriedForm::kWebSocket);
  /// A server's pipe; ends when nothing comes for `idle`. Its events are set before anything is fed to it.
  static std::shared_ptr<SocketPipe> create_server(EventLoop& loop, Duration idle,
                                                   size_t queue_bytes_max = kPipeQueueBytesMax,
                                                   routes::CarriedForm form = routes::CarriedForm::kWebSocket);
  /// The handle for the owner: destroying it closes.
  static std::unique_ptr<Pipe> make_handle(std::shared_ptr<SocketPipe> pipe);

  /// Keeps the dial alive for as long as the pipe waits for it.
  void set_dial(std::shared_ptr<void> dial) { dial_ = std::move(dial); }
  /// What to call; before attach().
  void set_events(PipeEvents events) { events_ = std::move(events); }
  /// The frame that carries bytes before the upgrade is accepted, to follow the upgrade request.
  Bytes make_early_frame(ByteView bytes);
  /// The dial is done: takes the socket over. `rest` is what came after the heads of HTTP and proxies; valid during the call.
  void attach(std::shared_ptr<TlsSocket> socket, ByteView rest);
  /// A server's pipe before attach(): bytes that came with or after the upgrade request, which are not fed again. Fails
  /// the pipe if they are no WebSocket frames, or end it.
  void feed_early(ByteView bytes);
  /// What to do if the pipe ends before attach(), instead of the end of a socket.
  void on_unattached_end(std::function<void()> work) { unattached_end_ = std::move(work); }
  /// The end. Only from the loop, not from inside a call by the owner.
  void fail(Error error);

  /// The owner's calls, as in Pipe.
  Status send(ByteView bytes);
  /// As in Pipe.
  void close();
  /// The handle goes: close, and call nothing any more.
  void drop();
  /// As in Pipe.
  void set_reading(bool reading);
  /// As in Pipe.
  void set_awaiting(bool awaiting);
  /// As in Pipe.
  void hold_little();
  /// As in Pipe.
  size_t queued_bytes() const;
  /// As in Pipe.
  Traffic traffic() const;

  // The socket's calls.
  void on_secure() override {}
  void on_plain(ByteView bytes) override;
  void on_room() override;
  void on_progress(bool sent) override;
  void on_socket_closed(Error error) override { fail(error); }

 private:
  enum class State : uint8_t { kConnecting, kOpen, kClosing, kClosed };

  SocketPipe(EventLoop& loop, std::unique_ptr<Framing> framing, size_t queue_bytes_max);
  void flush_frames();
  void arm();
  void on_timer();
  void on_stall_timer(Instant now);

  EventLoop& loop_;
  std::unique_ptr<Framing> framing_;
  PipeEvents events_;
  std::shared_ptr<void> dial_;
  std::function<void()> unattached_end_;
  std::shared_ptr<TlsSocket> socket_;
  size_t queue_bytes_max_;
  std::optional<routes::StallWatch> stall_;  ///< A client's.
  Duration idle_{};                          ///< A server's.
  Instant last_received_{};
  Timer timer_;
  Instant armed_for_ = kNever;
  Bytes waiting_;  ///< What a client has sent before it is open.
  Traffic final_traffic_;
  State state_ = State::kConnecting;
  bool silent_ = false;  ///< The owner has gone: nothing is called.
  bool reading_ = true;
  bool full_ = false;  ///< A send was refused; on_drained is owed.
  bool little_ = false;
};

}  // namespace godwit::net
