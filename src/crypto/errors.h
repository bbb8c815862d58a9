#pragma once
// Errors of crypto/: block 200.

#include "base/error.h"

namespace godwit::crypto {

inline constexpr ErrorCode kBadTag{200, Action::kDrop, "crypto_bad_tag"};
inline constexpr ErrorCode kBadSignature{201, Action::kDrop, "crypto_bad_signature"};
inline constexpr ErrorCode kBadPublicKey{202, Action::kDrop, "crypto_bad_public_key"};
inline constexpr ErrorCode kBadSize{203, Action::kDrop, "crypto_bad_size"};
inline constexpr ErrorCode kNonceExhausted{204, Action::kCloseSession, "crypto_nonce_exhausted"};
inline constexpr ErrorCode kOutOfMemory{205, Action::kStop, "crypto_out_of_memory"};

}  // namespace godwit::crypto
