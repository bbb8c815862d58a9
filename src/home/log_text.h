#pragma once
// A line of a running home's log: time, level, event, and name=value. Pure. Nothing of a person can get into it: there are no events of
// sessions or requests, and every text has passed log_safe().

#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.h"
#include "base/time.h"

namespace godwit::home {

/// How much an operator should mind.
enum class LogLevel : uint8_t {
  kInfo,     ///< Something began or ended, as it should.
  kWarning,  ///< The home goes on, and somebody should look.
  kError,    ///< The home ends, or what was asked of it is not done.
};

/// What stands behind a name.
struct LogField {
  std::string_view name;  ///< in snake_case
  std::variant<uint64_t, ErrorCode, std::string> value;
};
/// The fields of a line, in their order.
using LogFields = std::initializer_list<LogField>;

/// Text as it may stand in a log: in one line of printable ASCII, with "[address]" in the place of IP addresses and mail addresses and
/// "[token]" in that of words of 32 characters or more, which is how keys, tokens, ids and links look.
std::string log_safe(std::string_view text);

/// The line, with its newline: as logfmt ("time=2026-11-29T10:38:30Z level=info event=started version=\"0.1\""), or as a JSON object.
std::string log_line(Instant now, LogLevel level, std::string_view event, LogFields fields, bool json);

}  // namespace godwit::home
