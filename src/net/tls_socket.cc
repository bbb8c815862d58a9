#include "net/tls_socket.h"

#include <utility>

#include "net/errors.h"

namespace godwit::net {
namespace {

// Plaintext encrypted ahead of the kernel: enough for one large write, little enough that a slow peer's queue stays plain.
constexpr size_t kEncryptedAhead = 64 * 1024;
// Full reads in one turn before others get theirs.
constexpr int kReadsPerTurn = 4;

// Where nine packets of ten are dropped, what is repeated after 0.2, 0.4, 0.8 ... seconds comes too late. With few packets on
// their way the first six repetitions keep their distance (tcp(7)). Systems that cannot do it go on as they do.
void repeat_steadily(asio::ip::tcp::socket& socket) {
  const int on = 1;
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS, &on, sizeof on);
}

}  // namespace

Error error_of(const asio::error_code& error) {
  namespace e = asio::error;
  if (error == e::connection_refused) return {kConnectionRefused, "RFC 9293 §3.10.7.3: the host refused"};
  if (error == e::connection_reset || error == e::broken_pipe || error == e::connection_aborted) {
    return {kConnectionReset, "RFC 9293 §3.10.7.4: the connection was reset"};
  }
  if (error == e::host_unreachable) return {kHostUnreachable, "RFC 1122 §3.2.2.1: host unreachable"};
  if (error == e::network_unreachable) return {kNetworkUnreachable, "RFC 1122 §3.2.2.1: network unreachable"};
  if (error == e::timed_out) return {kGenericTimeout, "RFC 9293 §3.8.3: nothing was acknowledged in time"};
  if (error == e::eof) return {kEof, "net: the peer has closed the connection"};
  return {kUnknownFailure, "net: the system gave another error"};
}

std::shared_ptr<TlsSocket> TlsSocket::create(EventLoop& loop, asio::ip::tcp::socket socket,
                                             std::unique_ptr<TlsStream> tls, std::shared_ptr<void> lease) {
  return std::shared_ptr<TlsSocket>(new TlsSocket(loop, std::move(socket), std::move(tls), std::move(lease)));
}

TlsSocket::TlsSocket(EventLoop& loop, asio::ip::tcp::socket socket, std::unique_ptr<TlsStream> tls,
                     std::shared_ptr<void> lease)
    : loop_(loop), socket_(std::move(socket)), tls_(std::move(tls)), lease_(std::move(lease)), timer_(loop) {}

TlsSocket::~TlsSocket() = default;

void TlsSocket::start(std::weak_ptr<TlsSocketUser> user) {
  user_ = std::move(user);
  asio::error_code error;
  socket_.non_blocking(true, error);
  if (!error) socket_.set_option(asio::ip::tcp::no_delay(true), error);
  repeat_steadily(socket_);
  if (error || !tls_->start()) {
    close_after_flush({kUnknownFailure, "net: the connection could not begin"});
    return;
  }
  if (!tls_->output().empty()) schedule_flush();
  if (tls_->is_open()) {
    loop_.post([self = shared_from_this()] { self->deliver({}); });
  }
  wait_readable();
}

void TlsSocket::write(ByteView plain) {
  if (closing_ || finishing_ || plain.empty()) return;
  plain_.append(plain);
  if (held_) {
    held_ = false;
    timer_.cancel();
  }
  schedule_flush();
}

void TlsSocket::hold(Duration time) {
  if (closing_) return;
  held_ = true;
  timer_.set(time, [self = weak_from_this()] {
    const auto socket = self.lock();
    if (!socket) return;
    socket->held_ = false;
    socket->flush();
  });
}

void TlsSocket::limit_unsent(uint32_t bytes) {
  ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, sizeof bytes);
}

void TlsSocket::finish_sending() {
  if (closing_ || finishing_) return;
  finishing_ = true;
  held_ = false;
  schedule_flush();
}

void TlsSocket::set_reading(bool reading) {
  reading_ = reading;
  if (reading_) wait_readable();
}

void TlsSocket::close_after_flush(Error reason) {
  if (closing_) return;
  closing_ = true;
  held_ = false;
  reason_ = reason;
  linger();
  wait_readable();
  schedule_flush();
}

// As long as something still leaves, the end waits.
void TlsSocket::linger() {
  timer_.set(kLingerTime, [self = shared_from_this()] {
    if (!self->flushed_) return self->fail(self->reason_);
    self->close_now();
  });
}

void TlsSocket::abort() {
  user_.reset();
  close_now();
}

void TlsSocket::reset() {
  asio::error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  abort();
}

// The peer's side has ended, by TLS or by TCP.
void TlsSocket::peer_finished(Error error) {
  const auto user = user_.lock();
  if (user && !closing_ && !std::exchange(peer_finished_, true) && user->on_peer_finished()) return;
  // What is queued may still be wanted: a client that asks and closes its side at once.
  close_after_flush(error);
}

void TlsSocket::close_now() {
  closing_ = true;
  timer_.cancel();
  asio::error_code ignored;
  socket_.close(ignored);
  lease_.reset();
}

void TlsSocket::fail(Error error) {
  const auto user = user_.lock();
  user_.reset();
  const bool told = flushed_;
  close_now();
  if (user && !told) user->on_socket_closed(error);
}

void TlsSocket::wait_readable() {
  if (waiting_readable_ || eof_ || !socket_.is_open()) return;
  if (!reading_ && !closing_) return;
  waiting_readable_ = true;
  socket_.async_wait(asio::ip::tcp::socket::wait_read, [self = shared_from_this()](const asio::error_code& error) {
    self->waiting_readable_ = false;
    if (!error && self->socket_.is_open()) self->on_readable();
  });
}

void TlsSocket::on_readable() {
  for (int i = 0; i < kReadsPerTurn; ++i) {
    if (!read_once()) break;
  }
  wait_readable();
}

// One read and what follows from it. True: the buffer was full, there may be more.
bool TlsSocket::read_once() {
  if (!socket_.is_open() || eof_ || (!reading_ && !closing_)) return false;
  Bytes& buffer = loop_.impl().read_buffer;
  asio::error_code error;
  const size_t count = socket_.read_some(asio::buffer(buffer), error);
  if (error == asio::error::would_block || error == asio::error::interrupted) return false;
  ++traffic_.reads;
  traffic_.bytes_read += count;
  if (error == asio::error::eof) {
    eof_ = true;
    if (flushed_) {
      close_now();
    } else if (!peer_finished_) {
      peer_finished(error_of(error));
    }
    return false;
  }
  if (error) {
    fail(closing_ ? reason_ : error_of(error));
    return false;
  }
  // While closing, what still comes is read only so that the kernel does not answer it with a reset.
  if (!closing_) deliver(ByteView(buffer).first(count));
  return count == buffer.size();
}

void TlsSocket::deliver(ByteView cipher) {
  const auto user = user_.lock();
  if (!user) return abort();
  if (!cipher.empty()) user->on_progress(false);
  Bytes& plain = loop_.impl().plain_buffer;
  plain.clear();
  const Status status = tls_->feed(cipher, plain);
  if (!tls_->output().empty()) schedule_flush();
  if (tls_->is_open() && !secure_told_) {
    secure_told_ = true;
    user->on_secure();
  }
  if (!plain.empty() && !closing_) {
    if (const auto reader = user_.lock()) reader->on_plain(plain);
  }
  if (!status) {
    if (status.error().code == kBadHttp) tls_->output().append(as_bytes(user->plain_http_reply()));
    close_after_flush(status.error());
  } else if (tls_->is_finished_by_peer() && !peer_finished_) {
    peer_finished({kEof, "RFC 8446 §6.1: the peer has closed the TLS connection"});
  }
}

void TlsSocket::schedule_flush() {
  if (flush_scheduled_ || waiting_writable_) return;
  flush_scheduled_ = true;
  loop_.post([self = shared_from_this()] {
    self->flush_scheduled_ = false;
    self->flush();
  });
}

// Encrypts what may be; false: TLS refuses to.
bool TlsSocket::encrypt_more() {
  if (!tls_->is_open()) return true;
  while (!plain_.empty() && tls_->output().size() < kEncryptedAhead) {
    const ByteView next = plain_.view().first(std::min(plain_.size(), kEncryptedAhead));
    if (!tls_->write(next)) return false;
    plain_.consume(next.size());
  }
  return true;
}

void TlsSocket::flush() {
  if (held_ || waiting_writable_ || !socket_.is_open() || flushed_) return;
  const bool was_closing = closing_;
  bool progress = false;
  while (true) {
    if (!encrypt_more()) {
      if (!closing_) return fail({kSslBrokenRecord, "RFC 8446 §6.2: nothing is written after a fatal alert"});
      plain_.clear();  // the alert itself still goes out
    }
    // Whoever has ended his side reads no goodbye, and nginx, like whom we want to look, sends him none.
    const bool peer_gone = eof_ || tls_->is_finished_by_peer();
    if ((closing_ || finishing_) && plain_.empty() && !peer_gone) tls_->finish();
    ByteQueue& out = tls_->output();
    if (out.empty()) break;
    asio::error_code error;
    const ByteView view = out.view();
    const size_t count = socket_.write_some(asio::buffer(view.data(), view.size()), error);
    if (error == asio::error::would_block || error == asio::error::interrupted) {
      wait_writable();
      break;
    }
    if (error) return fail(closing_ ? reason_ : error_of(error));
    ++traffic_.writes;
    traffic_.bytes_written += count;
    out.consume(count);
    progress = true;
  }
  if (finishing_ && !sent_end_ && plain_.empty() && tls_->output().empty() && !waiting_writable_) {
    sent_end_ = true;
    asio::error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  }
  if (progress && closing_) linger();
  const auto user = user_.lock();
  if (progress && user) {
    user->on_progress(true);
    if (queued() <= kPipeDrainedBytes && !closing_) user->on_room();
  }
  // Only what was closing before the calls above has sent everything: they may have written and closed.
  if (was_closing && !waiting_writable_ && tls_->output().empty()) on_flushed();
}

void TlsSocket::wait_writable() {
  waiting_writable_ = true;
  socket_.async_wait(asio::ip::tcp::socket::wait_write, [self = shared_from_this()](const asio::error_code& error) {
    self->waiting_writable_ = false;
    if (!error) self->flush();
  });
}

// Everything was sent: the user is told, and the socket waits a little for the peer to close in turn.
void TlsSocket::on_flushed() {
  if (flushed_) return;
  flushed_ = true;
  const auto user = user_.lock();
  user_.reset();
  if (eof_) {
    close_now();
  } else {
    asio::error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  }
  if (user) user->on_socket_closed(reason_);
}

}  // namespace godwit::net
