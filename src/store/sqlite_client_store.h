#pragma once
// The client's store on this machine's disk: one SQLite file in the profile's folder.

#include <memory>
#include <string>

#include "store/client_store.h"

namespace godwit::store {

/// Pages of 4 KiB that the write-ahead log grows to before it is written into the file and begun again. What is removed
/// or overwritten is overwritten in the file then, and is gone from the log with erase_leftovers(), when the store is closed,
/// and when it is opened after its program died.
constexpr int kLogPagesMax = 256;

/// Opens the profile in folder `dir`, which is made (for its owner only) if it is not there; its parent must be. The
/// file is checked as a whole, which takes about a second per 500 MB.
/// kLocked: the profile is open already, also in this process. kNewerVersion: start the newer program. kCorrupted: the
/// file is damaged, restore a backup. kDiskFull. kNoAccess: anything else that keeps the folder from being opened.
Result<std::unique_ptr<ClientStore>> open_sqlite(const std::string& dir);

}  // namespace godwit::store
