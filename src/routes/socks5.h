#pragma once
// The client's side of SOCKS5 (RFC 1928), with a login (RFC 1929), as a machine over bytes. A pluggable transport's program
// is asked the same way; there the login carries the arguments of the connection (PT 1.0, "per-connection arguments").

#include <map>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace godwit::routes {

/// What RFC 1929 sends: 1 to 255 bytes each.
struct Socks5Login {
  std::string user;
  std::string password;
};

/// The arguments of a pluggable transport as a login: "k=v;k=v" with '\', '=' and ';' escaped, in both fields if one is too
/// small. Nothing: there are no arguments. kBadRoute: more than 510 bytes.
Result<std::optional<Socks5Login>> socks5_login_of(const std::map<std::string, std::string>& arguments);

/// One CONNECT. Its owner sends output() and feeds what comes, until is_done(); then the connection is the tunnel.
class Socks5Client {
 public:
  /// `host` is a name (1 to 255 bytes) or an address; an address never reaches a resolver. kBadRoute: it is neither, or
  /// the login does not fit.
  static Result<Socks5Client> create(const std::string& host, uint16_t port, std::optional<Socks5Login> login);

  /// Takes what is to be sent now; may be empty.
  Bytes take_output();
  /// Takes from the front of `bytes` and says how many were taken: all, until the tunnel stands; what follows belongs to it.
  /// kProxyLogin, kProxyRefused, kProxyTarget, kBadProxyAnswer: the connection is of no use.
  Result<size_t> feed(ByteView bytes);
  /// The server has connected.
  bool is_done() const { return state_ == State::kDone; }

 private:
  enum class State : uint8_t { kMethod, kLogin, kReply, kDone };

  Socks5Client(Bytes request, std::optional<Socks5Login> login);
  size_t wanted() const;
  Status on_answer();
  Status on_method();
  Status on_reply();

  Bytes request_;
  std::optional<Socks5Login> login_;
  Bytes output_;
  Bytes input_;  ///< The answer so far; never more than wanted().
  State state_ = State::kMethod;
};

}  // namespace godwit::routes
