#include "tests/mls_peer/request.h"

#include <algorithm>

namespace godwit::mls_peer {
namespace {

const Json& need(const Json& json, const char* member) {
  const auto found = json.find(member);
  if (found == json.end() || found->is_null()) throw Refusal(std::string(member) + " is missing");
  return *found;
}

const std::string& as_string(const Json& value, const std::string& what) {
  if (!value.is_string()) throw Refusal(what + " is not text");
  return value.get_ref<const std::string&>();
}

uint64_t as_number(const Json& value, const std::string& what, uint64_t max) {
  if (!value.is_number_unsigned() || value.get<uint64_t>() > max) {
    throw Refusal(what + " is not a number up to " + std::to_string(max));
  }
  return value.get<uint64_t>();
}

const Json& as_list(const Json& value, const char* member) {
  if (!value.is_array()) throw Refusal(std::string(member) + " is not a list");
  return value;
}

}  // namespace

std::string to_base64(ByteView bytes) {
  std::string out = to_base64url(bytes);
  std::ranges::replace(out, '-', '+');
  std::ranges::replace(out, '_', '/');
  out.append((4 - out.size() % 4) % 4, '=');
  return out;
}

Bytes from_base64(const std::string& text, const std::string& what) {
  std::string url = text;
  const size_t last = url.find_last_not_of('=');
  url.resize(last == std::string::npos ? 0 : last + 1);
  const bool foreign = url.find_first_of("-_") != std::string::npos || text.size() != (url.size() + 3) / 4 * 4;
  std::ranges::replace(url, '+', '-');
  std::ranges::replace(url, '/', '_');
  Bytes out;
  if (foreign || !from_base64url(url, out)) throw Refusal(what + " is not base64");
  return out;
}

std::string Request::text(const char* member) const { return as_string(need(json_, member), member); }

std::string Request::text_or(const char* member, const char* absent) const {
  return has(member) ? text(member) : absent;
}

bool Request::flag(const char* member, bool absent) const {
  if (!has(member)) return absent;
  const Json& value = need(json_, member);
  if (!value.is_boolean()) throw Refusal(std::string(member) + " is neither true nor false");
  return value.get<bool>();
}

uint64_t Request::number(const char* member, uint64_t max) const { return as_number(need(json_, member), member, max); }

Bytes Request::bytes(const char* member) const { return from_base64(text(member), member); }

Bytes Request::bytes_or_empty(const char* member) const { return has(member) ? bytes(member) : Bytes{}; }

std::vector<Bytes> Request::byte_list(const char* member) const {
  std::vector<Bytes> out;
  if (!has(member)) return out;
  for (const Json& one : as_list(need(json_, member), member))
    out.push_back(from_base64(as_string(one, member), member));
  return out;
}

std::vector<uint64_t> Request::number_list(const char* member, uint64_t max) const {
  std::vector<uint64_t> out;
  if (!has(member)) return out;
  for (const Json& one : as_list(need(json_, member), member)) out.push_back(as_number(one, member, max));
  return out;
}

bool Request::has(const char* member) const {
  const auto found = json_.find(member);
  return found != json_.end() && !found->is_null();
}

}  // namespace godwit::mls_peer
