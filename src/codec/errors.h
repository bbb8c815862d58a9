#pragma once
// Errors of codec/: block 100. Every one of them means that these bytes are not what they claim to be.

#include "base/error.h"

namespace godwit::codec {

inline constexpr ErrorCode kTruncated{100, Action::kDrop, "codec_truncated"};
inline constexpr ErrorCode kTrailingBytes{101, Action::kDrop, "codec_trailing_bytes"};
inline constexpr ErrorCode kNonMinimalVarint{102, Action::kDrop, "codec_non_minimal_varint"};
inline constexpr ErrorCode kBadVarintPrefix{103, Action::kDrop, "codec_bad_varint_prefix"};
inline constexpr ErrorCode kOversizeVector{104, Action::kDrop, "codec_oversize_vector"};
inline constexpr ErrorCode kBadOptional{105, Action::kDrop, "codec_bad_optional"};
inline constexpr ErrorCode kUnknownEnum{106, Action::kDrop, "codec_unknown_enum"};
inline constexpr ErrorCode kMisalignedVector{107, Action::kDrop, "codec_misaligned_vector"};
inline constexpr ErrorCode kBadChecksum{108, Action::kDrop, "codec_bad_checksum"};

}  // namespace godwit::codec
