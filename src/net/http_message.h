#pragma once
// The heads of HTTP/1.1 messages (RFC 9112), strictly: what a browser or a decent client sends, and nothing that two
// programs could read in two ways. Bodies are not read here.

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace godwit::net {

/// Header lines of one message at most.
inline constexpr size_t kHttpHeadersMax = 64;

/// One header line: the name in lower case, the value without blanks around it.
struct HttpHeader {
  std::string name;
  std::string value;
};

/// The header lines of a message, in their order.
class HttpHeaders {
 public:
  /// How many lines have this name (given in lower case).
  size_t count(std::string_view name) const;
  /// The value of the first line with this name; empty if there is none.
  std::string_view first(std::string_view name) const;
  /// True if the comma-separated list in all lines of this name has `token` (given in lower case; RFC 9110 §5.6.1).
  bool has_token(std::string_view name, std::string_view token) const;

  std::vector<HttpHeader> lines;
};

/// A request's head.
struct HttpRequest {
  std::string method;
  std::string target;      ///< Origin form, as it came: begins with '/'.
  bool is_http10 = false;  ///< HTTP/1.0; else 1.1.
  HttpHeaders headers;

  /// The client wants the connection kept (RFC 9112 §9.3).
  bool keeps_alive() const;
  /// The target without its query.
  std::string_view path() const;
  /// Bytes of the body that follows; 0 if there is none.
  uint64_t body_bytes() const;
};

/// A response's head.
struct HttpResponse {
  int status = 0;  ///< 100 to 599.
  HttpHeaders headers;
};

/// What the bytes so far are.
enum class HttpProgress : uint8_t {
  kIncomplete,  ///< The head does not end yet.
  kDone,        ///< A whole head; `consumed` bytes of it.
  kBad,         ///< Never a head that we read; `status` is the answer to give.
};

/// The outcome of reading a head.
template <typename Message>
struct HttpParsed {
  HttpProgress progress = HttpProgress::kIncomplete;
  Message message;
  size_t consumed = 0;
  int status = 0;  ///< For a bad request: 400, 414, 431, 501 or 505.
};

/// Whether a server takes requests with a body.
enum class HttpBodies : uint8_t {
  kNone,      ///< None: 413 for a length.
  kByLength,  ///< Those whose length is given; the server reads them behind the head.
};

/// Reads a request's head from the beginning of `bytes`; `bytes_max` is the longest head accepted. A request with a body
/// that the server does not take is bad, and one with a transfer coding always is (501).
HttpParsed<HttpRequest> parse_http_request(ByteView bytes, size_t bytes_max, HttpBodies bodies = HttpBodies::kNone);
/// Reads a response's head likewise.
HttpParsed<HttpResponse> parse_http_response(ByteView bytes, size_t bytes_max);

/// True if the texts are the same but for the case of ASCII letters.
bool equal_ignoring_case(std::string_view a, std::string_view b);

}  // namespace godwit::net
