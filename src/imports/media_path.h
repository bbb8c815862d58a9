#pragma once
// Paths of media inside an export: they come from outside, so they may name anything.

#include <optional>
#include <string>
#include <string_view>

namespace godwit::imports {

/// A path inside the export, of names with slashes between, that leaves it nowhere: no "..", no root, no hidden names, no
/// control or direction characters, 200 bytes a name and 8 names at most. Nothing if `path` is not such a path.
std::optional<std::string> media_path(std::string_view path);
/// The last name of a path.
std::string_view last_name(std::string_view path);

}  // namespace godwit::imports
