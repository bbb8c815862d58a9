#pragma once
// Taking in what another messenger has exported: what `import` and import_chat of the API share.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/import_source.h"
#include "imports/imported.h"

namespace godwit::cli {

/// What came of it.
struct ImportCounts {
  uint64_t chats = 0;
  uint64_t stored = 0;
  uint64_t known = 0;
  uint64_t media = 0;
  uint64_t missing = 0;
  uint64_t own = 0;                        ///< messages of one's own
  uint64_t cut = 0;                        ///< texts that became too long for one message here, besides those of `report`
  uint64_t skipped = 0;                    ///< messages that cannot be taken in
  std::vector<std::string> skipped_names;  ///< of the first of them: when, and who
  imports::ImportReport report;
};
/// Told after each batch how many messages were read.
using ShowImported = std::function<void(uint64_t messages)>;

/// Takes in all of `source`; media go into the folder of `profile`. `counts` is right also when it fails: what was read before stays.
/// Of `options` only `name` and `me` are looked at. As of open_import, Client::ask and the readers of imports/; kProfileNoAccess, store::kDiskFull.
Status import_chats(Client& client, ImportSource& source, const ImportOptions& options, const std::string& profile,
                    std::optional<engine::ChatId> older_of, ImportCounts& counts, const ShowImported& show);

}  // namespace godwit::cli
