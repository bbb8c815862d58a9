#pragma once
// A hash and HKDF over it (FIPS 180-4, RFC 2104, RFC 5869), chosen at run time by a cipher suite table.

#include "base/bytes.h"
#include "crypto/secret.h"

namespace godwit::crypto {

/// IANA's HPKE KDF numbers (RFC 9180 §7.2) that are implemented.
enum class HpkeKdf : uint16_t { kHkdfSha256 = 0x0001, kHkdfSha512 = 0x0003 };

/// Nh: bytes of the KDF's hash (RFC 9180 §7.2), 32 or 64.
size_t hash_size(HpkeKdf kdf);
/// The hash of `data`: Nh bytes.
Bytes digest(HpkeKdf kdf, ByteView data);
/// HMAC with that hash under a key of any size: Nh bytes.
Bytes hmac(HpkeKdf kdf, ByteView key, ByteView data);
/// HKDF-Extract: Nh bytes.
SecretBuffer extract(HpkeKdf kdf, ByteView salt, ByteView input_key_material);
/// HKDF-Expand into `out`, at most 255 * Nh bytes (more is a fault of ours).
void expand(HpkeKdf kdf, ByteView pseudorandom_key, ByteView info, ByteSpan out);

}  // namespace godwit::crypto
