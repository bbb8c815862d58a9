#include "base/safe_text.h"

namespace godwit {
namespace {

bool turns_direction(uint32_t code) {
  return (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || code == 0x200e || code == 0x200f ||
         code == 0x061c;
}

void put_escaped(std::string& out, char kind, int digits, uint32_t code) {
  out += '\\';
  out += kind;
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out += "0123456789abcdef"[code >> shift & 0xf];
}

}  // namespace

Character character_at(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = byte(0);
  const size_t size = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (size == 0 || size > text.size()) return {1, 0xfffd};
  if (size == 1) return {1, first};
  uint32_t code = first & (0x7fU >> size);
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {1, 0xfffd};
    code = code << 6 | (byte(i) & 0x3fU);
  }
  return {size, code};
}

std::string safe_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const Character next = character_at(text);
    const bool control = next.code < 0x20 || (next.code >= 0x7f && next.code < 0xa0);
    if (next.code == 0xfffd) {
      out += "\xef\xbf\xbd";
    } else if (control && next.code != '\n' && next.code != '\t') {
      put_escaped(out, 'x', 2, next.code);
    } else if (turns_direction(next.code)) {
      put_escaped(out, 'u', 4, next.code);
    } else {
      out += text.substr(0, next.size);
    }
    text.remove_prefix(next.size);
  }
  return out;
}

std::string safe_line(std::string_view text) {
  std::string out = safe_text(text);
  for (char& each : out) {
    if (each == '\n' || each == '\t') each = ' ';
  }
  return out;
}

}  // namespace godwit
