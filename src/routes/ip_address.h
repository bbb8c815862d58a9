#pragma once
// IP addresses as text. Names are no concern of this file.

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace godwit::routes {

/// Reads four decimal numbers without leading zeros ("192.0.2.1"); nothing else is an IPv4 address here, whatever
/// inet_aton may think of it.
std::optional<ByteArray<4>> parse_ipv4(std::string_view text);
/// Reads an IPv6 address without brackets and without a zone (RFC 4291 §2.2).
std::optional<ByteArray<16>> parse_ipv6(std::string_view text);

/// "192.0.2.1".
std::string print_ipv4(const ByteArray<4>& address);
/// The one recommended text (RFC 5952 §4): lower case, the longest run of zeros as "::", IPv4-mapped ones as
/// "::ffff:192.0.2.1".
std::string print_ipv6(const ByteArray<16>& address);

}  // namespace godwit::routes
