#pragma once
// All chats in one sealed file that goes on from time to time: what `archive`, archive_chats of the API and an engine in a browser share.
// Pure: files, the engine and the archive itself are the host's.

#include <string>
#include <vector>

#include "base/random.h"
#include "moving/archive_file.h"
#include "moving/chat_source.h"
#include "moving/file_source.h"

namespace godwit::moving {

/// What came of archiving.
struct ArchiveCounts {
  static constexpr size_t kNamesMax = 10;
  uint64_t added = 0;      ///< messages that are new in it
  uint64_t known = 0;      ///< messages that were there already
  uint64_t files = 0;      ///< that came with the new ones
  uint64_t missing = 0;    ///< files that are not to be had or not to be read now: they are looked for again the next time
  std::vector<std::string> missing_names;  ///< of the first of them
  uint64_t removed = 0;    ///< messages that went from it: they were taken back since, or (ArchiveWishes::only_here) are not here
  uint64_t changed = 0;    ///< messages that say now what they say here
  uint64_t kept = 0;       ///< messages that are in it and not here
};
/// How an archive is made.
struct ArchiveWishes {
  bool only_here = false;  ///< whatever this device does not have goes from it
};
/// What is archived, and where it goes. All must outlive the call.
struct ArchiveParts {
  ChatSource& chats;
  FileSource& files;
  ArchiveFile& archive;
  Random& random;
};

/// Makes an archive of all chats, or goes on with the one that is there, which stays until the new one is whole. What is in it goes only
/// if it is known here that it was taken back: a device may be new, or have only a part. `show` is told now and then how many messages were
/// looked at; each is looked at twice. kArchiveOtherAccount; as of open_archive, read_archive and the parts.
Status archive_chats(const ArchiveParts& parts, const ArchiveWishes& wishes, const ArchiveSecret& secret,
                     ArchiveCounts& counts, const ShowMessages& show);

}  // namespace godwit::moving
