#pragma once
// A route: plain data that says how to reach a home. It is trusted with nothing (architecture: a route is only a pipe).
// docs/protocol/routes.md has the URIs.

#include <compare>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace godwit::routes {

/// How the bytes are carried.
enum class Carrier : uint8_t {
  kWss = 1,        ///< WebSocket inside TLS, to the home itself: wss://host[:port]/path
  kBridge = 2,     ///< The same, to a bridge that passes the stream on to the home: bridge://host[:port]/path
  kObfs4 = 3,      ///< A pluggable transport, obfs4: obfs4://host:port?cert=...&iat-mode=0
  kWebTunnel = 4,  ///< A pluggable transport, an HTTP upgrade behind a web site: webtunnel://host[:port]/path
  kSnowflake = 5,  ///< A pluggable transport, WebRTC by volunteers: snowflake://name?url=...; the name is only a label
  kOnion = 6,      ///< A Tor onion service that speaks the stream form: onion://name.onion[:port]
};

/// In which form a carrier hands the session's bytes over; the handshake is bound to it (session.md).
enum class CarriedForm : uint8_t {
  kStream,     ///< Bytes one after another.
  kWebSocket,  ///< Binary WebSocket messages, whose borders mean nothing.
};

/// One way to one home. Two routes are the same if all fields are.
struct Route {
  Carrier carrier = Carrier::kWss;
  std::string host;  ///< a name in lower case, an IPv4 address, or an IPv6 address without brackets
  uint16_t port = 443;
  std::string path = "/";
  /// What else the carrier has to know, by name; names and values as in the table of docs/protocol/routes.md.
  std::map<std::string, std::string> parameters = {};

  friend auto operator<=>(const Route&, const Route&) = default;
};

/// Parameter of wss and bridge: the server name that TLS shows instead of the host; "none" shows no name.
inline constexpr std::string_view kShownName = "sni";
/// Parameter of wss and bridge: SHA-256 of the certificate that has to show, base64url.
inline constexpr std::string_view kPin = "pin";
/// Value of kShownName.
inline constexpr std::string_view kNoName = "none";

/// Reads a URI such as wss://home.example/ws. kBadRoute: it is not one; kUnknownScheme: made by a newer version, skip it
/// (so is a parameter that this version does not know: what it asks for cannot be done).
Result<Route> parse_route(std::string_view uri);
/// The URI; parse_route gives the same route back.
std::string to_uri(const Route& route);

/// The form in which this carrier hands over bytes.
CarriedForm carried_form(Carrier carrier);
/// The server name for TLS: the host if it is a name and nothing else is said; nothing: show none.
std::optional<std::string> shown_name(const Route& route);
/// The certificate pin of this route, if it has one of its own.
std::optional<ByteArray<32>> pin(const Route& route);
/// True if the host is an IPv4 or IPv6 address, so that no name has to be resolved.
bool is_address(std::string_view host);

}  // namespace godwit::routes
