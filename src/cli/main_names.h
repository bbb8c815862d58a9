#pragma once
// The parser's part about names, contact requests, blocks, channels and stickers.

#include <CLI/CLI.hpp>
#include <functional>

#include "cli/commands.h"

namespace godwit::cli {

/// What was chosen on the command line.
using Chosen = std::function<Status(Context&)>;

/// Adds `name`, `request`, `requests`, `invites`, `block`, `unblock`, `blocked`, `report` and `check-report`.
void add_name_commands(CLI::App& app, Chosen& chosen);
/// Adds `sticker`.
void add_sticker_command(CLI::App& app, Chosen& chosen);
/// Adds `channel`.
void add_channel_command(CLI::App& app, Chosen& chosen);

}  // namespace godwit::cli
