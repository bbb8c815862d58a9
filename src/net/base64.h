#pragma once
// Base64 with padding, as mail has it (RFC 2045 §6.8).

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace godwit::net {

/// Lines of at most `line` characters, each ended by CRLF; `line` 0: all in one, without an end.
std::string to_base64(ByteView bytes, size_t line);
/// Reads it whatever its lines are: blanks and line ends are skipped, nothing else is, and nothing follows the padding. Nothing if it is not that.
std::optional<Bytes> from_base64(std::string_view text);

}  // namespace godwit::net
