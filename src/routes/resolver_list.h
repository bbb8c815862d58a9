#pragma once
// Which name servers abroad are asked beside the system's resolver, as data. Each has its addresses written down, so that
// no name has to be resolved to resolve names.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "routes/dns_message.h"

namespace godwit::routes {

/// A DNS over HTTPS server (RFC 8484).
struct HttpsResolver {
  std::string name;  ///< for which its certificate is
  uint16_t port = 443;
  std::string path = "/dns-query";
  std::vector<MappedAddress> addresses;   ///< at least one; the second is asked when the first fails
  bool shows_name = true;                 ///< false: it answers without a server name, which a censor would look for
  std::optional<ByteArray<32>> pin = {};  ///< SHA-256 of its certificate instead of the usual authorities
};
/// A name server that is asked over TCP in clear.
struct TcpResolver {
  MappedAddress address{};
  uint16_t port = 53;
};
/// All that are asked, in this order, one after the other.
struct ResolverList {
  std::vector<HttpsResolver> https;
  std::vector<TcpResolver> tcp;
};

/// Servers of a list at most.
inline constexpr size_t kResolversMax = 16;

/// Well-known ones of several operators in several countries.
ResolverList default_resolvers();
/// Reads a list: one server a line, '#' begins a comment.
///
///     https://dns.example/dns-query 192.0.2.1 2001:db8::1 [hidden] [pin=<base64url>]
///     tcp 192.0.2.1 [port]
///
/// kBadResolverList: a line is none of these.
Result<ResolverList> parse_resolver_list(std::string_view text);

}  // namespace godwit::routes
