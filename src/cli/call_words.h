#pragma once
// Calls in words, for terminals.

#include <optional>
#include <string>

#include "engine/call_notices.h"

namespace godwit::cli {

/// What a change of the own call means to whoever sits at a terminal, one line; nothing: it is not worth one.
std::optional<std::string> print_call_change(const engine::CallInfo& call);

}  // namespace godwit::cli
