#include "net/http_body.h"

#include <algorithm>

#include "net/errors.h"

namespace godwit::net {
namespace {

using Body = Result<std::optional<Bytes>>;

constexpr size_t kDigitsMax = 8;
constexpr size_t kChunkLineMax = 256;

// A number of `base`; nothing if it is none or has more digits than any length we take.
std::optional<size_t> number(std::string_view text, size_t base) {
  if (text.empty() || text.size() > kDigitsMax) return std::nullopt;
  size_t out = 0;
  for (const char c : text) {
    size_t digit = 99;
    if (c >= '0' && c <= '9') digit = static_cast<size_t>(c - '0');
    if (c >= 'a' && c <= 'f') digit = static_cast<size_t>(c - 'a') + 10;
    if (c >= 'A' && c <= 'F') digit = static_cast<size_t>(c - 'A') + 10;
    if (digit >= base) return std::nullopt;
    out = out * base + digit;
  }
  return out;
}

Body wanted(bool ended) {
  REQUIRE(!ended, kBadHttp, "RFC 9112 §8: a message ends where it says");
  return std::optional<Bytes>{};
}

Body read_chunks(ByteView rest, bool ended, size_t size_max) {
  Bytes out;
  while (true) {
    const std::string_view text = as_text(rest);
    const size_t line = text.find("\r\n");
    if (line == std::string_view::npos) {
      REQUIRE(rest.size() <= kChunkLineMax, kBadHttp, "RFC 9112 §7.1: a chunk begins with its size");
      return wanted(ended);
    }
    const auto size = number(text.substr(0, std::min(line, text.find(';'))), 16);
    REQUIRE(size.has_value() && *size <= size_max && out.size() + *size <= size_max, kBadHttp, "net: size_max");
    rest = rest.subspan(line + 2);
    if (*size == 0) return std::optional(std::move(out));
    if (rest.size() < *size + 2) return wanted(ended);
    REQUIRE(rest[*size] == '\r' && rest[*size + 1] == '\n', kBadHttp, "RFC 9112 §7.1: a chunk ends with its line");
    append(out, rest.first(*size));
    rest = rest.subspan(*size + 2);
  }
}

}  // namespace

Result<std::optional<Bytes>> read_http_body(const HttpHeaders& headers, ByteView rest, bool ended, size_t size_max) {
  if (headers.count("transfer-encoding") > 0) {
    REQUIRE(
        headers.count("transfer-encoding") == 1 && equal_ignoring_case(headers.first("transfer-encoding"), "chunked"),
        kBadHttp, "RFC 9112 §6.1: chunked is the only coding that was asked for");
    return read_chunks(rest, ended, size_max);
  }
  REQUIRE(headers.count("content-length") <= 1, kBadHttp, "RFC 9112 §6.3: one length");
  if (headers.count("content-length") == 0) {
    REQUIRE(rest.size() <= size_max, kBadHttp, "net: size_max");
    if (!ended) return std::optional<Bytes>{};
    return std::optional(to_bytes(rest));
  }
  const auto size = number(headers.first("content-length"), 10);
  REQUIRE(size.has_value() && *size <= size_max, kBadHttp, "net: size_max");
  if (rest.size() < *size) return wanted(ended);
  return std::optional(to_bytes(rest.first(*size)));
}

}  // namespace godwit::net
