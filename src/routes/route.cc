#include "routes/route.h"

#include <algorithm>

#include "routes/errors.h"
#include "routes/ip_address.h"

namespace godwit::routes {
namespace {

constexpr uint16_t kWssPort = 443;  // RFC 6455 §11.1.2
constexpr size_t kNameMax = 253;    // RFC 1035 §2.3.4, as text
constexpr size_t kLabelMax = 63;    // RFC 1035 §2.3.4
constexpr size_t kPathMax = 255;    // our own: routes must fit into links and QR codes
constexpr size_t kSchemeMax = 16;   // our own: longer ones are not schemes of routes

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alnum(char c) { return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z'); }
char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), to_lower);
  return out;
}

// RFC 3986 §3.1, in lower case and bounded.
bool is_scheme(std::string_view text) {
  if (text.empty() || text.size() > kSchemeMax || !is_lower(text[0])) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_lower(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; });
}

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > kLabelMax) return false;
  if (label.front() == '-' || label.back() == '-') return false;
  return std::all_of(label.begin(), label.end(),
                     [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

// A DNS name of letters, digits and hyphens (RFC 1123 §2.1). One whose last label is all digits or looks like "0x1f"
// would be taken for an IPv4 address by some resolvers, so it is none.
bool is_name(std::string_view name) {
  if (name.empty() || name.size() > kNameMax) return false;
  std::string_view last;
  while (true) {
    const size_t dot = name.find('.');
    last = name.substr(0, dot);
    if (!is_label(last)) return false;
    if (dot == std::string_view::npos) break;
    name.remove_prefix(dot + 1);
  }
  return !std::all_of(last.begin(), last.end(), is_digit) && !last.starts_with("0x");
}

// pchar without percent-encoding (RFC 3986 §3.3), and '/'.
bool is_path_character(char c) {
  return is_alnum(c) || std::string_view("-._~!$&'()*+,;=:@/").find(c) != std::string_view::npos;
}

bool is_path(std::string_view path) {
  if (path.empty() || path[0] != '/' || path.size() > kPathMax) return false;
  if (!std::all_of(path.begin(), path.end(), is_path_character)) return false;
  for (std::string_view rest = path.substr(1);;) {
    const size_t slash = rest.find('/');
    const std::string_view segment = rest.substr(0, slash);
    if (segment == "." || segment == "..") return false;
    if (slash == std::string_view::npos) return true;
    rest.remove_prefix(slash + 1);
  }
}

// 1 to 65535 without leading zeros; 0: it is none.
uint16_t parse_port(std::string_view text) {
  if (text.empty() || text.size() > 5 || text[0] == '0') return 0;
  uint32_t value = 0;
  for (char c : text) {
    if (!is_digit(c)) return 0;
    value = value * 10 + static_cast<uint32_t>(c - '0');
  }
  return value <= UINT16_MAX ? static_cast<uint16_t>(value) : uint16_t{0};
}

// Takes the host off the front of `authority` and leaves ":port" or nothing.
Result<std::string> take_host(std::string_view& authority) {
  if (authority.starts_with('[')) {
    const size_t close = authority.find(']');
    REQUIRE(close != std::string_view::npos, kBadRoute, "RFC 3986 §3.2.2: an IP literal ends with ']'");
    const auto address = parse_ipv6(authority.substr(1, close - 1));
    REQUIRE(address.has_value(), kBadRoute, "RFC 4291 §2.2: between the brackets stands an IPv6 address");
    authority.remove_prefix(close + 1);
    return print_ipv6(*address);
  }
  const size_t colon = authority.find(':');
  std::string host = lower(authority.substr(0, colon));
  authority.remove_prefix(std::min(colon, authority.size()));
  REQUIRE(parse_ipv4(host).has_value() || is_name(host), kBadRoute,
          "RFC 1123 §2.1: a host is an IPv4 address or a name of letters, digits and hyphens");
  return host;
}

}  // namespace

Result<Route> parse_route(std::string_view uri) {
  const size_t colon = uri.find(':');
  const std::string scheme = lower(uri.substr(0, std::min(colon, kSchemeMax + 1)));
  REQUIRE(colon != std::string_view::npos && is_scheme(scheme), kBadRoute,
          "RFC 3986 §3.1: a route begins with a scheme");
  REQUIRE(scheme == "wss", kUnknownScheme, "routes: a scheme of a newer version");
  uri.remove_prefix(colon + 1);
  REQUIRE(uri.starts_with("//"), kBadRoute, "RFC 6455 §3: wss: is followed by //");
  uri.remove_prefix(2);

  const size_t slash = uri.find('/');
  std::string_view authority = uri.substr(0, slash);
  Route route;
  route.path = slash == std::string_view::npos ? std::string("/") : std::string(uri.substr(slash));
  REQUIRE(is_path(route.path), kBadRoute,
          "RFC 3986 §3.3: a path without percent-encoding, dot segments, query and fragment");
  route.host = TRY(take_host(authority));
  route.port = kWssPort;
  if (!authority.empty()) {
    REQUIRE(authority[0] == ':', kBadRoute, "RFC 3986 §3.2: after the host comes a port or the path");
    route.port = parse_port(authority.substr(1));
    REQUIRE(route.port != 0, kBadRoute, "RFC 3986 §3.2.3: a port is a number from 1 to 65535");
  }
  return route;
}

std::string to_uri(const Route& route) {
  const bool ipv6 = route.host.find(':') != std::string::npos;
  std::string out = "wss://";
  out += ipv6 ? "[" + route.host + "]" : route.host;
  if (route.port != kWssPort) out += ":" + std::to_string(route.port);
  // Without a path the root is meant: the shorter text is the one that goes into links.
  if (route.path != "/") out += route.path;
  return out;
}

}  // namespace godwit::routes
