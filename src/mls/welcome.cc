#include "mls/welcome.h"

#include <algorithm>

#include "mls/errors.h"
#include "mls/secret_writer.h"

namespace godwit::mls {
namespace {

constexpr std::string_view kWelcomeLabel = "Welcome";

struct WelcomeKey {
  crypto::SecretBuffer key;
  crypto::SecretBuffer nonce;
};

WelcomeKey welcome_key(const CipherSuite& suite, const WelcomeSecret& secret) {
  return {expand_with_label(suite, secret.reveal(), "key", {}, suite.aead->key_size()),
          expand_with_label(suite, secret.reveal(), "nonce", {}, crypto::kAeadNonceSize)};
}

}  // namespace

crypto::SecretBuffer GroupSecrets::encode() const {
  SecretWriter writer;
  writer.secret(joiner_secret.buffer());
  writer.value(static_cast<uint8_t>(path_secret ? 1 : 0));
  if (path_secret) writer.secret(path_secret->buffer());
  writer.value(psks);
  return writer.take();
}

Result<GroupSecrets> GroupSecrets::decode(ByteView bytes) {
  codec::Reader reader(bytes);
  GroupSecrets out;
  out.joiner_secret = JoinerSecret(TRY(read_secret(reader)));
  const uint8_t has_path_secret = TRY(reader.u8());
  REQUIRE(has_path_secret <= 1, kMalformed, "RFC 9420 §2.1.1, MLS-001: an optional starts with 0 or 1");
  if (has_path_secret == 1) out.path_secret = PathSecret(TRY(read_secret(reader)));
  out.psks = TRY(codec::decode<std::vector<PreSharedKeyID>>(reader));
  TRY(reader.finish());
  return out;
}

Bytes seal_group_info(const CipherSuite& suite, const WelcomeSecret& secret, const GroupInfoIn& group_info) {
  const WelcomeKey key = welcome_key(suite, secret);
  return suite.aead->seal(key.key.reveal(), key.nonce.reveal(), {}, codec::encoded(group_info));
}

Result<GroupInfoIn> open_group_info(const CipherSuite& suite, const WelcomeSecret& secret, ByteView sealed) {
  const WelcomeKey key = welcome_key(suite, secret);
  const auto plaintext = suite.aead->open(key.key.reveal(), key.nonce.reveal(), {}, sealed);
  REQUIRE(plaintext.has_value(), kDecryptionFailed, "RFC 9420 §12.4.3.1, MLS-157: encrypted_group_info does not open");
  return codec::decoded<GroupInfoIn>(*plaintext);
}

Status add_joiner(const CipherSuite& suite, Welcome& welcome, KeyPackageRef ref, ByteView init_key,
                  const GroupSecrets& secrets, Random& random) {
  const auto plaintext = secrets.encode();
  auto sealed =
      TRY(encrypt_with_label(suite, init_key, kWelcomeLabel, welcome.encrypted_group_info, plaintext.reveal(), random));
  welcome.secrets.push_back({std::move(ref), std::move(sealed)});
  return {};
}

// MLS-157
Result<GroupSecrets> open_group_secrets(const CipherSuite& suite, const Welcome& welcome, const KeyPackageRef& ref,
                                        const crypto::SecretBuffer& init_key) {
  const auto found = std::find_if(welcome.secrets.begin(), welcome.secrets.end(),
                                  [&](const EncryptedGroupSecrets& one) { return one.new_member == ref; });
  REQUIRE(found != welcome.secrets.end(), kNotForUs, "RFC 9420 §12.4.3.1, MLS-155: no secrets for this key package");
  const auto plaintext = TRY(
      decrypt_with_label(suite, init_key, kWelcomeLabel, welcome.encrypted_group_info, found->encrypted_group_secrets));
  return GroupSecrets::decode(plaintext.reveal());
}

}  // namespace godwit::mls
