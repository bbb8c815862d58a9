#include "imports/media_path.h"

#include "imports/characters.h"

namespace godwit::imports {
namespace {

constexpr size_t kNameSizeMax = 200;
constexpr size_t kNamesMax = 8;

bool is_good_name(std::string_view name) {
  if (name.empty() || name.size() > kNameSizeMax || name.front() == '.') return false;
  while (!name.empty()) {
    const bool bad_byte = static_cast<unsigned char>(name.front()) >= 0x80;
    const char32_t next = take_character(name);
    if (next < 0x20 || (next >= 0x7f && next < 0xa0) || next == '\\' || is_invisible_mark(next)) return false;
    if (bad_byte && next == 0xfffd) return false;
  }
  return true;
}

}  // namespace

std::optional<std::string> media_path(std::string_view path) {
  std::string out;
  for (size_t names = 0; names < kNamesMax; ++names) {
    const size_t slash = path.find('/');
    const std::string_view name = path.substr(0, slash);
    if (!is_good_name(name)) return std::nullopt;
    out += name;
    if (slash == std::string_view::npos) return out;
    out += '/';
    path.remove_prefix(slash + 1);
  }
  return std::nullopt;
}

std::string_view last_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

}  // namespace godwit::imports
