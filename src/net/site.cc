#include "net/site.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <filesystem>
#include <optional>

#include "net/errors.h"

namespace godwit::net {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kWelcomePage =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>Welcome</title>\n</head>\n"
    "<body>\n<h1>Welcome</h1>\n<p>This site is being set up. Please come back later.</p>\n</body>\n</html>\n";
constexpr std::string_view kHtml = "text/html; charset=utf-8";

struct ContentType {
  std::string_view extension;
  std::string_view type;
};
constexpr std::array<ContentType, 20> kContentTypes{{
    {".css", "text/css; charset=utf-8"},
    {".gif", "image/gif"},
    {".htm", kHtml},
    {".html", kHtml},
    {".ico", "image/x-icon"},
    {".jpeg", "image/jpeg"},
    {".jpg", "image/jpeg"},
    {".js", "text/javascript; charset=utf-8"},
    {".json", "application/json"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".mp4", "video/mp4"},
    {".pdf", "application/pdf"},
    {".png", "image/png"},
    {".svg", "image/svg+xml"},
    {".txt", "text/plain; charset=utf-8"},
    {".wasm", "application/wasm"},
    {".webmanifest", "application/manifest+json"},
    {".webp", "image/webp"},
    {".woff2", "font/woff2"},
    {".xml", "text/xml; charset=utf-8"},
}};

std::string_view type_of(const fs::path& path) {
  const std::string extension = path.extension().string();
  for (const ContentType& entry : kContentTypes) {
    if (equal_ignoring_case(entry.extension, extension)) return entry.type;
  }
  return "application/octet-stream";
}

std::string_view phrase_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 416:
      return "Range Not Satisfiable";
    case 421:
      return "Misdirected Request";
    case 431:
      return "Request Header Fields Too Large";
    case 501:
      return "Not Implemented";
    case 507:
      return "Insufficient Storage";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Error";
  }
}

// IMF-fixdate (RFC 9110 §5.6.7), in English whatever the locale.
std::string http_date(time_t time) {
  constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  tm parts{};
  gmtime_r(&time, &parts);
  char text[64];
  const int size =
      snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT", kDays[static_cast<size_t>(parts.tm_wday)],
               parts.tm_mday, kMonths[static_cast<size_t>(parts.tm_mon)], parts.tm_year + 1900, parts.tm_hour,
               parts.tm_min, parts.tm_sec);
  return {text, static_cast<size_t>(std::max(size, 0))};
}

std::string content(std::string_view type, uint64_t size) {
  return "Content-Type: " + std::string(type) + "\r\nContent-Length: " + std::to_string(size) + "\r\n";
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_beneath(const std::string& folder, const std::string& path) {
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

// A regular file below `folder`, opened; links that lead out of it, and whatever cannot be read, are not there.
struct OpenFile {
  int descriptor = -1;
  uint64_t size = 0;
  time_t changed = 0;
  fs::path path;
};
std::optional<OpenFile> open_file(const std::string& folder, const std::string& path) {
  std::error_code error;
  const fs::path real = fs::canonical(folder + path, error);
  if (error || !is_beneath(folder, real.string())) return std::nullopt;
  OpenFile file;
  file.descriptor = ::open(real.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file.descriptor < 0) return std::nullopt;
  struct stat facts{};
  if (::fstat(file.descriptor, &facts) != 0 || !S_ISREG(facts.st_mode)) {
    ::close(file.descriptor);
    return std::nullopt;
  }
  file.size = static_cast<uint64_t>(facts.st_size);
  file.changed = facts.st_mtime;
  file.path = real;
  return file;
}

bool is_folder(const std::string& folder, const std::string& path) {
  std::error_code error;
  const fs::path real = fs::canonical(folder + path, error);
  return !error && is_beneath(folder, real.string()) && fs::is_directory(real, error);
}

SiteReply send_text(std::string_view type, std::string_view text, Instant now, bool keep_alive, bool head_only) {
  SiteReply reply;
  reply.status = 200;
  reply.keep_alive = keep_alive;
  reply.bytes = response_head(200, now, keep_alive, content(type, text.size()));
  if (!head_only) reply.bytes += text;
  return reply;
}

SiteReply send_file(const OpenFile& file, const HttpRequest& request, Instant now, bool head_only) {
  SiteReply reply;
  reply.keep_alive = request.keeps_alive();
  auto body = std::make_unique<SiteFile>(file.descriptor, file.size);
  const std::string changed = http_date(file.changed);
  if (request.headers.first("if-modified-since") == changed) {
    reply.status = 304;
    reply.bytes = response_head(304, now, reply.keep_alive, "Last-Modified: " + changed + "\r\n");
    return reply;
  }
  reply.status = 200;
  reply.bytes =
      response_head(200, now, reply.keep_alive, content(type_of(file.path), file.size) + "Last-Modified: " + changed + "\r\n");
  if (!head_only && file.size != 0) reply.file = std::move(body);
  return reply;
}

}  // namespace

std::string response_head(int status, Instant now, bool keep_alive, const std::string& more) {
  return "HTTP/1.1 " + std::to_string(status) + " " + std::string(phrase_of(status)) +
         "\r\nDate: " + http_date(static_cast<time_t>(now.unix_seconds())) + "\r\n" + more +
         "Connection: " + (keep_alive ? "keep-alive" : "close") + "\r\n\r\n";
}

SiteFile::~SiteFile() { ::close(descriptor_); }

bool SiteFile::read(Bytes& out, size_t max) {
  const size_t old = out.size();
  const auto wanted = static_cast<size_t>(std::min<uint64_t>(max, left_));
  out.resize(old + wanted);
  const ssize_t count = ::read(descriptor_, out.data() + old, wanted);
  out.resize(old + static_cast<size_t>(std::max<ssize_t>(count, 0)));
  left_ -= static_cast<uint64_t>(std::max<ssize_t>(count, 0));
  return count > 0;
}

bool decode_site_path(std::string_view path, std::string& out) {
  out.clear();
  for (size_t i = 0; i < path.size(); ++i) {
    char c = path[i];
    if (c == '%') {
      if (i + 2 >= path.size()) return false;
      const int high = hex_digit(path[i + 1]);
      const int low = hex_digit(path[i + 2]);
      if (high < 0 || low < 0) return false;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (c == '\0' || c == '\\') return false;
    out += c;
  }
  if (out.empty() || out[0] != '/') return false;
  for (std::string_view rest = std::string_view(out).substr(1);;) {
    const size_t slash = rest.find('/');
    const std::string_view segment = rest.substr(0, slash);
    if (segment == "." || segment == "..") return false;
    if (slash == std::string_view::npos) return true;
    if (segment.empty()) return false;
    rest.remove_prefix(slash + 1);
  }
}

Result<Site> Site::create(const std::string& folder) {
  if (folder.empty()) return Site({});
  std::error_code error;
  const fs::path real = fs::canonical(folder, error);
  REQUIRE(!error && fs::is_directory(real, error) && ::access(real.c_str(), R_OK | X_OK) == 0, kBadSiteFolder,
          "net: the site is a folder that can be read");
  REQUIRE(real != real.root_path(), kBadSiteFolder, "net: the site is not the whole file system");
  return Site(real.string());
}

SiteReply Site::error_page(int status, Instant now, bool keep_alive, bool head_only) const {
  const std::string title = std::to_string(status) + " " + std::string(phrase_of(status));
  const std::string page = "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title +
                           "</h1></center>\r\n</body>\r\n</html>\r\n";
  SiteReply reply;
  reply.status = status;
  reply.keep_alive = keep_alive;
  const std::string allow = status == 405 ? "Allow: GET, HEAD\r\n" : "";  // RFC 9110 §15.5.6
  reply.bytes = response_head(status, now, keep_alive, content("text/html", page.size()) + allow);
  if (!head_only) reply.bytes += page;
  return reply;
}

SiteReply Site::answer(const HttpRequest& request, Instant now) const {
  const bool head_only = request.method == "HEAD";
  const bool keep_alive = request.keeps_alive();
  if (!head_only && request.method != "GET") return error_page(405, now, keep_alive);
  std::string path;
  if (!decode_site_path(request.path(), path)) return error_page(400, now, keep_alive, head_only);
  if (folder_.empty()) {
    if (path != "/" && path != "/index.html") return error_page(404, now, keep_alive, head_only);
    return send_text(kHtml, kWelcomePage, now, keep_alive, head_only);
  }
  // Names that begin with a dot are the operator's business (.git, .htpasswd), except what RFC 8615 puts there.
  if (path.find("/.") != std::string::npos && !path.starts_with("/.well-known/")) {
    return error_page(404, now, keep_alive, head_only);
  }
  if (path.ends_with('/')) path += "index.html";
  if (const auto file = open_file(folder_, path)) return send_file(*file, request, now, head_only);
  if (is_folder(folder_, path)) {
    SiteReply reply = error_page(301, now, keep_alive, head_only);
    // The path as it came is visible ASCII, and its segments are not empty: never a link to another host.
    reply.bytes.insert(reply.bytes.find("\r\n") + 2, "Location: " + std::string(request.path()) + "/\r\n");
    return reply;
  }
  return error_page(404, now, keep_alive, head_only);
}

}  // namespace godwit::net
