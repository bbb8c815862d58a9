#include "crypto/kdf.h"

#include "crypto/hash.h"

namespace godwit::crypto {

size_t hash_size(HpkeKdf kdf) { return kdf == HpkeKdf::kHkdfSha512 ? kSha512Size : kSha256Size; }

Bytes digest(HpkeKdf kdf, ByteView data) {
  return kdf == HpkeKdf::kHkdfSha512 ? to_bytes(sha512(data)) : to_bytes(sha256(data));
}

Bytes hmac(HpkeKdf kdf, ByteView key, ByteView data) {
  return kdf == HpkeKdf::kHkdfSha512 ? to_bytes(hmac_sha512(key, data)) : to_bytes(hmac_sha256(key, data));
}

SecretBuffer extract(HpkeKdf kdf, ByteView salt, ByteView input_key_material) {
  if (kdf == HpkeKdf::kHkdfSha512) {
    return SecretBuffer::copy_of(hkdf_sha512_extract(salt, input_key_material).reveal());
  }
  return SecretBuffer::copy_of(hkdf_extract(salt, input_key_material).reveal());
}

void expand(HpkeKdf kdf, ByteView pseudorandom_key, ByteView info, ByteSpan out) {
  if (kdf == HpkeKdf::kHkdfSha512) return hkdf_sha512_expand(pseudorandom_key, info, out);
  hkdf_expand(pseudorandom_key, info, out);
}

}  // namespace godwit::crypto
