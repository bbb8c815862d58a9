#pragma once
// Archives of all chats: what `archive` and `restore` share with archive_chats and restore_chats of the API.

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "cli/archive_file.h"
#include "cli/client.h"

namespace godwit::cli {

/// What came of archiving.
struct ArchiveCounts {
  static constexpr size_t kNamesMax = 10;
  uint64_t added = 0;      ///< messages that are new in it
  uint64_t known = 0;      ///< messages that were there already
  uint64_t files = 0;      ///< that came with the new ones
  uint64_t missing = 0;    ///< files that are not to be had or not to be read now: they are looked for again the next time
  std::vector<std::string> missing_names;  ///< of the first of them
  uint64_t removed = 0;    ///< messages that went from it: they were taken back since, or (ArchiveTarget::only_here) are not here
  uint64_t changed = 0;    ///< messages that say now what they say here
  uint64_t kept = 0;       ///< messages that are in it and not here
};
/// Where an archive goes.
struct ArchiveTarget {
  std::string path;
  bool only_here = false;  ///< whatever this device does not have goes from it
};
/// What came of restoring.
struct RestoreCounts {
  uint64_t stored = 0;                ///< messages that are new here
  uint64_t known = 0;                 ///< messages that were here already
  uint64_t files = 0;                 ///< that came with them
  uint64_t missing = 0;               ///< files that were not to be had when it was archived
  std::set<engine::ChatId> chats;     ///< that were taken in
  std::set<engine::ChatId> skipped;   ///< that this device has itself: they stay as they are
};
/// Told now and then how many messages were looked at. When archiving each is looked at twice.
using ShowArchived = std::function<void(uint64_t messages)>;

/// What a person has given at once, to make an archive or to open one: a passphrase, or the recovery key where `passphrase` is empty.
/// kNoPassphrase; as of parse_recovery_key.
Result<ArchiveSecret> archive_secret_of(std::string_view passphrase, std::string_view recovery_key);
/// Makes an archive of all chats of the profile (its folder), or goes on with the one that is there, which stays until the new one is
/// whole. What is in it goes only if it is known here that it was taken back: a device may be new, or have only a part. kOtherRecoveryKey; as of open_archive, read_archive, ReplacementFile and Client::ask.
Status archive_chats(Client& client, const std::string& profile, Random& random, const ArchiveTarget& target,
                     const ArchiveSecret& secret, ArchiveCounts& counts, const ShowArchived& show);
/// Takes the chats of an archive in, as chats that are only read. All of it is read before anything is taken. `counts` is right also when
/// it fails. As of read_archive and Client::ask; kProfileNoAccess: no room for its files.
Status restore_chats(Client& client, const std::string& profile, const OpenArchive& opened, RestoreCounts& counts,
                     const ShowArchived& show);

}  // namespace godwit::cli
