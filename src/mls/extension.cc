#include "mls/extension.h"

#include <algorithm>
#include <set>

#include "mls/errors.h"

namespace godwit::mls {

const Bytes* find_extension(const Extensions& extensions, ExtensionType type) {
  const auto found =
      std::find_if(extensions.begin(), extensions.end(), [&](const Extension& one) { return one.type == type; });
  return found == extensions.end() ? nullptr : &found->data;
}

bool is_default(ExtensionType type) {
  const auto number = static_cast<uint16_t>(type);
  return number >= 1 && number <= 5;
}

bool is_default(ProposalType type) {
  const auto number = static_cast<uint16_t>(type);
  return number >= 1 && number <= 7;
}

Status check_no_duplicates(const Extensions& extensions) {
  std::set<ExtensionType> seen;
  for (const Extension& one : extensions) {
    REQUIRE(seen.insert(one.type).second, kDuplicateExtension,
            "RFC 9420 §13.4, MLS-176: an extension type stands twice in a list");
  }
  return {};
}

}  // namespace godwit::mls
