#include "routes/route.h"

#include <algorithm>

#include "routes/errors.h"
#include "routes/ip_address.h"

namespace godwit::routes {
namespace {

// What each carrier looks like as a URI, and what it may say.
struct Scheme {
  std::string_view name;
  Carrier carrier;
  CarriedForm form;
  uint16_t port;  // left out of the URI; 0: always written
  bool has_path;
  std::string_view parameters;  // names between blanks
};
constexpr Scheme kSchemes[] = {
    {"wss", Carrier::kWss, CarriedForm::kWebSocket, 443, true, " sni pin "},
    {"bridge", Carrier::kBridge, CarriedForm::kWebSocket, 443, true, " sni pin "},
    {"obfs4", Carrier::kObfs4, CarriedForm::kStream, 0, false, " cert iat-mode "},
    {"webtunnel", Carrier::kWebTunnel, CarriedForm::kStream, 443, true, " ver utls servername addr "},
    {"snowflake", Carrier::kSnowflake, CarriedForm::kStream, 443, false,
     " url fronts front ampcache sqsqueue sqscreds ice utls-imitate fingerprint "},
    {"onion", Carrier::kOnion, CarriedForm::kStream, 443, false, " "},
};

constexpr size_t kNameMax = 253;   // RFC 1035 §2.3.4, as text
constexpr size_t kLabelMax = 63;   // RFC 1035 §2.3.4
constexpr size_t kPathMax = 255;   // our own: routes must fit into links and QR codes
constexpr size_t kSchemeMax = 16;  // our own: longer ones are not schemes of routes
constexpr size_t kValueMax = 200;  // our own; obfs4's cert has 70 characters

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
  return std::all_of(label.begin(), label.end(), [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
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

// A value: what RFC 3986 §3.4 lets stand in a query without percent-encoding, but for what separates parameters.
bool is_value(std::string_view value) {
  return !value.empty() && value.size() <= kValueMax && std::all_of(value.begin(), value.end(), [](char c) {
    return is_alnum(c) || std::string_view("-._~!$'()*+,;:@/?").find(c) != std::string_view::npos;
  });
}

bool fits(const Scheme& scheme, std::string_view name, std::string_view value) {
  if (scheme.carrier != Carrier::kWss && scheme.carrier != Carrier::kBridge) return true;
  if (name == kShownName) return value == kNoName || (is_name(value) && lower(value) == value);
  Bytes bytes;
  return from_base64url(value, bytes) && bytes.size() == 32;
}

Result<std::map<std::string, std::string>> parse_parameters(const Scheme& scheme, std::string_view query) {
  std::map<std::string, std::string> out;
  while (true) {
    const size_t end = query.find('&');
    const std::string_view one = query.substr(0, end);
    const size_t equals = one.find('=');
    REQUIRE(equals != std::string_view::npos && equals > 0, kBadRoute, "routes: a parameter is name=value");
    const std::string name(one.substr(0, equals));
    const std::string_view value = one.substr(equals + 1);
    REQUIRE(is_value(value) && is_scheme(name), kBadRoute,
            "routes: a parameter's value is not empty and has no escapes");
    REQUIRE(scheme.parameters.find(" " + name + " ") != std::string_view::npos, kUnknownScheme,
            "routes: a parameter of a newer version");
    REQUIRE(fits(scheme, name, value), kBadRoute,
            "routes: sni is a name in lower case or none, pin is 32 bytes in base64url");
    REQUIRE(out.emplace(name, value).second, kBadRoute, "routes: a parameter stands once");
    if (end == std::string_view::npos) return out;
    query.remove_prefix(end + 1);
  }
}

// Each carrier's own conditions.
Status check(const Route& route) {
  if (route.carrier == Carrier::kObfs4) {
    REQUIRE(route.parameters.contains("cert") && is_address(route.host), kBadRoute,
            "obfs4-spec: a bridge is an address, a port and a cert");
  }
  if (route.carrier == Carrier::kOnion) {
    REQUIRE(route.host.size() == 62 && route.host.ends_with(".onion"), kBadRoute,
            "rend-spec-v3 §6: an onion address is 56 characters and .onion");
  }
  return {};
}

const Scheme& scheme_of(Carrier carrier) {
  return *std::find_if(std::begin(kSchemes), std::end(kSchemes),
                       [&](const Scheme& each) { return each.carrier == carrier; });
}

}  // namespace

bool is_address(std::string_view host) { return parse_ipv4(host).has_value() || parse_ipv6(host).has_value(); }

Result<Route> parse_route(std::string_view uri) {
  const size_t colon = uri.find(':');
  const std::string name = lower(uri.substr(0, std::min(colon, kSchemeMax + 1)));
  REQUIRE(colon != std::string_view::npos && is_scheme(name), kBadRoute, "RFC 3986 §3.1: a route begins with a scheme");
  const auto scheme =
      std::find_if(std::begin(kSchemes), std::end(kSchemes), [&](const Scheme& each) { return each.name == name; });
  REQUIRE(scheme != std::end(kSchemes), kUnknownScheme, "routes: a scheme of a newer version");
  uri.remove_prefix(colon + 1);
  REQUIRE(uri.starts_with("//"), kBadRoute, "RFC 3986 §3: the scheme of a route is followed by //");
  uri.remove_prefix(2);

  Route route;
  route.carrier = scheme->carrier;
  if (const size_t question = uri.find('?'); question != std::string_view::npos) {
    route.parameters = TRY(parse_parameters(*scheme, uri.substr(question + 1)));
    uri = uri.substr(0, question);
  }
  const size_t slash = uri.find('/');
  std::string_view authority = uri.substr(0, slash);
  route.path = slash == std::string_view::npos ? std::string("/") : std::string(uri.substr(slash));
  REQUIRE(is_path(route.path), kBadRoute, "RFC 3986 §3.3: a path without percent-encoding, dot segments and fragment");
  REQUIRE(scheme->has_path || route.path == "/", kBadRoute, "routes: this carrier has no path");
  route.host = TRY(take_host(authority));
  route.port = scheme->port;
  if (!authority.empty()) {
    REQUIRE(authority[0] == ':', kBadRoute, "RFC 3986 §3.2: after the host comes a port or the path");
    route.port = parse_port(authority.substr(1));
  }
  REQUIRE(route.port != 0, kBadRoute, "RFC 3986 §3.2.3: a port is a number from 1 to 65535");
  TRY(check(route));
  return route;
}

std::string to_uri(const Route& route) {
  const Scheme& scheme = scheme_of(route.carrier);
  const bool ipv6 = route.host.find(':') != std::string::npos;
  std::string out = std::string(scheme.name) + "://";
  out += ipv6 ? "[" + route.host + "]" : route.host;
  if (route.port != scheme.port) out += ":" + std::to_string(route.port);
  // Without a path the root is meant: the shorter text is the one that goes into links.
  if (route.path != "/") out += route.path;
  char separator = '?';
  for (const auto& [name, value] : route.parameters) {
    out += separator + name + "=" + value;
    separator = '&';
  }
  return out;
}

CarriedForm carried_form(Carrier carrier) { return scheme_of(carrier).form; }

std::optional<std::string> shown_name(const Route& route) {
  const auto said = route.parameters.find(std::string(kShownName));
  if (said == route.parameters.end()) return is_address(route.host) ? std::nullopt : std::optional(route.host);
  return said->second == kNoName ? std::nullopt : std::optional(said->second);
}

std::optional<ByteArray<32>> pin(const Route& route) {
  const auto said = route.parameters.find(std::string(kPin));
  if (said == route.parameters.end()) return std::nullopt;
  Bytes bytes;
  if (!from_base64url(said->second, bytes) || bytes.size() != 32) return std::nullopt;
  ByteArray<32> out;
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

}  // namespace godwit::routes
