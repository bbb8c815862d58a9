#pragma once
// Values of the engine out of JSON: what to_json.h writes. For the .cc files of api/, and for the module of imports and archives (wasm/),
// which reads what an engine answers.

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "api/to_json.h"

namespace godwit::api {

/// Each is true if `json` is what `out` can hold; else `out` is unspecified.
inline bool read(const Json& json, std::string& out) {
  if (!json.is_string()) return false;
  out = json.get<std::string>();
  return true;
}

/// Of base64url, see above.
inline bool read(const Json& json, Bytes& out) {
  return json.is_string() && from_base64url(json.get_ref<const std::string&>(), out);
}

/// See above.
inline bool read(const Json& json, bool& out) {
  if (!json.is_boolean()) return false;
  out = json.get<bool>();
  return true;
}
/// See above.
inline bool read(const Json& json, uint32_t& out) {
  if (!json.is_number_unsigned() || json.get<uint64_t>() > UINT32_MAX) return false;
  out = json.get<uint32_t>();
  return true;
}

/// See above.
inline bool read(const Json& json, uint64_t& out) {
  if (!json.is_number_unsigned()) return false;
  out = json.get<uint64_t>();
  return true;
}
/// See above.
inline bool read(const Json& json, int64_t& out) {
  if (!json.is_number_integer() || (json.is_number_unsigned() && json.get<uint64_t>() > INT64_MAX)) return false;
  out = json.get<int64_t>();
  return true;
}
/// Of milliseconds since 1970, see above.
inline bool read(const Json& json, Instant& out) { return read(json, out.ms); }

/// One of the names of an enumeration, see above.
template <typename T>
  requires requires { EnumShape<T>::name; }
bool read(const Json& json, T& out) {
  if (!json.is_string()) return false;
  for (const auto& each : EnumShape<T>::values) {
    if (each.name != json.get_ref<const std::string&>()) continue;
    out = each.value;
    return true;
  }
  return false;
}

/// See above.
inline bool read(const Json& json, engine::Position& out) {
  if (!json.is_number_unsigned()) return false;
  out.value = json.get<uint64_t>();
  return true;
}

/// See above.
inline bool read(const Json& json, engine::MailPassword& out) {
  if (!json.is_string()) return false;
  out = crypto::SecretBuffer::copy_of(as_bytes(json.get_ref<const std::string&>()));
  return true;
}

/// Null is nothing, see above.
template <typename T>
bool read(const Json& json, std::optional<T>& out);
/// See above.
template <typename T>
bool read(const Json& json, std::vector<T>& out);
/// Of hexadecimal digits, see above.
template <typename Tag, size_t N>
bool read(const Json& json, OpaqueId<Tag, N>& out);

/// Null is a field left out, as the examples of the description show it.
template <typename F>
bool is_left_out(const Json& json, const F& field) {
  return json.is_null() && !field.required;
}

/// A record inside a command: all of its fields but those that have a value of their own, and no others.
template <typename T>
  requires requires { Shape<T>::fields; }
bool read(const Json& json, T& out) {
  if (!json.is_object()) return false;
  size_t known = 0;
  const auto one = [&](const auto& each) {
    const auto found = json.find(std::string(each.name));
    if (found == json.end()) return !each.required;
    ++known;
    return is_left_out(*found, each) || read(*found, out.*(each.member));
  };
  return Shape<T>::fields([&](const auto&... each) { return (one(each) && ...); }) && known == json.size();
}

template <typename Tag, size_t N>
bool read(const Json& json, OpaqueId<Tag, N>& out) {
  Bytes bytes;
  if (!json.is_string() || !from_hex(json.get_ref<const std::string&>(), bytes)) return false;
  return OpaqueId<Tag, N>::from(bytes, out);
}

template <typename T>
bool read(const Json& json, std::vector<T>& out) {
  if (!json.is_array()) return false;
  return std::all_of(json.begin(), json.end(), [&](const Json& each) { return read(each, out.emplace_back()); });
}

template <typename T>
bool read(const Json& json, std::optional<T>& out) {
  if (json.is_null()) return true;
  return read(json, out.emplace());
}

}  // namespace godwit::api
