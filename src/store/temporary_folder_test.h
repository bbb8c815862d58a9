#pragma once
// A folder of its own for each test of this folder.

#include <gtest/gtest.h>
#include <sys/mount.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace godwit::store {

/// A new folder, removed with all it holds when this goes.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = testing::TempDir() + "godwit_store_XXXXXX";
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  /// A name in it.
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

/// A real small disk, unmounted when this goes.
class SmallDisk {
 public:
  explicit SmallDisk(std::string path) : path_(std::move(path)) {
    std::filesystem::create_directory(path_);
    mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=24m,mode=0700") == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  /// False without the privilege to mount.
  bool mounted() const { return mounted_; }

 private:
  std::string path_;
  bool mounted_ = false;
};

/// All bytes of a file.
inline std::string contents_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The files below `folder` whose names end in `ending`, largest last; those that vanish meanwhile are left out.
inline std::vector<std::filesystem::path> files_in(const std::string& folder, const std::string& ending) {
  std::vector<std::pair<uintmax_t, std::filesystem::path>> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::error_code vanished;
    const uintmax_t size = std::filesystem::file_size(entry.path(), vanished);
    if (!vanished && entry.path().filename().string().ends_with(ending)) found.emplace_back(size, entry.path());
  }
  std::sort(found.begin(), found.end());
  std::vector<std::filesystem::path> out;
  for (auto& [size, path] : found) out.push_back(std::move(path));
  return out;
}

/// True if `text` stands in any file below `folder`.
inline bool any_file_holds(const std::string& folder, const std::string& text) {
  for (const auto& path : files_in(folder, "")) {
    if (contents_of(path).find(text) != std::string::npos) return true;
  }
  return false;
}

/// Turns `count` bytes of `path` at `offset`.
inline void damage(const std::filesystem::path& path, size_t offset, size_t count = 16) {
  std::string bytes = contents_of(path);
  ASSERT_LE(offset + count, bytes.size());
  for (size_t i = 0; i < count; ++i) bytes[offset + i] = static_cast<char>(~bytes[offset + i]);
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

}  // namespace godwit::store
