#include "store/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "store/errors.h"

namespace godwit::store {

Result<int> lock_folder(const std::string& folder, const char* name) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    if (errno == ENOSPC || errno == EDQUOT) return Error{kDiskFull, "store: there is room for the folder"};
    return Error{kNoAccess, "store: the folder can be made"};
  }
  const std::string path = folder + "/" + name;
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) {
    if (errno == ENOSPC || errno == EDQUOT) return Error{kDiskFull, "store: there is room for the lock file"};
    return Error{kNoAccess, "store: the lock file can be opened"};
  }
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    const bool held = errno == EWOULDBLOCK;
    ::close(file);
    if (held) return Error{kLocked, "store: one program at a time has the folder open"};
    return Error{kNoAccess, "store: the folder's file system knows locks"};
  }
  return file;
}

}  // namespace godwit::store
