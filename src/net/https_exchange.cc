#include "net/https_exchange.h"

#include <algorithm>

#include "net/connector.h"
#include "net/errors.h"
#include "net/http_body.h"
#include "net/tls.h"
#include "net/tls_socket.h"
#include "routes/route.h"

namespace godwit::net {
namespace {

constexpr size_t kHeadBytesMax = 8 * 1024;
constexpr size_t kChunkingMax = 64 * 1024;
constexpr size_t kUrlMax = 1'024;

class Exchange final : public TlsSocketUser, public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(EventLoop& loop, HttpsUrl url, HttpsQuestion question, std::function<void(Result<HttpsAnswer>)> done)
      : loop_(loop), url_(std::move(url)), question_(std::move(question)), done_(std::move(done)), limit_(loop) {}
  ~Exchange() override {
    if (socket_) socket_->abort();
  }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  void start(const ConnectOptions& options) {
    limit_.set(question_.limit, [this] { end(Error{kGenericTimeout, "net: the exchange has its time"}); });
    ConnectEvents events;
    events.on_connected = [this](asio::ip::tcp::socket socket, const Bytes&) { on_connected(std::move(socket)); };
    events.on_failed = [this](Error error) { end(error); };
    connector_ = Connector::create(loop_, plan_for(url_.host, url_.port, options), options, std::move(events));
    connector_->start();
  }
  void forget() {
    done_ = nullptr;
    close();
  }

  void on_secure() override {
    if (ended_) return;
    connector_->confirm();
    secure_ = true;
    socket_->write(as_bytes(question_.request));
  }
  void on_plain(ByteView bytes) override {
    append(input_, bytes);
    look(false);
  }
  void on_room() override {}
  void on_progress(bool) override {}
  void on_socket_closed(Error error) override {
    if (ended_) return;
    socket_.reset();
    if (!secure_) return connector_->try_next(error);
    look(true);
    if (!ended_) end(error);
  }

 private:
  void on_connected(asio::ip::tcp::socket socket) {
    auto stream = make_tls_client(url_.host, url_.port, question_.trust, nullptr, {});
    if (!stream) return end(stream.error());
    if (socket_) socket_->abort();
    socket_ = TlsSocket::create(loop_, std::move(socket), std::move(*stream), nullptr);
    socket_->start(weak_from_this());
  }

  void look(bool ended) {
    if (ended_) return;
    auto parsed = parse_http_response(input_, kHeadBytesMax);
    // What says that there is more to come is no answer yet (RFC 9110 §15.2).
    while (parsed.progress == HttpProgress::kDone && parsed.message.status < 200) {
      input_.erase(input_.begin(), input_.begin() + static_cast<ptrdiff_t>(parsed.consumed));
      parsed = parse_http_response(input_, kHeadBytesMax);
    }
    if (parsed.progress == HttpProgress::kIncomplete) return;
    if (parsed.progress == HttpProgress::kBad) return end(Error{kBadHttp, "RFC 9112: an answer has a head"});
    // Chunks may be small; but what stands between them is not to be larger than they are.
    if (input_.size() > kHeadBytesMax + 2 * question_.body_max + kChunkingMax)
      return end(Error{kBadHttp, "net: an answer is not much larger than its body"});
    if (question_.body_max == 0) return end(HttpsAnswer{std::move(parsed.message), {}});
    auto body =
        read_http_body(parsed.message.headers, ByteView(input_).subspan(parsed.consumed), ended, question_.body_max);
    if (!body) return end(body.error());
    if (*body) end(HttpsAnswer{std::move(parsed.message), std::move(**body)});
  }

  void close() {
    ended_ = true;
    limit_.cancel();
    if (socket_) socket_->abort();
    const auto connector = std::exchange(connector_, nullptr);
    if (connector) connector->cancel();
    // Perhaps it is calling.
    loop_.post([connector] {});
  }
  void end(Result<HttpsAnswer> result) {
    if (ended_) return;
    close();
    loop_.post([self = shared_from_this(), result = std::move(result)] {
      const auto done = std::exchange(self->done_, nullptr);
      if (done) done(result);
    });
  }

  EventLoop& loop_;
  HttpsUrl url_;
  HttpsQuestion question_;
  std::function<void(Result<HttpsAnswer>)> done_;
  Timer limit_;
  std::shared_ptr<Connector> connector_;
  std::shared_ptr<TlsSocket> socket_;
  Bytes input_;
  bool secure_ = false;
  bool ended_ = false;
};

class Handle final : public HttpsExchange {
 public:
  explicit Handle(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
  ~Handle() override { exchange_->forget(); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

 private:
  std::shared_ptr<Exchange> exchange_;
};

}  // namespace

Result<HttpsUrl> parse_https_url(const std::string& url) {
  constexpr std::string_view kScheme = "https://";
  constexpr const char* kRule = "net: https://host[:port]/path";
  const bool printable = std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < 0x7f && c != '#'; });
  REQUIRE(printable && url.size() <= kUrlMax && url.starts_with(kScheme), kBadOption, kRule);
  const size_t end = std::min(url.find_first_of("/?", kScheme.size()), url.size());
  const std::string authority = url.substr(kScheme.size(), end - kScheme.size());
  HttpsUrl out;
  const std::string target = url.substr(end);
  out.target = target.starts_with('/') ? target : "/" + target;
  // As a route, so that host and port are read in one way only.
  const auto route = routes::parse_route("wss://" + authority);
  REQUIRE(route.has_value(), kBadOption, kRule);
  out.host = route->host;
  out.port = route->port;
  return out;
}

std::unique_ptr<HttpsExchange> ask_https(EventLoop& loop, const HttpsUrl& url, HttpsQuestion question,
                                         const ConnectOptions& options, std::function<void(Result<HttpsAnswer>)> done) {
  auto exchange = std::make_shared<Exchange>(loop, url, std::move(question), std::move(done));
  exchange->start(options);
  return std::make_unique<Handle>(std::move(exchange));
}

}  // namespace godwit::net
