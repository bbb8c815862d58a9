#pragma once
// Paths of media inside an export: they come from outside, so they may name anything.

#include <optional>
#include <string>
#include <string_view>

namespace godwit::imports {

/// Bytes of one name: as many as a file system takes.
constexpr size_t kMediaNameMax = 255;

/// A path inside the export, of names with slashes between, that leaves it nowhere: no "..", no root, no hidden names, no
/// control or direction characters, kMediaNameMax bytes a name and 8 names at most. Nothing if `path` is not such a path.
std::optional<std::string> media_path(std::string_view path);
/// The last name of a path.
std::string_view last_name(std::string_view path);

/// `front`, which is short, a dash and a name. Too long for media_path it is cut before its ending, between characters.
std::string name_behind(std::string_view front, std::string_view name);
/// What people call a file whose name was made by name_behind from 16 hex digits, also one that was restored and has two of
/// them; any other name as it is.
std::string_view name_for_people(std::string_view media);

}  // namespace godwit::imports
