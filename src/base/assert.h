#pragma once
// ASSERT(condition): an invariant of our own, checked in release too. Never on bytes from a peer, a disk or a user.

namespace godwit {

/// Prints where an invariant of ours was broken and ends the program; called by ASSERT only.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);

}  // namespace godwit

#define ASSERT(condition)                                                                \
  do {                                                                                   \
    if (!(condition)) [[unlikely]] ::godwit::assertion_failed(#condition, __FILE__, __LINE__); \
  } while (false)
