#include "net/web_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>

#include "net/errors.h"

namespace godwit::net {
namespace {

namespace fs = std::filesystem;

constexpr time_t kKeptSeconds = 7 * 24 * 3600;
// A name on a disk has 255 bytes at most.
constexpr size_t kNameBytesMax = 200;
constexpr size_t kFolderNameDigits = 32;

// What is left of a name that comes from a browser, as the last part of a path. Cut between characters.
std::string fit_name(std::string_view name) {
  std::string out;
  for (const char c : name) out += static_cast<uint8_t>(c) < 0x20 || c == 0x7f || c == '/' || c == '\\' ? '_' : c;
  if (out == "." || out == "..") return {};
  if (out.size() > kNameBytesMax) {
    const size_t dot = out.rfind('.');
    const std::string ending = dot != std::string::npos && out.size() - dot <= 16 ? out.substr(dot) : "";
    size_t end = kNameBytesMax - ending.size();
    while (end > 0 && (static_cast<uint8_t>(out[end]) & 0xc0) == 0x80) --end;
    out = out.substr(0, end) + ending;
  }
  return out;
}

// What a file that is saved for the page has behind its folder's random name.
constexpr std::string_view kSaved = "-saved";

bool is_folder_name(std::string_view name) {
  if (name.ends_with(kSaved)) name.remove_suffix(kSaved.size());
  return name.size() == kFolderNameDigits && name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

struct Span {
  uint64_t first = 0;
  uint64_t last = 0;
};

std::optional<uint64_t> number(std::string_view text) {
  uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

// "bytes=5-9", "bytes=5-", "bytes=-5" (RFC 9110 §14.1.2). Whatever else: nothing, and the whole is sent. One that is not in
// a file of this size has `first` > `last`.
std::optional<Span> range_of(std::string_view text, uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (!text.starts_with(kUnit)) return std::nullopt;
  text.remove_prefix(kUnit.size());
  const size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto first = number(text.substr(0, dash));
  const auto last = number(text.substr(dash + 1));
  if (!first && !last) return std::nullopt;
  if (!first) return *last == 0 || size == 0 ? Span{1, 0} : Span{size - std::min(*last, size), size - 1};
  if (dash + 1 < text.size() && (!last || *last < *first)) return std::nullopt;
  if (*first >= size) return Span{1, 0};
  return Span{*first, std::min(last.value_or(size - 1), size - 1)};
}

// A page never shows what others sent as a page of this host.
constexpr const char* kFileHeaders =
    "Content-Type: application/octet-stream\r\nContent-Disposition: attachment\r\nAccept-Ranges: bytes\r\n";

SiteReply empty_reply(int status, Instant now, bool keep_alive, const std::string& more) {
  SiteReply reply;
  reply.status = status;
  reply.keep_alive = keep_alive;
  reply.bytes = response_head(status, now, keep_alive, more + "Content-Length: 0\r\n");
  return reply;
}

}  // namespace

WebUpload::~WebUpload() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(path_.c_str());
  ::rmdir(folder_.c_str());
}

bool WebUpload::write(ByteView bytes) {
  if (bytes.size() > left_) return false;
  left_ -= bytes.size();
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes = bytes.subspan(static_cast<size_t>(count));
  }
  return true;
}

std::string WebUpload::finish() {
  if (left_ != 0) return {};
  const bool taken = ::close(descriptor_) == 0;
  descriptor_ = -1;
  if (taken) return path_;
  ::unlink(path_.c_str());
  ::rmdir(folder_.c_str());
  return {};
}

WebFiles::WebFiles(std::string folder, Random& random, Instant now) : folder_(std::move(folder)), random_(random) {
  sweep(now);
}

WebFiles::~WebFiles() { forget_saved(); }

// What is saved for the page goes; with `now`, what a page has sent and is old as well.
void WebFiles::sweep(std::optional<Instant> now) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_, error)) {
    const std::string name = entry.path().filename().string();
    struct stat found{};
    if (!is_folder_name(name) || ::lstat(entry.path().c_str(), &found) != 0) continue;
    const bool old = now && found.st_mtime + kKeptSeconds < static_cast<time_t>(now->unix_seconds());
    if (name.ends_with(kSaved) || old) fs::remove_all(entry.path(), error);
  }
}

Result<std::string> WebFiles::fresh_folder(std::string_view ending) {
  std::string path = folder_ + "/" + to_hex(random_.bytes<kFolderNameDigits / 2>());
  path += ending;
  REQUIRE(::mkdir(path.c_str(), 0700) == 0, kSystem, "net: mkdir for a file on its way");
  return path;
}

Result<std::string> WebFiles::make_folder() { return TRY(fresh_folder(kSaved)) + "/"; }

Result<std::unique_ptr<WebUpload>> WebFiles::take(std::string_view name, uint64_t bytes) {
  const std::string fit = fit_name(name);
  REQUIRE(!fit.empty(), kBadOption, "net: a file has a name");
  REQUIRE(bytes <= kBytesMax, kBadOption, "net: a file has 2 GiB at most");
  const std::string folder = TRY(fresh_folder(""));
  const std::string path = folder + "/" + fit;
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) ::rmdir(folder.c_str());
  REQUIRE(descriptor >= 0, kSystem, "net: open for a file on its way");
  return std::make_unique<WebUpload>(descriptor, folder, path, bytes);
}

SiteReply WebFiles::read(const HttpRequest& request, const std::string& path, Instant now) const {
  const bool keep = request.keeps_alive();
  const size_t slash = path.find('/', 1);
  const bool shaped = slash != std::string::npos && is_folder_name(std::string_view(path).substr(1, slash - 1)) &&
                      path.find('/', slash + 1) == std::string::npos && slash + 1 < path.size();
  struct stat folder{};
  const std::string own = folder_ + path.substr(0, slash);
  const bool there = shaped && ::lstat(own.c_str(), &folder) == 0 && S_ISDIR(folder.st_mode);
  const int descriptor =
      there ? ::open((folder_ + path).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;
  struct stat found{};
  if (descriptor < 0 || ::fstat(descriptor, &found) != 0 || !S_ISREG(found.st_mode)) {
    if (descriptor >= 0) ::close(descriptor);
    return empty_reply(404, now, keep, "");
  }
  const auto size = static_cast<uint64_t>(found.st_size);
  const auto range = range_of(request.headers.first("range"), size);
  const Span span = range.value_or(Span{0, size == 0 ? 0 : size - 1});
  if (span.first > span.last || ::lseek(descriptor, static_cast<off_t>(span.first), SEEK_SET) < 0) {
    ::close(descriptor);
    return empty_reply(416, now, keep, "Content-Range: bytes */" + std::to_string(size) + "\r\n");
  }
  const uint64_t length = size == 0 ? 0 : span.last - span.first + 1;
  std::string more = kFileHeaders + ("Content-Length: " + std::to_string(length) + "\r\n");
  if (range) {
    more += "Content-Range: bytes " + std::to_string(span.first) + "-" + std::to_string(span.last) + "/" +
            std::to_string(size) + "\r\n";
  }
  SiteReply reply;
  reply.status = range ? 206 : 200;
  reply.keep_alive = keep;
  reply.bytes = response_head(reply.status, now, keep, more);
  auto body = std::make_unique<SiteFile>(descriptor, length);
  if (length != 0 && request.method == "GET") reply.file = std::move(body);
  return reply;
}

bool WebFiles::remove(std::string_view name) {
  if (!is_folder_name(name)) return false;
  std::error_code error;
  return fs::remove_all(folder_ + "/" + std::string(name), error) > 0 && !error;
}

}  // namespace godwit::net
