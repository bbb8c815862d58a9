#include "net/janus_parts.h"

#include <algorithm>
#include <filesystem>

namespace godwit::net {
namespace {

namespace fs = std::filesystem;

bool has_parts(const fs::path& folder) {
  return std::ranges::all_of(kJanusParts, [&](const char* part) {
    std::error_code ignored;
    return fs::exists(folder / part, ignored);
  });
}

}  // namespace

std::string janus_parts(const std::string& program, const std::string& named) {
  if (!named.empty()) return has_parts(named) ? fs::absolute(named).string() : std::string();
  std::error_code error;
  const fs::path real = fs::canonical(program, error);
  if (error) return {};
  const fs::path prefix = real.parent_path().parent_path();  // /usr of /usr/bin/janus
  for (const char* lib : {"lib", "lib64"}) {
    if (has_parts(prefix / lib / "janus")) return (prefix / lib / "janus").string();
    for (fs::directory_iterator it(prefix / lib, error), end; !error && it != end; it.increment(error)) {
      const bool of_machine = it->path().filename().string().find('-') != std::string::npos;  // x86_64-linux-gnu
      if (of_machine && has_parts(it->path() / "janus")) return (it->path() / "janus").string();
    }
  }
  return {};
}

}  // namespace godwit::net
