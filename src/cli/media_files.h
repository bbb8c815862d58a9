#pragma once
// The profile's folder of media: files of chats that are only kept.

#include <string>

#include "cli/files.h"
#include "moving/media_folder.h"

namespace godwit::cli {

/// See above. kProfileNoAccess, store::kDiskFull.
class MediaFiles : public moving::MediaFolder {
 public:
  /// Makes the folder if it is not there.
  static Result<MediaFiles> open(std::string folder);
  Status begin() override;
  Status write(ByteView piece) override;
  Status keep(const std::string& name) override;
  Result<bool> keep_if_new(const std::string& name) override;
  void drop() override;
  Status sync() override;

 private:
  explicit MediaFiles(std::string folder) : folder_(std::move(folder)) {}
  std::string part() const { return folder_ + "/.part"; }
  std::string folder_;
  Descriptor file_{-1};
};

}  // namespace godwit::cli
