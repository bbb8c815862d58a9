#include "routes/relay_url.h"

#include <algorithm>

#include "routes/route.h"

namespace godwit::routes {
namespace {

bool take(std::string_view& text, std::string_view wanted) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(wanted.size());
  return true;
}

// What may stand behind the host: ":443", "?transport=tcp", both or nothing.
bool is_rest(std::string_view rest) {
  if (take(rest, ":")) {
    const size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
    if (digits == 0 || digits > 5) return false;
    rest.remove_prefix(digits);
  }
  return rest.empty() || rest == "?transport=tcp" || rest == "?transport=udp";
}

}  // namespace

bool is_relay_of(std::string_view url, const std::vector<std::string>& uris) {
  if (!take(url, "turns:") && !take(url, "turn:")) return false;
  return std::ranges::any_of(uris, [url](const std::string& uri) {
    const auto route = parse_route(uri);
    if (!route || route->host.empty()) return false;
    const bool ipv6 = route->host.find(':') != std::string::npos;
    std::string_view rest = url;
    return take(rest, ipv6 ? "[" + route->host + "]" : route->host) && is_rest(rest);
  });
}

std::optional<std::string> udp_relay_of(std::string_view url, const std::vector<std::string>& uris) {
  if (!url.ends_with(kWhenClear)) return std::nullopt;
  url.remove_suffix(kWhenClear.size());
  const bool is_udp = url.starts_with("turn:") && url.ends_with("?transport=udp");
  return is_udp && is_relay_of(url, uris) ? std::optional(std::string(url)) : std::nullopt;
}

}  // namespace godwit::routes
