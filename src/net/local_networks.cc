#include "net/local_networks.h"

#include <asio.hpp>
#include <ifaddrs.h>
#include <linux/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

namespace godwit::net {
namespace {

constexpr size_t kNetworksMax = 16;

ByteArray<4> address_of(const sockaddr* any) {
  sockaddr_in address;
  std::memcpy(&address, any, sizeof address);
  ByteArray<4> out;
  std::memcpy(out.data(), &address.sin_addr, out.size());
  return out;
}

}  // namespace

bool LocalNetwork::holds(const ByteArray<4>& other) const {
  for (size_t i = 0; i < mask.size(); ++i) {
    if (((address[i] ^ other[i]) & mask[i]) != 0) return false;
  }
  return true;
}

bool is_local_address(const ByteArray<4>& address) {
  return address[0] == 10 || (address[0] == 172 && (address[1] & 0xf0) == 16) ||
         (address[0] == 192 && address[1] == 168) || (address[0] == 169 && address[1] == 254);
}

std::vector<LocalNetwork> local_networks() {
  std::vector<LocalNetwork> out;
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) return out;
  for (const ifaddrs* each = all; each != nullptr && out.size() < kNetworksMax; each = each->ifa_next) {
    constexpr unsigned kWanted = IFF_UP | IFF_RUNNING | IFF_MULTICAST;
    const bool fits =
        (each->ifa_flags & kWanted) == kWanted && (each->ifa_flags & (IFF_LOOPBACK | IFF_POINTOPOINT)) == 0;
    if (!fits || each->ifa_addr == nullptr || each->ifa_netmask == nullptr || each->ifa_addr->sa_family != AF_INET)
      continue;
    LocalNetwork network{each->ifa_name, address_of(each->ifa_addr), address_of(each->ifa_netmask)};
    if (is_local_address(network.address)) out.push_back(std::move(network));
  }
  ::freeifaddrs(all);
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> own_addresses() {
  std::vector<std::string> out;
  // "Connecting" a UDP socket only looks the way up; these are for examples (RFC 5737, RFC 3849).
  for (const char* far : {"192.0.2.1", "2001:db8::1"}) {
    const auto peer = asio::ip::make_address(far);
    asio::io_context context;
    asio::ip::udp::socket probe(context);
    asio::error_code error;
    probe.open(peer.is_v6() ? asio::ip::udp::v6() : asio::ip::udp::v4(), error);
    if (!error) probe.connect({peer, 443}, error);
    const auto own = error ? asio::ip::udp::endpoint() : probe.local_endpoint(error);
    const auto address = own.address();
    if (error || address.is_unspecified() || address.is_loopback()) continue;
    if (address.is_v6() && address.to_v6().is_link_local()) continue;
    out.push_back(address.to_string());
  }
  return out;
}

}  // namespace godwit::net
