#include "net/splice.h"

#include <utility>

#include "net/errors.h"
#include "net/tls.h"

namespace godwit::net {
namespace {

// What waits for a side that does not read, before the other side is not read any more.
constexpr size_t kWaitingBytesMax = 128 * 1024;

}  // namespace

Splice::Splice(EventLoop& loop, std::function<void()> on_end)
    : loop_(loop), on_end_(std::move(on_end)), raw_(io_of(loop)) {}

Splice::~Splice() { abort(); }

std::shared_ptr<Splice> Splice::create(EventLoop& loop, const asio::ip::tcp::endpoint& upstream,
                                       std::function<void()> on_end) {
  std::shared_ptr<Splice> splice(new Splice(loop, std::move(on_end)));
  splice->raw_.async_connect(upstream, [weak = splice->weak_from_this()](const asio::error_code& error) {
    const auto self = weak.lock();
    if (!self || !self->on_end_) return;
    if (error) return self->end(self->server_, error_of(error));
    self->on_connected();
  });
  return splice;
}

void Splice::on_connected() {
  server_.socket = TlsSocket::create(loop_, std::move(raw_), make_plain_stream(), nullptr);
  server_.socket->start(user(server_));
  server_.socket->write(std::exchange(waiting_, Bytes()));
  if (client_finished_) server_.socket->finish_sending();
  if (client_.socket) client_.socket->set_reading(true);
}

void Splice::take(std::shared_ptr<TlsSocket> client, ByteView first) {
  client_.socket = std::move(client);
  client_.socket->set_user(user(client_));
  client_.socket->set_reading(true);
  if (!first.empty()) client_.on_plain(first);
}

void Splice::abort() {
  on_end_ = nullptr;
  asio::error_code ignored;
  raw_.close(ignored);
  if (client_.socket) client_.socket->abort();
  if (server_.socket) server_.socket->abort();
}

void Splice::Side::on_plain(ByteView bytes) {
  Side& target = splice.other(*this);
  if (target.socket) {
    target.socket->write(bytes);
    if (target.socket->queued() > kWaitingBytesMax) socket->set_reading(false);
  } else {  // the server is not connected yet: only the client can have said something
    append(splice.waiting_, bytes);
    if (splice.waiting_.size() > kWaitingBytesMax) socket->set_reading(false);
  }
}

void Splice::Side::on_room() {
  if (const auto& source = splice.other(*this).socket) source->set_reading(true);
}

// A client that has said all may still wait for the answer; a web server that has finished has closed.
bool Splice::Side::on_peer_finished() {
  if (this != &splice.client_) return false;
  splice.client_finished_ = true;
  if (splice.server_.socket) splice.server_.socket->finish_sending();
  return true;
}

void Splice::Side::on_socket_closed(Error error) { splice.end(*this, error); }

void Splice::end(Side& ended, Error error) {
  const auto keep = shared_from_this();
  ended.socket.reset();
  Side& left = other(ended);
  const auto socket = left.socket;
  const bool wait_for_client = &left == &client_ && socket && error.code != kConnectionReset;
  if (wait_for_client) {
    // What the server has said still leaves; then this is called for the client's side.
    server_.socket.reset();
    socket->close_after_flush(error);
    return;
  }
  left.socket.reset();
  if (socket && error.code == kConnectionReset) {
    socket->reset();
  } else if (socket) {
    socket->abort();
  }
  if (const auto on_end = std::exchange(on_end_, nullptr)) on_end();
}

}  // namespace godwit::net
