#pragma once
// What the words open: the mailbox at the home, and a little that is kept beside it, sealed so that only they read it: the
// account's name, its device list, who its contacts are and whose safety number was compared, the keys of its channels, and which
// others it follows. So an account whose devices are all lost comes back.

#include "codec/members.h"
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

constexpr uint8_t kBackupVersion = 2;
/// Channels that are kept, of each kind: more than one person writes or reads, and they leave room for the contacts.
constexpr size_t kBackupChannelsMax = 64;

/// An own channel: whoever has this writes into it.
struct BackupChannel {
  ChannelLink link;
  SecretField seed;
  std::string name;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.link, self.seed, self.name);
  }
};
/// A channel of somebody else.
struct BackupFollowed {
  ChannelLink link;
  std::string name;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.link, self.name);
  }
};
/// What is kept since version 2. Later versions append.
struct BackupMore {
  std::vector<AccountId> verified;  ///< Contacts whose safety number was compared.
  std::vector<BackupChannel> channels;
  std::vector<BackupFollowed> followed;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.verified, self.channels, self.followed);
  }
};
/// What is kept.
struct BackupContent {
  uint8_t version = kBackupVersion;
  AccountId account;
  std::string name;
  DeviceListIn devices;
  std::vector<FormerContact> contacts;  ///< As many as have room, newest chats first.
  BackupMore more{};                    ///< Of version 1 empty.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.account, self.name, self.devices, self.contacts);
  }
};

/// Seals what is kept; at most wire::kBackupSizeMax. kBadSize: the key is none.
Result<Bytes> seal_backup(ByteView backup_key, BackupContent content, Random& random);
/// kNoBackup: it does not open, or is not this account's.
Result<BackupContent> open_backup(const RecoverySecrets& secrets, const AccountId& account, ByteView sealed);

/// What is kept at the home is not what it should be.
void want_backup(Machine& m);
/// Brings what is kept at the home up to date, when there is a good connection.
void pump_backup(Machine& m, Instant& wake);

/// Channels come back as they are at their homes.
void restore_channels(Machine& m, BackupMore& more);
/// Takes the command RecoverAccount (recovery.cc).
void recover_account(Machine& m, CommandId id, const RecoverAccount& command);

}  // namespace godwit::engine
