#pragma once
// The user's own proxy, as data. It is trusted with nothing.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "routes/socks5.h"

namespace godwit::routes {

/// Where the proxy is and how to speak to it.
struct Proxy {
  /// The two protocols.
  enum class Kind : uint8_t {
    kSocks5,  ///< RFC 1928; names are resolved by the proxy.
    kHttp,    ///< CONNECT (RFC 9110 §9.3.6), without TLS to the proxy itself.
  };
  Kind kind = Kind::kSocks5;
  std::string host;  ///< as in Route
  uint16_t port = 1080;
  std::optional<Socks5Login> login = {};
};

/// Reads socks5://[user:password@]host[:1080] or http://[user:password@]host[:8080]; socks5h:// is the same as socks5://.
/// User and password may have percent-encoded characters. kBadProxy: it is not one.
Result<Proxy> parse_proxy(std::string_view url);
/// The URL, as TOR_PT_PROXY wants it.
std::string to_url(const Proxy& proxy);

}  // namespace godwit::routes
