#pragma once
// A route: plain data that says how to reach a home. It is trusted with nothing (architecture: a route is only a pipe).

#include <compare>
#include <string>
#include <string_view>

#include "base/result.h"

namespace godwit::routes {

/// How the bytes are carried.
enum class Carrier : uint8_t {
  kWss = 1,  ///< WebSocket inside TLS: wss://host[:port]/path
};

/// One way to one home. Two routes are the same if all fields are.
struct Route {
  Carrier carrier = Carrier::kWss;
  std::string host;  ///< a name in lower case, an IPv4 address, or an IPv6 address without brackets
  uint16_t port = 443;
  std::string path = "/";

  friend auto operator<=>(const Route&, const Route&) = default;
};

/// Reads a URI such as wss://home.example/ws. kBadRoute: it is not one; kUnknownScheme: made by a newer version, skip it.
Result<Route> parse_route(std::string_view uri);
/// The URI; parse_route gives the same route back.
std::string to_uri(const Route& route);

}  // namespace godwit::routes
