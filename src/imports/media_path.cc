#include "imports/media_path.h"

#include "imports/characters.h"

namespace godwit::imports {
namespace {

constexpr size_t kNamesMax = 8;
// Of "report.tar.gz" the last ".gz"; more bytes are no ending.
constexpr size_t kEndingMax = 16;
constexpr size_t kDigits = 16;

bool has_digits_before(std::string_view name) {
  return name.size() > kDigits + 1 && name[kDigits] == '-' &&
         name.find_first_not_of("0123456789abcdef") == kDigits;
}

bool is_good_name(std::string_view name) {
  if (name.empty() || name.size() > kMediaNameMax || name.front() == '.') return false;
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

std::string name_behind(std::string_view front, std::string_view name) {
  const std::string before = std::string(front) + "-";
  const size_t room = kMediaNameMax - before.size();
  if (name.size() <= room) return before + std::string(name);
  const size_t dot = name.rfind('.');
  const bool has_ending = dot != std::string_view::npos && name.size() - dot <= kEndingMax;
  const std::string_view ending = has_ending ? name.substr(dot) : std::string_view();
  return before + std::string(beginning(name, room - ending.size())) + std::string(ending);
}

std::string_view name_for_people(std::string_view media) {
  while (has_digits_before(media)) media.remove_prefix(kDigits + 1);
  return media;
}

std::string_view last_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

}  // namespace godwit::imports
