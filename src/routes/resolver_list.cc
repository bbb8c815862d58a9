#include "routes/resolver_list.h"

#include <algorithm>

#include "base/assert.h"
#include "routes/candidates.h"
#include "routes/errors.h"
#include "routes/route.h"

namespace godwit::routes {
namespace {

// Each has answered POST by HTTP/1.1 for years; those marked hidden have certificates for their addresses, or show the same
// one without a name. Operators: Cloudflare, Google, AdGuard, DNS.SB; over TCP also Quad9.
constexpr std::string_view kDefault =
    "https://cloudflare-dns.com/dns-query 1.1.1.1 1.0.0.1 hidden\n"
    "https://dns.google/dns-query 8.8.8.8 8.8.4.4 hidden\n"
    "https://unfiltered.adguard-dns.com/dns-query 94.140.14.140 94.140.14.141\n"
    "https://doh.dns.sb/dns-query 185.222.222.222 45.11.45.11\n"
    "tcp 8.8.8.8\n"
    "tcp 9.9.9.9\n"
    "tcp 1.1.1.1\n";

std::string_view take_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
  const size_t end = std::min(line.find_first_of(" \t\r"), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

Result<HttpsResolver> parse_https(std::string_view url, std::string_view rest) {
  constexpr Error kNotOne{kBadResolverList, "routes: https://name/path, addresses, then hidden or pin="};
  // Host, port and path follow the rules of routes.
  const auto route = parse_route("wss" + std::string(url.substr(5)));
  if (!route || !route->parameters.empty()) return kNotOne;
  HttpsResolver server{route->host, route->port, route->path, {}};
  for (std::string_view word = take_word(rest); !word.empty(); word = take_word(rest)) {
    Bytes pin;
    if (word == "hidden") {
      server.shows_name = false;
    } else if (word.starts_with("pin=") && from_base64url(word.substr(4), pin) && pin.size() == 32) {
      std::copy(pin.begin(), pin.end(), server.pin.emplace().begin());
    } else if (const auto address = parse_address(word)) {
      server.addresses.push_back(*address);
    } else {
      return kNotOne;
    }
  }
  if (server.addresses.empty() || server.addresses.size() > kDnsAddressesMax) return kNotOne;
  return server;
}

Result<TcpResolver> parse_tcp(std::string_view rest) {
  constexpr Error kNotOne{kBadResolverList, "routes: tcp, an address, then perhaps a port"};
  TcpResolver server;
  const auto address = parse_address(take_word(rest));
  if (!address) return kNotOne;
  server.address = *address;
  if (const std::string_view port = take_word(rest); !port.empty()) {
    const auto route = parse_route("wss://192.0.2.1:" + std::string(port));
    if (!route || route->path != "/" || !route->parameters.empty()) return kNotOne;
    server.port = route->port;
  }
  if (!take_word(rest).empty()) return kNotOne;
  return server;
}

}  // namespace

ResolverList default_resolvers() {
  auto list = parse_resolver_list(kDefault);
  ASSERT(list.has_value());
  return std::move(*list);
}

Result<ResolverList> parse_resolver_list(std::string_view text) {
  ResolverList out;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line = line.substr(0, line.find('#'));
    const std::string_view word = take_word(line);
    if (word.empty()) continue;
    if (word == "tcp") {
      out.tcp.push_back(TRY(parse_tcp(line)));
    } else {
      REQUIRE(word.starts_with("https://"), kBadResolverList, "routes: a resolver is https://... or tcp ...");
      out.https.push_back(TRY(parse_https(word, line)));
    }
    REQUIRE(out.https.size() + out.tcp.size() <= kResolversMax, kBadResolverList, "routes: at most 16 resolvers");
  }
  return out;
}

}  // namespace godwit::routes
