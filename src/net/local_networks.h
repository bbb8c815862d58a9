#pragma once
// The networks that this machine is attached to directly.

#include <compare>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace godwit::net {

/// An interface's address in one network.
struct LocalNetwork {
  std::string interface;
  ByteArray<4> address{};
  ByteArray<4> mask{};
  friend auto operator<=>(const LocalNetwork&, const LocalNetwork&) = default;

  /// True if `other` is an address in it.
  bool holds(const ByteArray<4>& other) const;
};

/// True for addresses that only a local network has: RFC 1918, RFC 3927.
bool is_local_address(const ByteArray<4>& address);
/// Networks with people nearby: interfaces that are up, carry multicast, are neither loopback nor a line to one far end (a VPN),
/// and have a local address. At most 16.
std::vector<LocalNetwork> local_networks();

/// The addresses by which this machine reaches the Internet, IPv4 first, as text; two at most, link-local ones not. Nothing is sent to
/// find them.
std::vector<std::string> own_addresses();

}  // namespace godwit::net
