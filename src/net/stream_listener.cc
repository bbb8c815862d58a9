#include "net/stream_listener.h"

#include "net/errors.h"
#include "net/event_loop_impl.h"
#include "net/socket_pipe.h"
#include "net/tls.h"

namespace godwit::net {
namespace {

// When descriptors run out, the kernel's queue waits this long before the next try.
constexpr Duration kAcceptPause = milliseconds(100);

}  // namespace

/// The acceptor. Handlers hold it weakly.
struct StreamListener::Impl : std::enable_shared_from_this<StreamListener::Impl> {
  Impl(EventLoop& owner, AcceptPipe taker, Duration pipe_idle)
      : loop(owner), acceptor(io_of(owner)), on_pipe(std::move(taker)), idle(pipe_idle), pause(owner) {}

  void accept() {
    acceptor.async_accept([weak = weak_from_this()](const asio::error_code& error, asio::ip::tcp::socket socket) {
      const auto self = weak.lock();
      if (!self || error == asio::error::operation_aborted) return;
      if (!error) self->serve(std::move(socket));
      if (!error || error == asio::error::connection_aborted) return self->accept();
      self->pause.set(kAcceptPause, [impl = self.get()] { impl->accept(); });
    });
  }

  void serve(asio::ip::tcp::socket socket) {
    if (*open >= kConnectionsMax) return;
    ++*open;
    std::shared_ptr<void> lease(nullptr, [count = open](void*) { --*count; });
    auto pipe = SocketPipe::create_server(loop, idle, kPipeQueueBytesMax, routes::CarriedForm::kStream);
    Arrival arrival;
    arrival.pipe = SocketPipe::make_handle(pipe);
    arrival.source[15] = 1;  // ::1: whoever it was, he came by a program of ours
    pipe->set_events(on_pipe(std::move(arrival)));
    auto connection = TlsSocket::create(loop, std::move(socket), make_plain_stream(), std::move(lease));
    connection->start(pipe);
    pipe->attach(std::move(connection), {});
  }

  EventLoop& loop;
  asio::ip::tcp::acceptor acceptor;
  AcceptPipe on_pipe;
  Duration idle;
  Timer pause;
  std::shared_ptr<size_t> open = std::make_shared<size_t>(0);
};

Result<std::unique_ptr<StreamListener>> StreamListener::create(EventLoop& loop, uint16_t port, AcceptPipe on_pipe,
                                                               Duration idle) {
  auto impl = std::make_shared<Impl>(loop, std::move(on_pipe), idle);
  const asio::ip::tcp::endpoint endpoint(asio::ip::address_v4::loopback(), port);
  asio::error_code error;
  impl->acceptor.open(endpoint.protocol(), error);
  if (!error) impl->acceptor.set_option(asio::ip::tcp::acceptor::reuse_address(true), error);
  if (!error) impl->acceptor.bind(endpoint, error);
  if (!error) impl->acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error == asio::error::address_in_use) return Error{kAddressInUse, "net: another program listens there"};
  if (error == asio::error::access_denied) return Error{kAddressForbidden, "net: this port needs a permission"};
  if (error) return Error{kSystem, "net: loopback cannot be listened on"};
  impl->accept();
  return std::unique_ptr<StreamListener>(new StreamListener(std::move(impl)));
}

StreamListener::StreamListener(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

StreamListener::~StreamListener() { close(); }

uint16_t StreamListener::port() const {
  asio::error_code error;
  return impl_->acceptor.local_endpoint(error).port();
}

void StreamListener::close() {
  asio::error_code ignored;
  impl_->acceptor.close(ignored);
  impl_->pause.cancel();
}

}  // namespace godwit::net
