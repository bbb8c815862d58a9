#pragma once
// Errors of imports/: block 1600. Each has its sentence in api/messages.

#include "base/error.h"

namespace godwit::imports {

/// Neither WhatsApp's text nor Telegram's JSON.
inline constexpr ErrorCode kNotExport{1600, Action::kFix, "imports_not_export"};
/// It breaks off or is not well-formed. What was read before that is kept.
inline constexpr ErrorCode kExportDamaged{1601, Action::kFix, "imports_export_damaged"};
/// One text of it is larger, or its structures are deeper, than any messenger writes.
inline constexpr ErrorCode kExportTooLarge{1602, Action::kFix, "imports_export_too_large"};

// Zip files.
/// Not a zip file, cut off, or a part of it does not fit its checksum.
inline constexpr ErrorCode kZipDamaged{1610, Action::kFix, "imports_zip_damaged"};
/// It would fill the disk: too many files, too large, or shrunk beyond what media can be.
inline constexpr ErrorCode kZipBomb{1611, Action::kFix, "imports_zip_bomb"};
/// There is no chat in it.
inline constexpr ErrorCode kZipNoChat{1612, Action::kFix, "imports_zip_no_chat"};

}  // namespace godwit::imports
