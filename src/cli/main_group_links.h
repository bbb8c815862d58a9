#pragma once
// The parser's part about links of groups.

#include <CLI/CLI.hpp>
#include <functional>

#include "cli/commands.h"

namespace godwit::cli {

/// Adds `link`, `links`, `unlink`, `join`, `requests`, `approve` and `refuse` to `group`.
void add_group_link_commands(CLI::App& group, std::function<Status(Context&)>& chosen);

}  // namespace godwit::cli
