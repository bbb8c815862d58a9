#pragma once
// UTF-8 as it comes in exports: perhaps damaged, with marks that nobody sees.

#include <string>
#include <string_view>

namespace godwit::imports {

/// Takes the first character off `text`, which is not empty. A byte that begins none is taken alone and gives U+FFFD.
char32_t take_character(std::string_view& text);
/// Appends a character.
void put_character(std::string& out, char32_t character);
/// Marks of direction, joiners of width zero, byte order marks.
bool is_invisible_mark(char32_t character);
/// True if all of it is UTF-8.
bool is_whole_utf8(std::string_view text);
/// The same text with U+FFFD for what is no UTF-8.
std::string mended(std::string_view text);
/// The longest beginning of at most `max` bytes that cuts no character.
std::string_view beginning(std::string_view text, size_t max);
/// Without marks of direction at both ends and blanks around.
std::string_view without_marks(std::string_view text);
/// For a name: mended, no control characters and marks, not longer than kImportedNameMax.
std::string name_of(std::string_view text);

}  // namespace godwit::imports
