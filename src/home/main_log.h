#pragma once
// The log of a home that runs: standard error, one whole line at a time (log_text.h). There are no lines of sessions, requests or people.
// One for the program, as standard error is. Only main files include this.

#include "base/error.h"
#include "home/log_text.h"

namespace godwit::home {

/// From now on what fail() says is a line of the log too, and lines are JSON if `json`. Before that, and in commands, people are spoken to.
void begin_log(bool json);
/// True after begin_log().
bool log_has_begun();
/// Writes a line.
void say(LogLevel level, std::string_view event, LogFields fields = {});
/// Writes a line about an error of ours: its name, and what it means for an operator.
void say(LogLevel level, std::string_view event, const Error& error, std::string text = {});

}  // namespace godwit::home
