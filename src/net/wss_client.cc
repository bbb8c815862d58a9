#include "net/wss_client.h"

#include <openssl/rand.h>

#include <algorithm>

#include "net/connector.h"
#include "net/errors.h"
#include "net/event_loop_impl.h"
#include "net/socket_pipe.h"
#include "net/tls.h"
#include "net/upgrade.h"
#include "routes/errors.h"

namespace godwit::net {
namespace {

constexpr size_t kEarlyBytesMax = 64 * 1024;
bool is_loopback(const std::string& host) {
  asio::error_code error;
  const auto address = asio::ip::make_address(host, error);
  return !error && address.is_loopback();
}

/// One attempt, from the name to the accepted upgrade. Owned by its pipe, which it fails or attaches, once.
class WssDial final : public TlsSocketUser, public std::enable_shared_from_this<WssDial> {
 public:
  WssDial(EventLoop& loop, routes::Route route, WssOptions options, std::weak_ptr<SocketPipe> pipe)
      : loop_(loop),
        route_(std::move(route)),
        options_(std::move(options)),
        pipe_(std::move(pipe)),
        timeout_(loop),
        stall_timer_(loop) {}
  ~WssDial() override {
    if (socket_ && !attached_) socket_->abort();
  }
  WssDial(const WssDial&) = delete;
  WssDial& operator=(const WssDial&) = delete;

  void start() {
    timeout_.set(options_.connect_timeout, [this] {
      fail({kGenericTimeout, "net: connect_timeout has passed before the upgrade was accepted"});
    });
    ConnectEvents events;
    events.on_connected = [weak = weak_from_this()](asio::ip::tcp::socket socket, const Bytes& rest) {
      if (const auto self = weak.lock()) self->on_connected(std::move(socket), rest);
    };
    events.on_failed = [weak = weak_from_this()](Error error) {
      if (const auto self = weak.lock()) self->fail(error);
    };
    connector_ = Connector::create(loop_, plan_for(route_.host, route_.port, options_.connect), options_.connect,
                                   std::move(events));
    connector_->start();
  }

  void on_secure() override {
    secure_ = true;
    connector_->confirm();
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
    stall_timer_.cancel();
    pipe->attach(socket_, ByteView(response_).subspan(parsed.consumed));
  }

  void on_room() override {}
  void on_progress(bool sent) override {
    const Instant now = loop_.steady_now();
    if (sent) {
      stall_.on_sent(now);
    } else {
      stall_.on_received(now);
    }
    watch();
  }
  void on_socket_closed(Error error) override { fail_here(error); }

 private:
  Result<std::unique_ptr<TlsStream>> make_stream() {
    if (options_.plain_loopback) return make_plain_stream();
    const TlsHello hello{routes::shown_name(route_).value_or(""), options_.look};
    return make_tls_client(route_.host, route_.port, options_.trust, options_.tickets, hello);
  }

  void on_connected(asio::ip::tcp::socket connected, const Bytes& rest) {
    if (!rest.empty()) {
      return fail_here({routes::kBadProxyAnswer, "RFC 8446 §4: behind a proxy as well the client speaks first"});
    }
    auto tls = make_stream();
    if (!tls) return fail(tls.error());
    stall_ = routes::StallWatch(options_.stall);
    socket_ = TlsSocket::create(loop_, std::move(connected), std::move(*tls), nullptr);
    socket_->start(weak_from_this());
  }

  // This connection is of no use. Before it was secure another address may be the right one: this one may be forged.
  void fail_here(Error error) {
    if (secure_) return fail(error);
    stall_timer_.cancel();
    if (socket_) socket_->abort();
    socket_.reset();
    connector_->try_next(error);
  }

  void watch() {
    const Instant deadline = stall_.deadline();
    if (attached_ || deadline == kNever) return stall_timer_.cancel();
    stall_timer_.set(deadline - loop_.steady_now(), [this] {
      if (stall_.on_expiry(loop_.steady_now()) == routes::StallWatch::Verdict::kDead) {
        return fail_here({kGenericTimeout, "architecture, Routes: silence with data outstanding is a dead route"});
      }
      watch();
    });
  }

  void fail(Error error) {
    if (const auto pipe = pipe_.lock()) pipe->fail(error);
  }

  EventLoop& loop_;
  routes::Route route_;
  WssOptions options_;
  std::weak_ptr<SocketPipe> pipe_;
  Timer timeout_;
  Timer stall_timer_;
  routes::StallWatch stall_;
  std::shared_ptr<Connector> connector_;
  std::shared_ptr<TlsSocket> socket_;
  ByteArray<16> nonce_{};
  Bytes response_;
  bool secure_ = false;
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
  auto pipe = SocketPipe::create_client(loop, std::move(events), options.stall, options.queue_bytes_max);
  auto dial = std::make_shared<WssDial>(loop, route, std::move(options), pipe);
  pipe->set_dial(dial);
  dial->start();
  return SocketPipe::make_handle(std::move(pipe));
}

}  // namespace godwit::net
