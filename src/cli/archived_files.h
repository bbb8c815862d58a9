#pragma once
// Files on their way into an archive: those of chats that are only kept lie in the profile, those of the others at a home.

#include <functional>
#include <set>
#include <string>

#include "cli/client.h"

namespace godwit::cli {

/// The name of a message's file in an archive: the same each time, and of no other message; empty: it has none.
std::string archived_media_name(const engine::ChatInfo& chat, const engine::Message& message);

/// Gets files, one after another.
class ArchivedFiles {
 public:
  /// `profile`: its folder.
  ArchivedFiles(Client& client, const std::string& profile);
  /// Removes what it has fetched.
  ~ArchivedFiles();
  ArchivedFiles(const ArchivedFiles&) = delete;
  ArchivedFiles& operator=(const ArchivedFiles&) = delete;

  /// Gets what takes each piece of a file in turn; the last one is empty.
  using TakePiece = std::function<Status(ByteView piece)>;
  /// Reads the file of a message from its beginning to its end. False: it is not to be had, or cannot be read to its
  /// end; what was given of it is of no use. kDiskFull, kInterrupted, and what `take` fails with.
  Result<bool> read(const engine::ChatInfo& chat, const engine::Message& message, const TakePiece& take);

 private:
  Result<bool> read_kept(const std::string& name, const TakePiece& take);
  Result<bool> fetch(const engine::ChatInfo& chat, const engine::Message& message, const TakePiece& take);
  bool is_connected();
  void empty_folder();
  Client& client_;
  std::string media_;
  std::string fetched_;  // folder
  bool waited_ = false;  // for the home, once
  size_t late_ = 0;      // files that did not come in their time, one after another
};

}  // namespace godwit::cli
