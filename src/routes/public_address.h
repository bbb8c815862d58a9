#pragma once
// Addresses to which a stranger may have us connect: those of the public Internet and nothing else. Stricter than kind_of
// (candidates.h), which is for people whose home may be in the house.

#include "routes/dns_message.h"

namespace godwit::routes {

/// True for an address that anybody could be at. False for this machine, private and shared networks, link-local ones,
/// multicast, documentation, benchmarks, and whatever else the registries of RFC 6890 keep off the Internet; also inside
/// addresses that carry an IPv4 one (mapped, RFC 6052 "64:ff9b::/96", 6to4, Teredo).
bool is_public_address(const MappedAddress& address);

}  // namespace godwit::routes
