#include "bridge/upstream.h"

#include "bridge/errors.h"
#include "bridge/home_link.h"
#include "routes/ip_address.h"

namespace godwit::bridge {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kPlainScheme = "ws://";

std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

bool is_loopback(const std::string& host) { return host.starts_with("127.") || host == "::1"; }

// ws:// is no carrier of clients, so routes/ does not know it: it is read as the wss:// of the same words.
Result<Way> parse_plain(std::string_view text) {
  const auto route = routes::parse_route("wss://" + std::string(text.substr(kPlainScheme.size())));
  REQUIRE(route.has_value() && route->parameters.empty(), kBadHome, "bridge: ws://address:port/path");
  REQUIRE(routes::is_address(route->host) && is_loopback(route->host), kBadHome,
          "bridge: without TLS only a home on this machine's loopback address is reached");
  return Way{*route, true};
}

Result<Way> parse_way(std::string_view text) {
  if (text.starts_with(kPlainScheme)) return parse_plain(text);
  auto route = routes::parse_route(text);
  REQUIRE(route.has_value(), kBadHome,
          "bridge: a home link, wss://host/path, bridge://host/path or ws://127.0.0.1/path");
  REQUIRE(route->carrier == routes::Carrier::kWss || route->carrier == routes::Carrier::kBridge, kBadHome,
          "bridge: only wss:// and bridge:// are dialled");
  return Way{std::move(*route), false};
}

}  // namespace

Result<std::vector<Way>> parse_home(std::string_view text) {
  text = trim(text);
  std::vector<Way> ways;
  if (!is_home_link(text)) {
    ways.push_back(TRY(parse_way(text)));
    return ways;
  }
  const HomeLink link = TRY(parse_home_link(text));
  for (const std::string& uri : link.routes) {
    auto way = parse_way(uri);
    if (!way || way->plain) continue;
    if (link.pin) way->route.parameters.emplace(routes::kPin, to_base64url(*link.pin));
    ways.push_back(std::move(*way));
  }
  REQUIRE(!ways.empty() && ways.size() <= kWaysMax, kBadHome, "bridge: a home link with a wss:// or bridge:// route");
  return ways;
}

}  // namespace godwit::bridge
