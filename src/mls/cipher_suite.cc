#include "mls/cipher_suite.h"

#include "codec/codec.h"
#include "mls/errors.h"

namespace godwit::mls {
namespace {

constexpr std::string_view kLabelPrefix = "MLS 1.0 ";
// What DeriveKeyPair starts from for a fresh pair: Nsk of both KEMs (RFC 9180 §7.1).
constexpr size_t kKeyMaterialSize = 32;

void write_label(codec::Writer& writer, std::string_view label) {
  ASSERT(label.size() + kLabelPrefix.size() <= codec::kVarintMax);
  writer.varint(static_cast<uint32_t>(kLabelPrefix.size() + label.size()));
  writer.raw(as_bytes(kLabelPrefix));
  writer.raw(as_bytes(label));
}

// SignContent (RFC 9420 §5.1.2) and EncryptContext (§5.1.3) have one form. What is signed may be a message's plaintext.
crypto::SecretBuffer labelled(std::string_view label, ByteView content) {
  codec::Writer writer;
  write_label(writer, label);
  writer.opaque(content);
  return crypto::SecretBuffer::adopt(writer.take());
}

}  // namespace

const CipherSuite& suite_0x0003() {
  static const CipherSuite suite{CipherSuiteId::kX25519ChaCha20Poly1305Sha256Ed25519,
                                 "MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519", &crypto::dhkem_x25519(),
                                 &crypto::chacha20_poly1305()};
  return suite;
}

const CipherSuite& suite_xwing() {
  static const CipherSuite suite{CipherSuiteId::kXWingChaCha20Poly1305Sha256Ed25519,
                                 "MLS_128_XWING_CHACHA20POLY1305_SHA256_Ed25519", &crypto::kem_xwing(),
                                 &crypto::chacha20_poly1305()};
  return suite;
}

SuiteTable suites_default() {
  static const CipherSuite* const table[] = {&suite_xwing(), &suite_0x0003()};
  return table;
}

Result<const CipherSuite*> find_suite(SuiteTable suites, CipherSuiteId id) {
  for (const CipherSuite* suite : suites) {
    if (suite->id == id) return suite;
  }
  return Error{kUnsupportedSuite, "RFC 9420 §5.1, MLS-007: a cipher suite that is not in the table"};
}

Bytes hash(const CipherSuite& suite, ByteView data) { return crypto::digest(suite.kdf, data); }

Bytes mac(const CipherSuite& suite, ByteView key, ByteView data) { return crypto::hmac(suite.kdf, key, data); }

crypto::SecretBuffer kdf_extract(const CipherSuite& suite, ByteView salt, ByteView input_key_material) {
  return crypto::extract(suite.kdf, salt, input_key_material);
}

crypto::SecretBuffer expand_with_label(const CipherSuite& suite, ByteView secret, std::string_view label,
                                       ByteView context, size_t size) {
  ASSERT(size <= 255 * suite.hash_size());
  codec::Writer info;
  info.u16(static_cast<uint16_t>(size));
  write_label(info, label);
  info.opaque(context);
  crypto::SecretBuffer out(size);
  crypto::expand(suite.kdf, secret, info.view(), out.fill());
  return out;
}

crypto::SecretBuffer derive_secret(const CipherSuite& suite, ByteView secret, std::string_view label) {
  return expand_with_label(suite, secret, label, {}, suite.hash_size());
}

crypto::SecretBuffer derive_tree_secret(const CipherSuite& suite, ByteView secret, std::string_view label,
                                        uint32_t generation, size_t size) {
  codec::Writer context;
  context.u32(generation);
  return expand_with_label(suite, secret, label, context.view(), size);
}

// MLS-010
Bytes ref_hash(const CipherSuite& suite, std::string_view label, ByteView value) {
  codec::Writer writer;
  writer.opaque(as_bytes(label));
  writer.opaque(value);
  return hash(suite, writer.view());
}

Bytes sign_with_label(const crypto::Ed25519KeyPair& key, std::string_view label, ByteView content) {
  return to_bytes(key.sign(labelled(label, content).reveal()));
}

Status verify_with_label(ByteView public_key, std::string_view label, ByteView content, ByteView signature) {
  REQUIRE(crypto::ed25519_verify(public_key, labelled(label, content).reveal(), signature).has_value(), kBadSignature,
          "RFC 9420 §5.1.2, MLS-008: the signature does not hold");
  return {};
}

Result<HPKECiphertext> encrypt_with_label(const CipherSuite& suite, ByteView public_key, std::string_view label,
                                          ByteView context, ByteView plaintext, Random& random) {
  return encrypt_with_label(suite, public_key, encryption_info(suite, label, context), plaintext, random);
}

crypto::HpkeInfo encryption_info(const CipherSuite& suite, std::string_view label, ByteView context) {
  return {suite.hpke(), labelled(label, context).reveal()};
}

Result<HPKECiphertext> encrypt_with_label(const CipherSuite& suite, ByteView public_key, const crypto::HpkeInfo& info,
                                          ByteView plaintext, Random& random) {
  auto sealed = TRY(crypto::hpke_seal(suite.hpke(), public_key, info, {}, plaintext, random));
  return HPKECiphertext{std::move(sealed.kem_output), std::move(sealed.ciphertext)};
}

Result<crypto::SecretBuffer> decrypt_with_label(const CipherSuite& suite, const crypto::SecretBuffer& private_key,
                                                std::string_view label, ByteView context,
                                                const HPKECiphertext& sealed) {
  auto plaintext = crypto::hpke_open(suite.hpke(), {sealed.kem_output, sealed.ciphertext}, private_key,
                                     labelled(label, context).reveal(), {});
  REQUIRE(plaintext.has_value(), kDecryptionFailed, "RFC 9420 §5.1.3, MLS-009: the ciphertext does not open");
  return crypto::SecretBuffer::adopt(std::move(plaintext).value());
}

HpkeKeyPair HpkeKeyPair::derive(const CipherSuite& suite, ByteView secret) {
  crypto::SecretBuffer private_key = suite.kem->derive_private_key(secret);
  auto public_key = suite.kem->public_key(private_key);
  ASSERT(public_key.has_value());
  return {std::move(private_key), std::move(public_key).value()};
}

HpkeKeyPair HpkeKeyPair::generate(const CipherSuite& suite, Random& random) {
  return derive(suite, crypto::Secret<kKeyMaterialSize>::random(random).reveal());
}

}  // namespace godwit::mls
