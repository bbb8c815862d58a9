#pragma once
// What a person may say about the network, and what stands about it in the profile:
//   resolvers     which name servers are asked beside the system's (routes/resolver_list.h); missing: well-known ones
//   transports/   what the programs of pluggable transports keep

#include <string>
#include <vector>

#include "net/dial.h"
#include "net/event_loop.h"

namespace godwit::cli {

/// As it stands on the command line or in the environment; empty: nothing was said.
struct NetworkTexts {
  std::string proxy;                    ///< socks5://... or http://...
  std::string tor;                      ///< address:port of a running Tor's SOCKS server
  std::vector<std::string> transports;  ///< "obfs4=/path/to/program"
  std::string resolvers;                ///< a file instead of the profile's
};

/// What dials have in common. `profile` is the profile's folder. routes::kBadProxy, routes::kBadResolverList,
/// routes::kBadRoute (Tor's address), net::kBadOption (a transport), kProfileNoAccess (a file cannot be read).
Result<net::DialOptions> read_network(net::EventLoop& loop, const std::string& profile, const NetworkTexts& texts);

}  // namespace godwit::cli
