#pragma once
// A route with its source, as the policy and people are told of it.

#include "routes/route.h"

namespace godwit::routes {

/// Who told of a route.
enum class RouteSource : uint8_t {
  kInvite = 1,    ///< The invite or the home's link.
  kAdded = 2,     ///< The user.
  kBulletin = 3,  ///< The home itself, signed.
};
/// A route and where it comes from.
struct KnownRoute {
  Route route;
  RouteSource source = RouteSource::kInvite;
  friend bool operator==(const KnownRoute&, const KnownRoute&) = default;
};

}  // namespace godwit::routes
