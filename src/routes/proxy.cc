#include "routes/proxy.h"

#include "routes/errors.h"
#include "routes/route.h"

namespace godwit::routes {
namespace {

constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
constexpr std::string_view kHex = "0123456789ABCDEF";

// Percent-decoded (RFC 3986 §2.1); false: a '%' without two digits, or nothing at all.
bool decode(std::string_view text, std::string& out) {
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at];
      continue;
    }
    Bytes byte;
    if (at + 2 >= text.size() || !from_hex(text.substr(at + 1, 2), byte)) return false;
    out += static_cast<char>(byte[0]);
    at += 2;
  }
  return !out.empty() && out.size() <= 255;
}

std::string encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (kPlain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto byte = static_cast<uint8_t>(c);
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out;
}

}  // namespace

Result<Proxy> parse_proxy(std::string_view url) {
  constexpr Error kNotOne{kBadProxy, "routes: a proxy is socks5://[user:password@]host:port or http://..."};
  Proxy proxy;
  const size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return kNotOne;
  const std::string_view scheme = url.substr(0, scheme_end);
  url.remove_prefix(scheme_end + 3);
  if (scheme == "http") {
    proxy.kind = Proxy::Kind::kHttp;
    proxy.port = 8080;
  } else if (scheme != "socks5" && scheme != "socks5h") {
    return kNotOne;
  }
  if (const size_t at = url.rfind('@'); at != std::string_view::npos) {
    const std::string_view login = url.substr(0, at);
    const size_t colon = login.find(':');
    Socks5Login decoded;
    if (colon == std::string_view::npos || !decode(login.substr(0, colon), decoded.user) ||
        !decode(login.substr(colon + 1), decoded.password)) {
      return kNotOne;
    }
    proxy.login = std::move(decoded);
    url.remove_prefix(at + 1);
  }
  // Host and port follow the rules of routes.
  if (url.ends_with('/')) url.remove_suffix(1);
  const auto route = parse_route("wss://" + std::string(url));
  if (!route || route->path != "/" || !route->parameters.empty()) return kNotOne;
  const size_t host_end = url.starts_with('[') ? url.find(']') : 0;
  if (url.find(':', host_end) != std::string_view::npos) proxy.port = route->port;
  proxy.host = route->host;
  return proxy;
}

std::string to_url(const Proxy& proxy) {
  std::string out = proxy.kind == Proxy::Kind::kHttp ? "http://" : "socks5://";
  if (proxy.login) out += encode(proxy.login->user) + ":" + encode(proxy.login->password) + "@";
  out += proxy.host.find(':') == std::string::npos ? proxy.host : "[" + proxy.host + "]";
  return out + ":" + std::to_string(proxy.port);
}

}  // namespace godwit::routes
