#pragma once
// Files of messages of this program's engine on their way into an archive: those of chats that are only kept lie in the profile, those of
// the others at a home.

#include <string>

#include "cli/client.h"
#include "moving/file_source.h"

namespace godwit::cli {

/// See above. store::kDiskFull, kFileNoAccess, kInterrupted.
class ProgramFiles : public moving::FileSource {
 public:
  /// `profile`: its folder.
  ProgramFiles(Client& client, const std::string& profile);
  /// Removes what it has fetched.
  ~ProgramFiles() override;
  ProgramFiles(const ProgramFiles&) = delete;
  ProgramFiles& operator=(const ProgramFiles&) = delete;
  Result<moving::Pieces> kept(const std::string& name) override;
  bool is_connected(Duration limit) override;
  Result<moving::FetchedFile> fetch(const engine::ChatInfo& chat, const engine::Message& message, Duration limit) override;

 private:
  void empty_folder();
  Client& client_;
  std::string media_;
  std::string fetched_;  // folder
};

}  // namespace godwit::cli
