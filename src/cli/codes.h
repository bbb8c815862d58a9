#pragma once
// What people compare or hand on: as digits, and as a code to scan on a terminal.

#include <string>
#include <string_view>

namespace godwit::cli {

/// What the code of a safety number begins with; its digits follow.
inline constexpr char kNumberScheme[] = "godwit:v#";

/// The code of `text` for the terminal behind `descriptor`; empty if that is none, or too narrow: a code whose lines are broken
/// cannot be scanned.
std::string code_that_fits(std::string_view text, int descriptor);
/// The digits of a safety number in groups and lines, with a newline at the end.
std::string print_number(std::string_view digits);

}  // namespace godwit::cli
