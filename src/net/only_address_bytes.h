#pragma once
// The library of only_address.cc, which goes with this program wherever it is copied.

#include <string_view>

namespace godwit::net {

/// A shared object, as a file has it.
std::string_view only_address_bytes();

}  // namespace godwit::net
