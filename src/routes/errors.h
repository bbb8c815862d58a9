#pragma once
// Errors of routes/: block 600.

#include "base/error.h"

namespace godwit::routes {

inline constexpr ErrorCode kBadRoute{600, Action::kFix, "routes_bad_route"};
inline constexpr ErrorCode kUnknownScheme{601, Action::kDrop, "routes_unknown_scheme"};

}  // namespace godwit::routes
