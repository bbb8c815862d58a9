#pragma once
// What an engine counts.

#include <cstdint>

namespace godwit::engine {

/// What happened so far; for tests, the simulator and `godwit status`.
struct Counters {
  uint64_t sessions_full = 0;
  uint64_t sessions_resumed = 0;
  uint64_t letters = 0;          ///< Sealed requests sent by mail.
  uint64_t small_exchanges = 0;  ///< done where connections do not last
  uint64_t epoch_conflicts = 0;  ///< appends that lost a race
  uint64_t resends = 0;          ///< asked of others or by them
  uint64_t duplicates = 0;       ///< messages that came again and were not shown
  uint64_t blob_resumed = 0;     ///< Files that went on where they were, after a restart or a new look.
};

}  // namespace godwit::engine
