#include "net/server_connection.h"

#include <algorithm>
#include <utility>

#include "net/errors.h"
#include "net/stun_start.h"
#include "net/upgrade.h"

namespace godwit::net {
namespace {

// As nginx has it: a client that asks for more opens another connection.
constexpr size_t kRequestsPerConnectionMax = 1000;
constexpr size_t kFileChunkBytes = 64 * 1024;
// A client that has sent its first bytes with the upgrade request waits for the session's reply, not for the 101: both in
// one flight save a packet and its acknowledgement. As long as a disk may take to sync, and no more.
constexpr Duration kFirstReplyHold = milliseconds(20);

// What waits for a call's client must be little: late media are worth nothing, and a TURN server drops what its client does not take,
// as a network would, only if it sees that.
SpliceOptions call_splice(Duration idle) {
  SpliceOptions options;
  options.waiting_bytes_max = 32 * 1024;
  options.unsent_bytes_max = 32 * 1024;
  options.receive_buffer = 32 * 1024;
  options.ends_with_client = true;
  options.idle = idle;
  return options;
}

}  // namespace

ServerConnection::ServerConnection(EventLoop& loop, std::shared_ptr<ServerShared> shared,
                                   std::shared_ptr<TlsSocket> socket, ByteArray<16> source,
                                   std::shared_ptr<void> waiting, std::function<void()> on_end)
    : loop_(loop),
      shared_(std::move(shared)),
      socket_(std::move(socket)),
      source_(source),
      waiting_(std::move(waiting)),
      on_end_(std::move(on_end)),
      timer_(loop) {}

void ServerConnection::start() {
  wait(shared_->limits.header_timeout, "net: header_timeout has passed without a whole request");
  socket_->start(weak_from_this());
}

void ServerConnection::abort() {
  ended_ = true;
  timer_.cancel();
  if (splice_) splice_->abort();
  if (asked_) {
    // Its taker may stand above us in the stack.
    asked_->pipe->on_unattached_end(nullptr);
    loop_.post([pipe = asked_->pipe] { pipe->fail({kClosedByUs, "net: the listener was closed"}); });
  }
  socket_->abort();
}

void ServerConnection::wait(Duration time, const char* rule) {
  timer_.set(time, [this, rule] {
    const Error error{kGenericTimeout, rule};
    // A peer that takes nothing takes no goodbye either.
    if (replying_) return cut(error);
    close(error);
  });
}

void ServerConnection::on_secure() {
  secure_ = true;
  ++shared_->counts.handshakes;
  if (socket_->is_resumed()) ++shared_->counts.handshakes_resumed;
  if (!shared_->site_upstream) return;
  // A stranger's time is measured by the site's server from here on. A client of ours has sent his request together with
  // the end of the handshake, and costs that server nothing.
  loop_.post([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self && !self->ended_ && !self->asked_ && !self->splice_) self->begin_splice();
  });
}

void ServerConnection::on_plain(ByteView bytes) {
  append(input_, bytes);
  if (asked_) {
    if (input_.size() > kEarlyBytesMax) socket_->set_reading(false);
    const auto keep = shared_from_this();
    const auto pipe = asked_->pipe;
    pipe->feed_early(bytes);
    return;
  }
  if (replying_ && input_.size() > shared_->limits.header_bytes_max) socket_->set_reading(false);
  serve();
}

void ServerConnection::serve() {
  while (!ended_ && !replying_ && !asked_ && !input_.empty() && serve_one()) {
  }
  if (ended_ || replying_ || asked_ || input_.empty()) return;
  if (!in_request_) {
    in_request_ = true;
    wait(shared_->limits.header_timeout, "net: header_timeout has passed without a whole request");
  }
}

// True: a request was served.
bool ServerConnection::serve_one() {
  if (requests_ == 0 && shared_->call_relays.is_open(loop_.now())) {
    const StunStart start = stun_start(input_);
    if (start == StunStart::kMore) return false;
    if (start == StunStart::kYes && pass_to_call_relay()) return true;
  }
  if (shared_->site_upstream && !may_become_upgrade()) {
    pass_to_upstream();
    return true;
  }
  auto parsed = parse_http_request(input_, shared_->limits.header_bytes_max);
  if (parsed.progress == HttpProgress::kIncomplete) return false;
  ++requests_;
  if (parsed.progress == HttpProgress::kDone && is_websocket_upgrade(parsed.message)) {
    if (const auto path = our_path(parsed.message)) {
      upgrade(std::move(parsed), *path);
      return true;
    }
  }
  if (shared_->site_upstream) {
    pass_to_upstream();
    return true;
  }
  ++shared_->counts.requests;
  if (parsed.progress == HttpProgress::kBad) {
    reply(shared_->site.error_page(parsed.status, loop_.now(), false));
    return true;
  }
  input_.erase(input_.begin(), input_.begin() + static_cast<ptrdiff_t>(parsed.consumed));
  reply(shared_->site.answer(parsed.message, loop_.now()));
  return true;
}

void ServerConnection::reply(SiteReply answer) {
  in_request_ = false;
  keep_alive_ = answer.keep_alive && requests_ < kRequestsPerConnectionMax;
  file_ = std::move(answer.file);
  socket_->write(as_bytes(answer.bytes));
  replying_ = true;
  wait(shared_->limits.write_timeout, "net: write_timeout has passed and the peer took nothing");
  send_more();
}

// Fills the socket's queue from the file; at the file's end the reply is done, as far as this side goes.
void ServerConnection::send_more() {
  while (file_ && file_->left() != 0 && socket_->queued() <= kPipeDrainedBytes) {
    Bytes chunk;
    if (!file_->read(chunk, kFileChunkBytes)) {
      // The head has promised more bytes: only a cut tells that they do not come.
      return cut({kUnknownFailure, "RFC 9112 §6.3: the file became shorter while it was sent"});
    }
    socket_->write(chunk);
  }
  if (file_ && file_->left() != 0) return;
  file_.reset();
  if (!keep_alive_) return close({kClosedByUs, "RFC 9112 §9.6: the response was the last"});
}

void ServerConnection::on_room() {
  if (!replying_ || ended_) return;
  if (file_) {
    send_more();
    return;
  }
  if (socket_->queued() != 0) return;
  replying_ = false;
  wait(shared_->limits.keep_alive, "net: keep_alive has passed without a request");
  socket_->set_reading(true);
  serve();
}

void ServerConnection::on_progress(bool sent) {
  if (sent && replying_ && !ended_) {
    wait(shared_->limits.write_timeout, "net: write_timeout has passed and the peer took nothing");
  }
}

// Which of the WebSocket paths the request names. The time it takes tells nothing about how much of a path was guessed.
std::optional<size_t> ServerConnection::our_path(const HttpRequest& request) const {
  std::optional<size_t> found;
  const std::string_view asked = request.path();
  for (size_t i = 0; i < shared_->websocket_paths.size(); ++i) {
    const std::string& path = shared_->websocket_paths[i];
    unsigned difference = asked.size() == path.size() ? 0 : 1;
    for (size_t at = 0; at < std::min(asked.size(), path.size()); ++at) {
      difference |= static_cast<unsigned>(static_cast<unsigned char>(asked[at]) ^ static_cast<unsigned char>(path[at]));
    }
    if (difference == 0) found = i;
  }
  return found;
}

// Whether the bytes so far can still grow into an upgrade of ours: if not, the site's server has them at once, so that
// its answers come when they would without us.
bool ServerConnection::may_become_upgrade() const {
  for (const std::string& path : shared_->websocket_paths) {
    const std::string line = "GET " + path;
    const size_t shared_size = std::min(line.size(), input_.size());
    if (std::equal(line.begin(), line.begin() + static_cast<ptrdiff_t>(shared_size), input_.begin(),
                   [](char a, uint8_t b) { return static_cast<uint8_t>(a) == b; })) {
      return true;
    }
  }
  return false;
}

void ServerConnection::begin_splice() {
  timer_.cancel();
  splice_ = Splice::create(loop_, *shared_->site_upstream, {}, [this] {
    const auto keep = shared_from_this();
    if (asked_) return splice_.reset();
    // The site's server has ended it before a word was passed on, or both sides are done.
    if (!ended_) socket_->close_after_flush({kEof, "net: the site's server has closed"});
    if (std::exchange(ended_, true)) on_end_();
  });
}

void ServerConnection::pass_to_upstream() {
  if (!splice_) begin_splice();
  ended_ = true;  // for everything but the splice
  ++shared_->counts.requests;
  splice_->take(socket_, std::exchange(input_, Bytes()));
}

// False: it is full, and the caller is a stranger like any other.
bool ServerConnection::pass_to_call_relay() {
  call_place_ = shared_->call_relays.take(source_);
  if (!call_place_) {
    ++shared_->counts.relays_refused;
    return false;
  }
  ++shared_->counts.relays;
  waiting_.reset();
  timer_.cancel();
  if (const auto unused = std::exchange(splice_, nullptr)) unused->abort();
  ended_ = true;  // for everything but the splice
  const CallRelay& relay = shared_->call_relays.relay();
  const asio::ip::tcp::endpoint server(asio::ip::address_v4::loopback(), relay.port);
  SpliceOptions options = call_splice(relay.idle);
  options.hear_server = [this, ear = AllocateEar()](ByteView bytes) mutable {
    const bool more = ear.hear(bytes);
    if (ear.heard()) {
      timer_.cancel();
      call_place_->prove();
    }
    return more;
  };
  splice_ = Splice::create(loop_, server, std::move(options), [this] { on_end_(); });
  timer_.set(relay.stranger, [this] {
    const auto keep = shared_from_this();
    splice_->abort();
    on_end_();
  });
  splice_->take(socket_, std::exchange(input_, Bytes()));
  return true;
}

void ServerConnection::upgrade(HttpParsed<HttpRequest> parsed, size_t path) {
  timer_.cancel();
  if (const auto unused = std::exchange(splice_, nullptr)) unused->abort();
  const auto keep = shared_from_this();
  const auto head_end = input_.begin() + static_cast<ptrdiff_t>(parsed.consumed);
  const auto pipe = SocketPipe::create_server(loop_, shared_->limits.pipe_idle, shared_->limits.pipe_queue_bytes_max);
  asked_ = Asked{std::move(parsed.message), Bytes(input_.begin(), head_end), pipe};
  input_.erase(input_.begin(), head_end);
  Arrival arrival{SocketPipe::make_handle(pipe), source_, path, {}};
  if (!shared_->answer_later) {
    pipe->set_events(shared_->on_pipe(std::move(arrival)));
    accept_upgrade();
    return;
  }
  arrival.accept = [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self && self->asked_ && !self->ended_) self->accept_upgrade();
  };
  pipe->on_unattached_end([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self && self->asked_ && !self->ended_) self->refuse_upgrade();
  });
  timer_.set(shared_->limits.header_timeout, [pipe] {
    pipe->fail({kGenericTimeout, "net: header_timeout has passed without an answer to an upgrade"});
  });
  pipe->set_events(shared_->on_pipe(std::move(arrival)));
  pipe->feed_early(Bytes(input_));  // a copy: a refusal answers from the whole of it
}

void ServerConnection::accept_upgrade() {
  ended_ = true;
  timer_.cancel();
  waiting_.reset();
  ++shared_->counts.pipes;
  const auto keep = shared_from_this();
  const Asked asked = std::move(*asked_);
  asked_.reset();
  socket_->write(as_bytes(upgrade_response(asked.request)));
  if (!input_.empty()) socket_->hold(kFirstReplyHold);
  asked.pipe->attach(socket_, shared_->answer_later ? ByteView() : ByteView(input_));
  on_end_();
}

// The site answers as if nobody had ever listened at that path.
void ServerConnection::refuse_upgrade() {
  const Asked asked = std::move(*asked_);
  asked_.reset();
  if (shared_->site_upstream) {
    input_.insert(input_.begin(), asked.head.begin(), asked.head.end());
    pass_to_upstream();
    return;
  }
  ++shared_->counts.requests;
  reply(shared_->site.answer(asked.request, loop_.now()));
}

void ServerConnection::close(Error reason) {
  timer_.cancel();
  ended_ = true;
  socket_->close_after_flush(reason);
}

void ServerConnection::cut(Error reason) {
  const auto keep = shared_from_this();
  socket_->abort();
  on_socket_closed(reason);
}

void ServerConnection::on_socket_closed(Error error) {
  const auto keep = shared_from_this();
  if (!std::exchange(secure_, true)) ++shared_->counts.handshakes_failed;
  ended_ = true;
  timer_.cancel();
  if (splice_) splice_->abort();
  if (asked_) {
    asked_->pipe->on_unattached_end(nullptr);
    asked_->pipe->fail(error);
  }
  on_end_();
}

std::string ServerConnection::plain_http_reply() { return shared_->site.error_page(400, loop_.now(), false).bytes; }

}  // namespace godwit::net
