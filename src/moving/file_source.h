#pragma once
// Files of messages on their way into an archive: those of chats that are only kept lie with the host, those of the others at a home.

#include <optional>
#include <string>

#include "base/time.h"
#include "engine/notices.h"
#include "moving/import_source.h"

namespace godwit::moving {

/// What came of fetching a file.
struct FetchedFile {
  std::optional<Pieces> pieces;  ///< None: it is not to be had. The host removes what it has fetched when they are gone.
  bool late = false;             ///< It did not come in the time that it had.
};

/// See above.
class FileSource {
 public:
  virtual ~FileSource() = default;
  /// A file of the folder of media, by its name. It is not there, or cannot be read: whatever the host says.
  virtual Result<Pieces> kept(const std::string& name) = 0;
  /// True if the home can be asked, which is waited for until then.
  virtual bool is_connected(Duration limit) = 0;
  /// Has the engine fetch the file of a message. Fails where nothing is to be done any more: the disk is full, or somebody wants this to end.
  virtual Result<FetchedFile> fetch(const engine::ChatInfo& chat, const engine::Message& message, Duration limit) = 0;
};

}  // namespace godwit::moving
