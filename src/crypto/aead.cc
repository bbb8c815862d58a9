#include "crypto/aead.h"

#include <sodium.h>

#include "crypto/raw.h"

namespace godwit::crypto {
namespace {

constexpr const char* kTagRule = "RFC 8439 §2.8: the tag does not verify";

Bytes seal_ietf(const uint8_t* key, const uint8_t* nonce, ByteView associated_data, ByteView plaintext) {
  Bytes out(plaintext.size() + kAeadTagSize);
  crypto_aead_chacha20poly1305_ietf_encrypt(out.data(), nullptr, raw(plaintext), plaintext.size(),
                                            raw(associated_data), associated_data.size(), nullptr, nonce, key);
  return out;
}

Result<Bytes> open_ietf(const uint8_t* key, const uint8_t* nonce, ByteView associated_data, ByteView ciphertext) {
  REQUIRE(ciphertext.size() >= kAeadTagSize, kBadTag, kTagRule);
  // One byte more than is needed, so that the address of an empty plaintext is not null.
  Bytes out(ciphertext.size() - kAeadTagSize + 1);
  const int failed = crypto_aead_chacha20poly1305_ietf_decrypt(out.data(), nullptr, nullptr, ciphertext.data(),
                                                               ciphertext.size(), raw(associated_data),
                                                               associated_data.size(), nonce, key);
  REQUIRE(failed == 0, kBadTag, kTagRule);
  out.pop_back();
  return out;
}

class ChaCha20Poly1305 : public Aead {
 public:
  uint16_t id() const override { return 0x0003; }
  size_t key_size() const override { return kAeadKeySize; }
  Bytes seal(ByteView key, ByteView nonce, ByteView associated_data, ByteView plaintext) const override {
    ASSERT(key.size() == kAeadKeySize && nonce.size() == kAeadNonceSize);
    return seal_ietf(key.data(), nonce.data(), associated_data, plaintext);
  }
  Result<Bytes> open(ByteView key, ByteView nonce, ByteView associated_data, ByteView ciphertext) const override {
    ASSERT(key.size() == kAeadKeySize && nonce.size() == kAeadNonceSize);
    return open_ietf(key.data(), nonce.data(), associated_data, ciphertext);
  }
};

}  // namespace

static_assert(crypto_aead_chacha20poly1305_ietf_KEYBYTES == kAeadKeySize);
static_assert(crypto_aead_chacha20poly1305_ietf_NPUBBYTES == kAeadNonceSize);
static_assert(crypto_aead_chacha20poly1305_ietf_ABYTES == kAeadTagSize);
static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == kAeadKeySize);
static_assert(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES == kXAeadNonceSize);
static_assert(crypto_aead_xchacha20poly1305_ietf_ABYTES == kAeadTagSize);

Bytes aead_seal(const AeadKey& key, const AeadNonce& nonce, ByteView associated_data, ByteView plaintext) {
  return seal_ietf(key.reveal().data(), nonce.data(), associated_data, plaintext);
}

void aead_seal_into(const AeadKey& key, const AeadNonce& nonce, ByteView associated_data, ByteView plaintext, ByteSpan out) {
  ASSERT(out.size() == plaintext.size() + kAeadTagSize);
  crypto_aead_chacha20poly1305_ietf_encrypt(out.data(), nullptr, raw(plaintext), plaintext.size(), raw(associated_data),
                                            associated_data.size(), nullptr, nonce.data(), key.reveal().data());
}

Result<Bytes> aead_open(const AeadKey& key, const AeadNonce& nonce, ByteView associated_data, ByteView ciphertext) {
  return open_ietf(key.reveal().data(), nonce.data(), associated_data, ciphertext);
}

Bytes box_seal(const AeadKey& key, Random& random, ByteView associated_data, ByteView plaintext) {
  Bytes out(kXAeadNonceSize + plaintext.size() + kAeadTagSize);
  random.fill(ByteSpan(out).first(kXAeadNonceSize));
  crypto_aead_xchacha20poly1305_ietf_encrypt(out.data() + kXAeadNonceSize, nullptr, raw(plaintext), plaintext.size(),
                                             raw(associated_data), associated_data.size(), nullptr, out.data(),
                                             key.reveal().data());
  return out;
}

Result<Bytes> box_open(const AeadKey& key, ByteView associated_data, ByteView box) {
  REQUIRE(box.size() >= kXAeadNonceSize + kAeadTagSize, kBadTag, "a box is shorter than nonce and tag");
  const ByteView ciphertext = box.subspan(kXAeadNonceSize);
  Bytes out(ciphertext.size() - kAeadTagSize + 1);
  const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(out.data(), nullptr, nullptr, ciphertext.data(),
                                                                ciphertext.size(), raw(associated_data),
                                                                associated_data.size(), box.data(),
                                                                key.reveal().data());
  REQUIRE(failed == 0, kBadTag, "a box does not open under this key");
  out.pop_back();
  return out;
}

const Aead& chacha20_poly1305() {
  static constinit const ChaCha20Poly1305 kAead;
  return kAead;
}

}  // namespace godwit::crypto
