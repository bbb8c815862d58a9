#pragma once
// GIF (GIF89a specification, CompuServe 1990): comments and what programs write beside the picture are left out.

#include "cli/picture.h"

namespace godwit::cli {

/// What to send of a GIF. Nothing: it does not begin as one. engine::kBadMedia: it does, and its blocks are broken.
Result<std::optional<Picture>> gif_to_send(const ReadAt& read);

}  // namespace godwit::cli
