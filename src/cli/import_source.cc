#include "cli/import_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "cli/errors.h"
#include "cli/files.h"
#include "imports/errors.h"
#include "imports/media_path.h"

namespace godwit::cli {
namespace {

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
  ZipSource(std::string path, std::unique_ptr<zip_t, ZipClose> archive)
      : path_(std::move(path)), archive_(std::move(archive)) {}

  // What it would be on the disk, before a byte of it is unpacked.
  Status check(uint64_t file_size) {
    const auto entries = zip_get_num_entries(archive_.get(), 0);
    REQUIRE(entries >= 0 && static_cast<uint64_t>(entries) <= kZipEntriesMax, imports::kZipBomb,
            "200,000 files in a zip file");
    uint64_t plain = 0;
    uint64_t packed = 0;
    for (uint64_t i = 0; i < static_cast<uint64_t>(entries); ++i) {
      zip_stat_t entry;
      zip_stat_init(&entry);
      REQUIRE(zip_stat_index(archive_.get(), i, 0, &entry) == 0, imports::kZipDamaged, "an entry of a zip file");
      constexpr uint64_t kWanted = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE;
      REQUIRE((entry.valid & kWanted) == kWanted && entry.size <= kZipBytesMax && entry.comp_size <= file_size,
              imports::kZipBomb, "an entry says how large it is");
      plain += entry.size;
      packed += entry.comp_size;
      REQUIRE(plain <= kZipBytesMax, imports::kZipBomb, "64 GiB in a zip file");
      // Entries that overlap.
      REQUIRE(packed <= file_size, imports::kZipBomb, "entries are no larger than their file");
      choose(entry.name, i);
    }
    REQUIRE(plain <= kZipBytesHarmless || plain / kZipRatioMax <= file_size, imports::kZipBomb,
            "it shrinks as media and texts do");
    REQUIRE(chat_.has_value(), imports::kZipNoChat, "a text of WhatsApp or a result.json");
    return {};
  }

  Result<Pieces> chat() override { return open(*chat_); }
  Result<Pieces> media(const std::string& path) override {
    const auto clean = imports::media_path(path);
    REQUIRE(clean.has_value(), kFileNoAccess, "a path within the export");
    const auto index = locate(*clean);
    REQUIRE(index >= 0, kFileNoAccess, "a file of the export");
    return open(static_cast<uint64_t>(index));
  }
  bool has(const std::string& path) override {
    const auto clean = imports::media_path(path);
    return clean && locate(*clean) >= 0;
  }
  std::string name() const override { return path_; }

 private:
  zip_int64_t locate(const std::string& clean) {
    return zip_name_locate(archive_.get(), (folder_ + clean).c_str(), ZIP_FL_ENC_GUESS);
  }
  // How likely an entry is the chat, 0 most; what was sent in the chat may have any name, but lies no higher than the chat itself.
  // WhatsApp calls its text as the zip file, or names itself in it.
  std::optional<int> likelihood(std::string_view last) const {
    const std::string_view zip = imports::last_name(path_);
    if (last.ends_with(".txt") &&
        last.substr(0, last.size() - 4) == zip.substr(0, zip.size() - std::min<size_t>(zip.size(), 4)))
      return 0;
    if (last == "_chat.txt") return 1;
    if (last.ends_with(".txt") && last.find("WhatsApp") != std::string_view::npos) return 2;
    if (last == "result.json") return 3;
    return std::nullopt;
  }
  void choose(const char* entry_name, uint64_t index) {
    const std::string name(entry_name);
    const std::string_view last = imports::last_name(name);
    if (!imports::media_path(name)) return;  // of a folder, or leading elsewhere
    const auto likely = likelihood(last);
    if (!likely) return;
    const std::pair rank{std::ranges::count(name, '/'), *likely};
    if (chat_ && rank >= rank_) return;
    chat_ = index;
    rank_ = rank;
    folder_ = name.substr(0, name.size() - last.size());
  }

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
  std::optional<uint64_t> chat_;
  std::pair<std::ptrdiff_t, int> rank_;  // of the chat's entry: how deep it lies, and its likelihood
  std::string folder_;
};

}  // namespace

Status each_piece(const Pieces& pieces, const std::function<Status(ByteView)>& take) {
  while (true) {
    const ByteView piece = TRY(pieces());
    if (piece.empty()) return {};
    TRY(take(piece));
  }
}

Result<std::unique_ptr<ImportSource>> open_import(const std::string& path) {
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
  auto zip = std::make_unique<ZipSource>(path, std::move(archive));
  TRY(zip->check(static_cast<uint64_t>(found.st_size)));
  return std::unique_ptr<ImportSource>(std::move(zip));
}

}  // namespace godwit::cli
