#pragma once
// The looks of a route: other ways to show the same dial to a censor. The session inside authenticates the home, so any name
// may be shown in clear, and a name need not be resolved if its address is known.

#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "routes/route.h"

namespace godwit::routes {

/// How a route is shown. Of the same TLS hello all of them: only the name in it and the way to the address differ.
enum class LookKind : uint8_t {
  kAsGiven = 1,    ///< As the route says.
  kAddress = 2,    ///< Its own name shown, dialled at the last good address: for names that are not resolved any more.
  kNameless = 3,   ///< No server name shown.
  kOtherName = 4,  ///< The name of an ordinary site shown.
};
/// How many kinds there are.
constexpr size_t kLookKinds = 4;

/// The kinds of looks that a route has, in the order in which they are tried: only wss and bridge have more than one.
/// `address_known`: there is a good address of its host.
std::vector<LookKind> looks_of(const Route& route, bool address_known);
/// True if a watcher sees the same server name under both.
constexpr bool shows_same(LookKind a, LookKind b) {
  const auto is_own = [](LookKind look) { return look == LookKind::kAsGiven || look == LookKind::kAddress; };
  return a == b || (is_own(a) && is_own(b));
}
/// The route to dial for a look. `address` is the last good one of the host, if it is a name; `name` is what kOtherName
/// shows.
Route with_look(const Route& route, LookKind look, const std::optional<std::string>& address, const std::string& name);

/// The name of an ordinary site that is large, old, harmless and blocked nowhere that we know of.
std::string ordinary_name(Random& random);

}  // namespace godwit::routes
