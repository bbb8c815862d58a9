#pragma once
// One request of a peer's line: members are asked for by name and kind, and what is missing or of another kind is said.

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace godwit::mls_peer {

using Json = nlohmann::json;

/// Why a request is not fulfilled: the text of its answer's `error`.
class Refusal : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The value, or a Refusal that names the error of mls/.
template <typename T>
T fulfilled(Result<T> result) {
  if (!result) throw Refusal(std::string(result.error().code.name) + ": " + result.error().rule);
  return std::move(result).value();
}

/// Standard base64 with padding (RFC 4648 §4).
std::string to_base64(ByteView bytes);
/// The reverse; a Refusal that names `what` for anything else.
Bytes from_base64(const std::string& text, const std::string& what);

/// A view of one request, an object. Every getter throws a Refusal that names the member.
class Request {
 public:
  /// `json` must outlive the view and be an object.
  explicit Request(const Json& json) : json_(json) {}

  /// A member that is text.
  std::string text(const char* member) const;
  /// The same with a value for its absence.
  std::string text_or(const char* member, const char* absent) const;
  /// True or false; false or `absent` if it is missing.
  bool flag(const char* member, bool absent = false) const;
  /// A number up to `max`.
  uint64_t number(const char* member, uint64_t max) const;
  /// Bytes in base64.
  Bytes bytes(const char* member) const;
  /// The same, empty if it is missing.
  Bytes bytes_or_empty(const char* member) const;
  /// A list of bytes, none if it is missing.
  std::vector<Bytes> byte_list(const char* member) const;
  /// A list of numbers up to `max`, none if it is missing.
  std::vector<uint64_t> number_list(const char* member, uint64_t max) const;
  /// True if it is there and not null.
  bool has(const char* member) const;

 private:
  const Json& json_;
};

}  // namespace godwit::mls_peer
