#pragma once
// What the words open: the mailbox at the home, and a little that is kept beside it, sealed so that only they read it: the
// account's name, its device list, and who its contacts are. So an account whose devices are all lost comes back.

#include "engine/machine.h"

namespace godwit::engine {

/// What is derived from the recovery key and used at the home. The recovery key itself signs device lists and nothing else.
struct RecoverySecrets {
  wire::MailboxId mailbox;        ///< Of the account: so the words find it.
  crypto::Ed25519KeyPair reopen;  ///< Signs MailboxRecover.
  wire::RecoveryHash hash;        ///< Of its public key.
  crypto::XWingKeyPair backup;    ///< What is kept is sealed to it; devices have the public half only.
};
/// HKDF-Expand of the seed with one label each.
RecoverySecrets recovery_secrets(const crypto::Ed25519KeyPair& recovery);

/// What is kept.
struct BackupContent {
  uint8_t version = 1;
  AccountId account;
  std::string name;
  DeviceListIn devices;
  std::vector<FormerContact> contacts;  ///< As many as have room, newest chats first.
  template <typename Self>
  static auto fields(Self& self) {
    return std::tie(self.version, self.account, self.name, self.devices, self.contacts);
  }
};

/// Seals what is kept; at most wire::kBackupSizeMax. kBadSize: the key is none.
Result<Bytes> seal_backup(ByteView backup_key, BackupContent content, Random& random);
/// kNoBackup: it does not open, or is not this account's.
Result<BackupContent> open_backup(const RecoverySecrets& secrets, const AccountId& account, ByteView sealed);

/// Brings what is kept at the home up to date, when there is a good connection.
void pump_backup(Machine& m, Instant& wake);

/// Takes the command RecoverAccount (recovery.cc).
void recover_account(Machine& m, CommandId id, const RecoverAccount& command);

}  // namespace godwit::engine
