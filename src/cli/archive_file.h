#pragma once
// Archives as files of this machine.

#include <string>

#include "cli/commands.h"
#include "cli/files.h"
#include "moving/archive_file.h"

namespace godwit::cli {

/// What opens an archive. `twice`: a new passphrase, asked two times on a terminal. kNoPassphrase, kPassphraseFile, kPassphrasesDiffer, and
/// as of parse_recovery_key.
Result<moving::ArchiveSecret> obtain_archive_secret(const ArchiveSecretSources& sources, bool twice);

/// See above. Reading it is shown on a terminal once that has taken a second. kFileNoAccess, store::kDiskFull.
class DiskArchive : public moving::ArchiveFile {
 public:
  /// What a link leads to is written, and the link stays. kFileNoAccess: it leads nowhere.
  static Result<DiskArchive> at(const std::string& path);
  DiskArchive(DiskArchive&&) = default;
  DiskArchive& operator=(DiskArchive&&) = delete;
  /// Removes a new one that has not taken its place.
  ~DiskArchive() override { drop(); }
  Result<bool> exists() override;
  Result<moving::Pieces> open() override;
  Status begin() override;
  Status copy(uint64_t size) override;
  Status write(ByteView bytes) override;
  Status cut(uint64_t size) override;
  Status take_place() override;

 private:
  explicit DiskArchive(std::string path) : path_(std::move(path)) {}
  void drop();
  std::string path_;
  std::string beside_;  // where the new one is until it is whole
  Descriptor file_{-1};
};

}  // namespace godwit::cli
