#pragma once
// Errors of archive/: block 1620. Each has its sentence in api/messages.

#include "base/error.h"

namespace godwit::archive {

/// It does not begin as an archive does.
inline constexpr ErrorCode kNotArchive{1620, Action::kFix, "archive_not_archive"};
/// It ends before its end.
inline constexpr ErrorCode kArchiveCut{1621, Action::kFix, "archive_cut"};
/// Some of its bytes are not as they were written, or are not in their place.
inline constexpr ErrorCode kArchiveDamaged{1622, Action::kFix, "archive_damaged"};
/// Its head is whole, and this secret does not open it.
inline constexpr ErrorCode kArchiveOtherKey{1623, Action::kFix, "archive_other_key"};
/// A later version of Godwit has written it.
inline constexpr ErrorCode kArchiveNewer{1624, Action::kFix, "archive_newer"};

}  // namespace godwit::archive
