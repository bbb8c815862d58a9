#pragma once
// Welcome (RFC 9420 §12.4.3.1): how joiners get an epoch's secrets.

#include "codec/members.h"
#include "mls/group_info.h"
#include "mls/key_package.h"
#include "mls/psk.h"
#include "mls/treekem.h"

namespace godwit::mls {

/// EncryptedGroupSecrets (RFC 9420 §12.4.3.1).
struct EncryptedGroupSecrets {
  KeyPackageRef new_member;
  HPKECiphertext encrypted_group_secrets;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.new_member, self.encrypted_group_secrets);
  }
  friend bool operator==(const EncryptedGroupSecrets&, const EncryptedGroupSecrets&) = default;
};

/// Welcome (RFC 9420 §12.4.3.1).
struct Welcome {
  CipherSuiteId cipher_suite{};
  std::vector<EncryptedGroupSecrets> secrets;
  Bytes encrypted_group_info;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.cipher_suite, self.secrets, self.encrypted_group_info);
  }
  friend bool operator==(const Welcome&, const Welcome&) = default;
};

/// GroupSecrets (RFC 9420 §12.4.3.1).
struct GroupSecrets {
  JoinerSecret joiner_secret;
  std::optional<PathSecret> path_secret;
  std::vector<PreSharedKeyID> psks;

  /// Its encoding, which is secret.
  crypto::SecretBuffer encode() const;
  /// Codec errors: drop the Welcome.
  static Result<GroupSecrets> decode(ByteView bytes);
};

/// Seals GroupInfo under welcome_secret.
Bytes seal_group_info(const CipherSuite& suite, const WelcomeSecret& secret, const GroupInfoIn& group_info);
/// The reverse. kDecryptionFailed, codec errors: drop the Welcome.
Result<GroupInfoIn> open_group_info(const CipherSuite& suite, const WelcomeSecret& secret, ByteView sealed);

/// Adds the secrets of one joiner to a Welcome that has its encrypted_group_info. Errors of encrypt_with_label.
Status add_joiner(const CipherSuite& suite, Welcome& welcome, KeyPackageRef ref, ByteView init_key,
                  const GroupSecrets& secrets, Random& random);
/// The secrets for the owner of `key_package`. kNotForUs, kDecryptionFailed, codec errors.
Result<GroupSecrets> open_group_secrets(const CipherSuite& suite, const Welcome& welcome, const KeyPackageRef& ref,
                                        const crypto::SecretBuffer& init_key);

}  // namespace godwit::mls
