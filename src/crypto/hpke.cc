#include "crypto/hpke.h"

#include "crypto/hpke_kdf.h"

namespace godwit::crypto {
namespace {

constexpr uint8_t kModeBase = 0x00;

// suite_id = "HPKE" || I2OSP(kem_id, 2) || I2OSP(kdf_id, 2) || I2OSP(aead_id, 2) (RFC 9180 §5.1).
ByteArray<10> suite_id(const HpkeSuite& suite) {
  ByteArray<10> out{'H', 'P', 'K', 'E'};
  const uint16_t ids[] = {suite.kem->id(), static_cast<uint16_t>(suite.kdf), suite.aead->id()};
  for (size_t i = 0; i < 3; ++i) {
    out[4 + 2 * i] = static_cast<uint8_t>(ids[i] >> 8);
    out[5 + 2 * i] = static_cast<uint8_t>(ids[i]);
  }
  return out;
}

}  // namespace

HpkeInfo::HpkeInfo(const HpkeSuite& suite, ByteView info) {
  const auto id = suite_id(suite);
  const SecretBuffer psk_id_hash = labeled_extract(suite.kdf, id, {}, "psk_id_hash", {});
  const SecretBuffer info_hash = labeled_extract(suite.kdf, id, {}, "info_hash", info);
  key_schedule_context_ = secret_concat({ByteView(&kModeBase, 1), psk_id_hash.reveal(), info_hash.reveal()});
}

HpkeContext::HpkeContext(const HpkeSuite& suite, const SecretBuffer& shared_secret, const HpkeInfo& info)
    : suite_(suite) {
  const auto id = suite_id(suite);
  const SecretBuffer secret = labeled_extract(suite.kdf, id, shared_secret.reveal(), "secret", {});
  const auto expand = [&](std::string_view label, size_t size) {
    return labeled_expand(suite.kdf, id, secret.reveal(), label, info.key_schedule_context_.reveal(), size);
  };
  key_ = expand("key", suite.aead->key_size());
  base_nonce_ = expand("base_nonce", kAeadNonceSize);
  exporter_secret_ = expand("exp", hash_size(suite.kdf));
}

// ComputeNonce (RFC 9180 §5.2): the base nonce XOR the sequence number.
AeadNonce HpkeContext::nonce() const {
  AeadNonce out;
  std::copy_n(base_nonce_.reveal().begin(), out.size(), out.begin());
  for (size_t i = 0; i < 8; ++i) out[out.size() - 1 - i] ^= static_cast<uint8_t>(sequence_ >> (8 * i));
  return out;
}

Result<Bytes> HpkeContext::seal(ByteView associated_data, ByteView plaintext) {
  REQUIRE(sequence_ != UINT64_MAX, kNonceExhausted, "RFC 9180 §5.2: message limit reached");
  Bytes out = suite_.aead->seal(key_.reveal(), nonce(), associated_data, plaintext);
  ++sequence_;
  return out;
}

Result<Bytes> HpkeContext::open(ByteView associated_data, ByteView ciphertext) {
  REQUIRE(sequence_ != UINT64_MAX, kNonceExhausted, "RFC 9180 §5.2: message limit reached");
  Bytes out = TRY(suite_.aead->open(key_.reveal(), nonce(), associated_data, ciphertext));
  ++sequence_;
  return out;
}

SecretBuffer HpkeContext::export_secret(ByteView exporter_context, size_t size) const {
  return labeled_expand(suite_.kdf, suite_id(suite_), exporter_secret_.reveal(), "sec", exporter_context, size);
}

Result<HpkeSender> hpke_setup_sender(const HpkeSuite& suite, ByteView public_key, const HpkeInfo& info,
                                     Random& random) {
  const SecretBuffer randomness = SecretBuffer::random(random, suite.kem->encapsulation_random_size());
  Kem::Encapsulation made = TRY(suite.kem->encapsulate(public_key, randomness));
  return HpkeSender{std::move(made.encapsulated_key), HpkeContext(suite, made.shared_secret, info)};
}

Result<HpkeSender> hpke_setup_sender(const HpkeSuite& suite, ByteView public_key, ByteView info, Random& random) {
  return hpke_setup_sender(suite, public_key, HpkeInfo(suite, info), random);
}

Result<HpkeContext> hpke_setup_receiver(const HpkeSuite& suite, ByteView encapsulated_key,
                                        const SecretBuffer& private_key, ByteView info) {
  const SecretBuffer shared_secret = TRY(suite.kem->decapsulate(encapsulated_key, private_key));
  return HpkeContext(suite, shared_secret, HpkeInfo(suite, info));
}

Result<HpkeCiphertext> hpke_seal(const HpkeSuite& suite, ByteView public_key, const HpkeInfo& info,
                                 ByteView associated_data, ByteView plaintext, Random& random) {
  HpkeSender sender = TRY(hpke_setup_sender(suite, public_key, info, random));
  Bytes ciphertext = TRY(sender.context.seal(associated_data, plaintext));
  return HpkeCiphertext{std::move(sender.encapsulated_key), std::move(ciphertext)};
}

Result<HpkeCiphertext> hpke_seal(const HpkeSuite& suite, ByteView public_key, ByteView info, ByteView associated_data,
                                 ByteView plaintext, Random& random) {
  return hpke_seal(suite, public_key, HpkeInfo(suite, info), associated_data, plaintext, random);
}

Result<Bytes> hpke_open(const HpkeSuite& suite, const HpkeCiphertext& sealed, const SecretBuffer& private_key,
                        ByteView info, ByteView associated_data) {
  HpkeContext context = TRY(hpke_setup_receiver(suite, sealed.kem_output, private_key, info));
  return context.open(associated_data, sealed.ciphertext);
}

}  // namespace godwit::crypto
