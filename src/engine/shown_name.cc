#include "engine/shown_name.h"

#include <algorithm>

#include "engine/errors.h"

namespace godwit::engine {
namespace {

struct Range {
  uint32_t first;
  uint32_t last;
};

bool is_among(const auto& ranges, uint32_t scalar) {
  return std::ranges::any_of(ranges, [&](const Range& each) { return scalar >= each.first && scalar <= each.last; });
}

constexpr Range kBreaking[] = {{0x00, 0x1f},     {0x7f, 0x9f},     {0x061c, 0x061c},
                               {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069}};

// White_Space and Default_Ignorable_Code_Point of Unicode 16 (PropList.txt, DerivedCoreProperties.txt), the controls of annotations, and the
// Braille pattern without a dot.
constexpr Range kInvisible[] = {
    {0x00, 0x20},     {0x7f, 0xa0},       {0xad, 0xad},       {0x034f, 0x034f},   {0x061c, 0x061c}, {0x115f, 0x1160},
    {0x1680, 0x1680}, {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x2000, 0x200f},   {0x2028, 0x202f}, {0x205f, 0x206f},
    {0x2800, 0x2800}, {0x3000, 0x3000},   {0x3164, 0x3164},   {0xfe00, 0xfe0f},   {0xfeff, 0xfeff}, {0xffa0, 0xffa0},
    {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

}  // namespace

bool take_scalar(std::string_view& text, uint32_t& out) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  const size_t size = lead < 0x80 ? 1U : lead < 0xe0 ? 2U : lead < 0xf0 ? 3U : 4U;
  if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4 || text.size() < size) return false;
  out = size == 1 ? lead : lead & (0x7fU >> size);
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return false;
    out = (out << 6) | (byte(i) & 0x3fU);
  }
  text.remove_prefix(size);
  constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  return out >= kLeast[size] && out <= 0x10ffff && (out < 0xd800 || out > 0xdfff);
}

bool is_utf8(std::string_view text) {
  uint32_t scalar = 0;
  while (!text.empty()) {
    if (!take_scalar(text, scalar)) return false;
  }
  return true;
}

bool breaks_line(uint32_t scalar) { return is_among(kBreaking, scalar); }

bool has_visible(std::string_view text) {
  uint32_t scalar = 0;
  while (!text.empty() && take_scalar(text, scalar)) {
    if (!is_among(kInvisible, scalar)) return true;
  }
  return false;
}

bool is_plain_line(std::string_view text, size_t size_max) {
  if (text.size() > size_max) return false;
  uint32_t scalar = 0;
  while (!text.empty()) {
    if (!take_scalar(text, scalar) || breaks_line(scalar)) return false;
  }
  return true;
}

Status check_name(std::string_view name) {
  TRY(check_given_name(name));
  REQUIRE(is_plain_line(name, kNameSizeMax), kNotText, "a name has no ends of lines and no marks of direction");
  REQUIRE(has_visible(name), kNotText, "something of a name is to be seen");
  return {};
}

Status check_given_name(std::string_view name) {
  REQUIRE(!name.empty(), kNotText, "a name has at least one character");
  REQUIRE(name.size() <= kNameSizeMax, kTooLong, "a name has at most 64 characters");
  size_t characters = 0;
  while (!name.empty()) {
    uint32_t scalar = 0;
    REQUIRE(take_scalar(name, scalar), kNotText, "a name is UTF-8");
    REQUIRE(scalar >= 0x20 && (scalar < 0x7f || scalar > 0x9f), kNotText, "a name has no control characters");
    REQUIRE((scalar < 0x202a || scalar > 0x202e) && (scalar < 0x2066 || scalar > 0x2069), kNotText,
            "a name has no direction overrides");
    ++characters;
  }
  REQUIRE(characters <= kNameCharactersMax, kTooLong, "a name has at most 64 characters");
  return {};
}

std::string shown_name(std::string_view name) {
  std::string out;
  uint32_t scalar = 0;
  for (std::string_view rest = name; !rest.empty();) {
    const std::string_view here = rest;
    if (!take_scalar(rest, scalar)) break;
    if (!breaks_line(scalar)) out += here.substr(0, here.size() - rest.size());
  }
  return has_visible(out) ? out : "?";
}

}  // namespace godwit::engine
