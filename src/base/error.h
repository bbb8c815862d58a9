#pragma once
// What can go wrong, and what the caller does about it.
//
// An error is a code (a number in its folder's block, and the one thing its caller must do) and a pointer to a literal
// that names the broken rule. It carries no free text, so it can be logged and can leak nothing.
//
// Blocks: base 1, codec 100, crypto 200, mls 300, session 400, wire 500, routes 600, engine 700, api 800, store 900,
// net 1000, home 1100, cli 1200, bridge 1300, engine again 1400 and 1500, imports 1600, wasm 1700. Each folder lists its codes in its own
// errors.h.

#include <cstdint>

namespace godwit {

/// What the one who receives an error must do.
enum class Action : uint8_t {
  kDrop,          ///< Throw this message or request away; everything else goes on.
  kCloseSession,  ///< This session is of no use any more; open another.
  kRetryLater,    ///< The same thing may succeed later, unchanged.
  kFix,           ///< Somebody has to change something first: a person, a configuration, the calling code.
  kStop,          ///< Going on could lose data: stop the whole program and say why.
};

/// One kind of failure. `name` is a literal in snake_case, safe to log.
struct ErrorCode {
  uint16_t number;
  Action action;
  const char* name;

  friend constexpr bool operator==(const ErrorCode& a, const ErrorCode& b) { return a.number == b.number; }
};

/// A failure that happened: its kind, and a literal that names the rule which was broken ("RFC 9420 §12.2: ...").
struct Error {
  ErrorCode code;
  const char* rule;
};

}  // namespace godwit
