#include "net/testing/loopback.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "net/certificate.h"
#include "net/tls.h"

namespace godwit::net::testing {
namespace {

namespace fs = std::filesystem;

fs::path make_folder() {
  std::string name = (fs::temp_directory_path() / "godwit_net_XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  return fs::canonical(name);
}

}  // namespace

TemporaryFolder::TemporaryFolder() : path_(make_folder()) {}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string TemporaryFolder::write(const std::string& name, std::string_view content) const {
  const fs::path path = path_ / name;
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << content;
  return path.string();
}

CertificateFiles::CertificateFiles(const TemporaryFolder& folder, const std::string& name) {
  const auto made = make_self_signed_certificate({"localhost", "127.0.0.1"}, Instant{1'700'000'000'000}).value();
  certificate = folder.write(name + ".crt", made.certificate);
  key = folder.write(name + ".key", made.key);
  sha256 = certificate_sha256(made.certificate).value();
  spki = spki_sha256(made.certificate).value();
}

LoopbackServer::LoopbackServer(const std::function<void(ListenerOptions&)>& adjust)
    : loop(EventLoop::create().value()), files(std::make_unique<CertificateFiles>(folder)) {
  ListenerOptions options;
  options.addresses = {"127.0.0.1"};
  options.port = 0;
  options.certificate_file = files->certificate;
  options.key_file = files->key;
  if (adjust) adjust(options);
  listener = Listener::create(*loop, options, [this](Arrival arrival) { return accept(std::move(arrival)); }).value();
}

// A peer's events hold the peer, which holds the pipe.
LoopbackServer::~LoopbackServer() {
  for (const auto& peer : peers) peer->pipe.reset();
}

routes::Route LoopbackServer::route(const std::string& path) const {
  return {routes::Carrier::kWss, "127.0.0.1", listener->port(), path};
}

PipeEvents LoopbackServer::accept(Arrival arrival) {
  const auto peer = std::make_shared<Peer>();
  peer->pipe = std::move(arrival.pipe);
  peers.push_back(peer);
  PipeEvents events;
  events.on_bytes = [this, peer](ByteView bytes) {
    append(peer->received, bytes);
    if (!echoes || peer->pipe->send(bytes).has_value()) return;
    peer->pipe->set_reading(false);
    append(peer->unsent, bytes);
  };
  events.on_drained = [peer] {
    if (!peer->pipe->send(peer->unsent).has_value()) return;
    peer->unsent.clear();
    peer->pipe->set_reading(true);
  };
  events.on_closed = [peer](Error error) { peer->closed.push_back(error); };
  return events;
}

void Client::dial(EventLoop& loop, const routes::Route& route, WssOptions options) {
  PipeEvents events;
  events.on_open = [this] { opened = true; };
  events.on_bytes = [this](ByteView bytes) { append(received, bytes); };
  events.on_drained = [this] { ++drained; };
  events.on_closed = [this](Error error) { closed.push_back(error); };
  auto result = connect_wss(loop, route, std::move(options), std::move(events));
  ASSERT_TRUE(result);
  pipe = std::move(*result);
}

std::shared_ptr<RawClient> RawClient::create(EventLoop& loop, uint16_t port, bool with_tls) {
  asio::ip::tcp::socket tcp(io_of(loop));
  tcp.connect({asio::ip::address_v4::loopback(), port});
  auto stream = with_tls ? make_tls_client("127.0.0.1", port, TlsTrust{}, nullptr).value() : make_plain_stream();
  auto client = std::make_shared<RawClient>();
  client->socket = TlsSocket::create(loop, std::move(tcp), std::move(stream), nullptr);
  client->socket->start(client);
  return client;
}

void RawClient::say(std::string_view text) {
  if (secure_) return socket->write(as_bytes(text));
  waiting_ += text;
}

void RawClient::on_secure() {
  secure_ = true;
  socket->write(as_bytes(waiting_));
}

RawServer::RawServer(EventLoop& loop, std::string answer, bool then_close)
    : acceptor_(io_of(loop), {asio::ip::address_v4::loopback(), 0}),
      answer_(std::move(answer)),
      then_close_(then_close),
      port_(acceptor_.local_endpoint().port()) {
  accept();
}

void RawServer::accept() {
  acceptor_.async_accept([this](const asio::error_code& error, asio::ip::tcp::socket socket) {
    if (error) return;
    ++accepted;
    sockets_.push_back(std::make_shared<asio::ip::tcp::socket>(std::move(socket)));
    asio::error_code ignored;
    asio::write(*sockets_.back(), asio::buffer(answer_), ignored);
    if (then_close_) {
      sockets_.back()->shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    }
    read(sockets_.back());
    accept();
  });
}

void RawServer::read(const std::shared_ptr<asio::ip::tcp::socket>& socket) {
  socket->async_read_some(asio::buffer(buffer_), [this, socket](const asio::error_code& error, size_t count) {
    if (error) return;
    received.append(buffer_.data(), count);
    read(socket);
  });
}

Bytes pattern(size_t size, uint8_t seed) {
  Bytes out(size);
  uint32_t state = seed;
  for (uint8_t& byte : out) {
    state = state * 1664525u + 1013904223u;
    byte = static_cast<uint8_t>(state >> 24);
  }
  return out;
}

}  // namespace godwit::net::testing
