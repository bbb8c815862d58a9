#pragma once
// Errors of bridge/: block 1300. All of them are for the operator.

#include "base/error.h"

namespace godwit::bridge {

/// `--home` is neither a home link nor a route that a bridge can dial.
inline constexpr ErrorCode kBadHome{1300, Action::kFix, "bridge_bad_home"};
/// The home link was changed on the way, or is cut off: ask for it again.
inline constexpr ErrorCode kDamagedLink{1301, Action::kFix, "bridge_damaged_link"};
/// The file of secrets is not one.
inline constexpr ErrorCode kBadSecret{1302, Action::kFix, "bridge_bad_secret"};
/// A file cannot be read or written.
inline constexpr ErrorCode kBadFile{1303, Action::kFix, "bridge_bad_file"};

}  // namespace godwit::bridge
