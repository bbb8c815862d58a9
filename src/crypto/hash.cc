#include "crypto/hash.h"

#include <sodium.h>

#include <new>

#include "base/assert.h"
#include "crypto/raw.h"

namespace godwit::crypto {
namespace {

/// HMAC over one of libsodium's two hashes, for data in pieces.
struct HmacSha256 {
  static constexpr size_t kSize = kSha256Size;
  using State = crypto_auth_hmacsha256_state;
  static void init(State& state, ByteView key) { crypto_auth_hmacsha256_init(&state, raw(key), key.size()); }
  static void update(State& state, ByteView data) { crypto_auth_hmacsha256_update(&state, raw(data), data.size()); }
  static void final(State& state, uint8_t* out) { crypto_auth_hmacsha256_final(&state, out); }
};
struct HmacSha512 {
  static constexpr size_t kSize = kSha512Size;
  using State = crypto_auth_hmacsha512_state;
  static void init(State& state, ByteView key) { crypto_auth_hmacsha512_init(&state, raw(key), key.size()); }
  static void update(State& state, ByteView data) { crypto_auth_hmacsha512_update(&state, raw(data), data.size()); }
  static void final(State& state, uint8_t* out) { crypto_auth_hmacsha512_final(&state, out); }
};

/// A key that is used more than once: hashing it is half of the work where what is summed is short.
template <typename Hmac>
class HmacKey {
 public:
  explicit HmacKey(ByteView key) { Hmac::init(keyed_, key); }
  HmacKey(const HmacKey&) = delete;
  HmacKey& operator=(const HmacKey&) = delete;
  ~HmacKey() {
    sodium_memzero(&keyed_, sizeof keyed_);
    sodium_memzero(&state_, sizeof state_);
  }
  void sum(std::initializer_list<ByteView> parts, uint8_t* out) {
    state_ = keyed_;
    for (const ByteView part : parts) Hmac::update(state_, part);
    Hmac::final(state_, out);
  }

 private:
  typename Hmac::State keyed_;
  typename Hmac::State state_;
};

template <typename Hmac>
void hmac_into(ByteView key, std::initializer_list<ByteView> parts, uint8_t* out) {
  HmacKey<Hmac>(key).sum(parts, out);
}

// RFC 5869 §2.3: T(i) = HMAC(PRK, T(i-1) | info | i).
template <typename Hmac>
void expand_into(ByteView pseudorandom_key, ByteView info, ByteSpan out) {
  ASSERT(out.size() <= 255 * Hmac::kSize);
  HmacKey<Hmac> key(pseudorandom_key);
  Secret<Hmac::kSize> block;
  for (uint8_t counter = 1; !out.empty(); ++counter) {
    const ByteView before = counter == 1 ? ByteView{} : block.reveal();
    key.sum({before, info, ByteView(&counter, 1)}, block.fill().data());
    const size_t size = std::min(out.size(), Hmac::kSize);
    std::copy_n(block.reveal().begin(), size, out.begin());
    out = out.subspan(size);
  }
}

}  // namespace

Sha256Digest sha256(ByteView data) {
  Sha256Digest out;
  crypto_hash_sha256(out.data(), raw(data), data.size());
  return out;
}

Sha512Digest sha512(ByteView data) {
  Sha512Digest out;
  crypto_hash_sha512(out.data(), raw(data), data.size());
  return out;
}

ByteArray<64> blake2b(ByteView data) {
  ByteArray<64> out;
  crypto_generichash_blake2b(out.data(), out.size(), raw(data), data.size(), nullptr, 0);
  return out;
}

static_assert(sizeof(crypto_hash_sha256_state) == kSha256StateSize);
static_assert(alignof(crypto_hash_sha256_state) <= kSha256StateAlign);
static_assert(std::is_trivially_destructible_v<crypto_hash_sha256_state>);

namespace {
crypto_hash_sha256_state* sha256_state(ByteArray<kSha256StateSize>& storage) {
  return std::launder(reinterpret_cast<crypto_hash_sha256_state*>(storage.data()));
}
}  // namespace

Sha256::Sha256() {
  auto* state = new (state_.data()) crypto_hash_sha256_state;
  crypto_hash_sha256_init(state);
}

Sha256::~Sha256() { wipe(state_); }

void Sha256::update(ByteView data) { crypto_hash_sha256_update(sha256_state(state_), raw(data), data.size()); }

Sha256Digest Sha256::finish() {
  Sha256Digest out;
  crypto_hash_sha256_final(sha256_state(state_), out.data());
  return out;
}

Sha256Digest hmac_sha256(ByteView key, ByteView data) {
  Sha256Digest out;
  hmac_into<HmacSha256>(key, {data}, out.data());
  return out;
}

Sha512Digest hmac_sha512(ByteView key, ByteView data) {
  Sha512Digest out;
  hmac_into<HmacSha512>(key, {data}, out.data());
  return out;
}

// An absent salt is a string of HashLen zeros (RFC 5869 §2.2); HMAC pads an empty key to the same block.
Secret<kSha256Size> hkdf_extract(ByteView salt, ByteView input_key_material) {
  Secret<kSha256Size> out;
  hmac_into<HmacSha256>(salt, {input_key_material}, out.fill().data());
  return out;
}

void hkdf_expand(ByteView pseudorandom_key, ByteView info, ByteSpan out) {
  expand_into<HmacSha256>(pseudorandom_key, info, out);
}

Secret<kSha512Size> hkdf_sha512_extract(ByteView salt, ByteView input_key_material) {
  Secret<kSha512Size> out;
  hmac_into<HmacSha512>(salt, {input_key_material}, out.fill().data());
  return out;
}

void hkdf_sha512_expand(ByteView pseudorandom_key, ByteView info, ByteSpan out) {
  expand_into<HmacSha512>(pseudorandom_key, info, out);
}

void shake256(ByteView data, ByteSpan out) {
  if (!out.empty()) crypto_xof_shake256(out.data(), out.size(), raw(data), data.size());
}

}  // namespace godwit::crypto
