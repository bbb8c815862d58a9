#include "cli/transfer_files.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "cli/errors.h"
#include "cli/files.h"
#include "cli/thumbnail.h"
#include "engine/errors.h"

namespace godwit::cli {
namespace {

// "photo.jpg" is there: "photo (1).jpg" and so on, as often as that.
constexpr int kNamesMax = 1'000;

Error access_error(const char* rule) { return error_of_system(kFileNoAccess, rule); }

std::string folder_of(const std::string& destination) {
  const size_t slash = destination.rfind('/');
  return slash == std::string::npos ? "./" : destination.substr(0, slash + 1);
}

std::string part_path(const std::string& destination, const engine::MessageId& part) {
  return folder_of(destination) + ".godwit-" + to_hex(part.view()) + ".part";
}

// Does not follow a link that somebody else may have put there.
Descriptor open_part(const std::string& path) {
  return Descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
}

Status write_at(int descriptor, ByteView bytes, uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t count = ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return access_error("write");
    bytes = bytes.subspan(static_cast<size_t>(count));
    offset += static_cast<uint64_t>(count);
  }
  return {};
}

Status write_part(const engine::WriteFile& effect) {
  const Descriptor part = open_part(part_path(effect.destination, effect.part));
  struct stat found{};
  if (!part.valid() || ::fstat(part.number(), &found) != 0 || !S_ISREG(found.st_mode)) return access_error("open");
  const auto size = static_cast<uint64_t>(found.st_size);
  REQUIRE(size >= effect.offset, engine::kPartMissing, "what was written before is there");
  if (size > effect.offset && ::ftruncate(part.number(), static_cast<off_t>(effect.offset)) != 0) {
    return access_error("truncate");
  }
  TRY(write_at(part.number(), effect.bytes, effect.offset));
  if (effect.durable && ::fdatasync(part.number()) != 0) return access_error("sync");
  return {};
}

// Gives the file its name if nothing has it; EEXIST in errno if something does.
bool move_new(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno != EINVAL && errno != ENOSYS) return false;
  // A file system without it: a second name, then without the first.
  return ::link(from.c_str(), to.c_str()) == 0 && ::unlink(from.c_str()) == 0;
}

std::string numbered(const std::string& name, int number) {
  if (number == 0) return name;
  const size_t dot = name.rfind('.');
  const size_t at = dot == std::string::npos || dot == 0 ? name.size() : dot;
  return name.substr(0, at) + " (" + std::to_string(number) + ")" + name.substr(at);
}

Result<std::string> name_part(const engine::FinishFile& effect) {
  const std::string path = part_path(effect.destination, effect.part);
  {
    const Descriptor part = open_part(path);
    struct stat found{};
    if (!part.valid() || ::fstat(part.number(), &found) != 0) return access_error("open");
    REQUIRE(static_cast<uint64_t>(found.st_size) == effect.size, engine::kPartMissing, "all of the file is there");
    if (::fsync(part.number()) != 0) return access_error("sync");
  }
  const bool into_folder = effect.destination.ends_with('/');
  std::string name;
  for (int number = 0; number < (into_folder ? kNamesMax : 1); ++number) {
    name = into_folder ? effect.destination + numbered(effect.name, number) : effect.destination;
    if (move_new(path, name)) {
      const Descriptor folder(::open(folder_of(name).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
      if (!folder.valid() || ::fsync(folder.number()) != 0) return access_error("sync of the folder");
      return name;
    }
    if (errno != EEXIST) return access_error("rename");
  }
  return Error{kFileExists, "there is nothing at the file's place"};
}

// At most `size` bytes from `offset` on; what cannot be read is missing.
Bytes read_at(int descriptor, uint64_t offset, size_t size) {
  Bytes out(size);
  size_t have = 0;
  while (have < size) {
    const ssize_t count = ::pread(descriptor, out.data() + have, size - have, static_cast<off_t>(offset + have));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    have += static_cast<size_t>(count);
  }
  out.resize(have);
  return out;
}

// Pictures that are looked through at a time: those of all uploads under way find room.
constexpr size_t kKnownMax = 64;

}  // namespace

engine::FileRead SentFiles::read(const engine::ReadFile& effect) {
  engine::FileRead out{effect.op, {}, 0, 0, {}};
  const bool as_is = effect.source.starts_with(kAsIs);
  const std::string path = as_is ? effect.source.substr(kAsIs.size()) : effect.source;
  // Not blocking: a pipe without a writer would hold the program.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat found{};
  if (!file.valid() || ::fstat(file.number(), &found) != 0 || !S_ISREG(found.st_mode)) {
    out.error = Error{kFileNoAccess, "a file that can be read"};
    return out;
  }
  out.size = static_cast<uint64_t>(found.st_size);
  out.version =
      static_cast<uint64_t>(found.st_mtim.tv_sec) * 1'000'000'000U + static_cast<uint64_t>(found.st_mtim.tv_nsec);
  out.version ^= static_cast<uint64_t>(found.st_ino) << 20;
  const ReadAt read = [&](uint64_t offset, size_t size) { return read_at(file.number(), offset, size); };
  if (as_is) {
    out.bytes = read(effect.offset, effect.size);
    return out;
  }
  auto known = known_.find(path);
  if (known == known_.end() || known->second.version != out.version) {
    auto picture = picture_to_send(read);
    if (!picture) {
      out.error = picture.error();
      return out;
    }
    if (known_.size() >= kKnownMax) known_.erase(known_.begin());
    known = known_.insert_or_assign(path, Known{out.version, std::move(*picture)}).first;
  }
  const auto& picture = known->second.picture;
  if (picture) out.size = picture->size();
  out.bytes = picture ? read_picture(*picture, read, effect.offset, effect.size) : read(effect.offset, effect.size);
  return out;
}

std::optional<engine::MediaInfo> media_of(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat found{};
  if (!file.valid() || ::fstat(file.number(), &found) != 0 || !S_ISREG(found.st_mode)) return std::nullopt;
  const ReadAt read = [&](uint64_t offset, size_t size) { return read_at(file.number(), offset, size); };
  const auto found_picture = picture_to_send(read);
  if (!found_picture || !*found_picture || (*found_picture)->width == 0) return std::nullopt;
  const Picture& picture = **found_picture;
  engine::MediaInfo media;
  media.kind = engine::MediaKind::kPicture;
  media.width = picture.width;
  media.height = picture.height;
  // As it is shown: the right way up.
  if (picture.orientation >= 5) std::swap(media.width, media.height);
  if (picture.size() > kDecodedBytesMax) return media;
  const Bytes whole = read_picture(picture, read, 0, static_cast<size_t>(picture.size()));
  if (auto small = thumbnail_of(whole, picture.orientation)) media.thumbnail = std::move(*small);
  return media;
}

engine::FileWritten write_piece(const engine::WriteFile& effect) {
  const Status written = write_part(effect);
  return {effect.op, {}, written ? std::nullopt : std::optional(written.error())};
}

engine::FileWritten finish_part(const engine::FinishFile& effect) {
  auto named = name_part(effect);
  if (!named) return {effect.op, {}, named.error()};
  return {effect.op, std::move(*named), {}};
}

void drop_part(const engine::DropFile& effect) { ::unlink(part_path(effect.destination, effect.part).c_str()); }

std::string downloads_folder() {
  struct stat found{};
  const char* chosen = std::getenv("XDG_DOWNLOAD_DIR");
  const char* home = std::getenv("HOME");
  std::string folder = chosen != nullptr ? chosen : home != nullptr ? std::string(home) + "/Downloads" : "";
  if (folder.empty() || ::stat(folder.c_str(), &found) != 0 || !S_ISDIR(found.st_mode)) folder = absolute_path(".");
  return folder.ends_with('/') ? folder : folder + "/";
}

std::string absolute_path(const std::string& path) {
  if (path.starts_with('/')) return path;
  char* here = ::getcwd(nullptr, 0);
  if (here == nullptr) return path;
  std::string out = std::string(here) + "/" + path;
  std::free(here);
  return out;
}

std::string typed_path(const std::string& path) {
  const char* home = std::getenv("HOME");
  return home != nullptr && path.starts_with("~/") ? home + path.substr(1) : absolute_path(path);
}

}  // namespace godwit::cli
