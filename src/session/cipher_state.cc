#include "session/cipher_state.h"

#include "session/errors.h"

namespace godwit::session {
namespace {

// ChaChaPoly's nonce: 32 bits of zeros, then the counter little-endian (Noise rev 34 §12.3).
crypto::AeadNonce chachapoly_nonce(uint64_t counter) {
  crypto::AeadNonce out{};
  for (size_t i = 0; i < 8; ++i) out[4 + i] = static_cast<uint8_t>(counter >> (8 * i));
  return out;
}

}  // namespace

Result<Bytes> CipherState::encrypt(ByteView associated_data, ByteView plaintext) {
  if (!key_) return to_bytes(plaintext);
  REQUIRE(nonce_ != UINT64_MAX, kNonceExhausted, "Noise rev 34 §5.1: 2^64-1 is reserved");
  return crypto::aead_seal(*key_, chachapoly_nonce(nonce_++), associated_data, plaintext);
}

Status CipherState::encrypt_onto(Bytes& out, ByteView plaintext) {
  if (!key_) {
    append(out, plaintext);
    return {};
  }
  REQUIRE(nonce_ != UINT64_MAX, kNonceExhausted, "Noise rev 34 §5.1: 2^64-1 is reserved");
  const size_t start = out.size();
  out.resize(start + plaintext.size() + crypto::kAeadTagSize);
  crypto::aead_seal_into(*key_, chachapoly_nonce(nonce_++), {}, plaintext, ByteSpan(out).subspan(start));
  return {};
}

Result<Bytes> CipherState::decrypt(ByteView associated_data, ByteView ciphertext) {
  if (!key_) return to_bytes(ciphertext);
  REQUIRE(nonce_ != UINT64_MAX, kNonceExhausted, "Noise rev 34 §5.1: 2^64-1 is reserved");
  auto plaintext = crypto::aead_open(*key_, chachapoly_nonce(nonce_), associated_data, ciphertext);
  REQUIRE(plaintext, kBadRecord, "Noise rev 34 §5.1: authentication failed");
  ++nonce_;
  return plaintext;
}

void CipherState::rekey() {
  ASSERT(key_);
  // REKEY(k) = ENCRYPT(k, 2^64-1, zerolen, zeros), first 32 bytes (Noise rev 34 §4.2).
  constexpr ByteArray<crypto::kAeadKeySize> kZeros{};
  Bytes sealed = crypto::aead_seal(*key_, chachapoly_nonce(UINT64_MAX), {}, kZeros);
  std::copy_n(sealed.begin(), crypto::kAeadKeySize, key_->fill().begin());
  crypto::wipe(sealed);
}

}  // namespace godwit::session
