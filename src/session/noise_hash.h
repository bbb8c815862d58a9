#pragma once
// The hash functions of Noise (rev 34 §4.3, §12.5-12.8). What we send uses SHA-256; published vectors need the others.

#include <initializer_list>

#include "base/bytes.h"
#include "crypto/secret.h"

namespace godwit::session {

/// A hash function of Noise.
enum class NoiseHash : uint8_t { kSha256, kSha512, kBlake2b };

/// HASHLEN: 32 or 64.
size_t hash_size(NoiseHash hash);

/// HASH over the `parts` one after another.
Bytes noise_hash(NoiseHash hash, std::initializer_list<ByteView> parts);

/// HKDF (Noise rev 34 §4.3): `count` (2 or 3) outputs of HASHLEN bytes each.
std::vector<crypto::SecretBuffer> noise_hkdf(NoiseHash hash, const crypto::SecretBuffer& chaining_key,
                                             ByteView input_key_material, size_t count);

}  // namespace godwit::session
