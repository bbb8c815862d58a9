#pragma once
// Errors of store/: block 900.

#include "base/error.h"

namespace godwit::store {

inline constexpr ErrorCode kDiskFull{900, Action::kRetryLater, "store_disk_full"};
/// A page or file does not match its checksum. Nothing is written any more; restore from a backup.
inline constexpr ErrorCode kCorrupted{901, Action::kStop, "store_corrupted"};
inline constexpr ErrorCode kUnavailable{902, Action::kRetryLater, "store_unavailable"};
/// Another process holds this store.
inline constexpr ErrorCode kLocked{903, Action::kFix, "store_locked"};
/// The folder cannot be made, opened or written.
inline constexpr ErrorCode kNoAccess{904, Action::kFix, "store_no_access"};
/// Written by a newer version of this program.
inline constexpr ErrorCode kNewerVersion{905, Action::kFix, "store_newer_version"};

}  // namespace godwit::store
