#pragma once
// The files that are sent and fetched, on this machine's disk: what the engine asks of its host (effects.h). Names given by peers
// come here cleaned, and choose a name in a folder that the user has chosen, never a path. Nothing that is there is replaced.

#include <string>

#include "engine/effects.h"

namespace godwit::cli {

/// Reads a piece of a file. Errors: kFileNoAccess (also: it is no regular file).
engine::FileRead read_piece(const engine::ReadFile& effect);
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
