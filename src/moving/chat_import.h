#pragma once
// Taking in what another messenger has exported, into chats that are only read: what `import`, import_chat of the API and an engine in
// a browser share. Pure: files, the engine and the clock are the host's.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/kept_commands.h"
#include "engine/kept_notices.h"
#include "imports/imported.h"
#include "moving/import_source.h"
#include "moving/media_folder.h"

namespace godwit::moving {

/// Of the messages of one batch, bytes of texts after which another one begins.
constexpr size_t kImportBatchBytes = size_t{3} << 20;

/// How an export is taken in.
struct ImportWishes {
  std::string name;                        ///< Of the chat; empty: as the export says.
  std::string me;                          ///< How the export calls oneself; empty: as it says itself.
  std::optional<engine::ChatId> older_of;  ///< It is what was said in this chat before.
  size_t batch_bytes = kImportBatchBytes;
};

/// A message that was left out.
struct SkippedMessage {
  Instant sent_at;
  std::string sender;
};

/// What came of it.
struct ImportCounts {
  static constexpr size_t kSkippedMax = 10;
  uint64_t chats = 0;
  uint64_t stored = 0;
  uint64_t known = 0;
  uint64_t media = 0;
  uint64_t missing = 0;
  uint64_t own = 0;                          ///< messages of one's own
  uint64_t cut = 0;                          ///< texts that became too long for one message here, besides those of `report`
  uint64_t skipped = 0;                      ///< messages that cannot be taken in
  std::vector<SkippedMessage> skipped_ones;  ///< the first of them
  imports::ImportReport report;
};

/// What an import needs of the program around it.
class ImportHost {
 public:
  virtual ~ImportHost() = default;
  /// Gives a batch to the engine and waits. What the engine says, or that somebody wants this to end.
  virtual Result<engine::ImportDone> take(const engine::ImportMessages& batch) = 0;
  /// Asked now and then between batches: an error if somebody wants this to end.
  virtual Status look_up() = 0;
  /// Of a time of the wall clock of whoever has made the export, most likely this machine's: when it was, since 1970.
  virtual int64_t from_local(int64_t local_ms) = 0;
  /// Told after each batch how many messages were read.
  virtual void show(uint64_t messages) = 0;
};

/// Takes in all of `source`. `counts` is right also when it fails: what was read before stays, and the same import again finds it known.
/// What source, media and host fail with, and as the readers of imports/.
Status import_chats(ImportHost& host, ImportSource& source, MediaFolder& media, const ImportWishes& wishes,
                    ImportCounts& counts);
/// True if its chat is JSON; else it is a text. What the source fails with.
Result<bool> is_json(ImportSource& source);

}  // namespace godwit::moving
