#include "cli/archive_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "cli/errors.h"

namespace godwit::cli {
namespace {

constexpr size_t kPiece = 64 * 1024;

Result<Descriptor> open_to_read(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat found{};
  REQUIRE(file.valid() && ::fstat(file.number(), &found) == 0 && S_ISREG(found.st_mode), kFileNoAccess,
          "a file that can be read");
  return file;
}

// The next bytes, empty at the end.
Result<ByteView> read_piece(const Descriptor& file, Bytes& piece, size_t size_max) {
  ssize_t count = -1;
  do count = ::read(file.number(), piece.data(), std::min(piece.size(), size_max));
  while (count < 0 && errno == EINTR);
  REQUIRE(count >= 0, kFileNoAccess, "read");
  return ByteView(piece).first(static_cast<size_t>(count));
}

// How much of a file has been read, on a terminal, once that has taken a second.
class Meter {
 public:
  explicit Meter(const Descriptor& file) : terminal_(::isatty(STDERR_FILENO) != 0) {
    struct stat found{};
    if (::fstat(file.number(), &found) == 0) size_ = static_cast<uint64_t>(found.st_size);
  }
  ~Meter() {
    if (shown_) std::fputs("\r\033[K", stderr);
  }
  Meter(const Meter&) = delete;
  Meter& operator=(const Meter&) = delete;
  void add(size_t bytes) {
    read_ += bytes;
    const auto now = std::chrono::steady_clock::now();
    if (!terminal_ || size_ == 0 || now < next_) return;
    next_ = now + std::chrono::milliseconds(200);
    shown_ = true;
    std::fprintf(stderr, "\rreading the archive: %llu %%", static_cast<unsigned long long>(read_ * 100 / size_));
    std::fflush(stderr);
  }

 private:
  bool terminal_;
  uint64_t size_ = 0;
  uint64_t read_ = 0;
  std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  bool shown_ = false;
};

Status sync_folder(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const Descriptor open(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const bool synced = open.valid() && ::fsync(open.number()) == 0;
  return synced ? Status{} : error_of_system(kFileNoAccess, "sync of the folder");
}

}  // namespace

Result<moving::ArchiveSecret> obtain_archive_secret(const ArchiveSecretSources& sources, bool twice) {
  if (!sources.recovery_key_file.empty()) {
    const auto line = TRY(obtain_passphrase({sources.recovery_key_file, {}}, false));
    return moving::recovery_key_secret(line.reveal());
  }
  if (sources.recovery_key) {
    const auto typed = TRY(ask_secret("Recovery key: "));
    return moving::recovery_key_secret(typed.reveal());
  }
  moving::ArchiveSecret out;
  if (!sources.passphrase_file.empty()) {
    out.secret = TRY(obtain_passphrase({sources.passphrase_file, {}}, false));
    return out;
  }
  out.secret = TRY(ask_secret("Passphrase of the archive: "));
  if (!twice) return out;
  const auto again = TRY(ask_secret("The same once more: "));
  REQUIRE(crypto::equal_constant_time(out.secret.reveal(), again.reveal()), kPassphrasesDiffer, "typed twice");
  return out;
}

Result<DiskArchive> DiskArchive::at(const std::string& path) {
  struct stat found{};
  if (::lstat(path.c_str(), &found) != 0 || !S_ISLNK(found.st_mode)) return DiskArchive(path);
  const std::unique_ptr<char, decltype(&::free)> real(::realpath(path.c_str(), nullptr), &::free);
  REQUIRE(real != nullptr, kFileNoAccess, "a link leads to a file");
  return DiskArchive(real.get());
}

Result<bool> DiskArchive::exists() {
  struct stat found{};
  REQUIRE(!path_.empty(), kFileNoAccess, "a file has a name");
  const bool there = ::lstat(path_.c_str(), &found) == 0;
  REQUIRE(there || errno == ENOENT, kFileNoAccess, "a file that can be looked at");
  return there;
}

Result<moving::Pieces> DiskArchive::open() {
  struct Reading {
    explicit Reading(Descriptor opened) : file(std::move(opened)), meter(file) {}
    Descriptor file;
    Meter meter;
    Bytes piece = Bytes(kPiece);
  };
  return moving::Pieces([reading = std::make_shared<Reading>(TRY(open_to_read(path_)))]() -> Result<ByteView> {
    const ByteView piece = TRY(read_piece(reading->file, reading->piece, kPiece));
    reading->meter.add(piece.size());
    return piece;
  });
}

Status DiskArchive::begin() {
  drop();
  // Of its own, whoever else writes here.
  beside_ = path_ + ".part-XXXXXX";
  file_ = Descriptor(::mkostemp(beside_.data(), O_CLOEXEC));
  return file_.valid() ? Status{} : error_of_system(kFileNoAccess, "a new file");
}

void DiskArchive::drop() {
  if (file_.valid()) ::unlink(beside_.c_str());
  file_ = Descriptor(-1);
}

Status DiskArchive::copy(uint64_t size) {
  const Descriptor from = TRY(open_to_read(path_));
  Bytes piece(kPiece);
  while (size > 0) {
    const ByteView read = TRY(read_piece(from, piece, static_cast<size_t>(std::min<uint64_t>(size, kPiece))));
    REQUIRE(!read.empty(), kFileNoAccess, "the file that was read before");
    TRY(write(read));
    size -= read.size();
  }
  return {};
}

Status DiskArchive::write(ByteView bytes) {
  return write_all(file_.number(), bytes) ? Status{} : error_of_system(kFileNoAccess, "room for the file");
}

Status DiskArchive::cut(uint64_t size) {
  const auto end = static_cast<off_t>(size);
  const bool done = ::ftruncate(file_.number(), end) == 0 && ::lseek(file_.number(), end, SEEK_SET) == end;
  return done ? Status{} : error_of_system(kFileNoAccess, "the new file");
}

Status DiskArchive::take_place() {
  if (::fsync(file_.number()) != 0) return error_of_system(kFileNoAccess, "room for the file");
  if (::rename(beside_.c_str(), path_.c_str()) != 0) return error_of_system(kFileNoAccess, "a file gets its name");
  file_ = Descriptor(-1);
  return sync_folder(path_);
}

}  // namespace godwit::cli
