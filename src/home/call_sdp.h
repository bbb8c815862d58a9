#pragma once
// Descriptions of sessions (SDP, RFC 8866) that strangers hand to the unit by way of this home: what is no such text, or more than a call
// needs, does not get there, and neither do addresses.

#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace godwit::home {

/// Sections of media of one description.
inline constexpr size_t kSdpSectionsMax = 96;

/// The description without its candidates (RFC 8839 §5.1): whom the unit sends to is where the media come from. wire::kMalformed: not UTF-8 of printable lines
/// "x=...", other media than sound and picture over DTLS-SRTP, or too many sections.
Result<std::string> checked_description(ByteView text);

/// Whether a description that checked_description() gave sends a picture beside the voice. wire::kMalformed: it is not a voice as mid 0, alone or with a
/// picture as mid 1, by which names others ask for them.
Result<bool> sends_picture(std::string_view description);

/// True if each candidate of a description of the unit's own has that address.
bool is_only_at(std::string_view description, std::string_view address);

}  // namespace godwit::home
