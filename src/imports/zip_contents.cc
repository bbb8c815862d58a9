#include "imports/zip_contents.h"

#include <algorithm>

#include "imports/errors.h"
#include "imports/media_path.h"

namespace godwit::imports {

Status ZipContents::add(std::string_view name, uint64_t size, uint64_t packed) {
  REQUIRE(entries_ < kZipEntriesMax, kZipBomb, "200,000 files in a zip file");
  REQUIRE(size <= kZipBytesMax && packed <= file_size_, kZipBomb, "an entry says how large it is");
  plain_ += size;
  packed_ += packed;
  REQUIRE(plain_ <= kZipBytesMax, kZipBomb, "64 GiB in a zip file");
  // Entries that overlap.
  REQUIRE(packed_ <= file_size_, kZipBomb, "entries are no larger than their file");
  const uint64_t index = entries_++;
  if (!media_path(name)) return {};  // of a folder, or leading elsewhere
  by_name_.emplace(name, index);
  choose(std::string(name), index);
  return {};
}

Status ZipContents::finish() const {
  REQUIRE(plain_ <= kZipBytesHarmless || plain_ / kZipRatioMax <= file_size_, kZipBomb,
          "it shrinks as media and texts do");
  REQUIRE(chat_.has_value(), kZipNoChat, "a text of WhatsApp or a result.json");
  return {};
}

std::optional<uint64_t> ZipContents::find(std::string_view path) const {
  const auto clean = media_path(path);
  const auto found = clean ? by_name_.find(folder_ + *clean) : by_name_.end();
  return found == by_name_.end() ? std::nullopt : std::optional(found->second);
}

// How likely an entry is the chat, 0 most; what was sent in the chat may have any name, but lies no higher than the chat itself.
// WhatsApp calls its text as the zip file, or names itself in it.
std::optional<int> ZipContents::likelihood(std::string_view last) const {
  const std::string_view zip = last_name(zip_name_);
  if (last.ends_with(".txt") &&
      last.substr(0, last.size() - 4) == zip.substr(0, zip.size() - std::min<size_t>(zip.size(), 4)))
    return 0;
  if (last == "_chat.txt") return 1;
  if (last.ends_with(".txt") && last.find("WhatsApp") != std::string_view::npos) return 2;
  if (last == "result.json") return 3;
  return std::nullopt;
}

void ZipContents::choose(const std::string& name, uint64_t index) {
  const std::string_view last = last_name(name);
  const auto likely = likelihood(last);
  if (!likely) return;
  const std::pair rank{std::ranges::count(name, '/'), *likely};
  if (chat_ && rank >= rank_) return;
  chat_ = index;
  rank_ = rank;
  folder_ = name.substr(0, name.size() - last.size());
}

}  // namespace godwit::imports
