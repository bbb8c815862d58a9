#pragma once
// Time as the wire counts it: microseconds since the program, or a test, began. Always handed in.

#include <chrono>

namespace godwit::lab {

/// A point in time since the start, or a span of it.
using Time = std::chrono::microseconds;

/// `value` seconds as a Time, rounded down to microseconds.
constexpr Time from_seconds(double value) { return Time(static_cast<int64_t>(value * 1e6)); }

}  // namespace godwit::lab
