#include "net/ws_pipe.h"

#include <algorithm>
#include <utility>

#include "net/errors.h"

namespace godwit::net {
namespace {

constexpr uint16_t kNormalClosure = 1000;  // RFC 6455 §7.4.1
constexpr Error kClosedHere{kClosedByUs, "net: the pipe's owner has closed it"};

class WsPipeHandle final : public Pipe {
 public:
  explicit WsPipeHandle(std::shared_ptr<WsPipe> pipe) : pipe_(std::move(pipe)) {}
  ~WsPipeHandle() override { pipe_->drop(); }
  WsPipeHandle(const WsPipeHandle&) = delete;
  WsPipeHandle& operator=(const WsPipeHandle&) = delete;

  Status send(ByteView bytes) override { return pipe_->send(bytes); }
  void close() override { pipe_->close(); }
  void set_reading(bool reading) override { pipe_->set_reading(reading); }
  void set_awaiting(bool awaiting) override { pipe_->set_awaiting(awaiting); }
  size_t queued_bytes() const override { return pipe_->queued_bytes(); }
  Traffic traffic() const override { return pipe_->traffic(); }

 private:
  std::shared_ptr<WsPipe> pipe_;
};

}  // namespace

WsPipe::WsPipe(EventLoop& loop, WebSocket::Role role, size_t queue_bytes_max)
    : loop_(loop), web_socket_(role), queue_bytes_max_(queue_bytes_max), timer_(loop) {}

std::shared_ptr<WsPipe> WsPipe::create_client(EventLoop& loop, PipeEvents events, routes::StallTimes stall,
                                              size_t queue_bytes_max) {
  std::shared_ptr<WsPipe> pipe(new WsPipe(loop, WebSocket::Role::kClient, queue_bytes_max));
  pipe->events_ = std::move(events);
  pipe->stall_.emplace(stall);
  return pipe;
}

std::shared_ptr<WsPipe> WsPipe::create_server(EventLoop& loop, Duration idle, size_t queue_bytes_max) {
  std::shared_ptr<WsPipe> pipe(new WsPipe(loop, WebSocket::Role::kServer, queue_bytes_max));
  pipe->idle_ = idle;
  pipe->last_received_ = loop.steady_now();
  return pipe;
}

std::unique_ptr<Pipe> WsPipe::make_handle(std::shared_ptr<WsPipe> pipe) {
  return std::make_unique<WsPipeHandle>(std::move(pipe));
}

Bytes WsPipe::make_early_frame(ByteView bytes) {
  web_socket_.send(bytes);
  Bytes frame = to_bytes(web_socket_.output().view());
  web_socket_.output().clear();
  return frame;
}

void WsPipe::attach(std::shared_ptr<TlsSocket> socket, ByteView rest) {
  if (state_ != State::kConnecting) return socket->abort();
  state_ = State::kOpen;
  socket_ = std::move(socket);
  socket_->set_user(weak_from_this());
  socket_->set_reading(reading_);
  unattached_end_ = nullptr;
  last_received_ = loop_.steady_now();
  flush_frames();  // answers to early pings
  // Whoever called still stands in the dial's code, so the dial goes later.
  loop_.post([dial = std::exchange(dial_, nullptr)] {});
  if (!waiting_.empty()) {
    web_socket_.send(std::exchange(waiting_, Bytes()));
    flush_frames();
  }
  arm();
  if (events_.on_open) events_.on_open();
  if (full_ && state_ == State::kOpen) on_room();
  if (!rest.empty() && socket_) on_plain(rest);
}

void WsPipe::feed_early(ByteView bytes) {
  if (state_ != State::kConnecting || bytes.empty()) return;
  Bytes data;
  const Status status = web_socket_.feed(bytes, data);
  if (!data.empty() && !silent_ && events_.on_bytes) events_.on_bytes(data);
  if (!status) {
    fail(status.error());
  } else if (web_socket_.is_closed_by_peer()) {
    fail({kClosedByPeer, "RFC 6455 §7.1.3: the peer has closed"});
  }
}

void WsPipe::flush_frames() {
  ByteQueue& frames = web_socket_.output();
  socket_->write(frames.view());
  frames.clear();
}

Status WsPipe::send(ByteView bytes) {
  REQUIRE(state_ == State::kConnecting || state_ == State::kOpen, kPipeClosed, "net: the pipe has ended");
  const size_t queued = queued_bytes();
  if (queued != 0 && queued + bytes.size() > queue_bytes_max_) {
    full_ = true;
    return Error{kPipeFull, "net: as many bytes as may wait do so already"};
  }
  if (bytes.empty()) return {};
  if (state_ == State::kConnecting) {
    append(waiting_, bytes);
  } else {
    web_socket_.send(bytes);
    flush_frames();
  }
  return {};
}

void WsPipe::close() {
  if (state_ == State::kConnecting) {
    state_ = State::kClosing;
    loop_.post([weak = weak_from_this()] {
      if (const auto pipe = weak.lock()) pipe->fail(kClosedHere);
    });
  } else if (state_ == State::kOpen) {
    state_ = State::kClosing;
    web_socket_.close(kNormalClosure);
    flush_frames();
    socket_->close_after_flush(kClosedHere);
  }
}

void WsPipe::drop() {
  silent_ = true;
  close();
  timer_.cancel();
  dial_.reset();
}

void WsPipe::set_reading(bool reading) {
  reading_ = reading;
  if (socket_) socket_->set_reading(reading);
}

void WsPipe::set_awaiting(bool awaiting) {
  if (!stall_) return;
  stall_->on_awaiting(awaiting, loop_.steady_now());
  arm();
}

size_t WsPipe::queued_bytes() const { return waiting_.size() + (socket_ ? socket_->queued() : 0); }

Traffic WsPipe::traffic() const { return socket_ ? socket_->traffic() : final_traffic_; }

void WsPipe::on_plain(ByteView bytes) {
  if (state_ != State::kOpen) return;
  Bytes data;
  const Status status = web_socket_.feed(bytes, data);
  flush_frames();
  if (!data.empty() && !silent_ && events_.on_bytes) events_.on_bytes(data);
  if (state_ != State::kOpen) return;
  if (!status) {
    state_ = State::kClosing;
    socket_->close_after_flush(status.error());
  } else if (web_socket_.is_closed_by_peer()) {
    state_ = State::kClosing;
    socket_->close_after_flush({kClosedByPeer, "RFC 6455 §7.1.3: the peer has closed"});
  } else if (socket_->queued() > 2 * kPipeQueueBytesMax) {
    // Only answers to pings grow the queue beyond its bound: a peer that asks and never reads.
    fail({kBadWebSocket, "net: the peer sends pings and does not read the pongs"});
  }
}

void WsPipe::on_room() {
  if (!full_ || state_ != State::kOpen || queued_bytes() > kPipeDrainedBytes) return;
  full_ = false;
  if (!silent_ && events_.on_drained) events_.on_drained();
}

void WsPipe::on_progress(bool sent) {
  const Instant now = loop_.steady_now();
  if (!sent) last_received_ = now;
  if (!stall_) return;
  if (sent) {
    stall_->on_sent(now);
  } else {
    stall_->on_received(now);
  }
  arm();
}

// The timer is set only when a deadline comes nearer: one that moved away is noticed when it fires.
void WsPipe::arm() {
  if (state_ == State::kClosed || silent_) return;
  const Instant deadline = stall_ ? stall_->deadline() : last_received_ + idle_;
  if (deadline >= armed_for_) return;
  armed_for_ = deadline;
  timer_.set(deadline - loop_.steady_now(), [this] { on_timer(); });
}

void WsPipe::on_timer() {
  const auto self = shared_from_this();
  armed_for_ = kNever;
  const Instant now = loop_.steady_now();
  if (stall_) {
    on_stall_timer(now);
  } else if (now >= last_received_ + idle_ && state_ == State::kOpen) {
    state_ = State::kClosing;
    web_socket_.close(kNormalClosure);
    flush_frames();
    socket_->close_after_flush({kGenericTimeout, "net: nothing came for the whole pipe_idle"});
  }
  arm();
}

void WsPipe::on_stall_timer(Instant now) {
  const auto verdict = stall_->on_expiry(now);
  if (verdict == routes::StallWatch::Verdict::kProbe && state_ == State::kOpen) {
    web_socket_.ping();
    flush_frames();
  } else if (verdict == routes::StallWatch::Verdict::kDead) {
    fail({kGenericTimeout, "architecture, Routes: silence with data outstanding is a dead route"});
  }
}

void WsPipe::fail(Error error) {
  if (state_ == State::kClosed) return;
  const auto self = shared_from_this();
  state_ = State::kClosed;
  timer_.cancel();
  loop_.post([dial = std::exchange(dial_, nullptr)] {});
  if (socket_) {
    final_traffic_ = socket_->traffic();
    // A socket that has sent everything lingers on its own; one that is in trouble ends here.
    if (!socket_->is_closing()) socket_->abort();
    socket_.reset();
  }
  // What the events hold is released now: it may be what holds the handle.
  const PipeEvents events = std::exchange(events_, {});
  if (const auto unattached_end = std::exchange(unattached_end_, {})) unattached_end();
  if (!silent_ && events.on_closed) events.on_closed(error);
}

}  // namespace godwit::net
