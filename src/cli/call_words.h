#pragma once
// Calls in words, for terminals.

#include <optional>
#include <string>

#include "engine/call_notices.h"

namespace godwit::cli {

/// A call that is over, as a line among messages: "missed call".
std::string print_call(const engine::CallLine& call);
/// What a change of the own call means to whoever sits at a terminal, one line; nothing: it is not worth one.
std::optional<std::string> print_call_change(const engine::CallInfo& call);
/// How one's own call that nobody talked in, or that ended, went: "no answer".
std::string print_outcome(engine::CallOutcome outcome);

}  // namespace godwit::cli
