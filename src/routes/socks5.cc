#include "routes/socks5.h"

#include <algorithm>

#include "routes/errors.h"
#include "routes/ip_address.h"

namespace godwit::routes {
namespace {

constexpr uint8_t kVersion = 5;                                  // RFC 1928 §3
constexpr uint8_t kLoginVersion = 1;                             // RFC 1929 §2
constexpr uint8_t kNoLogin = 0;                                  // RFC 1928 §3
constexpr uint8_t kLogin = 2;                                    // RFC 1928 §3
constexpr uint8_t kConnect = 1;                                  // RFC 1928 §4
enum AddressType : uint8_t { kIpv4 = 1, kName = 3, kIpv6 = 4 };  // RFC 1928 §4
constexpr size_t kFieldMax = 255;

Error error_of_reply(uint8_t code) {
  switch (code) {
    case 2:
      return {kProxyRefused, "RFC 1928 §6: the rules of the proxy forbid it"};
    case 3:
    case 4:
    case 5:
    case 6:
      return {kProxyTarget, "RFC 1928 §6: the proxy could not connect to the host"};
    default:
      return {kProxyRefused, "RFC 1928 §6: the proxy failed"};
  }
}

void put_field(Bytes& out, std::string_view field) {
  out.push_back(static_cast<uint8_t>(field.size()));
  append(out, as_bytes(field));
}

void put_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '\\' || c == '=' || c == ';') out += '\\';
    out += c;
  }
}

}  // namespace

Result<std::optional<Socks5Login>> socks5_login_of(const std::map<std::string, std::string>& arguments) {
  std::string all;
  for (const auto& [name, value] : arguments) {
    if (!all.empty()) all += ';';
    put_escaped(all, name);
    all += '=';
    put_escaped(all, value);
  }
  if (all.empty()) return std::optional<Socks5Login>();
  REQUIRE(all.size() <= 2 * kFieldMax, kBadRoute, "PT 1.0: arguments have at most 510 bytes");
  // A password cannot be empty: one zero byte stands for none.
  if (all.size() <= kFieldMax) return std::optional(Socks5Login{std::move(all), std::string(1, '\0')});
  return std::optional(Socks5Login{all.substr(0, kFieldMax), all.substr(kFieldMax)});
}

Result<Socks5Client> Socks5Client::create(const std::string& host, uint16_t port, std::optional<Socks5Login> login) {
  Bytes request{kVersion, kConnect, 0};
  if (const auto ipv4 = parse_ipv4(host)) {
    request.push_back(kIpv4);
    append(request, *ipv4);
  } else if (const auto ipv6 = parse_ipv6(host)) {
    request.push_back(kIpv6);
    append(request, *ipv6);
  } else {
    REQUIRE(!host.empty() && host.size() <= kFieldMax, kBadRoute, "RFC 1928 §5: a name has 1 to 255 bytes");
    request.push_back(kName);
    put_field(request, host);
  }
  request.push_back(static_cast<uint8_t>(port >> 8));
  request.push_back(static_cast<uint8_t>(port & 0xff));
  if (login) {
    REQUIRE(!login->user.empty() && login->user.size() <= kFieldMax && !login->password.empty() &&
                login->password.size() <= kFieldMax,
            kBadRoute, "RFC 1929 §2: user and password have 1 to 255 bytes");
  }
  return Socks5Client(std::move(request), std::move(login));
}

// Only the method that will be used is offered: one that offers none would be let in without its arguments.
Socks5Client::Socks5Client(Bytes request, std::optional<Socks5Login> login)
    : request_(std::move(request)), login_(std::move(login)) {
  output_ = {kVersion, 1, login_ ? kLogin : kNoLogin};
}

Bytes Socks5Client::take_output() { return std::exchange(output_, Bytes()); }

// Bytes of the answer that is due, as far as its beginning tells.
size_t Socks5Client::wanted() const {
  if (state_ != State::kReply || input_.size() < 5) return state_ == State::kReply ? 5 : 2;
  const size_t address = input_[3] == kIpv4 ? 4 : input_[3] == kIpv6 ? 16 : size_t{1} + input_[4];
  return 4 + address + 2;
}

Result<size_t> Socks5Client::feed(ByteView bytes) {
  size_t taken = 0;
  while (state_ != State::kDone && taken < bytes.size()) {
    const size_t count = std::min(wanted() - input_.size(), bytes.size() - taken);
    append(input_, bytes.subspan(taken, count));
    taken += count;
    if (input_.size() < wanted()) continue;
    TRY(on_answer());
    input_.clear();
  }
  return taken;
}

Status Socks5Client::on_answer() {
  switch (state_) {
    case State::kMethod:
      return on_method();
    case State::kLogin:
      REQUIRE(input_[0] == kLoginVersion, kBadProxyAnswer, "RFC 1929 §2: the answer's version is 1");
      REQUIRE(input_[1] == 0, kProxyLogin, "RFC 1929 §2: the login was refused");
      output_ = request_;
      state_ = State::kReply;
      return {};
    case State::kReply:
      return on_reply();
    case State::kDone:
      break;
  }
  return {};
}

Status Socks5Client::on_method() {
  REQUIRE(input_[0] == kVersion, kBadProxyAnswer, "RFC 1928 §3: the answer's version is 5");
  REQUIRE(input_[1] != 0xff, kProxyLogin, "RFC 1928 §3: the proxy wants another login, or none");
  REQUIRE(input_[1] == (login_ ? kLogin : kNoLogin), kBadProxyAnswer, "RFC 1928 §3: the method was not offered");
  if (!login_) {
    output_ = request_;
    state_ = State::kReply;
    return {};
  }
  output_ = {kLoginVersion};
  put_field(output_, login_->user);
  put_field(output_, login_->password);
  state_ = State::kLogin;
  return {};
}

Status Socks5Client::on_reply() {
  REQUIRE(input_[0] == kVersion, kBadProxyAnswer, "RFC 1928 §6: the reply's version is 5");
  if (input_[1] != 0) return error_of_reply(input_[1]);
  const uint8_t type = input_[3];
  REQUIRE(type == kIpv4 || type == kIpv6 || type == kName, kBadProxyAnswer, "RFC 1928 §6: an unknown kind of address");
  state_ = State::kDone;
  return {};
}

}  // namespace godwit::routes
