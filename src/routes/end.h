#pragma once
// What the name of a network's failure means to the policy.

#include <string_view>

#include "routes/memory.h"

namespace godwit::routes {

/// From the names of OONI's measurements (ooni/spec, df-007-errors), which whoever opens pipes gives to his errors. Others:
/// kUnknown.
End end_of_failure(std::string_view name);

}  // namespace godwit::routes
