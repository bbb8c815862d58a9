#pragma once
// Addresses of the web, as they come from browsers and homes: of push services, of the page.

#include <cstddef>
#include <string_view>

#include "base/result.h"

namespace godwit::wire {

/// Whether `url` is https://host[:port] with whatever follows, of printable ASCII. kTooLarge: longer than `size_max`; kMalformed:
/// anything else, also one with a user in it, or a fragment.
Status check_web_address(std::string_view url, size_t size_max);

}  // namespace godwit::wire
