#pragma once
// The files that are sent and fetched, on this machine's disk: what the engine asks of its host (effects.h). Names given by peers
// come here cleaned, and choose a name in a folder that the user has chosen, never a path. Nothing that is there is replaced.

#include <map>
#include <optional>
#include <string>

#include "cli/picture.h"
#include "engine/effects.h"

namespace godwit::cli {

/// A source that begins so is sent as it is; otherwise pictures go without what the camera wrote beside them (picture.h).
constexpr std::string_view kAsIs = "as-is:";

/// Reads the files that are sent.
class SentFiles {
 public:
  /// Reads a piece. Errors: kFileNoAccess (also: it is no regular file), engine::kBadMedia (a picture that is broken).
  engine::FileRead read(const engine::ReadFile& effect);

 private:
  /// What was found of a file, so that it is looked through once and not for each piece.
  struct Known {
    uint64_t version = 0;
    std::optional<Picture> picture;
  };
  std::map<std::string, Known> known_;  ///< By path; the few that are under way.
};
/// What the message says of the file if it is a picture: how large it is, and a small one of it. None: it is something else, or broken.
std::optional<engine::MediaInfo> media_of(const std::string& path);
/// Writes a piece into the part file, which lies hidden in the folder of the destination. Errors: kFileNoAccess,
/// engine::kPartMissing, store::kDiskFull.
engine::FileWritten write_piece(const engine::WriteFile& effect);
/// Makes the part durable and gives it its name. Errors: kFileExists, and as write_piece.
engine::FileWritten finish_part(const engine::FinishFile& effect);
/// Removes the part file.
void drop_part(const engine::DropFile& effect);
/// Where files go that nobody chose a place for: XDG_DOWNLOAD_DIR, Downloads below the home folder, or the current folder; ends
/// in '/'.
std::string downloads_folder();
/// The path as seen from the root, since the engine remembers it for another run.
std::string absolute_path(const std::string& path);
/// The same of a path that a person typed where no shell has seen it: "~/" is the home folder.
std::string typed_path(const std::string& path);

}  // namespace godwit::cli
