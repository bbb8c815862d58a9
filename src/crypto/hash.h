#pragma once
// SHA-256, SHA-512, HMAC, HKDF (FIPS 180-4, RFC 2104, RFC 5869). SHAKE256 for X-Wing's key derivation (FIPS 202).

#include "base/bytes.h"
#include "crypto/secret.h"

namespace godwit::crypto {

constexpr size_t kSha256Size = 32;
constexpr size_t kSha512Size = 64;
using Sha256Digest = ByteArray<kSha256Size>;
using Sha512Digest = ByteArray<kSha512Size>;

/// SHA-256 of `data`.
Sha256Digest sha256(ByteView data);
/// SHA-512 of `data`.
Sha512Digest sha512(ByteView data);
/// BLAKE2b with a 64-byte output, no key (RFC 7693); only Noise's published vectors need it.
ByteArray<64> blake2b(ByteView data);

/// What libsodium needs for SHA-256 in pieces; checked where its header is seen (hash.cc).
constexpr size_t kSha256StateSize = 104;
constexpr size_t kSha256StateAlign = 16;

/// SHA-256 of data that comes in pieces. A copy goes on by itself, for hashes of growing transcripts.
class Sha256 {
 public:
  Sha256();
  Sha256(const Sha256&) = default;
  Sha256& operator=(const Sha256&) = default;
  ~Sha256();
  /// Adds `data`.
  void update(ByteView data);
  /// The digest of everything added; the object may not be used afterwards.
  Sha256Digest finish();

 private:
  alignas(kSha256StateAlign) ByteArray<kSha256StateSize> state_;
};

/// HMAC-SHA256 under a key of any size (RFC 2104).
Sha256Digest hmac_sha256(ByteView key, ByteView data);
/// HMAC-SHA512 under a key of any size (RFC 2104).
Sha512Digest hmac_sha512(ByteView key, ByteView data);

/// HKDF-Extract with SHA-256 (RFC 5869 §2.2): 32 bytes; an empty salt means 32 zeros.
Secret<32> hkdf_extract(ByteView salt, ByteView input_key_material);
/// HKDF-Expand with SHA-256 (RFC 5869 §2.3) into `out`, at most 255 * 32 bytes (more is a fault of ours).
void hkdf_expand(ByteView pseudorandom_key, ByteView info, ByteSpan out);

/// HKDF-Extract with SHA-512 (RFC 5869 §2.2): 64 bytes. For suites of tests; what we send uses SHA-256.
Secret<64> hkdf_sha512_extract(ByteView salt, ByteView input_key_material);
/// HKDF-Expand with SHA-512 (RFC 5869 §2.3) into `out`, at most 255 * 64 bytes (more is a fault of ours).
void hkdf_sha512_expand(ByteView pseudorandom_key, ByteView info, ByteSpan out);

/// SHAKE256 of `data` squeezed into `out` (FIPS 202 §6.2).
void shake256(ByteView data, ByteSpan out);

}  // namespace godwit::crypto
