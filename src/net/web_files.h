#pragma once
// Files on their way between a page and the engine on the same machine: each in a folder of its own with a random name, so
// that two with one name do not meet, below one folder that is its user's alone.

#include <memory>
#include <optional>
#include <string>

#include "base/random.h"
#include "base/result.h"
#include "net/http_message.h"
#include "net/site.h"

namespace godwit::net {

/// A file that a page is sending. Destroyed before it is whole: what there is of it is removed.
class WebUpload {
 public:
  /// Takes over an open descriptor. `bytes` come; `folder` is the file's own.
  WebUpload(int descriptor, std::string folder, std::string path, uint64_t bytes)
      : descriptor_(descriptor), folder_(std::move(folder)), path_(std::move(path)), left_(bytes) {}
  ~WebUpload();
  WebUpload(const WebUpload&) = delete;
  WebUpload& operator=(const WebUpload&) = delete;

  /// Bytes that are still to come.
  uint64_t left() const { return left_; }
  /// Writes the next ones, not more than left(). False: the disk is full or gone, and nothing more can be written.
  bool write(ByteView bytes);
  /// Once nothing is left: the file stays, and this is its path. Empty: the disk has not taken it.
  std::string finish();

 private:
  int descriptor_;
  std::string folder_;
  std::string path_;
  uint64_t left_;
};

/// The folder of such files.
class WebFiles {
 public:
  /// Bytes of a file at most: what a chat takes.
  static constexpr uint64_t kBytesMax = uint64_t{2} << 30;

  /// `folder` is there, and its user's alone. What was saved for a page of an earlier run is removed, and what a page has sent is
  /// once it is older than a week: it may be on its way until then.
  WebFiles(std::string folder, Random& random, Instant now);
  /// Removes what was saved for the page.
  ~WebFiles();
  WebFiles(const WebFiles&) = delete;
  WebFiles& operator=(const WebFiles&) = delete;

  /// Begins to take a file. `name` is what it is called; what cannot stand in a path gives way. kBadOption: no name is
  /// left, or it is larger than kBytesMax. kSystem: the disk does not take it.
  Result<std::unique_ptr<WebUpload>> take(std::string_view name, uint64_t bytes);
  /// Makes an empty folder in which a file is saved for the page; its path with a slash at the end. kSystem.
  Result<std::string> make_folder();
  /// Answers a GET or HEAD for `path`, which is "/<random>/<name>" without percent signs: 200, 206, 404, 416.
  SiteReply read(const HttpRequest& request, const std::string& path, Instant now) const;
  /// Removes the folder with this random name and what is in it. False: there is none.
  bool remove(std::string_view name);
  /// Removes what was saved for the page.
  void forget_saved() { sweep(std::nullopt); }

 private:
  Result<std::string> fresh_folder(std::string_view ending);
  void sweep(std::optional<Instant> now);

  std::string folder_;
  Random& random_;
};

}  // namespace godwit::net
