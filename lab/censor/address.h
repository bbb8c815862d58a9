#pragma once
// Addresses, blocks of them and ports, as a box on the wire sees them.

#include <compare>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace godwit::lab {

/// An IPv4 or IPv6 address.
struct Address {
  bool v6 = false;
  ByteArray<16> bytes{};  ///< IPv4: the first four, the rest zero

  friend auto operator<=>(const Address&, const Address&) = default;
  /// The 4 or 16 bytes; lives as long as the address.
  ByteView view() const { return ByteView(bytes).first(v6 ? 16 : 4); }
  /// As people write it.
  std::string text() const;
  /// The same in every run, for hash tables and for decisions per address.
  uint64_t hash() const;
};

/// Reads "192.0.2.1" or "2001:db8::1"; false if it is neither.
[[nodiscard]] bool parse_address(std::string_view text, Address& out);

/// An address and a port.
struct Endpoint {
  Address address;
  uint16_t port = 0;

  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
  /// "192.0.2.1:443", "[2001:db8::1]:443".
  std::string text() const;
};

/// Reads what Endpoint::text() writes; false if it is not that.
[[nodiscard]] bool parse_endpoint(std::string_view text, Endpoint& out);

/// A block of addresses.
struct Cidr {
  Address base;
  int bits = 0;

  /// True if `address` lies in the block.
  bool contains(const Address& address) const;
  /// "192.0.2.0/24".
  std::string text() const;
};

/// Reads "192.0.2.0/24" or a single address; false if it is neither.
[[nodiscard]] bool parse_cidr(std::string_view text, Cidr& out);

/// Blocks of addresses; a short list, searched from front to back.
struct CidrSet {
  std::vector<Cidr> blocks;

  /// True if one of the blocks holds `address`.
  bool contains(const Address& address) const;
};

/// Ports from `first` to `last`, both included.
struct PortRange {
  uint16_t first = 0;
  uint16_t last = 0;
};

/// Reads "443" or "3478-3497"; false if it is neither.
[[nodiscard]] bool parse_ports(std::string_view text, PortRange& out);

/// Ranges of ports; a short list.
struct PortSet {
  std::vector<PortRange> ranges;

  /// True if one of the ranges holds `port`.
  bool contains(uint16_t port) const;
};

/// The parts of `text` between `separator`s; none for an empty text.
std::vector<std::string> split(std::string_view text, char separator);

/// True if `name` is one of `suffixes` or ends with "." and one of them, whatever the case; "*" matches every name.
bool name_in(const std::vector<std::string>& suffixes, std::string_view name);

}  // namespace godwit::lab
