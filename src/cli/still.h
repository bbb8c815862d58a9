#pragma once
// Still pictures in boxes (ISO/IEC 23008-12): HEIC, AVIF. What a camera writes beside the picture is an item of its own (EXIF, XMP) and
// is overwritten with zeros where it lies, so no offset changes. Which way is up is a property of the picture and stays.

#include "cli/picture.h"

namespace godwit::cli {

/// What to send of such a picture. Nothing: it does not begin as one. engine::kBadMedia: it does, and what says where its items are is
/// broken, or of a kind that this does not know.
Result<std::optional<Picture>> still_to_send(const ReadAt& read);

}  // namespace godwit::cli
