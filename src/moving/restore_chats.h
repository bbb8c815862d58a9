#pragma once
// The chats of an archive become chats that are only read: what `restore`, restore_chats of the API and an engine in a browser share.

#include <set>

#include "moving/archive_file.h"
#include "moving/chat_import.h"
#include "moving/chat_source.h"
#include "moving/media_folder.h"

namespace godwit::moving {

/// What came of restoring.
struct RestoreCounts {
  uint64_t stored = 0;                ///< messages that are new here
  uint64_t known = 0;                 ///< messages that were here already
  uint64_t files = 0;                 ///< that came with them
  uint64_t missing = 0;               ///< files that were not to be had when it was archived
  std::set<engine::ChatId> chats;     ///< that were taken in
  std::set<engine::ChatId> skipped;   ///< that this device has itself: they stay as they are
};
/// Where it comes from and goes to. All must outlive the call.
struct RestoreParts {
  ChatSource& chats;
  ImportHost& host;
  MediaFolder& media;
  ArchiveFile& archive;
};

/// Takes the chats of an archive in, as chats that are only read. All of it is read before anything is taken. `counts` is right also when
/// it fails. Messages go to the host in batches of some `batch_bytes` bytes of text. As of read_archive and the parts.
Status restore_chats(const RestoreParts& parts, const OpenArchive& opened, size_t batch_bytes, RestoreCounts& counts);

}  // namespace godwit::moving
