#pragma once
// One chat as files: what export_chat of the API does.

#include <string>

#include "cli/client.h"

namespace godwit::cli {

/// Where it is.
struct ExportedChat {
  std::string page;
  std::string lines;
  uint64_t messages = 0;
};
/// Writes a chat into a folder that is new or empty, without its files. kFileExists, kFileNoAccess, store::kDiskFull; as of Client::ask.
Result<ExportedChat> export_chat(Client& client, const engine::ChatInfo& chat, const std::string& folder);

}  // namespace godwit::cli
