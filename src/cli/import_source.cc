#include "cli/import_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include <cerrno>
#include <optional>

#include "cli/errors.h"
#include "cli/files.h"
#include "imports/errors.h"
#include "imports/media_path.h"
#include "imports/zip_contents.h"

namespace godwit::cli {
namespace {

using moving::ImportSource;
using moving::Pieces;

constexpr size_t kPiece = 64 * 1024;

class PlainSource : public ImportSource {
 public:
  explicit PlainSource(std::string path) : path_(std::move(path)) {}
  Result<Pieces> chat() override {
    return pieces_of(Descriptor(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)));
  }
  Result<Pieces> media(const std::string& path) override {
    const auto clean = imports::media_path(path);
    REQUIRE(clean.has_value(), kFileNoAccess, "a path within the export");
    const size_t slash = path_.rfind('/');
    return pieces_of(open_beneath(slash == std::string::npos ? "." : path_.substr(0, slash + 1), *clean));
  }
  bool has(const std::string& path) override { return media(path).has_value(); }
  std::string name() const override { return path_; }

 private:
  // No folder on the way may lead out of the export either.
  static Descriptor open_beneath(const std::string& folder, std::string_view path) {
    Descriptor at(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    for (size_t slash = path.find('/'); at.valid() && slash != std::string_view::npos; slash = path.find('/')) {
      const std::string name(path.substr(0, slash));
      at = Descriptor(::openat(at.number(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
      path.remove_prefix(slash + 1);
    }
    if (!at.valid()) return at;
    return Descriptor(::openat(at.number(), std::string(path).c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  }
  static Result<Pieces> pieces_of(Descriptor opened) {
    auto file = std::make_shared<Descriptor>(std::move(opened));
    struct stat found{};
    REQUIRE(file->valid() && ::fstat(file->number(), &found) == 0 && S_ISREG(found.st_mode), kFileNoAccess,
            "a file that can be read");
    return Pieces([file, piece = std::make_shared<Bytes>(kPiece)]() -> Result<ByteView> {
      ssize_t count = -1;
      do count = ::read(file->number(), piece->data(), piece->size());
      while (count < 0 && errno == EINTR);
      REQUIRE(count >= 0, kFileNoAccess, "read");
      return ByteView(*piece).first(static_cast<size_t>(count));
    });
  }
  std::string path_;
};

struct ZipClose {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct EntryClose {
  void operator()(zip_file_t* file) const {
    if (file != nullptr) zip_fclose(file);
  }
};

class ZipSource : public ImportSource {
 public:
  ZipSource(std::string path, uint64_t size, std::unique_ptr<zip_t, ZipClose> archive)
      : path_(std::move(path)), archive_(std::move(archive)), contents_(path_, size) {}

  // What it would be on the disk, before a byte of it is unpacked.
  Status check() {
    const auto entries = zip_get_num_entries(archive_.get(), 0);
    REQUIRE(entries >= 0 && static_cast<uint64_t>(entries) <= imports::kZipEntriesMax, imports::kZipBomb,
            "200,000 files in a zip file");
    for (uint64_t i = 0; i < static_cast<uint64_t>(entries); ++i) {
      zip_stat_t entry;
      zip_stat_init(&entry);
      REQUIRE(zip_stat_index(archive_.get(), i, ZIP_FL_ENC_GUESS, &entry) == 0, imports::kZipDamaged, "an entry of a zip file");
      constexpr uint64_t kWanted = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE;
      REQUIRE((entry.valid & kWanted) == kWanted, imports::kZipBomb, "an entry says how large it is");
      TRY(contents_.add(entry.name, entry.size, entry.comp_size));
    }
    return contents_.finish();
  }

  Result<Pieces> chat() override { return open(contents_.chat()); }
  Result<Pieces> media(const std::string& path) override {
    const auto index = contents_.find(path);
    REQUIRE(index.has_value(), kFileNoAccess, "a file of the export");
    return open(*index);
  }
  bool has(const std::string& path) override { return contents_.find(path).has_value(); }
  std::string name() const override { return path_; }

 private:
  Result<Pieces> open(uint64_t index) {
    zip_stat_t entry;
    zip_stat_init(&entry);
    REQUIRE(zip_stat_index(archive_.get(), index, 0, &entry) == 0, imports::kZipDamaged, "an entry of a zip file");
    const std::shared_ptr<zip_file_t> file(zip_fopen_index(archive_.get(), index, 0), EntryClose{});
    REQUIRE(file != nullptr, imports::kZipDamaged, "an entry that opens (it may be encrypted)");
    auto total = std::make_shared<uint64_t>(0);
    return Pieces([file, total, size = entry.size, piece = std::make_shared<Bytes>(kPiece)]() -> Result<ByteView> {
      const auto count = zip_fread(file.get(), piece->data(), piece->size());
      REQUIRE(count >= 0, imports::kZipDamaged, "an entry fits its checksum");
      *total += static_cast<uint64_t>(count);
      REQUIRE(*total <= size, imports::kZipBomb, "an entry is as large as it says");
      REQUIRE(count > 0 || *total == size, imports::kZipDamaged, "an entry is whole");
      return ByteView(*piece).first(static_cast<size_t>(count));
    });
  }

  std::string path_;
  std::unique_ptr<zip_t, ZipClose> archive_;
  imports::ZipContents contents_;
};

}  // namespace

Result<std::unique_ptr<moving::ImportSource>> open_import(const std::string& path) {
  struct stat found{};
  REQUIRE(::stat(path.c_str(), &found) == 0, kFileNoAccess, "a file that can be read");
  if (S_ISDIR(found.st_mode)) {
    const std::string inside = path + (path.ends_with('/') ? "" : "/") + "result.json";
    REQUIRE(::stat(inside.c_str(), &found) == 0 && S_ISREG(found.st_mode), kFileNoAccess,
            "a folder with a result.json");
    return std::unique_ptr<ImportSource>(std::make_unique<PlainSource>(inside));
  }
  REQUIRE(S_ISREG(found.st_mode), kFileNoAccess, "a file");
  ByteArray<4> head{};
  {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    REQUIRE(file.valid() && ::read(file.number(), head.data(), head.size()) >= 0, kFileNoAccess,
            "a file that can be read");
  }
  if (head != ByteArray<4>{'P', 'K', 3, 4}) return std::unique_ptr<ImportSource>(std::make_unique<PlainSource>(path));
  int error = 0;
  std::unique_ptr<zip_t, ZipClose> archive(zip_open(path.c_str(), ZIP_RDONLY, &error));
  REQUIRE(archive != nullptr, imports::kZipDamaged, "a zip file has its directory");
  auto zip = std::make_unique<ZipSource>(path, static_cast<uint64_t>(found.st_size), std::move(archive));
  TRY(zip->check());
  return std::unique_ptr<ImportSource>(std::move(zip));
}

}  // namespace godwit::cli
