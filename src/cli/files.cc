#include "cli/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "cli/errors.h"
#include "store/errors.h"

namespace godwit::cli {
namespace {

Error access_error(const char* rule) { return error_of_system(errno == EEXIST ? kFileExists : kProfileNoAccess, rule); }

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// The bytes under a name beside that of the file, durable; gives that name.
Result<std::string> write_beside(const std::string& path, ByteView bytes) {
  std::string beside = path + ".new";
  ::unlink(beside.c_str());  // of a run that was ended in the middle
  const Descriptor file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.valid()) return access_error("create");
  if (!write_all(file.number(), bytes) || ::fsync(file.number()) != 0) {
    const Error error = access_error("write");
    ::unlink(beside.c_str());
    return error;
  }
  return beside;
}

Status sync_folder_of(const std::string& path) {
  const Descriptor folder(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid() || ::fsync(folder.number()) != 0) return access_error("sync of the folder");
  return {};
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    if (number_ >= 0) ::close(number_);
    number_ = std::exchange(other.number_, -1);
  }
  return *this;
}

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

Error error_of_system(const ErrorCode& otherwise, const char* rule) {
  const bool full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;
  return {full ? store::kDiskFull : otherwise, rule};
}

bool write_all(int descriptor, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes = bytes.subspan(static_cast<size_t>(count));
  }
  return true;
}

Result<Bytes> read_file(const std::string& path, size_t size_max) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return access_error("open");
  Bytes out(size_max + 1);
  size_t size = 0;
  while (size < out.size()) {
    const ssize_t count = ::read(file.number(), out.data() + size, out.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return access_error("read");
    if (count == 0) break;
    size += static_cast<size_t>(count);
  }
  REQUIRE(size <= size_max, kProfileNoAccess, "it is longer than it can be");
  out.resize(size);
  return out;
}

Result<std::string> text_given(const std::string& given, size_t size_max) {
  if (given != "-") return given;
  std::string text;
  std::string block(65536, '\0');
  while (text.size() <= size_max + 1) {
    const ssize_t count = ::read(STDIN_FILENO, block.data(), block.size());
    if (count <= 0) break;
    text.append(block, 0, static_cast<size_t>(count));
  }
  if (text.ends_with('\n')) text.pop_back();
  REQUIRE(!text.empty(), kNoInput, "standard input");
  return text;
}

Status write_new_file(const std::string& path, ByteView bytes) {
  const std::string beside = TRY(write_beside(path, bytes));
  // link, not rename: it does not replace what somebody has put there meanwhile.
  const bool linked = ::link(beside.c_str(), path.c_str()) == 0;
  const Error error = access_error("link");
  ::unlink(beside.c_str());
  if (!linked) return error;
  return sync_folder_of(path);
}

Status replace_file(const std::string& path, ByteView bytes) {
  const std::string beside = TRY(write_beside(path, bytes));
  if (::rename(beside.c_str(), path.c_str()) != 0) {
    const Error error = access_error("rename");
    ::unlink(beside.c_str());
    return error;
  }
  return sync_folder_of(path);
}

Status sync_file_system(const std::string& folder) {
  const Descriptor open(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!open.valid() || ::syncfs(open.number()) != 0) return access_error("sync of the file system");
  return {};
}

bool is_private(const std::string& path, bool folder) {
  struct stat found{};
  if (::lstat(path.c_str(), &found) != 0) return false;
  const bool kind = folder ? S_ISDIR(found.st_mode) : S_ISREG(found.st_mode);
  return kind && found.st_uid == ::geteuid() && (found.st_mode & 0077) == 0;
}

Status make_folders(const std::string& path) {
  for (size_t at = 1; at <= path.size(); ++at) {
    if (at < path.size() && path[at] != '/') continue;
    const std::string part = path.substr(0, at);
    if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) return access_error("mkdir");
  }
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) return access_error("stat");
  REQUIRE(S_ISDIR(found.st_mode), kProfileNoAccess, "it is not a folder");
  return {};
}

}  // namespace godwit::cli
