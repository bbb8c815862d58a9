#pragma once
// Films and sounds in WebM and Matroska (RFC 9559): titles (of chapters too), dates, programs, tags and what is attached become emptiness of the same
// size, so that nothing in the file moves. Only the heads of elements are read.

#include "cli/picture.h"

namespace godwit::cli {

/// What to send of a file. Nothing: it does not begin as EBML (RFC 8794). engine::kBadMedia: it does, and is broken.
Result<std::optional<Picture>> webm_to_send(const ReadAt& read);

}  // namespace godwit::cli
