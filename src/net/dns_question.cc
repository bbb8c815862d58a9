#include "net/dns_question.h"

#include <openssl/rand.h>

#include <algorithm>
#include <optional>

#include "net/errors.h"
#include "net/http_message.h"
#include "net/tls.h"
#include "net/tls_socket.h"
#include "net/upgrade.h"
#include "routes/candidates.h"

namespace godwit::net {
namespace {

using routes::DnsType;
using routes::MappedAddress;

constexpr size_t kHeadBytesMax = 8 * 1024;
constexpr DnsType kTypes[] = {DnsType::kA, DnsType::kAaaa};
// A server's second address is asked when the first has not let us in within this part of the limit.
constexpr int64_t kAddressShare = 2;

asio::ip::tcp::endpoint endpoint_of(const MappedAddress& address, uint16_t port) {
  return {asio::ip::make_address(routes::print_address(address)), port};
}

/// What both protocols share: a connection to one of the server's addresses, one family asked for after the other.
class Session : public TlsSocketUser, public std::enable_shared_from_this<Session> {
 public:
  Session(EventLoop& loop, std::string name, std::vector<MappedAddress> servers, uint16_t port, DnsEvents events)
      : loop_(loop),
        name_(std::move(name)),
        servers_(std::move(servers)),
        port_(port),
        events_(std::move(events)),
        raw_(io_of(loop)),
        limit_(loop),
        patience_(loop) {}
  ~Session() override {
    if (socket_) socket_->abort();
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void start(Duration limit) {
    limit_.set(limit, [this] { end(); });
    share_ = Duration{limit.ms / kAddressShare};
    connect();
  }

  // Nobody listens any more.
  void forget() {
    events_ = {};
    end();
  }

  void on_secure() override {
    patience_.cancel();
    ask();
  }
  void on_plain(ByteView bytes) override {
    append(input_, bytes);
    while (!ended_ && next_type_ < std::size(kTypes)) {
      const auto message = take_message();
      if (!message) return;
      if (!on_message(*message)) return end();
    }
  }
  void on_room() override {}
  void on_progress(bool) override {}
  void on_socket_closed(Error) override { end_or_next(); }

 protected:
  // The TLS of a connection, or none.
  virtual Result<std::unique_ptr<TlsStream>> make_stream() = 0;
  // The query as it goes over the connection.
  virtual Bytes wrap(const Bytes& query) = 0;
  // A whole answer off the front of `input`; nothing: there is none yet, or cannot_be().
  virtual std::optional<Bytes> take_answer(Bytes& input) = 0;
  virtual uint16_t id() const = 0;

  void cannot_be() { broken_ = true; }
  const std::string& name() const { return name_; }

 private:
  std::optional<Bytes> take_message() {
    auto message = take_answer(input_);
    if (!message && broken_) end();
    return message;
  }

  // False: nothing more is to be had here.
  bool on_message(const Bytes& message) {
    const auto answer = routes::parse_dns_answer(message, id(), name_, kTypes[next_type_]);
    if (!answer || answer->code != routes::DnsAnswer::Code::kNone) return false;
    if (!answer->addresses.empty()) {
      const auto events = events_;
      events.on_addresses(answer->addresses);
      if (ended_) return true;
    }
    if (++next_type_ == std::size(kTypes)) return false;
    ask();
    return true;
  }

  void connect() {
    const size_t attempt = next_server_++;
    raw_ = asio::ip::tcp::socket(io_of(loop_));
    patience_.set(share_, [this] { end_or_next(); });
    raw_.async_connect(endpoint_of(servers_[attempt], port_),
                       [weak = weak_from_this(), attempt](const asio::error_code& error) {
                         const auto self = weak.lock();
                         if (!self || self->ended_ || self->next_server_ != attempt + 1) return;
                         if (error) return self->end_or_next();
                         self->on_connected();
                       });
  }

  void on_connected() {
    auto stream = make_stream();
    if (!stream) return end();
    socket_ = TlsSocket::create(loop_, std::move(raw_), std::move(*stream), nullptr);
    socket_->start(weak_from_this());
  }

  void ask() {
    const auto query = routes::dns_query(id(), name_, kTypes[next_type_]);
    if (!query) return end();
    socket_->write(wrap(*query));
  }

  void end_or_next() {
    if (ended_) return;
    if (socket_) socket_->abort();
    socket_.reset();
    if (next_type_ > 0 || next_server_ == servers_.size()) return end();
    input_.clear();
    connect();
  }

  void end() {
    if (std::exchange(ended_, true)) return;
    limit_.cancel();
    patience_.cancel();
    if (socket_) socket_->abort();
    asio::error_code ignored;
    raw_.close(ignored);
    const auto self = shared_from_this();
    loop_.post([self] {
      const auto events = std::exchange(self->events_, {});
      if (events.on_end) events.on_end();
    });
  }

  EventLoop& loop_;
  std::string name_;
  std::vector<MappedAddress> servers_;
  uint16_t port_;
  DnsEvents events_;
  asio::ip::tcp::socket raw_;
  Timer limit_;
  Timer patience_;
  Duration share_{};
  std::shared_ptr<TlsSocket> socket_;
  Bytes input_;
  size_t next_server_ = 0;
  size_t next_type_ = 0;
  bool broken_ = false;
  bool ended_ = false;
};

class HttpsSession final : public Session {
 public:
  HttpsSession(EventLoop& loop, const routes::HttpsResolver& server, std::string name, DnsEvents events)
      : Session(loop, std::move(name), server.addresses, server.port, std::move(events)), server_(server) {}

 protected:
  Result<std::unique_ptr<TlsStream>> make_stream() override {
    TlsTrust trust{TlsTrust::Kind::kSystemAuthorities, {}};
    if (server_.pin) trust = {TlsTrust::Kind::kCertificateSha256, *server_.pin};
    const bool hidden = !server_.shows_name;
    return make_tls_client(server_.name, server_.port, trust, nullptr,
                           {hidden ? std::optional(std::string()) : std::nullopt, routes::HelloKind::kCurl});
  }
  // RFC 8484 §4.1; over HTTP/1.1, which is what our TLS offers.
  Bytes wrap(const Bytes& query) override {
    std::string head =
        "POST " + server_.path + " HTTP/1.1\r\nHost: " + authority_of(server_.name, server_.port) +
        "\r\nAccept: application/dns-message\r\nContent-Type: application/dns-message\r\nContent-Length: " +
        std::to_string(query.size()) + "\r\n\r\n";
    Bytes out = to_bytes(as_bytes(head));
    append(out, query);
    return out;
  }
  std::optional<Bytes> take_answer(Bytes& input) override {
    const auto parsed = parse_http_response(input, kHeadBytesMax);
    if (parsed.progress == HttpProgress::kIncomplete) return std::nullopt;
    size_t size = 0;
    const std::string_view length = parsed.message.headers.first("content-length");
    for (const char c : length.substr(0, 5)) size = size * 10 + static_cast<size_t>(c - '0');
    const bool good = parsed.progress == HttpProgress::kDone && parsed.message.status == 200 && !length.empty() &&
                      std::all_of(length.begin(), length.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
                      size <= routes::kDnsMessageMax && parsed.message.headers.count("transfer-encoding") == 0;
    if (!good) {
      cannot_be();
      return std::nullopt;
    }
    if (input.size() - parsed.consumed < size) return std::nullopt;
    const auto begin = input.begin() + static_cast<ptrdiff_t>(parsed.consumed);
    Bytes answer(begin, begin + static_cast<ptrdiff_t>(size));
    input.erase(input.begin(), begin + static_cast<ptrdiff_t>(size));
    return answer;
  }
  uint16_t id() const override { return 0; }  // RFC 8484 §4.1

 private:
  routes::HttpsResolver server_;
};

class TcpSession final : public Session {
 public:
  TcpSession(EventLoop& loop, const routes::TcpResolver& server, std::string name, DnsEvents events)
      : Session(loop, std::move(name), {server.address}, server.port, std::move(events)) {
    RAND_bytes(reinterpret_cast<unsigned char*>(&id_), sizeof id_);
  }

 protected:
  Result<std::unique_ptr<TlsStream>> make_stream() override { return make_plain_stream(); }
  // RFC 1035 §4.2.2: two bytes of length.
  Bytes wrap(const Bytes& query) override {
    Bytes out{static_cast<uint8_t>(query.size() >> 8), static_cast<uint8_t>(query.size() & 0xff)};
    append(out, query);
    return out;
  }
  std::optional<Bytes> take_answer(Bytes& input) override {
    if (input.size() < 2) return std::nullopt;
    const size_t size = static_cast<size_t>(input[0] << 8 | input[1]);
    if (size > routes::kDnsMessageMax) cannot_be();
    if (size > routes::kDnsMessageMax || input.size() < 2 + size) return std::nullopt;
    Bytes answer(input.begin() + 2, input.begin() + 2 + static_cast<ptrdiff_t>(size));
    input.erase(input.begin(), input.begin() + 2 + static_cast<ptrdiff_t>(size));
    return answer;
  }
  uint16_t id() const override { return id_; }

 private:
  uint16_t id_ = 0;
};

class Handle final : public DnsQuestion {
 public:
  explicit Handle(std::shared_ptr<Session> session) : session_(std::move(session)) {}
  ~Handle() override { session_->forget(); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

 private:
  std::shared_ptr<Session> session_;
};

std::unique_ptr<DnsQuestion> begin(std::shared_ptr<Session> session, Duration limit) {
  session->start(limit);
  return std::make_unique<Handle>(std::move(session));
}

}  // namespace

std::unique_ptr<DnsQuestion> ask_https(EventLoop& loop, const routes::HttpsResolver& server, const std::string& name,
                                       Duration limit, DnsEvents events) {
  return begin(std::make_shared<HttpsSession>(loop, server, name, std::move(events)), limit);
}

std::unique_ptr<DnsQuestion> ask_tcp(EventLoop& loop, const routes::TcpResolver& server, const std::string& name,
                                     Duration limit, DnsEvents events) {
  return begin(std::make_shared<TcpSession>(loop, server, name, std::move(events)), limit);
}

}  // namespace godwit::net
