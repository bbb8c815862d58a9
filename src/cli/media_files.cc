#include "cli/media_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "cli/errors.h"

namespace godwit::cli {

Result<MediaFiles> MediaFiles::open(std::string folder) {
  TRY(make_folders(folder));
  return MediaFiles(std::move(folder));
}

Status MediaFiles::begin() {
  file_ = Descriptor(::open(part().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  return file_.valid() ? Status{} : error_of_system(kProfileNoAccess, "a folder for media in the profile");
}

Status MediaFiles::write(ByteView piece) {
  if (write_all(file_.number(), piece)) return {};
  const Error error = error_of_system(kProfileNoAccess, "room for media");
  drop();
  return error;
}

Status MediaFiles::keep(const std::string& name) {
  file_ = Descriptor(-1);
  if (::rename(part().c_str(), (folder_ + "/" + name).c_str()) == 0) return {};
  const Error error = error_of_system(kProfileNoAccess, "a file of media gets its name");
  drop();
  return error;
}

Result<bool> MediaFiles::keep_if_new(const std::string& name) {
  // Before it has its name: what is there under it is taken for whole the next time.
  const bool synced = ::fdatasync(file_.number()) == 0;
  const bool linked = synced && ::link(part().c_str(), (folder_ + "/" + name).c_str()) == 0;
  const bool there = synced && !linked && errno == EEXIST;
  const Error error = error_of_system(kProfileNoAccess, "a file of media gets its name");
  drop();
  if (!linked && !there) return error;
  return linked;
}

void MediaFiles::drop() {
  file_ = Descriptor(-1);
  ::unlink(part().c_str());
}

Status MediaFiles::sync() { return sync_file_system(folder_); }

}  // namespace godwit::cli
