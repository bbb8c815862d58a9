#include "crypto/cpace.h"

#include <sodium.h>

#include "crypto/hash.h"

namespace godwit::crypto {
namespace {

static_assert(crypto_core_ristretto255_BYTES == kCpaceShareSize);
static_assert(crypto_core_ristretto255_HASHBYTES == kSha512Size);

constexpr std::string_view kDsi = "CPaceRistretto255";
constexpr std::string_view kDsiIsk = "CPaceRistretto255_ISK";
constexpr size_t kHashBlock = 128;  // H.s_in_bytes of SHA-512

// prepend_len: the length as LEB128, without the data.
Bytes length_of(ByteView data) {
  Bytes out;
  size_t rest = data.size();
  for (; rest >= 0x80; rest >>= 7) out.push_back(static_cast<uint8_t>(rest | 0x80));
  out.push_back(static_cast<uint8_t>(rest));
  return out;
}

// lv_cat.
SecretBuffer with_lengths(std::initializer_list<ByteView> parts) {
  size_t size = 0;
  for (const ByteView part : parts) size += length_of(part).size() + part.size();
  SecretBuffer out(size);
  auto at = out.fill().begin();
  for (const ByteView part : parts) {
    const Bytes length = length_of(part);
    at = std::copy(length.begin(), length.end(), at);
    at = std::copy(part.begin(), part.end(), at);
  }
  return out;
}

// generator_string: zeros fill the first block of the hash after the password.
SecretBuffer generator_string(ByteView password, ByteView channel, ByteView session) {
  const size_t used = 1 + length_of(password).size() + password.size() + length_of(as_bytes(kDsi)).size() + kDsi.size();
  const Bytes zeros(used < kHashBlock ? kHashBlock - used : 0);
  return with_lengths({as_bytes(kDsi), password, zeros, channel, session});
}

}  // namespace

Cpace Cpace::begin(CpaceRole role, ByteView password, ByteView channel, ByteView session, Random& random) {
  CpaceScalar scalar = CpaceScalar::random(random);
  scalar.fill()[31] &= 0x0f;  // 252 bits, all below the group's order (§8.3 of the draft)
  return begin_with(role, password, channel, session, std::move(scalar));
}

Cpace Cpace::begin_with(CpaceRole role, ByteView password, ByteView channel, ByteView session, CpaceScalar scalar) {
  Cpace out(role, to_bytes(session), std::move(scalar));
  const SecretBuffer string = generator_string(password, channel, session);
  Sha512Digest hash = sha512(string.reveal());
  Secret<kCpaceShareSize> generator;
  crypto_core_ristretto255_from_hash(generator.fill().data(), hash.data());
  wipe(hash);
  // Fails for a scalar of 0 only, or a hash that leads to the neutral element: neither is ever met (2^-252).
  const int failed =
      crypto_scalarmult_ristretto255(out.share_.data(), out.scalar_.reveal().data(), generator.reveal().data());
  ASSERT(failed == 0);
  return out;
}

Result<CpaceKey> Cpace::finish(ByteView own_data, const CpaceShare& peer, ByteView peer_data) const {
  Secret<kCpaceShareSize> shared;
  const int failed = crypto_scalarmult_ristretto255(shared.fill().data(), scalar_.reveal().data(), peer.data());
  REQUIRE(failed == 0, kBadPublicKey, "a CPace share encodes an element that is not the neutral one");
  const bool first = role_ == CpaceRole::kInitiator;
  const SecretBuffer head = with_lengths({as_bytes(kDsiIsk), session_, shared.reveal()});
  const SecretBuffer own = with_lengths({share_, own_data});
  const SecretBuffer other = with_lengths({peer, peer_data});
  const SecretBuffer all =
      secret_concat({head.reveal(), (first ? own : other).reveal(), (first ? other : own).reveal()});
  Sha512Digest digest = sha512(all.reveal());
  CpaceKey key;
  std::copy(digest.begin(), digest.end(), key.fill().begin());
  wipe(digest);
  return key;
}

}  // namespace godwit::crypto
