#include "net/server_connection.h"

#include <utility>

#include "net/errors.h"
#include "net/upgrade.h"
#include "net/ws_pipe.h"

namespace godwit::net {
namespace {

// As nginx has it: a client that asks for more opens another connection.
constexpr size_t kRequestsPerConnectionMax = 1000;
constexpr size_t kFileChunkBytes = 64 * 1024;
// A client that has sent its first bytes with the upgrade request waits for the session's reply, not for the 101: both in
// one flight save a packet and its acknowledgement. As long as a disk may take to sync, and no more.
constexpr Duration kFirstReplyHold = milliseconds(20);

}  // namespace

ServerConnection::ServerConnection(EventLoop& loop, std::shared_ptr<ServerShared> shared,
                                   std::shared_ptr<TlsSocket> socket, ByteArray<16> source,
                                   std::function<void()> on_end)
    : loop_(loop),
      shared_(std::move(shared)),
      socket_(std::move(socket)),
      source_(source),
      on_end_(std::move(on_end)),
      timer_(loop) {}

void ServerConnection::start() {
  wait(shared_->limits.header_timeout, "net: header_timeout has passed without a whole request");
  socket_->start(weak_from_this());
}

void ServerConnection::abort() {
  ended_ = true;
  timer_.cancel();
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
  ++shared_->counts.handshakes;
  if (socket_->is_resumed()) ++shared_->counts.handshakes_resumed;
}

void ServerConnection::on_plain(ByteView bytes) {
  append(input_, bytes);
  if (replying_ && input_.size() > shared_->limits.header_bytes_max) socket_->set_reading(false);
  serve();
}

void ServerConnection::serve() {
  while (!ended_ && !replying_ && !input_.empty() && serve_one()) {
  }
  if (ended_ || replying_ || input_.empty()) return;
  if (!in_request_) {
    in_request_ = true;
    wait(shared_->limits.header_timeout, "net: header_timeout has passed without a whole request");
  }
}

// True: a request was served.
bool ServerConnection::serve_one() {
  const auto parsed = parse_http_request(input_, shared_->limits.header_bytes_max);
  if (parsed.progress == HttpProgress::kIncomplete) return false;
  ++requests_;
  if (parsed.progress == HttpProgress::kBad) {
    ++shared_->counts.requests;
    reply(shared_->site.error_page(parsed.status, loop_.now(), false));
    return true;
  }
  input_.erase(input_.begin(), input_.begin() + static_cast<ptrdiff_t>(parsed.consumed));
  const HttpRequest& request = parsed.message;
  if (request.path() == shared_->websocket_path && is_websocket_upgrade(request)) {
    upgrade(request);
    return true;
  }
  ++shared_->counts.requests;
  reply(shared_->site.answer(request, loop_.now()));
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

void ServerConnection::upgrade(const HttpRequest& request) {
  ended_ = true;
  timer_.cancel();
  ++shared_->counts.pipes;
  const auto keep = shared_from_this();
  const auto pipe = WsPipe::create_server(loop_, shared_->limits.pipe_idle);
  socket_->write(as_bytes(upgrade_response(request)));
  if (!input_.empty()) socket_->hold(kFirstReplyHold);
  pipe->set_events(shared_->on_pipe({WsPipe::make_handle(pipe), source_}));
  pipe->attach(socket_, input_);
  on_end_();
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

void ServerConnection::on_socket_closed(Error) {
  const auto keep = shared_from_this();
  ended_ = true;
  timer_.cancel();
  on_end_();
}

std::string ServerConnection::plain_http_reply() { return shared_->site.error_page(400, loop_.now(), false).bytes; }

}  // namespace godwit::net
