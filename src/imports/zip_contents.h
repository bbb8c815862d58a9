#pragma once
// What is in a zip file that somebody gives for an export, by its directory: whether it may be unpacked at all, and which entry is the
// chat. Not here: reading the directory and unpacking, which a library or a browser does.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace godwit::imports {

/// Bounds of a zip file: entries, bytes of all of them, and how often larger than the file they may be. Media do not shrink and
/// texts do so some ten-fold.
constexpr uint64_t kZipEntriesMax = 200'000;
constexpr uint64_t kZipBytesMax = uint64_t{64} << 30;
constexpr uint64_t kZipRatioMax = 100;
/// Below this much nothing is a bomb.
constexpr uint64_t kZipBytesHarmless = uint64_t{64} << 20;

/// See above. Entries are added in the order of the directory, then finish().
class ZipContents {
 public:
  /// `zip_name`: what the file is called; `file_size`: its bytes.
  ZipContents(std::string_view zip_name, uint64_t file_size) : zip_name_(zip_name), file_size_(file_size) {}
  /// The next entry: its name in UTF-8, and its bytes outside the file and in it. kZipBomb: it would fill the disk.
  Status add(std::string_view name, uint64_t size, uint64_t packed);
  /// There are no more. kZipBomb, kZipNoChat.
  Status finish() const;

  /// The entry that is the chat, by its place in the directory. Only after finish().
  uint64_t chat() const { return *chat_; }
  /// The entry of a file beside the chat; nothing: there is none, or `path` leads elsewhere (media_path.h).
  std::optional<uint64_t> find(std::string_view path) const;

 private:
  std::optional<int> likelihood(std::string_view last) const;
  void choose(const std::string& name, uint64_t index);
  std::string zip_name_;
  uint64_t file_size_ = 0;
  uint64_t entries_ = 0;
  uint64_t plain_ = 0;
  uint64_t packed_ = 0;
  std::map<std::string, uint64_t, std::less<>> by_name_;  // of those that lead nowhere else; of two with one name the first
  std::optional<uint64_t> chat_;
  std::pair<std::ptrdiff_t, int> rank_;  // of the chat's entry: how deep it lies, and its likelihood
  std::string folder_;
};

}  // namespace godwit::imports
