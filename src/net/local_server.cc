#include "net/local_server.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <utility>

#include "net/byte_queue.h"
#include "net/errors.h"
#include "net/event_loop_impl.h"

namespace godwit::net {
namespace {

using Local = asio::local::stream_protocol;
using Tcp = asio::ip::tcp;
using Socket = asio::generic::stream_protocol::socket;

// When descriptors run out, the kernel's queue waits this long before the next try.
constexpr Duration kAcceptPause = milliseconds(100);
// A program that is to be closed takes the rest in this time.
constexpr Duration kLastWords = seconds(5);

bool fits(const std::string& path) { return !path.empty() && path.size() < sizeof(sockaddr_un::sun_path); }

bool has_event(Socket& socket, int events) {
  pollfd look{socket.native_handle(), POLLPRI, 0};
  return ::poll(&look, 1, 0) == 1 && (look.revents & events) != 0;
}
// True if the other side has closed its socket, and not only said that nothing more comes.
bool is_gone(Socket& socket) { return has_event(socket, POLLHUP | POLLERR); }

struct Connection {
  Connection(EventLoop& loop, Socket from) : socket(std::move(from)), timer(loop) {}

  Socket socket;
  Timer timer;
  ByteQueue queue;
  Bytes held;            // that asio is writing
  size_t piece_max = 0;  // the longest of what waits
  bool ended = false;    // nothing more comes
  bool nobody = false;   // reads what is sent
  bool closing = false;
  bool gone = false;
};

}  // namespace

/// The acceptors and connections. Handlers hold it weakly, and a connection strongly.
struct LocalServer::Impl : std::enable_shared_from_this<LocalServer::Impl> {
  Impl(EventLoop& owner, Events wanted)
      : loop(owner), local(io_of(owner)), tcp(io_of(owner)), events(std::move(wanted)), pause(owner) {}

  template <typename Acceptor>
  void accept(Acceptor& acceptor) {
    auto socket = std::make_shared<Socket>(io_of(loop));
    acceptor.async_accept(*socket, [weak = weak_from_this(), socket, &acceptor](const asio::error_code& error) {
      const auto self = weak.lock();
      if (!self || error == asio::error::operation_aborted) return;
      if (!error) self->open(std::move(*socket));
      if (!error || error == asio::error::connection_aborted) return self->accept(acceptor);
      self->pause.set(kAcceptPause, [impl = self.get(), &acceptor] { impl->accept(acceptor); });
    });
  }

  void open(Socket socket) {
    if (connections.size() >= kConnectionsMax) return;
    asio::error_code error;
    socket.non_blocking(true, error);
    if (error) return;
    const ConnectionId id = next_id++;
    connections.emplace(id, std::make_shared<Connection>(loop, std::move(socket)));
    events.on_open(id);
    watch(id);
    read(id);
  }

  // From the beginning: that the other side is gone is reported once. What it has said before is still taken.
  void watch(ConnectionId id) {
    const auto one = find(id);
    if (!one) return;
    one->socket.async_wait(Socket::wait_error, [weak = weak_from_this(), one, id](const asio::error_code& error) {
      const auto self = weak.lock();
      if (!self || one->gone || error) return;
      // What was meant for a socket that had this number before comes here too.
      if (!has_event(one->socket, POLLHUP | POLLERR | POLLPRI)) return self->watch(id);
      one->nobody = true;
      // Otherwise it has sent urgent data, which would be reported for ever.
      if (one->ended || !is_gone(one->socket)) self->drop(id, *one);
    });
  }

  std::shared_ptr<Connection> find(ConnectionId id) {
    const auto found = connections.find(id);
    return found == connections.end() || found->second->gone ? nullptr : found->second;
  }

  void read(ConnectionId id) {
    const auto one = find(id);
    if (!one) return;
    one->socket.async_wait(Socket::wait_read, [weak = weak_from_this(), one, id](const asio::error_code& error) {
      const auto self = weak.lock();
      if (self && !one->gone) self->take(id, *one, error);
    });
  }

  void take(ConnectionId id, Connection& one, const asio::error_code& failed) {
    if (failed) return drop(id, one);
    asio::error_code error;
    Bytes& buffer = loop.impl().read_buffer;
    const size_t count = one.socket.read_some(asio::buffer(buffer), error);
    if (error == asio::error::would_block || error == asio::error::interrupted) return read(id);
    if (error == asio::error::eof) return take_end(id, one);
    if (error) return drop(id, one);
    // A copy, because the callback may use sockets, which read into the same buffer. What is said to one that is being
    // closed is read and thrown away: closing with bytes unread would reset what it has still to read.
    const Bytes chunk(buffer.begin(), buffer.begin() + static_cast<ptrdiff_t>(count));
    if (!one.closing) events.on_bytes(id, chunk);
    read(id);
  }

  void take_end(ConnectionId id, Connection& one) {
    one.ended = true;
    if (!one.closing) events.on_end(id);
    if (one.nobody || is_gone(one.socket)) drop(id, one);
  }

  bool send(ConnectionId id, ByteView bytes) {
    const auto one = find(id);
    if (!one || one->closing) return true;
    const size_t waits = one->queue.size() + one->held.size();
    // A long answer must not end one that is in the middle of reading it.
    if (waits > kQueueBytesMax + one->piece_max) return false;
    one->piece_max = std::max(waits == 0 ? 0 : one->piece_max, bytes.size());
    one->queue.append(bytes);
    write(id, one);
    return true;
  }

  void write(ConnectionId id, const std::shared_ptr<Connection>& one) {
    if (one->gone || !one->held.empty()) return;
    if (one->queue.empty()) {
      if (one->closing) return drop(id, *one);
      if (events.on_room) events.on_room(id);
      return;
    }
    const ByteView next = one->queue.view();
    one->held.assign(next.begin(), next.end());
    one->queue.clear();
    asio::async_write(one->socket, asio::buffer(one->held),
                      [weak = weak_from_this(), one, id](const asio::error_code& error, size_t) {
                        const auto self = weak.lock();
                        if (!self || one->gone) return;
                        one->held = Bytes();
                        error ? self->drop(id, *one) : self->write(id, one);
                      });
  }

  void close(ConnectionId id, ByteView last_words) {
    const auto one = find(id);
    if (!one || one->closing) return;
    one->closing = true;
    one->queue.append(last_words);
    one->timer.set(kLastWords, [impl = this, id] {
      if (const auto late = impl->find(id)) impl->drop(id, *late);
    });
    write(id, one);
  }

  // It is closed now, and told of soon: whoever called may be in the middle of something.
  void drop(ConnectionId id, Connection& one) {
    if (std::exchange(one.gone, true)) return;
    one.timer.cancel();
    asio::error_code ignored;
    one.socket.close(ignored);
    loop.post([weak = weak_from_this(), id] {
      const auto self = weak.lock();
      if (!self || self->connections.erase(id) == 0) return;
      self->events.on_closed(id);
    });
  }

  void end() {
    asio::error_code ignored;
    local.close(ignored);
    tcp.close(ignored);
    pause.cancel();
    for (const auto& [id, one] : connections) {
      one->gone = true;
      one->timer.cancel();  // handlers that are never called hold the connection longer than this lives
      one->socket.close(ignored);
    }
    connections.clear();
    if (!path.empty()) ::unlink(path.c_str());
  }

  EventLoop& loop;
  Local::acceptor local;
  Tcp::acceptor tcp;
  Events events;
  Timer pause;
  std::string path;  // that is ours, to be removed
  std::map<ConnectionId, std::shared_ptr<Connection>> connections;
  ConnectionId next_id = 1;
};

bool LocalServer::answers(const std::string& path) {
  if (!fits(path)) return false;
  asio::io_context io;
  Local::socket socket(io);
  asio::error_code error;
  socket.connect(Local::endpoint(path), error);
  return !error;
}

Result<std::unique_ptr<LocalServer>> LocalServer::create_unix(EventLoop& loop, const std::string& path, Events events) {
  REQUIRE(fits(path), kBadSocketPath, "net: a Unix socket's path has 107 bytes at most");
  struct stat found{};
  if (::lstat(path.c_str(), &found) == 0) {
    REQUIRE(S_ISSOCK(found.st_mode), kBadSocketPath, "net: something else is there");
    REQUIRE(!answers(path), kAddressInUse, "net: another program listens there");
    ::unlink(path.c_str());
  }
  auto impl = std::make_shared<Impl>(loop, std::move(events));
  asio::error_code error;
  impl->local.open(Local(), error);
  REQUIRE(!error, kSystem, "net: no Unix socket can be had");
  // Before the bind: Linux takes the socket's mode for the file, so that nobody gets in between.
  if (::fchmod(impl->local.native_handle(), 0600) != 0) return Error{kSystem, "net: fchmod"};
  impl->local.bind(Local::endpoint(path), error);
  REQUIRE(!error, kBadSocketPath, "net: it cannot be made");
  impl->path = path;
  if (::chmod(path.c_str(), 0600) == 0) impl->local.listen(asio::socket_base::max_listen_connections, error);
  std::unique_ptr<LocalServer> server(new LocalServer(std::move(impl)));  // from here on it removes the file
  if (error || ::lstat(path.c_str(), &found) != 0 || (found.st_mode & 0777) != 0600) {
    return Error{kBadSocketPath, "net: it cannot be kept from others"};
  }
  server->impl_->accept(server->impl_->local);
  return server;
}

Result<std::unique_ptr<LocalServer>> LocalServer::create_tcp(EventLoop& loop, uint16_t port, Events events) {
  auto impl = std::make_shared<Impl>(loop, std::move(events));
  const Tcp::endpoint endpoint(asio::ip::address_v4::loopback(), port);
  asio::error_code error;
  impl->tcp.open(endpoint.protocol(), error);
  if (!error) impl->tcp.set_option(Tcp::acceptor::reuse_address(true), error);
  if (!error) impl->tcp.bind(endpoint, error);
  if (!error) impl->tcp.listen(asio::socket_base::max_listen_connections, error);
  if (error == asio::error::address_in_use) return Error{kAddressInUse, "net: another program listens there"};
  if (error == asio::error::access_denied) return Error{kAddressForbidden, "net: this port needs a permission"};
  if (error) return Error{kSystem, "net: loopback cannot be listened on"};
  impl->accept(impl->tcp);
  return std::unique_ptr<LocalServer>(new LocalServer(std::move(impl)));
}

LocalServer::LocalServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

LocalServer::~LocalServer() { impl_->end(); }

uint16_t LocalServer::port() const {
  asio::error_code error;
  const Tcp::endpoint here = impl_->tcp.local_endpoint(error);
  return error ? 0 : here.port();
}

bool LocalServer::send(ConnectionId id, ByteView bytes) { return impl_->send(id, bytes); }

void LocalServer::close(ConnectionId id, ByteView last_words) { impl_->close(id, last_words); }

void LocalServer::cut(ConnectionId id) {
  if (const auto one = impl_->find(id)) impl_->drop(id, *one);
}

}  // namespace godwit::net
