#include "net/http_message.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace godwit::net {
namespace {

constexpr size_t kMethodBytesMax = 32;
constexpr size_t kTargetBytesMax = 2048;
constexpr size_t kLengthDigitsMax = 15;

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// tchar, RFC 9110 §5.6.2.
bool is_token_character(char c) {
  const char lower = to_lower(c);
  return is_digit(c) || (lower >= 'a' && lower <= 'z') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

// Visible ASCII: what may stand in a request target.
bool is_visible(char c) { return c > 0x20 && c < 0x7f; }

// RFC 9110 §5.5: field content, that is anything but controls; tab is a blank.
bool is_field_character(char c) {
  const auto u = static_cast<unsigned char>(c);
  return (u >= 0x20 && u != 0x7f) || c == '\t';
}

std::string_view without_blanks(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// Takes the text up to CRLF off the front; none: there is no CRLF.
std::optional<std::string_view> take_line(std::string_view& text) {
  const size_t end = text.find("\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 2);
  return line;
}

// Header lines up to the empty one; `text` holds exactly these. Line folding is refused (RFC 9112 §5.2).
bool parse_headers(std::string_view text, HttpHeaders& out) {
  while (true) {
    const auto line = take_line(text);
    if (!line) return false;
    if (line->empty()) return text.empty();
    const size_t colon = line->find(':');
    if (colon == std::string_view::npos || out.lines.size() == kHttpHeadersMax) return false;
    const std::string_view name = line->substr(0, colon);
    const std::string_view value = without_blanks(line->substr(colon + 1));
    if (!is_token(name) || !std::all_of(value.begin(), value.end(), is_field_character)) return false;
    HttpHeader header{std::string(name), std::string(value)};
    std::transform(header.name.begin(), header.name.end(), header.name.begin(), to_lower);
    out.lines.push_back(std::move(header));
  }
}

// The whole head if it is there: the bytes through the first empty line.
std::optional<std::string_view> take_head(ByteView bytes) {
  const std::string_view text = as_text(bytes);
  const size_t end = text.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  return text.substr(0, end + 4);
}

// Something that can never become a head is refused early, so that strangers get their answer at once.
bool is_hopeless(ByteView bytes) {
  const auto is_control = [](uint8_t c) { return c < 0x20 && c != '\r' && c != '\n' && c != '\t'; };
  return std::any_of(bytes.begin(), bytes.end(), is_control);
}

// "GET /path HTTP/1.1" with single blanks (RFC 9112 §3). 0: good; else the status to answer.
int parse_request_line(std::string_view line, HttpRequest& out) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return 400;
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!is_token(method) || method.size() > kMethodBytesMax) return 400;
  if (target.size() > kTargetBytesMax) return 414;
  if (target.empty() || target[0] != '/' || !std::all_of(target.begin(), target.end(), is_visible)) return 400;
  if (!version.starts_with("HTTP/") || version.size() != 8) return 400;
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return is_digit(version[5]) && version[6] == '.' ? 505 : 400;
  out.method = method;
  out.target = target;
  out.is_http10 = version == "HTTP/1.0";
  return 0;
}

// What a request must have, and must not. 0: good; else the status to answer.
int check_request(const HttpRequest& request, HttpBodies bodies) {
  const size_t hosts = request.headers.count("host");
  if (hosts > 1 || (hosts == 0 && !request.is_http10)) return 400;  // RFC 9112 §3.2
  if (request.headers.count("transfer-encoding") != 0) return 501;
  const size_t lengths = request.headers.count("content-length");
  if (lengths > 1) return 400;
  if (lengths == 0) return 0;
  const std::string_view length = request.headers.first("content-length");
  if (length.empty() || !std::all_of(length.begin(), length.end(), is_digit)) return 400;
  if (length.size() > kLengthDigitsMax) return 413;
  return length == "0" || bodies == HttpBodies::kByLength ? 0 : 413;
}

// "HTTP/1.1 101 Switching Protocols" (RFC 9112 §4).
bool parse_status_line(std::string_view line, HttpResponse& out) {
  if (!line.starts_with("HTTP/1.1 ") && !line.starts_with("HTTP/1.0 ")) return false;
  line.remove_prefix(9);
  if (line.size() < 3 || !std::all_of(line.begin(), line.begin() + 3, is_digit)) return false;
  if (line.size() > 3 && line[3] != ' ') return false;
  if (!std::all_of(line.begin(), line.end(), is_field_character)) return false;
  out.status = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  return out.status >= 100 && out.status <= 599;
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return to_lower(x) == to_lower(y); });
}

size_t HttpHeaders::count(std::string_view name) const {
  return static_cast<size_t>(
      std::count_if(lines.begin(), lines.end(), [&](const HttpHeader& line) { return line.name == name; }));
}

std::string_view HttpHeaders::first(std::string_view name) const {
  for (const HttpHeader& line : lines) {
    if (line.name == name) return line.value;
  }
  return {};
}

bool HttpHeaders::has_token(std::string_view name, std::string_view token) const {
  for (const HttpHeader& line : lines) {
    if (line.name != name) continue;
    for (std::string_view rest = line.value; !rest.empty();) {
      const size_t comma = std::min(rest.find(','), rest.size());
      if (equal_ignoring_case(without_blanks(rest.substr(0, comma)), token)) return true;
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  return false;
}

bool HttpRequest::keeps_alive() const {
  if (headers.has_token("connection", "close")) return false;
  return !is_http10 || headers.has_token("connection", "keep-alive");
}

std::string_view HttpRequest::path() const { return std::string_view(target).substr(0, target.find('?')); }

uint64_t HttpRequest::body_bytes() const {
  uint64_t out = 0;
  const std::string_view length = headers.first("content-length");
  std::from_chars(length.data(), length.data() + length.size(), out);
  return out;
}

HttpParsed<HttpRequest> parse_http_request(ByteView bytes, size_t bytes_max, HttpBodies bodies) {
  HttpParsed<HttpRequest> out;
  const auto bad = [&out](int status) {
    out.progress = HttpProgress::kBad;
    out.status = status;
    return out;
  };
  const auto head = take_head(bytes.first(std::min(bytes.size(), bytes_max)));
  if (!head) {
    if (bytes.size() >= bytes_max) return bad(431);
    return is_hopeless(bytes) ? bad(400) : out;
  }
  std::string_view rest = *head;
  const auto line = take_line(rest);
  if (const int status = parse_request_line(*line, out.message); status != 0) return bad(status);
  if (!parse_headers(rest, out.message.headers)) return bad(400);
  if (const int status = check_request(out.message, bodies); status != 0) return bad(status);
  out.progress = HttpProgress::kDone;
  out.consumed = head->size();
  return out;
}

HttpParsed<HttpResponse> parse_http_response(ByteView bytes, size_t bytes_max) {
  HttpParsed<HttpResponse> out;
  out.progress = HttpProgress::kBad;
  const auto head = take_head(bytes.first(std::min(bytes.size(), bytes_max)));
  if (!head) {
    if (bytes.size() < bytes_max && !is_hopeless(bytes)) out.progress = HttpProgress::kIncomplete;
    return out;
  }
  std::string_view rest = *head;
  const auto line = take_line(rest);
  if (!parse_status_line(*line, out.message) || !parse_headers(rest, out.message.headers)) return out;
  out.progress = HttpProgress::kDone;
  out.consumed = head->size();
  return out;
}

}  // namespace godwit::net
