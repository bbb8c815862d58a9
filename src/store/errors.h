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
/// The folder cannot be made, opened or written; NATS servers refuse this home, or are not those whom it may trust.
inline constexpr ErrorCode kNoAccess{904, Action::kFix, "store_no_access"};
/// Written by a newer version of this program.
inline constexpr ErrorCode kNewerVersion{905, Action::kFix, "store_newer_version"};

/// Another home has opened this store meanwhile: nothing is written any more.
inline constexpr ErrorCode kOvertaken{906, Action::kStop, "store_overtaken"};
/// A NATS server is of a version that loses what it has acknowledged.
inline constexpr ErrorCode kOldServer{907, Action::kFix, "store_old_server"};
/// The NATS servers are set up so that they do not keep what they are given.
inline constexpr ErrorCode kUnfitStream{908, Action::kFix, "store_unfit_stream"};

}  // namespace godwit::store
