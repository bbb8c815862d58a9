#pragma once
// The head of an archive: which secret opens it. docs/protocol/archive.md.
//
// Not here: where the secret comes from, and files.

#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "crypto/aead.h"
#include "crypto/password.h"

namespace godwit::archive {

/// Bytes of a head.
constexpr size_t kHeadSize = 8 + 1 + 1 + crypto::kPasswordSaltSize + 4 + 4 + 16 + 72 + 8;
/// What a head says of its version; 1 is read too.
constexpr uint8_t kArchiveVersion = 2;

/// What opens an archive.
enum class ArchiveLock : uint8_t {
  kPassphrase = 1,   ///< Argon2id of it
  kRecoveryKey = 2,  ///< HKDF of the account's recovery key
};

/// The random name of one archive: its parts open in no other one.
using ArchiveId = ByteArray<16>;

/// The key of one archive's parts. A type of its own: no other key seals them.
struct ArchiveKey {
  crypto::AeadKey key;
};

/// A head as it is written.
struct ArchiveHead {
  uint8_t version = kArchiveVersion;
  ArchiveLock lock = ArchiveLock::kPassphrase;
  ByteArray<crypto::kPasswordSaltSize> salt{};
  crypto::PasswordCost cost{};  ///< of kPassphrase; zeros else
  ArchiveId id{};
  Bytes sealed_key{};  ///< the ArchiveKey under what the secret gives
};

/// A new archive.
struct NewArchive {
  ArchiveHead head;
  ArchiveKey key;
};
/// Its head and key. `secret`: the passphrase, or the 32 bytes of the recovery key's seed. kOutOfMemory.
Result<NewArchive> new_archive(ArchiveLock lock, ByteView secret, crypto::PasswordCost cost, Random& random);
/// kHeadSize bytes.
Bytes write_head(const ArchiveHead& head);
/// Reads kHeadSize bytes or fewer. kNotArchive, kArchiveCut, kArchiveDamaged, kArchiveNewer: tell the person.
Result<ArchiveHead> parse_head(ByteView bytes);
/// The key of its parts. kArchiveOtherKey: ask for another secret. kOutOfMemory, kBadSize (the cost is above what is done).
Result<ArchiveKey> open_head(const ArchiveHead& head, ByteView secret);

}  // namespace godwit::archive
