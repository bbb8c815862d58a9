#include "engine/recovery_key.h"

#include "crypto/hash.h"
#include "engine/errors.h"

namespace godwit::engine {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr size_t kSeedDigits = 52;  // 260 bits: the seed's 256 and four zeros
constexpr size_t kSumDigits = 4;
constexpr size_t kGroup = 4;

// The `index`-th 5 bits of `bytes`, most significant first; zeros beyond the end.
uint8_t five_bits(ByteView bytes, size_t index) {
  unsigned out = 0;
  for (size_t bit = index * 5; bit < index * 5 + 5; ++bit) {
    const unsigned byte = bit / 8 < bytes.size() ? bytes[bit / 8] : 0U;
    out = (out << 1) | ((byte >> (7 - bit % 8)) & 1U);
  }
  return static_cast<uint8_t>(out);
}

// The digit of a character as people write it; 32 or more: none.
size_t digit_of(char c) {
  if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  if (c == 'O') return 0;
  if (c == 'I' || c == 'L') return 1;
  return kDigits.find(c);
}

}  // namespace

AccountId account_of(const crypto::Ed25519PublicKey& recovery_key) { return AccountId{crypto::sha256(recovery_key)}; }

std::string recovery_key_text(const crypto::Ed25519KeyPair& recovery) {
  const ByteView seed = recovery.seed.reveal();
  const crypto::Sha256Digest sum = crypto::sha256(seed);
  std::string out;
  for (size_t i = 0; i < kSeedDigits + kSumDigits; ++i) {
    if (i > 0 && i % kGroup == 0) out += '-';
    out += kDigits[i < kSeedDigits ? five_bits(seed, i) : five_bits(sum, i - kSeedDigits)];
  }
  return out;
}

Result<crypto::Ed25519KeyPair> parse_recovery_key(std::string_view text) {
  crypto::Secret<kSeedDigits + kSumDigits> digits;
  size_t count = 0;
  for (const char c : text) {
    if (c == '-' || c == ' ' || c == '\n' || c == '\r' || c == '\t') continue;
    const size_t digit = digit_of(c);
    REQUIRE(digit < kDigits.size() && count < digits.fill().size(), kRecoveryKeyMistyped,
            "a recovery key has 56 digits of Crockford's base32");
    digits.fill()[count++] = static_cast<uint8_t>(digit);
  }
  REQUIRE(count == digits.fill().size(), kRecoveryKeyMistyped, "a recovery key has 56 digits");
  crypto::Secret<crypto::kEd25519SeedSize> seed;
  for (size_t bit = 0; bit < seed.fill().size() * 8; ++bit) {
    const unsigned value = (digits.fill()[bit / 5] >> (4 - bit % 5)) & 1U;
    seed.fill()[bit / 8] = static_cast<uint8_t>(seed.fill()[bit / 8] | (value << (7 - bit % 8)));
  }
  REQUIRE((digits.fill()[kSeedDigits - 1] & 15U) == 0, kRecoveryKeyMistyped, "the last four bits are zero");
  const crypto::Sha256Digest sum = crypto::sha256(seed.reveal());
  for (size_t i = 0; i < kSumDigits; ++i) {
    REQUIRE(digits.fill()[kSeedDigits + i] == five_bits(sum, i), kRecoveryKeyMistyped, "the check digits fit");
  }
  return crypto::Ed25519KeyPair::from_seed(std::move(seed));
}

}  // namespace godwit::engine
