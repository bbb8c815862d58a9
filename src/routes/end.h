#pragma once
// What the name of a network's failure means to the policy.

#include <string_view>

#include "routes/memory.h"

namespace godwit::routes {

/// From the names of OONI's measurements (ooni/spec, df-007-errors), which whoever opens pipes gives to his errors. Others:
/// kUnknown.
End end_of_failure(std::string_view name);

/// Whoever is at the other end closed the pipe himself. No: the network, or somebody in it, cut it.
bool is_closed_by_peer(std::string_view name);

}  // namespace godwit::routes
