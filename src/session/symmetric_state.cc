#include "session/symmetric_state.h"

#include "crypto/hash.h"

namespace godwit::session {
namespace {

// Keys are the first 32 bytes of outputs that may have 64 (Noise rev 34 §5.2: "truncates to 32 bytes").
crypto::AeadKey truncated_key(const crypto::SecretBuffer& material) {
  crypto::AeadKey out;
  std::copy_n(material.reveal().begin(), out.kSize, out.fill().begin());
  return out;
}

}  // namespace

SymmetricState::SymmetricState(NoiseHash hash, std::string_view protocol_name) : hash_(hash) {
  const ByteView name = as_bytes(protocol_name);
  if (name.size() <= hash_size(hash)) {
    h_ = to_bytes(name);
    h_.resize(hash_size(hash));
  } else {
    h_ = noise_hash(hash, {name});
  }
  ck_ = crypto::SecretBuffer::copy_of(h_);
}

void SymmetricState::initialize_key(const crypto::SecretBuffer& material) {
  cipher_ = CipherState(truncated_key(material));
}

void SymmetricState::mix_key(ByteView input_key_material) {
  auto outputs = noise_hkdf(hash_, ck_, input_key_material, 2);
  ck_ = std::move(outputs[0]);
  initialize_key(outputs[1]);
}

void SymmetricState::mix_hash(ByteView data) { h_ = noise_hash(hash_, {h_, data}); }

void SymmetricState::mix_key_and_hash(ByteView input_key_material) {
  auto outputs = noise_hkdf(hash_, ck_, input_key_material, 3);
  ck_ = std::move(outputs[0]);
  mix_hash(outputs[1].reveal());
  initialize_key(outputs[2]);
}

Result<Bytes> SymmetricState::encrypt_and_hash(ByteView plaintext) {
  Bytes out = TRY(cipher_.encrypt(h_, plaintext));
  mix_hash(out);
  return out;
}

Result<Bytes> SymmetricState::decrypt_and_hash(ByteView ciphertext) {
  Bytes out = TRY(cipher_.decrypt(h_, ciphertext));
  mix_hash(ciphertext);
  return out;
}

SplitCiphers SymmetricState::split() const {
  const auto outputs = noise_hkdf(hash_, ck_, {}, 2);
  return {CipherState(truncated_key(outputs[0])), CipherState(truncated_key(outputs[1]))};
}

crypto::Secret<32> SymmetricState::export_secret(std::string_view label) const {
  Bytes info = to_bytes(as_bytes(label));
  append(info, h_);
  crypto::Secret<32> out;
  crypto::hkdf_expand(ck_.reveal(), info, out.fill());
  return out;
}

}  // namespace godwit::session
