#pragma once
// A price in computing for asking: a nonce that makes a hash start with zero bits. docs/protocol/wire.md, "Proof of work".

#include <string_view>

#include "base/bytes.h"

namespace godwit::crypto {

/// The most bits that anybody may ask for; a client answers more with an error rather than search for hours.
constexpr uint8_t kWorkBitsMax = 30;

/// True if SHA-256(label || subject || nonce as 8 bytes big-endian) starts with `bits` zero bits.
[[nodiscard]] bool work_is_done(std::string_view label, ByteView subject, uint64_t nonce, uint8_t bits);
/// The first such nonce at or after `start`: about 2^bits hashes (half a second for 2^20).
uint64_t find_work(std::string_view label, ByteView subject, uint8_t bits, uint64_t start = 0);

}  // namespace godwit::crypto
