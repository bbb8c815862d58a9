#include "session/noise_hash.h"

#include "crypto/hash.h"

namespace godwit::session {
namespace {

using crypto::SecretBuffer;
using crypto::secret_concat;

/// A digest that is a secret: the array it came in is wiped.
template <size_t N>
SecretBuffer as_secret(ByteArray<N> digest) {
  SecretBuffer out = SecretBuffer::copy_of(digest);
  crypto::wipe(digest);
  return out;
}

// HMAC-BLAKE2b: libsodium has it not. RFC 2104 with BLAKE2b's block of 128 bytes.
SecretBuffer hmac_blake2b(ByteView key, ByteView data) {
  constexpr size_t kBlock = 128;
  SecretBuffer inner_key(kBlock);
  SecretBuffer outer_key(kBlock);
  ASSERT(key.size() <= kBlock);
  std::copy(key.begin(), key.end(), inner_key.fill().begin());
  std::copy(key.begin(), key.end(), outer_key.fill().begin());
  for (uint8_t& byte : inner_key.fill()) byte ^= 0x36;
  for (uint8_t& byte : outer_key.fill()) byte ^= 0x5c;
  const SecretBuffer inner = as_secret(crypto::blake2b(secret_concat({inner_key.reveal(), data}).reveal()));
  return as_secret(crypto::blake2b(secret_concat({outer_key.reveal(), inner.reveal()}).reveal()));
}

SecretBuffer hmac(NoiseHash hash, ByteView key, ByteView data) {
  switch (hash) {
    case NoiseHash::kSha256:
      return as_secret(crypto::hmac_sha256(key, data));
    case NoiseHash::kSha512:
      return as_secret(crypto::hmac_sha512(key, data));
    case NoiseHash::kBlake2b:
      break;
  }
  return hmac_blake2b(key, data);
}

}  // namespace

size_t hash_size(NoiseHash hash) { return hash == NoiseHash::kSha256 ? 32 : 64; }

Bytes noise_hash(NoiseHash hash, std::initializer_list<ByteView> parts) {
  Bytes data;
  for (const ByteView part : parts) append(data, part);
  switch (hash) {
    case NoiseHash::kSha256:
      return to_bytes(crypto::sha256(data));
    case NoiseHash::kSha512:
      return to_bytes(crypto::sha512(data));
    case NoiseHash::kBlake2b:
      break;
  }
  return to_bytes(crypto::blake2b(data));
}

std::vector<SecretBuffer> noise_hkdf(NoiseHash hash, const SecretBuffer& chaining_key, ByteView input_key_material,
                                     size_t count) {
  ASSERT(count == 2 || count == 3);
  const SecretBuffer temp_key = hmac(hash, chaining_key.reveal(), input_key_material);
  std::vector<SecretBuffer> out;
  for (uint8_t i = 1; i <= count; ++i) {
    const ByteView before = out.empty() ? ByteView{} : out.back().reveal();
    out.push_back(hmac(hash, temp_key.reveal(), secret_concat({before, ByteView(&i, 1)}).reveal()));
  }
  return out;
}

}  // namespace godwit::session
