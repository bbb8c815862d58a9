#pragma once
// Files on their way into an archive.

#include <functional>
#include <string>

#include "moving/file_source.h"

namespace godwit::moving {

/// The name of a message's file in an archive: the same each time, and of no other message; empty: it has none.
std::string archived_media_name(const engine::ChatInfo& chat, const engine::Message& message);

/// Gets files, one after another.
class ArchivedFiles {
 public:
  /// `source` must outlive it.
  explicit ArchivedFiles(FileSource& source) : source_(source) {}

  /// Gets what takes each piece of a file in turn; the last one is empty.
  using TakePiece = std::function<Status(ByteView piece)>;
  /// Reads the file of a message from its beginning to its end. False: it is not to be had, or cannot be read to its
  /// end; what was given of it is of no use. As of FileSource::fetch, and what `take` fails with.
  Result<bool> read(const engine::ChatInfo& chat, const engine::Message& message, const TakePiece& take);

 private:
  Result<bool> fetch(const engine::ChatInfo& chat, const engine::Message& message, const TakePiece& take);

  FileSource& source_;
  bool waited_ = false;  // for the home, once
  size_t late_ = 0;      // files that did not come in their time, one after another
};

}  // namespace godwit::moving
