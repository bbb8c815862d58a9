#pragma once
// What a home counts while it runs. Counts only, nothing about anybody.

#include <cstdint>

namespace godwit::home {

/// What happened so far; for tests, the simulator and the operator.
struct Counters {
  uint64_t sessions_full = 0;     ///< handshakes finished
  uint64_t sessions_resumed = 0;  ///< tickets redeemed
  uint64_t requests = 0;
  uint64_t refused = 0;     ///< of these, answered by Refused
  uint64_t delivered = 0;   ///< durable appends that were not duplicates
  uint64_t duplicates = 0;  ///< appends that had been done before
  uint64_t pushes = 0;
  uint64_t web_pushes = 0;       ///< that push services have taken
  uint64_t damaged_records = 0;  ///< at rest, found and left alone
};

}  // namespace godwit::home
