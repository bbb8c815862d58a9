#pragma once
// Films and sounds in boxes (ISO/IEC 14496-12; QuickTime): MP4, MOV, M4A. Where they were taken, with what and when is overwritten
// in place: every box keeps its size, so no offset in the file changes. Only the heads of boxes are read, never the film itself.
// NOT taken out: tracks of their own that some cameras write (GoPro's GPS), and what a codec writes into its stream.

#include "cli/picture.h"

namespace godwit::cli {

/// What to send of a film. Nothing: it does not begin as one. engine::kBadMedia: it does, and its boxes are broken.
Result<std::optional<Picture>> movie_to_send(const ReadAt& read);

}  // namespace godwit::cli
