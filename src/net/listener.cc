#include "net/listener.h"

#include <netinet/tcp.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "net/call_passage.h"
#include "net/errors.h"
#include "net/server_connection.h"
#include "net/source_gate.h"
#include "net/tls.h"
#include "routes/ip_address.h"

namespace godwit::net {
namespace {

using asio::ip::tcp;

// Unacknowledged bytes for this long end a connection (RFC 5482): a curtained client never says goodbye.
constexpr Duration kUserTimeout = seconds(60);
// When descriptors run out, the kernel's queue waits this long before the next try.
constexpr Duration kAcceptPause = milliseconds(100);
// How often a free port is looked for that is free for all addresses.
constexpr int kPortTries = 8;

ByteArray<16> source_of(const tcp::endpoint& endpoint) {
  const auto address = endpoint.address();
  return address.is_v6() ? address.to_v6().to_bytes()
                         : asio::ip::make_address_v6(asio::ip::v4_mapped, address.to_v4()).to_bytes();
}

Error error_of_listening(const asio::error_code& error) {
  if (error == asio::error::address_in_use) return {kAddressInUse, "net: another program listens there"};
  if (error == asio::error::access_denied) return {kAddressForbidden, "net: this port needs a permission"};
  if (error == asio::error::no_descriptors) return {kSystem, "net: no descriptors are left"};
  return {kBadAddress, "net: an address of this machine to listen at"};
}

bool is_loopback(const asio::ip::address& address) { return address.is_loopback(); }

Result<std::vector<std::string>> paths_of(const ListenerOptions& options) {
  std::vector<std::string> paths = options.more_websocket_paths;
  paths.insert(paths.begin(), options.websocket_path);
  for (const std::string& path : paths) {
    REQUIRE(path.starts_with('/'), kBadOption, "net: the WebSocket path begins with /");
  }
  return paths;
}

// "127.0.0.1:8080" or "[::1]:8080".
Result<std::optional<tcp::endpoint>> site_upstream_of(const ListenerOptions& options) {
  const std::string& text = options.site_upstream;
  if (text.empty()) return std::optional<tcp::endpoint>();
  const size_t colon = text.rfind(':');
  REQUIRE(colon != std::string::npos, kBadOption, "net: the site's server is address:port");
  std::string host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + colon + 1, end, port);
  asio::error_code error;
  const auto address = asio::ip::make_address(host, error);
  REQUIRE(!error && read.ec == std::errc() && read.ptr == end && port != 0, kBadOption,
          "net: the site's server is address:port");
  return std::optional(tcp::endpoint(address, port));
}

}  // namespace

/// The acceptors and their connections. Connections and handlers hold it weakly.
struct Listener::Impl : std::enable_shared_from_this<Listener::Impl> {
  Impl(EventLoop& owner, ListenerOptions chosen, std::shared_ptr<ServerShared> common)
      : loop(owner),
        options(std::move(chosen)),
        shared(std::move(common)),
        gate({options.limits.waiting_source_max, options.limits.accepts_source_burst,
              options.limits.accepts_source_interval}),
        pause(owner) {}

  Status open_all(const std::vector<asio::ip::address>& addresses);
  Status open_each(const std::vector<asio::ip::address>& addresses, uint16_t wanted);
  void accept_from(size_t index);
  void on_accepted(size_t index, const asio::error_code& error, tcp::socket socket);
  void serve(tcp::socket socket);
  void close();

  EventLoop& loop;
  ListenerOptions options;
  std::shared_ptr<ServerShared> shared;
  SourceGate gate;
  std::unique_ptr<TlsServer> tls;  ///< Null behind a proxy.
  std::vector<tcp::acceptor> acceptors;
  uint16_t port = 0;
  Timer pause;
  std::map<uint64_t, std::shared_ptr<ServerConnection>> connections;
  uint64_t next_connection = 0;
};

// All addresses at one port; a machine without IPv6 does without, as long as something is left.
Status Listener::Impl::open_each(const std::vector<asio::ip::address>& addresses, uint16_t wanted) {
  acceptors.clear();
  port = wanted;
  Status last;
  for (const auto& address : addresses) {
    const tcp::endpoint endpoint(address, port);
    tcp::acceptor acceptor(io_of(loop));
    asio::error_code error;
    acceptor.open(endpoint.protocol(), error);
    if (!error && address.is_v6()) acceptor.set_option(asio::ip::v6_only(true), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      last = error_of_listening(error);
      const bool no_ipv6 = address.is_v6() && (error == asio::error::address_family_not_supported ||
                                               error == std::errc::address_not_available);
      if (no_ipv6) continue;
      return last;
    }
    port = acceptor.local_endpoint(error).port();
    acceptors.push_back(std::move(acceptor));
  }
  return acceptors.empty() ? last : Status();
}

Status Listener::Impl::open_all(const std::vector<asio::ip::address>& addresses) {
  Status status = open_each(addresses, options.port);
  for (int i = 1; !status && options.port == 0 && status.error().code == kAddressInUse && i < kPortTries; ++i) {
    status = open_each(addresses, 0);
  }
  return status;
}

void Listener::Impl::accept_from(size_t index) {
  acceptors[index].async_accept([weak = weak_from_this(), index](const asio::error_code& error, tcp::socket socket) {
    if (const auto self = weak.lock()) self->on_accepted(index, error, std::move(socket));
  });
}

void Listener::Impl::on_accepted(size_t index, const asio::error_code& error, tcp::socket socket) {
  if (index >= acceptors.size() || error == asio::error::operation_aborted) return;
  if (!error) serve(std::move(socket));
  const bool exhausted = error == asio::error::no_descriptors || error == asio::error::no_buffer_space ||
                         error == asio::error::no_memory || error == std::errc::too_many_files_open_in_system;
  if (!exhausted) return accept_from(index);
  pause.set(kAcceptPause, [this] {
    for (size_t i = 0; i < acceptors.size(); ++i) {
      asio::error_code ignored;
      acceptors[i].cancel(ignored);
      accept_from(i);
    }
  });
}

void Listener::Impl::serve(tcp::socket socket) {
  ++shared->counts.accepted;
  asio::error_code error;
  const tcp::endpoint peer = socket.remote_endpoint(error);
  if (error) return;
  if (shared->counts.open >= shared->limits.connections_max) {
    ++shared->counts.refused;
    return;
  }
  const Bytes source = tls ? source_name(source_of(peer)) : Bytes();
  const SourceGate::Verdict verdict = gate.judge(source, loop.steady_now());
  if (verdict != SourceGate::Verdict::kAdmit) {
    ++(verdict == SourceGate::Verdict::kTooMany ? shared->counts.refused_waiting : shared->counts.refused_fast);
    return;
  }
  std::unique_ptr<TlsStream> stream = make_plain_stream();
  if (tls) {
    auto accepted = tls->accept();
    if (!accepted) return;
    stream = std::move(*accepted);
  }
  const int timeout = static_cast<int>(kUserTimeout.ms);
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof timeout);

  ++shared->counts.open;
  std::shared_ptr<void> lease(nullptr, [counted = shared](void*) { --counted->counts.open; });
  const uint64_t id = next_connection++;
  auto on_end = [weak = weak_from_this(), id] {
    if (const auto self = weak.lock()) self->connections.erase(id);
  };
  auto tls_socket = TlsSocket::create(loop, std::move(socket), std::move(stream), std::move(lease));
  auto connection = std::make_shared<ServerConnection>(loop, shared, std::move(tls_socket), source_of(peer),
                                                       gate.hold(source), on_end);
  connections.emplace(id, connection);
  connection->start();
}

void Listener::Impl::close() {
  acceptors.clear();
  pause.cancel();
  for (const auto& [id, connection] : std::exchange(connections, {})) connection->abort();
}

Result<std::unique_ptr<Listener>> Listener::create(EventLoop& loop, ListenerOptions options, AcceptPipe on_pipe) {
  REQUIRE(!options.addresses.empty(), kBadAddress, "net: at least one address to listen at");
  std::vector<asio::ip::address> addresses;
  for (const std::string& text : options.addresses) {
    REQUIRE(routes::parse_ipv4(text) || routes::parse_ipv6(text), kBadAddress,
            "net: a listener has IP addresses, not names");
    addresses.push_back(asio::ip::make_address(text));
  }
  REQUIRE(!options.plain_behind_proxy || std::all_of(addresses.begin(), addresses.end(), is_loopback), kBadOption,
          "net: without TLS only loopback addresses are listened at");
  Site site = TRY(Site::create(options.site_folder));
  ServerShared common{std::move(site), options.limits,     {}, options.answer_later,
                      std::nullopt,    std::move(on_pipe), {}, CallRelays(!options.plain_behind_proxy)};
  common.websocket_paths = TRY(paths_of(options));
  common.site_upstream = TRY(site_upstream_of(options));
  auto shared = std::make_shared<ServerShared>(std::move(common));
  auto impl = std::make_shared<Impl>(loop, std::move(options), std::move(shared));
  if (!impl->options.plain_behind_proxy) {
    impl->tls = TRY(make_tls_server(impl->options.certificate_file, impl->options.key_file, nullptr));
  }
  TRY(impl->open_all(addresses));
  for (size_t i = 0; i < impl->acceptors.size(); ++i) impl->accept_from(i);
  return std::unique_ptr<Listener>(new Listener(std::move(impl)));
}

Listener::Listener(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

Listener::~Listener() { impl_->close(); }

uint16_t Listener::port() const { return impl_->port; }

Status Listener::reload_certificate() {
  if (!impl_->tls) return {};
  impl_->tls = TRY(make_tls_server(impl_->options.certificate_file, impl_->options.key_file, impl_->tls.get()));
  return {};
}

void Listener::close() { impl_->close(); }

void Listener::relay_calls(std::optional<CallRelay> relay) { impl_->shared->call_relays.set(relay); }

void Listener::expect_calls_until(Instant until) { impl_->shared->call_relays.open_until(until); }

StunStart Listener::begins_call(ByteView first) const {
  return impl_->shared->call_relays.is_open(impl_->loop.now()) ? stun_start(first) : StunStart::kNo;
}

std::unique_ptr<CallPlace> Listener::take_call_place(const ByteArray<16>& source) {
  auto place = impl_->shared->call_relays.take(source);
  ++(place ? impl_->shared->counts.relays : impl_->shared->counts.relays_refused);
  return place;
}

std::unique_ptr<CallPassage> Listener::pass_call(std::unique_ptr<CallPlace> place, std::unique_ptr<Pipe> pipe,
                                                 ByteView first, std::function<void()> on_end) {
  return std::make_unique<CallPassage>(impl_->loop, impl_->shared->call_relays.relay(), std::move(place),
                                       std::move(pipe), first, std::move(on_end));
}

ListenerCounts Listener::counts() const {
  ListenerCounts counts = impl_->shared->counts;
  counts.relays_open = impl_->shared->call_relays.count();
  return counts;
}

}  // namespace godwit::net
