#include "imports/characters.h"

#include <cstdint>

#include "imports/imported.h"

namespace godwit::imports {
namespace {

constexpr char32_t kReplacement = 0xfffd;

bool is_blank(char32_t character) {
  return character == ' ' || character == '\t' || character == '\r' || character == '\n' || character == 0xa0 ||
         character == 0x202f;
}

}  // namespace

char32_t take_character(std::string_view& text) {
  const auto byte = [&](size_t at) { return static_cast<uint8_t>(text[at]); };
  const uint8_t first = byte(0);
  const size_t size = first < 0x80 ? 1 : first >= 0xc2 && first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (size == 1) return text.remove_prefix(1), char32_t{first};
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return text.remove_prefix(1), kReplacement;
  char32_t out = first & (0x7fU >> size);
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return text.remove_prefix(1), kReplacement;
    out = (out << 6) | (byte(i) & 0x3fU);
  }
  const bool short_form = (size == 3 && out < 0x800) || (size == 4 && out < 0x10000);
  if (short_form || out > 0x10ffff || (out >= 0xd800 && out < 0xe000)) return text.remove_prefix(1), kReplacement;
  text.remove_prefix(size);
  return out;
}

void put_character(std::string& out, char32_t character) {
  const auto put = [&](char32_t byte) { out += static_cast<char>(static_cast<uint8_t>(byte)); };
  if (character < 0x80) return put(character);
  if (character < 0x800) return put(0xc0 | (character >> 6)), put(0x80 | (character & 0x3f));
  if (character < 0x10000) {
    put(0xe0 | (character >> 12));
  } else {
    put(0xf0 | (character >> 18));
    put(0x80 | ((character >> 12) & 0x3f));
  }
  put(0x80 | ((character >> 6) & 0x3f));
  put(0x80 | (character & 0x3f));
}

bool is_invisible_mark(char32_t character) {
  return (character >= 0x200b && character <= 0x200f) || (character >= 0x202a && character <= 0x202e) ||
         (character >= 0x2060 && character <= 0x2069) || character == 0xfeff || character == 0x061c;
}

bool is_whole_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::string_view before = text;
    if (take_character(text) == kReplacement && !before.starts_with("\xef\xbf\xbd")) return false;
  }
  return true;
}

std::string mended(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) put_character(out, take_character(text));
  return out;
}

std::string_view beginning(std::string_view text, size_t max) {
  if (text.size() <= max) return text;
  size_t cut = max;
  for (int back = 0; back < 3 && cut > 0 && (static_cast<uint8_t>(text[cut]) & 0xc0) == 0x80; ++back) --cut;
  return text.substr(0, (static_cast<uint8_t>(text[cut]) & 0xc0) == 0x80 ? max : cut);
}

std::string_view without_marks(std::string_view text) {
  while (!text.empty()) {
    std::string_view rest = text;
    const char32_t first = take_character(rest);
    if (!is_invisible_mark(first) && !is_blank(first)) break;
    text = rest;
  }
  while (!text.empty()) {
    size_t at = text.size() - 1;
    for (int back = 0; back < 3 && at > 0 && (static_cast<uint8_t>(text[at]) & 0xc0) == 0x80; ++back) --at;
    std::string_view last = text.substr(at);
    const char32_t character = take_character(last);
    if (!last.empty() || (!is_invisible_mark(character) && !is_blank(character))) break;
    text = text.substr(0, at);
  }
  return text;
}

std::string name_of(std::string_view text) {
  std::string out;
  text = without_marks(text);
  while (!text.empty() && out.size() + 4 <= kImportedNameMax) {
    const char32_t next = take_character(text);
    if (next < 0x20 || (next >= 0x7f && next < 0xa0) || is_invisible_mark(next)) continue;
    put_character(out, next == 0xa0 ? U' ' : next);
  }
  return std::string(without_marks(out));
}

}  // namespace godwit::imports
