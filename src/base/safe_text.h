#pragma once
// Text of others made safe to be shown: nothing in it steers a terminal or turns the direction of what stands beside it.

#include <cstdint>
#include <string>
#include <string_view>

namespace godwit {

/// One character of UTF-8, or one byte that is none.
struct Character {
  size_t size;
  uint32_t code;  ///< 0xfffd if it is no UTF-8
};
/// The first one of `text`, which is not empty.
Character character_at(std::string_view text);

/// `text` with control characters (but for newlines) shown as "\xNN": a message must not be able to steer a terminal. Also
/// the characters that turn the direction of a line (Unicode UAX #9), as "\u....".
std::string safe_text(std::string_view text);
/// `text` safe and on one line: newlines become blanks.
std::string safe_line(std::string_view text);

}  // namespace godwit
