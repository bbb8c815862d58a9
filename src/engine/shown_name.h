#pragma once
// Names as people read them: of accounts, groups, channels, devices, contact cards and files. A name stands on a line with other things
// and among other names, so it may neither turn the line round nor be nothing to be seen.

#include <string>
#include <string_view>

#include "base/result.h"

namespace godwit::engine {

/// Bytes of UTF-8 in a name: 64 characters of at most 4 bytes.
constexpr size_t kNameSizeMax = 256;
constexpr size_t kNameCharactersMax = 64;

/// True if `text` is UTF-8 (RFC 3629): no overlong forms, no surrogates.
bool is_utf8(std::string_view text);
/// True for what no line with other things may hold: control characters (C0, C1, U+007F), ends of lines (U+2028 and U+2029) and marks that turn
/// the direction of what stands around them (UAX #9 §2: U+061C, U+200E and U+200F, U+202A to U+202E, U+2066 to U+2069).
bool breaks_line(uint32_t scalar);
/// True if something of `text`, which is UTF-8, is to be seen: not blanks, joiners and other characters without a shape alone.
bool has_visible(std::string_view text);
/// True if `text` is at most `size_max` bytes of UTF-8 without anything that breaks_line(): fit to be shown on a line with other things.
bool is_plain_line(std::string_view text, size_t size_max);

/// Checks a name that is to be given: 1 to 64 characters, a plain line, something of it to be seen. kNotText, kTooLong.
Status check_name(std::string_view name);
/// Checks a name that others have given. It asks for no more than the first programs did (1 to 64 characters of UTF-8, no control characters,
/// no U+202A to U+202E, no U+2066 to U+2069): whether a commit holds hangs on this, so all members have to judge alike. kNotText, kTooLong.
Status check_given_name(std::string_view name);
/// A name that others have given as it is shown: without what breaks_line(). "?" if nothing of it is to be seen.
std::string shown_name(std::string_view name);

/// Takes the scalar value at the front of `text` (RFC 3629 §4), which is not empty and is shortened by it. False: there is none.
bool take_scalar(std::string_view& text, uint32_t& out);

}  // namespace godwit::engine
