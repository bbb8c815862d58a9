#include "home/request_kinds.h"

#include <array>
#include <string_view>

#include "base/assert.h"

namespace godwit::home {
namespace {

// "MailboxOpen" of wire::MailboxOpen, out of the compiler's name for this function: what stands behind the last "::" of the
// argument. Both compilers write "... [T = godwit::wire::MailboxOpen]", g++ with "with T = ".
template <typename T>
constexpr std::string_view type_name() {
  std::string_view name = __PRETTY_FUNCTION__;
  name.remove_prefix(name.find("T = ") + 4);
  name = name.substr(0, name.find_first_of(";]"));
  return name.substr(name.rfind(':') + 1);
}

template <typename Variant>
struct NamesOf;
template <typename... Types>
struct NamesOf<std::variant<Types...>> {
  static constexpr std::array<std::string_view, sizeof...(Types)> value = {type_name<Types>()...};
};

static_assert(type_name<wire::MailboxOpen>() == "MailboxOpen");

}  // namespace

std::string request_kind_name(size_t kind) {
  ASSERT(kind <= kUnreadable);
  if (kind == kUnreadable) return "unreadable";
  std::string out;
  for (const char c : NamesOf<wire::RequestVariant>::value[kind]) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && !out.empty()) out += '_';
    out += upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

}  // namespace godwit::home
