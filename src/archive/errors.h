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
/// It is locked by a passphrase and a recovery key was given, or the reverse.
inline constexpr ErrorCode kArchiveOtherLock{1625, Action::kFix, "archive_other_lock"};
/// The recovery key is another account's.
inline constexpr ErrorCode kArchiveOtherAccount{1626, Action::kFix, "archive_other_account"};
/// Neither a passphrase nor a recovery key was given.
inline constexpr ErrorCode kArchiveNoSecret{1627, Action::kFix, "archive_no_secret"};

}  // namespace godwit::archive
