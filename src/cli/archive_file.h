#pragma once
// Archives as files: opened with what a person has, read from their beginning to their end, and replaced as a whole.

#include <optional>
#include <string>

#include "archive/archive_parts.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/secrets.h"
#include "engine/ids.h"

namespace godwit::cli {

/// A secret and what it is.
struct ArchiveSecret {
  archive::ArchiveLock lock = archive::ArchiveLock::kPassphrase;
  crypto::SecretBuffer secret;
  std::optional<engine::AccountId> account;  ///< of a recovery key: whose it is
};
/// Gets it. `twice`: a new passphrase, asked two times on a terminal. kNoPassphrase, kPassphraseFile, kPassphrasesDiffer, and as of
/// parse_recovery_key.
Result<ArchiveSecret> obtain_archive_secret(const ArchiveSecretSources& sources, bool twice);
/// The same of a recovery key as it is written. As of parse_recovery_key.
Result<ArchiveSecret> recovery_key_secret(ByteView text);

/// An archive that was opened: its head and key.
struct OpenArchive {
  std::string path;
  archive::ArchiveHead head;
  archive::ArchiveKey key;
};
/// Opens a file. kFileNoAccess; as of parse_head and open_head; kArchiveOtherLock.
Result<OpenArchive> open_archive(const std::string& path, const ArchiveSecret& secret);
/// How a file is locked. As of parse_head, kFileNoAccess.
Result<archive::ArchiveLock> archive_lock(const std::string& path);
/// Reads all of it. Where it stands before its end; kFileNoAccess; as of ArchiveReader.
Result<archive::ArchivePlace> read_archive(const OpenArchive& opened, archive::ArchiveReader::Handler handler);

/// A new file beside another one, whose place it takes when it is whole: until then the other one stays.
class ReplacementFile {
 public:
  /// Makes it. kFileNoAccess, store::kDiskFull.
  static Result<ReplacementFile> create(const std::string& path);
  ReplacementFile(ReplacementFile&&) = default;
  ReplacementFile& operator=(ReplacementFile&&) = delete;
  /// Removes it if it has not taken its place.
  ~ReplacementFile();
  /// Appends. kFileNoAccess, store::kDiskFull.
  Status write(ByteView bytes);
  /// Appends the first `size` bytes of a file. kFileNoAccess, store::kDiskFull.
  Status copy_from(const std::string& path, uint64_t size);
  /// Cuts off what stands behind the first `size` bytes. kFileNoAccess.
  Status cut(uint64_t size);
  /// It is on the disk whole, and then under its name. kFileNoAccess, store::kDiskFull.
  Status take_place();

 private:
  ReplacementFile(std::string path, std::string beside, Descriptor file)
      : path_(std::move(path)), beside_(std::move(beside)), file_(std::move(file)) {}
  std::string path_;
  std::string beside_;  // where it is until it is whole
  Descriptor file_;
};

}  // namespace godwit::cli
