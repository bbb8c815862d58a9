#pragma once
// Sounds in Ogg (RFC 3533), as phones record voice notes: Opus, Vorbis, Theora, Speex and FLAC lose their comments (who, where, when,
// with what, and covers). Each comment becomes an empty one of the same size, so that no page moves; what it stood in gets its
// checksum anew. Streams of other kinds stay as they are.

#include "cli/picture.h"

namespace godwit::cli {

/// What to send of a file. Nothing: it does not begin as an Ogg. engine::kBadMedia: it does, and is broken.
Result<std::optional<Picture>> ogg_to_send(const ReadAt& read);

}  // namespace godwit::cli
