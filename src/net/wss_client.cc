#include "net/wss_client.h"

#include <openssl/rand.h>

#include <algorithm>

#include "net/errors.h"
#include "net/resolver.h"
#include "net/tls.h"
#include "net/upgrade.h"
#include "net/ws_pipe.h"

namespace godwit::net {
namespace {

constexpr size_t kEarlyBytesMax = 64 * 1024;
// What one of several addresses of a name gets before the next one is tried; the last has all the time that is left.
constexpr Duration kAddressTimeout = seconds(5);

bool is_loopback(const std::string& host) {
  asio::error_code error;
  const auto address = asio::ip::make_address(host, error);
  return !error && address.is_loopback();
}

/// One attempt, from the name to the accepted upgrade. Owned by its pipe, which it fails or attaches, once.
class WssDial final : public TlsSocketUser, public std::enable_shared_from_this<WssDial> {
 public:
  WssDial(EventLoop& loop, routes::Route route, WssOptions options, std::weak_ptr<WsPipe> pipe)
      : loop_(loop),
        route_(std::move(route)),
        options_(std::move(options)),
        pipe_(std::move(pipe)),
        raw_(io_of(loop)),
        timeout_(loop),
        address_timeout_(loop) {}
  ~WssDial() override {
    if (socket_ && !attached_) socket_->abort();
  }
  WssDial(const WssDial&) = delete;
  WssDial& operator=(const WssDial&) = delete;

  void start() {
    timeout_.set(options_.connect_timeout, [this] {
      fail({kGenericTimeout, "net: connect_timeout has passed before the upgrade was accepted"});
    });
    resolve(loop_, route_.host, route_.port, [weak = weak_from_this()](const Result<Endpoints>& endpoints) {
      const auto self = weak.lock();
      if (!self) return;
      if (!endpoints) return self->fail(endpoints.error());
      self->endpoints_ = *endpoints;
      self->try_next({kDnsNoAnswer, "RFC 1034 §4.3.2: the name has no address"});
    });
  }

  void on_secure() override {
    if (RAND_bytes(nonce_.data(), static_cast<int>(nonce_.size())) != 1) {
      return fail({kSystem, "net: no random bytes"});
    }
    const std::string request = upgrade_request(authority_of(route_.host, route_.port), route_.path, nonce_);
    Bytes flight = to_bytes(as_bytes(request));
    const auto pipe = pipe_.lock();
    if (pipe && !options_.early_bytes.empty()) append(flight, pipe->make_early_frame(options_.early_bytes));
    socket_->write(flight);
  }

  void on_plain(ByteView bytes) override {
    append(response_, bytes);
    const auto parsed = parse_http_response(response_, kUpgradeResponseBytesMax);
    if (parsed.progress == HttpProgress::kIncomplete) return;
    if (parsed.progress == HttpProgress::kBad) return fail({kBadHttp, "RFC 9112 §4: not an HTTP response"});
    if (const Status accepted = check_upgrade_response(parsed.message, nonce_); !accepted) {
      return fail(accepted.error());
    }
    const auto pipe = pipe_.lock();
    if (!pipe) return;
    attached_ = true;
    timeout_.cancel();
    pipe->attach(socket_, ByteView(response_).subspan(parsed.consumed));
  }

  void on_room() override {}
  void on_progress(bool sent) override {
    if (const auto pipe = pipe_.lock()) pipe->on_progress(sent);
  }
  void on_socket_closed(Error error) override { fail(error); }

 private:
  Result<std::unique_ptr<TlsStream>> make_stream() {
    if (options_.plain_loopback) return make_plain_stream();
    const TlsHello hello{routes::shown_name(route_).value_or(""), options_.look};
    return make_tls_client(route_.host, route_.port, options_.trust, options_.tickets, hello);
  }

  void fail(Error error) {
    if (const auto pipe = pipe_.lock()) pipe->fail(error);
  }

  // Addresses are tried one after another: two dials to one host at once are what curtains look for.
  void try_next(Error last) {
    if (next_ == endpoints_.size()) return fail(last);
    const auto endpoint = endpoints_[next_++];
    asio::error_code ignored;
    raw_.close(ignored);
    const size_t attempt = next_;
    if (next_ < endpoints_.size()) {
      address_timeout_.set(kAddressTimeout,
                           [this] { try_next({kGenericTimeout, "RFC 9293 §3.8.3: no answer to SYN"}); });
    } else {
      address_timeout_.cancel();
    }
    raw_.async_connect(endpoint, [weak = weak_from_this(), attempt](const asio::error_code& error) {
      const auto self = weak.lock();
      if (!self || self->next_ != attempt || self->socket_) return;
      if (error) return self->try_next(error_of(error));
      self->on_connected();
    });
  }

  void on_connected() {
    address_timeout_.cancel();
    auto tls = make_stream();
    if (!tls) return fail(tls.error());
    socket_ = TlsSocket::create(loop_, std::move(raw_), std::move(*tls), nullptr);
    socket_->start(weak_from_this());
  }

  EventLoop& loop_;
  routes::Route route_;
  WssOptions options_;
  std::weak_ptr<WsPipe> pipe_;
  asio::ip::tcp::socket raw_;
  Timer timeout_;
  Timer address_timeout_;
  Endpoints endpoints_;
  size_t next_ = 0;
  std::shared_ptr<TlsSocket> socket_;
  ByteArray<16> nonce_{};
  Bytes response_;
  bool attached_ = false;
};

}  // namespace

Result<std::unique_ptr<Pipe>> connect_wss(EventLoop& loop, const routes::Route& route, WssOptions options,
                                          PipeEvents events) {
  REQUIRE(route.carrier == routes::Carrier::kWss || route.carrier == routes::Carrier::kBridge, kBadOption,
          "net: this dials wss:// and bridge:// only");
  REQUIRE(options.early_bytes.size() <= kEarlyBytesMax, kBadOption, "net: early_bytes has at most 64 KiB");
  REQUIRE(!options.plain_loopback || is_loopback(route.host), kBadOption, "net: only loopback goes without TLS");
  if (const auto pin = routes::pin(route)) options.trust = {TlsTrust::Kind::kCertificateSha256, *pin};
  auto pipe = WsPipe::create_client(loop, std::move(events), options.stall, options.queue_bytes_max);
  auto dial = std::make_shared<WssDial>(loop, route, std::move(options), pipe);
  pipe->set_dial(dial);
  dial->start();
  return WsPipe::make_handle(std::move(pipe));
}

}  // namespace godwit::net
