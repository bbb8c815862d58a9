#include "home/main_addresses.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "routes/public_address.h"

namespace godwit::home {
namespace {

// True for an address that this machine has: what listens there may be meant for the machine alone. Where the system does not say
// which it has, each may be.
bool is_own_address(const routes::MappedAddress& address) {
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) return true;
  bool own = false;
  for (const ifaddrs* each = all; each != nullptr && !own; each = each->ifa_next) {
    if (each->ifa_addr == nullptr) continue;
    routes::MappedAddress found{};
    if (each->ifa_addr->sa_family == AF_INET) {
      sockaddr_in ipv4{};
      std::memcpy(&ipv4, each->ifa_addr, sizeof ipv4);
      found[10] = found[11] = 0xff;
      std::memcpy(found.data() + 12, &ipv4.sin_addr, 4);
    } else if (each->ifa_addr->sa_family == AF_INET6) {
      sockaddr_in6 ipv6{};
      std::memcpy(&ipv6, each->ifa_addr, sizeof ipv6);
      std::memcpy(found.data(), &ipv6.sin6_addr, 16);
    } else {
      continue;
    }
    own = found == address;
  }
  ::freeifaddrs(all);
  return own;
}

}  // namespace

bool is_strangers_goal(const routes::MappedAddress& address) {
  return routes::is_public_address(address) && !is_own_address(address);
}

Bytes counted_name(const routes::MappedAddress& address) {
  const ByteView bytes(address);
  const bool ipv4 = std::all_of(address.begin(), address.begin() + 10, [](uint8_t each) { return each == 0; });
  return to_bytes(ipv4 ? bytes : bytes.first(8));
}

}  // namespace godwit::home
