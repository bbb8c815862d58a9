#include "net/tunnel.h"

#include <openssl/evp.h>

#include "net/http_message.h"
#include "net/upgrade.h"
#include "routes/errors.h"

namespace godwit::net {
namespace {

constexpr size_t kHeadBytesMax = 8 * 1024;  // of a proxy's answer

class Socks5Tunnel final : public Tunnel {
 public:
  explicit Socks5Tunnel(routes::Socks5Client client) : client_(std::move(client)) {}
  Bytes take_output() override { return client_.take_output(); }
  Result<size_t> feed(ByteView bytes) override { return client_.feed(bytes); }
  bool is_done() const override { return client_.is_done(); }

 private:
  routes::Socks5Client client_;
};

std::string basic(const routes::Socks5Login& login) {
  const std::string plain = login.user + ":" + login.password;
  std::string out((plain.size() + 2) / 3 * 4 + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(plain.data()), static_cast<int>(plain.size()));
  out.resize(static_cast<size_t>(size));
  return out;
}

/// CONNECT (RFC 9110 §9.3.6).
class HttpTunnel final : public Tunnel {
 public:
  explicit HttpTunnel(const TunnelPlan& plan) {
    std::string target = authority_of(plan.host, plan.port);
    if (plan.port == 443) target += ":443";  // a CONNECT always names its port
    std::string request = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
    if (plan.login) request += "Proxy-Authorization: Basic " + basic(*plan.login) + "\r\n";
    output_ = to_bytes(as_bytes(request + "\r\n"));
  }
  Bytes take_output() override { return std::exchange(output_, Bytes()); }
  Result<size_t> feed(ByteView bytes) override {
    const size_t before = head_.size();
    append(head_, bytes);
    const auto parsed = parse_http_response(head_, kHeadBytesMax);
    REQUIRE(parsed.progress != HttpProgress::kBad, routes::kBadProxyAnswer, "RFC 9112 §4: not an HTTP response");
    if (parsed.progress == HttpProgress::kIncomplete) return bytes.size();
    const int status = parsed.message.status;
    REQUIRE(status != 407 && status != 401, routes::kProxyLogin, "RFC 9110 §15.5.8: the proxy wants a login");
    REQUIRE(status < 500, routes::kProxyTarget, "RFC 9110 §15.6: the proxy could not connect to the host");
    REQUIRE(status >= 200 && status < 300, routes::kProxyRefused, "RFC 9110 §9.3.6: the proxy opened no tunnel");
    done_ = true;
    return parsed.consumed - before;
  }
  bool is_done() const override { return done_; }

 private:
  Bytes output_;
  Bytes head_;
  bool done_ = false;
};

}  // namespace

Result<std::unique_ptr<Tunnel>> make_tunnel(const TunnelPlan& plan) {
  if (plan.kind == routes::Proxy::Kind::kHttp) return std::unique_ptr<Tunnel>(std::make_unique<HttpTunnel>(plan));
  auto client = TRY(routes::Socks5Client::create(plan.host, plan.port, plan.login));
  return std::unique_ptr<Tunnel>(std::make_unique<Socks5Tunnel>(std::move(client)));
}

}  // namespace godwit::net
