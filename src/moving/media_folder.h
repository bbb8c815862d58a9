#pragma once
// Where files of chats that are only kept go. One file is written at a time, and has a name only when it is whole.

#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace godwit::moving {

/// See above. Each fails with what the disk says: no room, or no such folder; then nothing of the file is left.
class MediaFolder {
 public:
  virtual ~MediaFolder() = default;
  /// A new file; one that was begun before it is dropped.
  virtual Status begin() = 0;
  /// Goes on with it.
  virtual Status write(ByteView piece) = 0;
  /// It is whole and called `name`: one name, as media_path (imports/media_path.h) takes it. What was there under it is replaced.
  virtual Status keep(const std::string& name) = 0;
  /// The same, but what is there under the name stays, and the new one is dropped. True: there was none.
  virtual Result<bool> keep_if_new(const std::string& name) = 0;
  /// It is not wanted.
  virtual void drop() = 0;
  /// All that has a name survives a loss of power from now on.
  virtual Status sync() = 0;
};

}  // namespace godwit::moving
