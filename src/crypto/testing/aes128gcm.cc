#include "crypto/testing/aes128gcm.h"

#include <openssl/evp.h>

#include <memory>

namespace godwit::crypto::testing {
namespace {

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

class Aes128Gcm : public Aead {
 public:
  uint16_t id() const override { return 0x0001; }
  size_t key_size() const override { return 16; }

  Bytes seal(ByteView key, ByteView nonce, ByteView associated_data, ByteView plaintext) const override {
    const Context context = start(key, nonce, /*encrypt=*/1);
    Bytes out(plaintext.size() + kAeadTagSize);
    feed(*context, nullptr, associated_data);
    feed(*context, out.data(), plaintext);
    int size = 0;
    ASSERT(EVP_CipherFinal_ex(context.get(), out.data() + plaintext.size(), &size) == 1 && size == 0);
    ASSERT(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kAeadTagSize, out.data() + plaintext.size()) == 1);
    return out;
  }

  Result<Bytes> open(ByteView key, ByteView nonce, ByteView associated_data, ByteView ciphertext) const override {
    REQUIRE(ciphertext.size() >= kAeadTagSize, kBadTag, "SP 800-38D §7.2: the tag is missing");
    const Context context = start(key, nonce, /*encrypt=*/0);
    const ByteView body = ciphertext.first(ciphertext.size() - kAeadTagSize);
    Bytes tag = to_bytes(ciphertext.last(kAeadTagSize));
    Bytes out(body.size() + kAeadTagSize);
    feed(*context, nullptr, associated_data);
    feed(*context, out.data(), body);
    ASSERT(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kAeadTagSize, tag.data()) == 1);
    int size = 0;
    REQUIRE(EVP_CipherFinal_ex(context.get(), out.data() + body.size(), &size) == 1, kBadTag,
            "SP 800-38D §7.2: the tag does not verify");
    out.resize(body.size());
    return out;
  }

 private:
  static Context start(ByteView key, ByteView nonce, int encrypt) {
    ASSERT(key.size() == 16 && nonce.size() == kAeadNonceSize);
    Context context(EVP_CIPHER_CTX_new());
    ASSERT(context != nullptr);
    ASSERT(EVP_CipherInit_ex(context.get(), EVP_aes_128_gcm(), nullptr, key.data(), nonce.data(), encrypt) == 1);
    return context;
  }
  static void feed(EVP_CIPHER_CTX& context, uint8_t* out, ByteView data) {
    if (data.empty()) return;
    int size = 0;
    ASSERT(EVP_CipherUpdate(&context, out, &size, data.data(), static_cast<int>(data.size())) == 1);
  }
};

}  // namespace

const Aead& aes128gcm() {
  static const Aes128Gcm kAead;
  return kAead;
}

}  // namespace godwit::crypto::testing
