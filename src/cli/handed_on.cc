#include "cli/handed_on.h"

#include <algorithm>
#include <charconv>

namespace godwit::cli {
namespace {

constexpr std::string_view kScheme = "https://";
constexpr std::string_view kField = "invite=";
// What may be left away, since it is what most of them begin with.
constexpr std::string_view kInvite = "godwit:i#";
constexpr std::string_view kHome = "godwit-home:";
constexpr std::string_view kGodwit = "godwit:";

std::string_view without(std::string_view prefix, std::string_view link) {
  return link.starts_with(prefix) ? link.substr(prefix.size()) : link;
}

// Links have no other characters that mean something in an address.
std::string encoded(std::string_view link) {
  std::string out;
  for (const char c : link) out += c == ':' ? "%3A" : c == '#' ? "%23" : std::string(1, c);
  return out;
}

std::string decoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    uint8_t byte = 0;
    const char* const digits = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size() && std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      out += static_cast<char>(byte);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

std::string handed_on(std::string_view link, std::string_view page, std::string_view home_link) {
  std::string out = std::string(page) + "#";
  if (!home_link.empty()) out += "home=" + encoded(without(kHome, home_link)) + "&";
  return out + std::string(kField) + encoded(without(kInvite, link));
}

std::string link_in(std::string_view text) {
  const size_t hash = text.find('#');
  if (!text.starts_with(kScheme) || hash == std::string_view::npos) return std::string(text);
  std::string_view fields = text.substr(hash + 1);
  while (!fields.empty()) {
    const std::string_view field = fields.substr(0, fields.find('&'));
    fields.remove_prefix(std::min(field.size() + 1, fields.size()));
    if (!field.starts_with(kField)) continue;
    const std::string link = decoded(field.substr(kField.size()));
    return link.starts_with(kGodwit) ? link : std::string(kInvite) + link;
  }
  return std::string(text);
}

}  // namespace godwit::cli
