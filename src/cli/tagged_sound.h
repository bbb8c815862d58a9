#pragma once
// Sounds with an ID3 tag before them (ID3v2.2 to 2.4: MP3, AAC) and perhaps one behind (ID3v1): the tags are left out.

#include "cli/picture.h"

namespace godwit::cli {

/// What to send of such a sound. Nothing: it does not begin with a tag. engine::kBadMedia: the tag is longer than
/// the file, or before a picture.
Result<std::optional<Picture>> tagged_sound_to_send(const ReadAt& read);

}  // namespace godwit::cli
