#include "net/splice.h"

#include <utility>

#include "net/errors.h"
#include "net/tls.h"

namespace godwit::net {

Splice::Splice(EventLoop& loop, SpliceOptions options, std::function<void()> on_end)
    : loop_(loop), options_(std::move(options)), on_end_(std::move(on_end)), idle_(loop), raw_(io_of(loop)) {}

Splice::~Splice() { abort(); }

std::shared_ptr<Splice> Splice::create(EventLoop& loop, const asio::ip::tcp::endpoint& upstream, SpliceOptions options,
                                       std::function<void()> on_end) {
  const uint32_t receive_buffer = options.receive_buffer;
  const Duration idle = options.idle;
  std::shared_ptr<Splice> splice(new Splice(loop, std::move(options), std::move(on_end)));
  if (receive_buffer != 0) {  // before it connects, since that settles the window
    asio::error_code ignored;
    splice->raw_.open(upstream.protocol(), ignored);
    splice->raw_.set_option(asio::socket_base::receive_buffer_size(static_cast<int>(receive_buffer)), ignored);
  }
  splice->moved_ = loop.steady_now();
  if (idle != Duration{}) splice->watch(idle);
  splice->raw_.async_connect(upstream, [weak = splice->weak_from_this()](const asio::error_code& error) {
    const auto self = weak.lock();
    if (!self || !self->on_end_) return;
    if (error) return self->end(self->server_, error_of(error));
    self->on_connected();
  });
  return splice;
}

// Until then nothing has to be looked at.
void Splice::watch(Duration time) {
  idle_.set(time, [this] {
    const Duration still = loop_.steady_now() - moved_;
    if (still < options_.idle) return watch(options_.idle - still);
    const auto keep = shared_from_this();
    const auto on_end = std::exchange(on_end_, nullptr);
    abort();
    if (on_end) on_end();
  });
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
  if (options_.unsent_bytes_max != 0) client_.socket->limit_unsent(options_.unsent_bytes_max);
  if (!first.empty()) client_.on_plain(first);
}

void Splice::abort() {
  on_end_ = nullptr;
  idle_.cancel();
  asio::error_code ignored;
  raw_.close(ignored);
  if (client_.socket) client_.socket->abort();
  if (server_.socket) server_.socket->abort();
}

void Splice::Side::on_plain(ByteView bytes) {
  Side& target = splice.other(*this);
  if (auto& hear = splice.options_.hear_server; this == &splice.server_ && hear && !hear(bytes)) hear = nullptr;
  if (target.socket) {
    target.socket->write(bytes);
    if (target.socket->queued() > splice.options_.waiting_bytes_max) socket->set_reading(false);
  } else {  // the server is not connected yet: only the client can have said something
    append(splice.waiting_, bytes);
    if (splice.waiting_.size() > splice.options_.waiting_bytes_max) socket->set_reading(false);
  }
}

void Splice::Side::on_room() {
  if (const auto& source = splice.other(*this).socket) source->set_reading(true);
}

// A client that has said all may still wait for the answer; a web server that has finished has closed.
bool Splice::Side::on_peer_finished() {
  if (this != &splice.client_ || splice.options_.ends_with_client) return false;
  splice.client_finished_ = true;
  if (splice.server_.socket) splice.server_.socket->finish_sending();
  return true;
}

void Splice::Side::on_progress(bool) { splice.moved_ = splice.loop_.steady_now(); }

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
  idle_.cancel();
  if (const auto on_end = std::exchange(on_end_, nullptr)) on_end();
}

}  // namespace godwit::net
