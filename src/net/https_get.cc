#include "net/https_get.h"

#include <algorithm>

#include "net/connector.h"
#include "net/errors.h"
#include "net/http_body.h"
#include "net/tls.h"
#include "net/tls_socket.h"
#include "net/upgrade.h"
#include "routes/route.h"

namespace godwit::net {
namespace {

constexpr size_t kHeadBytesMax = 8 * 1024;
constexpr size_t kUrlMax = 512;

class Fetch final : public TlsSocketUser, public std::enable_shared_from_this<Fetch> {
 public:
  Fetch(EventLoop& loop, HttpsUrl url, size_t size_max, std::function<void(Result<Bytes>)> done)
      : loop_(loop), url_(std::move(url)), size_max_(size_max), done_(std::move(done)), limit_(loop) {}
  ~Fetch() override {
    if (socket_) socket_->abort();
  }
  Fetch(const Fetch&) = delete;
  Fetch& operator=(const Fetch&) = delete;

  void start(const ConnectOptions& options, Duration limit) {
    limit_.set(limit, [this] { end(Error{kGenericTimeout, "net: the fetch has its time"}); });
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
    connector_->confirm();
    socket_->write(as_bytes("GET " + url_.target + " HTTP/1.1\r\nHost: " + authority_of(url_.host, url_.port) +
                            "\r\nAccept: text/plain, */*\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n"));
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
    if (input_.empty()) return connector_->try_next(error);
    look(true);
    if (!ended_) end(error);
  }

 private:
  void on_connected(asio::ip::tcp::socket socket) {
    auto stream = make_tls_client(url_.host, url_.port, {TlsTrust::Kind::kSystemAuthorities, {}}, nullptr,
                                  {});
    if (!stream) return end(stream.error());
    if (socket_) socket_->abort();
    socket_ = TlsSocket::create(loop_, std::move(socket), std::move(*stream), nullptr);
    socket_->start(weak_from_this());
  }

  void look(bool ended) {
    if (ended_) return;
    const auto parsed = parse_http_response(input_, kHeadBytesMax);
    if (parsed.progress == HttpProgress::kIncomplete) return;
    if (parsed.progress == HttpProgress::kBad || parsed.message.status != 200) {
      return end(Error{kBadHttp, "net: a text is answered with 200"});
    }
    auto body = read_http_body(parsed.message.headers, ByteView(input_).subspan(parsed.consumed), ended, size_max_);
    if (!body) return end(body.error());
    if (*body) end(std::move(**body));
  }

  void close() {
    ended_ = true;
    limit_.cancel();
    if (socket_) socket_->abort();
    const auto connector = std::exchange(connector_, nullptr);
    // Perhaps it is calling.
    loop_.post([connector] {});
  }
  void end(Result<Bytes> result) {
    if (ended_) return;
    close();
    loop_.post([self = shared_from_this(), result = std::move(result)] {
      const auto done = std::exchange(self->done_, nullptr);
      if (done) done(result);
    });
  }

  EventLoop& loop_;
  HttpsUrl url_;
  size_t size_max_;
  std::function<void(Result<Bytes>)> done_;
  Timer limit_;
  std::shared_ptr<Connector> connector_;
  std::shared_ptr<TlsSocket> socket_;
  Bytes input_;
  bool ended_ = false;
};

class Handle final : public HttpsGet {
 public:
  explicit Handle(std::shared_ptr<Fetch> fetch) : fetch_(std::move(fetch)) {}
  ~Handle() override { fetch_->forget(); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

 private:
  std::shared_ptr<Fetch> fetch_;
};

}  // namespace

Result<HttpsUrl> parse_https_url(const std::string& url) {
  constexpr std::string_view kScheme = "https://";
  constexpr const char* kRule = "net: https://host[:port]/path";
  const bool printable = std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < 0x7f && c != '#'; });
  REQUIRE(printable && url.size() <= kUrlMax && url.starts_with(kScheme), kBadOption, kRule);
  const size_t slash = std::min(url.find('/', kScheme.size()), url.size());
  std::string authority = url.substr(kScheme.size(), slash - kScheme.size());
  HttpsUrl out;
  out.target = slash == url.size() ? "/" : url.substr(slash);
  // As a route, so that host and port are read in one way only.
  const auto route = routes::parse_route("wss://" + authority);
  REQUIRE(route.has_value(), kBadOption, kRule);
  out.host = route->host;
  out.port = route->port;
  return out;
}

std::unique_ptr<HttpsGet> https_get(EventLoop& loop, const HttpsUrl& url, const ConnectOptions& options,
                                    size_t size_max, Duration limit, std::function<void(Result<Bytes>)> done) {
  auto fetch = std::make_shared<Fetch>(loop, url, size_max, std::move(done));
  fetch->start(options, limit);
  return std::make_unique<Handle>(std::move(fetch));
}

}  // namespace godwit::net
