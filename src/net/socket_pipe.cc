#include "net/socket_pipe.h"

#include <algorithm>
#include <utility>

#include "net/errors.h"
#include "net/noise.h"
#include "net/websocket.h"

namespace godwit::net {
namespace {

constexpr Error kClosedHere{kClosedByUs, "net: the pipe's owner has closed it"};

std::unique_ptr<Framing> make_framing(routes::CarriedForm form, WebSocket::Role role) {
  if (form == routes::CarriedForm::kStream) return std::make_unique<StreamFraming>();
  return std::make_unique<WebSocket>(role);
}

// Records have the sizes of buckets (session.md), which nobody else's have. A small message gets some bytes beside it, mostly
// few. No more, and none beside larger messages: request and reply would come near to what a TLS handshake inside TLS looks like
// (lab/README.md, mode 12a, whose nearest model begins with 517 bytes up).
constexpr size_t kFilledMessageMax = 600;
size_t draw_filling(size_t message) {
  if (message > kFilledMessageMax) return 0;
  uint8_t byte = 0;
  draw_noise({&byte, 1});
  return size_t{byte} * byte / 326;  // 0 to 199
}

class SocketPipeHandle final : public Pipe {
 public:
  explicit SocketPipeHandle(std::shared_ptr<SocketPipe> pipe) : pipe_(std::move(pipe)) {}
  ~SocketPipeHandle() override { pipe_->drop(); }
  SocketPipeHandle(const SocketPipeHandle&) = delete;
  SocketPipeHandle& operator=(const SocketPipeHandle&) = delete;

  Status send(ByteView bytes) override { return pipe_->send(bytes); }
  void close() override { pipe_->close(); }
  void set_reading(bool reading) override { pipe_->set_reading(reading); }
  void set_awaiting(bool awaiting) override { pipe_->set_awaiting(awaiting); }
  void hold_little() override { pipe_->hold_little(); }
  size_t queued_bytes() const override { return pipe_->queued_bytes(); }
  Traffic traffic() const override { return pipe_->traffic(); }

 private:
  std::shared_ptr<SocketPipe> pipe_;
};

}  // namespace

SocketPipe::SocketPipe(EventLoop& loop, std::unique_ptr<Framing> framing, size_t queue_bytes_max)
    : loop_(loop), framing_(std::move(framing)), queue_bytes_max_(queue_bytes_max), timer_(loop) {}

std::shared_ptr<SocketPipe> SocketPipe::create_client(EventLoop& loop, PipeEvents events, routes::StallTimes stall,
                                                      size_t queue_bytes_max, routes::CarriedForm form) {
  std::shared_ptr<SocketPipe> pipe(new SocketPipe(loop, make_framing(form, WebSocket::Role::kClient), queue_bytes_max));
  pipe->events_ = std::move(events);
  pipe->stall_.emplace(stall);
  return pipe;
}

std::shared_ptr<SocketPipe> SocketPipe::create_server(EventLoop& loop, Duration idle, size_t queue_bytes_max,
                                                      routes::CarriedForm form) {
  std::shared_ptr<SocketPipe> pipe(new SocketPipe(loop, make_framing(form, WebSocket::Role::kServer), queue_bytes_max));
  pipe->idle_ = idle;
  pipe->last_received_ = loop.steady_now();
  return pipe;
}

std::unique_ptr<Pipe> SocketPipe::make_handle(std::shared_ptr<SocketPipe> pipe) {
  return std::make_unique<SocketPipeHandle>(std::move(pipe));
}

Bytes SocketPipe::make_early_frame(ByteView bytes) {
  framing_->send(bytes);
  framing_->fill(draw_filling(bytes.size()));
  Bytes frame = to_bytes(framing_->output().view());
  framing_->output().clear();
  return frame;
}

void SocketPipe::attach(std::shared_ptr<TlsSocket> socket, ByteView rest) {
  if (state_ != State::kConnecting) return socket->abort();
  state_ = State::kOpen;
  socket_ = std::move(socket);
  socket_->set_user(weak_from_this());
  socket_->set_reading(reading_);
  if (little_) socket_->limit_unsent(kPipeHeldLittle);
  unattached_end_ = nullptr;
  last_received_ = loop_.steady_now();
  flush_frames();  // answers to early pings
  // Whoever called still stands in the dial's code, so the dial goes later.
  loop_.post([dial = std::exchange(dial_, nullptr)] {});
  if (!waiting_.empty()) {
    framing_->send(std::exchange(waiting_, Bytes()));
    flush_frames();
  }
  arm();
  if (events_.on_open) events_.on_open();
  if (full_ && state_ == State::kOpen) on_room();
  if (!rest.empty() && socket_) on_plain(rest);
}

void SocketPipe::feed_early(ByteView bytes) {
  if (state_ != State::kConnecting || bytes.empty()) return;
  Bytes data;
  const Status status = framing_->feed(bytes, data);
  if (!data.empty() && !silent_ && events_.on_bytes) events_.on_bytes(data);
  if (!status) {
    fail(status.error());
  } else if (framing_->is_closed_by_peer()) {
    fail({kClosedByPeer, "RFC 6455 §7.1.3: the peer has closed"});
  }
}

void SocketPipe::flush_frames() {
  ByteQueue& frames = framing_->output();
  socket_->write(frames.view());
  frames.clear();
}

Status SocketPipe::send(ByteView bytes) {
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
    framing_->send(bytes);
    framing_->fill(draw_filling(bytes.size()));
    flush_frames();
  }
  return {};
}

void SocketPipe::close() {
  if (state_ == State::kConnecting) {
    state_ = State::kClosing;
    loop_.post([weak = weak_from_this()] {
      if (const auto pipe = weak.lock()) pipe->fail(kClosedHere);
    });
  } else if (state_ == State::kOpen) {
    state_ = State::kClosing;
    framing_->close();
    flush_frames();
    socket_->close_after_flush(kClosedHere);
  }
}

void SocketPipe::drop() {
  silent_ = true;
  close();
  timer_.cancel();
  dial_.reset();
}

void SocketPipe::set_reading(bool reading) {
  reading_ = reading;
  if (socket_) socket_->set_reading(reading);
}

void SocketPipe::set_awaiting(bool awaiting) {
  if (!stall_) return;
  stall_->on_awaiting(awaiting, loop_.steady_now());
  arm();
}

void SocketPipe::hold_little() {
  little_ = true;
  queue_bytes_max_ = kPipeHeldLittle;
  if (socket_) socket_->limit_unsent(kPipeHeldLittle);
}

size_t SocketPipe::queued_bytes() const { return waiting_.size() + (socket_ ? socket_->queued() : 0); }

Traffic SocketPipe::traffic() const { return socket_ ? socket_->traffic() : final_traffic_; }

void SocketPipe::on_plain(ByteView bytes) {
  if (state_ != State::kOpen) return;
  Bytes data;
  const Status status = framing_->feed(bytes, data);
  flush_frames();
  if (!data.empty() && !silent_ && events_.on_bytes) events_.on_bytes(data);
  if (state_ != State::kOpen) return;
  if (!status) {
    state_ = State::kClosing;
    socket_->close_after_flush(status.error());
  } else if (framing_->is_closed_by_peer()) {
    state_ = State::kClosing;
    socket_->close_after_flush({kClosedByPeer, "RFC 6455 §7.1.3: the peer has closed"});
  } else if (socket_->queued() > 2 * kPipeQueueBytesMax) {
    // Only answers to pings grow the queue beyond its bound: a peer that asks and never reads.
    fail({kBadWebSocket, "net: the peer sends pings and does not read the pongs"});
  }
}

void SocketPipe::on_room() {
  if (!full_ || state_ != State::kOpen || queued_bytes() > std::min(kPipeDrainedBytes, queue_bytes_max_)) return;
  full_ = false;
  if (!silent_ && events_.on_drained) events_.on_drained();
}

void SocketPipe::on_progress(bool sent) {
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
void SocketPipe::arm() {
  // A dial has its own watch.
  if (state_ == State::kClosed || state_ == State::kConnecting || silent_) return;
  const Instant deadline = stall_ ? stall_->deadline() : last_received_ + idle_;
  if (deadline >= armed_for_) return;
  armed_for_ = deadline;
  timer_.set(deadline - loop_.steady_now(), [this] { on_timer(); });
}

void SocketPipe::on_timer() {
  const auto self = shared_from_this();
  armed_for_ = kNever;
  const Instant now = loop_.steady_now();
  if (stall_) {
    on_stall_timer(now);
  } else if (now >= last_received_ + idle_ && state_ == State::kOpen) {
    state_ = State::kClosing;
    framing_->close();
    flush_frames();
    socket_->close_after_flush({kGenericTimeout, "net: nothing came for the whole pipe_idle"});
  }
  arm();
}

void SocketPipe::on_stall_timer(Instant now) {
  const auto verdict = stall_->on_expiry(now);
  if (verdict == routes::StallWatch::Verdict::kProbe && state_ == State::kOpen) {
    framing_->ping();
    flush_frames();
  } else if (verdict == routes::StallWatch::Verdict::kDead) {
    fail({kGenericTimeout, "architecture, Routes: silence with data outstanding is a dead route"});
  }
}

void SocketPipe::fail(Error error) {
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
