#pragma once
// Archives as they are opened with what a person has, read from their beginning to their end, and replaced as a whole. Where their bytes
// are is the host's.

#include <optional>
#include <string_view>

#include "archive/archive_parts.h"
#include "crypto/secret.h"
#include "engine/ids.h"
#include "moving/import_source.h"

namespace godwit::moving {

/// One archive, which may not be there yet. A new one is written beside it, and takes its place when it is whole: until then the old one
/// stays. Each fails with what the disk says, or with that somebody wants this to end.
class ArchiveFile {
 public:
  virtual ~ArchiveFile() = default;
  /// Is there one?
  virtual Result<bool> exists() = 0;
  /// What there is, from its beginning; also several times.
  virtual Result<Pieces> open() = 0;
  /// A new one begins; what was begun before is dropped.
  virtual Status begin() = 0;
  /// The new one begins with the first `size` bytes of what there is: they are there. Nothing was written to it before.
  virtual Status copy(uint64_t size) = 0;
  /// Goes on with the new one.
  virtual Status write(ByteView bytes) = 0;
  /// Cuts off what stands behind its first `size` bytes.
  virtual Status cut(uint64_t size) = 0;
  /// It is whole.
  virtual Status take_place() = 0;
};

/// A secret and what it is.
struct ArchiveSecret {
  archive::ArchiveLock lock = archive::ArchiveLock::kPassphrase;
  crypto::SecretBuffer secret;
  std::optional<engine::AccountId> account;  ///< of a recovery key: whose it is
};
/// What a person has given at once, to make an archive or to open one: a passphrase, or the recovery key where `passphrase` is empty.
/// kArchiveNoSecret; as of parse_recovery_key.
Result<ArchiveSecret> archive_secret_of(std::string_view passphrase, std::string_view recovery_key);
/// Of a recovery key as it is written. As of parse_recovery_key.
Result<ArchiveSecret> recovery_key_secret(ByteView text);

/// An archive that was opened: its head and key.
struct OpenArchive {
  archive::ArchiveHead head;
  archive::ArchiveKey key;
};
/// Opens what is there. As of the file, parse_head and open_head; kArchiveOtherLock.
Result<OpenArchive> open_archive(ArchiveFile& file, const ArchiveSecret& secret);
/// How it is locked. As of the file and parse_head.
Result<archive::ArchiveLock> archive_lock(ArchiveFile& file);
/// Reads all of it. Where it stands before its end; as of the file and ArchiveReader.
Result<archive::ArchivePlace> read_archive(ArchiveFile& file, const OpenArchive& opened,
                                           archive::ArchiveReader::Handler handler);

}  // namespace godwit::moving
