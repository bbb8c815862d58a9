#pragma once
// Where a bridge passes things on to: the ways to one home, read from what its operator was given.

#include <string_view>
#include <vector>

#include "base/result.h"
#include "routes/route.h"

namespace godwit::bridge {

/// Ways to one home at most: as many as a home link names.
inline constexpr size_t kWaysMax = 8;

/// One way to a home.
struct Way {
  routes::Route route;  ///< Carrier::kWss or kBridge.
  bool plain = false;   ///< To a home behind a proxy on this machine, past that proxy: no TLS.

  friend bool operator==(const Way&, const Way&) = default;
};

/// Reads what `--home` says: a home link (`godwit-home:...`, of which only the routes and the certificate's pin are used),
/// a route `wss://...` or `bridge://...`, or `ws://address:port/path` for a home on a loopback address. Gives 1 to kWaysMax
/// ways, the best first; ways of a home link that a bridge cannot dial are left out. kDamagedLink; kBadHome.
Result<std::vector<Way>> parse_home(std::string_view text);

}  // namespace godwit::bridge
