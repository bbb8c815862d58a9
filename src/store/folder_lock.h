#pragma once
// A folder that one store at a time may use. Inside store/ only.

#include <string>

#include "base/result.h"

namespace godwit::store {

/// Makes `folder` (mode 0700) if it is not there and locks the file `name` in it (mode 0600). Returns a descriptor that
/// holds the lock until it is closed, which the caller does. kLocked: somebody has it, also in this process. kDiskFull.
/// kNoAccess: the folder or file cannot be made or opened.
Result<int> lock_folder(const std::string& folder, const char* name);

}  // namespace godwit::store
