#pragma once
// Taking in what another messenger has exported: what `import` and import_chat of the API share.

#include <string>

#include "cli/client.h"
#include "moving/chat_import.h"
#include "moving/chat_source.h"

namespace godwit::cli {

/// Takes in all of `source`; media go into the folder of `profile`. `counts` is right also when it fails: what was read before stays.
/// As of open_import, Client::ask and moving::import_chats; kProfileNoAccess, store::kDiskFull.
Status import_chats(Client& client, moving::ImportSource& source, const moving::ImportWishes& wishes,
                    const std::string& profile, moving::ImportCounts& counts, const moving::ShowMessages& show);

}  // namespace godwit::cli
