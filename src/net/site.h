#pragma once
// The ordinary web site that a home shows to anybody: static files, or one small built-in page.

#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "net/http_message.h"

namespace godwit::net {

/// An open file on its way to a client.
class SiteFile {
 public:
  /// Takes over an open descriptor of a file with `size` bytes.
  SiteFile(int descriptor, uint64_t size) : descriptor_(descriptor), left_(size) {}
  ~SiteFile();
  SiteFile(const SiteFile&) = delete;
  SiteFile& operator=(const SiteFile&) = delete;

  /// Bytes not yet read.
  uint64_t left() const { return left_; }
  /// Appends up to `max` more bytes; false: the file has become shorter or unreadable, and the connection must be cut.
  bool read(Bytes& out, size_t max);

 private:
  int descriptor_;
  uint64_t left_;
};

/// A response: head and small body, and perhaps a file to send after them.
struct SiteReply {
  int status = 0;
  std::string bytes;
  std::unique_ptr<SiteFile> file;
  bool keep_alive = false;
};

/// What a path of the site stands for.
class Site {
 public:
  /// `folder` is empty for the built-in page. kBadSiteFolder: it is no folder that can be read.
  static Result<Site> create(const std::string& folder);

  /// Answers a request at `now`: 200, 301 (a folder without its slash), 304, 400 (a path that climbs or is wrongly
  /// encoded), 404, 405 (neither GET nor HEAD). A file outside the folder, by whatever link, is a 404.
  SiteReply answer(const HttpRequest& request, Instant now) const;
  /// The page for a status from 400 upwards; the connection ends after it if `keep_alive` is false.
  SiteReply error_page(int status, Instant now, bool keep_alive, bool head_only = false) const;

 private:
  explicit Site(std::string folder) : folder_(std::move(folder)) {}
  std::string folder_;  ///< Absolute, without links, without a final slash; empty: the built-in page.
};

/// The head of a response: status line, date, `more` (whole lines), what becomes of the connection, and the empty line.
std::string response_head(int status, Instant now, bool keep_alive, const std::string& more);

/// Decodes percent signs and checks that the path begins with '/' and has no empty, "." or ".." segment in it, no NUL and
/// no backslash. False: it is refused.
bool decode_site_path(std::string_view path, std::string& out);

}  // namespace godwit::net
