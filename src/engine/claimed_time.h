#pragma once
// What people may claim about when they said something.

#include <cstdint>

namespace godwit::engine {

/// The last time, ms since 1970: beyond the year 9999 a host's calendar may not follow.
constexpr uint64_t kSentMsMax = 253'402'300'799'999;

}  // namespace godwit::engine
