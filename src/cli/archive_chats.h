#pragma once
// Archives of all chats: what `archive` and `restore` share with archive_chats and restore_chats of the API.

#include <string>

#include "base/random.h"
#include "cli/archive_file.h"
#include "cli/client.h"
#include "moving/archive_chats.h"
#include "moving/restore_chats.h"

namespace godwit::cli {

/// moving::archive_chats of the profile (its folder). As of that; kFileNoAccess, store::kDiskFull, Client::ask.
Status archive_chats(Client& client, const std::string& profile, Random& random, DiskArchive& file,
                     const moving::ArchiveWishes& wishes, const moving::ArchiveSecret& secret, moving::ArchiveCounts& counts,
                     const moving::ShowMessages& show);
/// moving::restore_chats. As of that; Client::ask; kProfileNoAccess, store::kDiskFull: no room for its files.
Status restore_chats(Client& client, const std::string& profile, DiskArchive& file, const moving::OpenArchive& opened,
                     moving::RestoreCounts& counts, const moving::ShowMessages& show);

}  // namespace godwit::cli
