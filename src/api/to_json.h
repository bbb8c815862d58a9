#pragma once
// Values of the engine as JSON. With from_json.h the only header that knows the JSON library: for the .cc files of api/ and wasm/, nobody else.

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

#include "api/messages.h"
#include "api/notice_shapes.h"
#include "base/bytes.h"

namespace godwit::api {

/// JSON whose members stay in the order in which they were put.
using Json = nlohmann::ordered_json;

/// One line of text; bytes that are not UTF-8 come out as U+FFFD.
inline std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// Plain values.
inline Json to_json(const std::string& text) { return text; }
inline Json to_json(const Bytes& bytes) { return to_base64url(bytes); }
inline Json to_json(bool value) { return value; }
inline Json to_json(uint64_t value) { return value; }
inline Json to_json(uint32_t value) { return value; }
inline Json to_json(int64_t value) { return value; }
inline Json to_json(Instant time) { return time.ms; }
inline Json to_json(engine::Position position) { return position.value; }

/// Ids as hexadecimal digits.
template <typename Tag, size_t N>
Json to_json(const OpaqueId<Tag, N>& id) {
  return to_hex(id.view());
}

/// Enumerations by name.
template <typename T>
  requires requires { EnumShape<T>::name; }
Json to_json(T value) {
  for (const auto& each : EnumShape<T>::values) {
    if (each.value == value) return each.name;
  }
  return nullptr;
}

/// An error as the record "error".
inline Json to_json(const Error& error) {
  Json json;
  json["code"] = error.code.number;
  json["name"] = error.code.name;
  json["action"] = to_json(error.code.action);
  json["rule"] = error.rule;
  json["message"] = message_of(error.code);
  return json;
}

/// Declared ahead, for structures that hold them.
template <typename T>
Json to_json(const std::optional<T>& value);
/// Declared ahead, for structures that hold them.
template <typename T>
Json to_json(const std::vector<T>& values);

/// A structure by its Shape.
template <typename T>
  requires requires { Shape<T>::fields; }
Json to_json(const T& value) {
  Json json = Json::object();
  Shape<T>::fields([&](const auto&... each) { ((json[std::string(each.name)] = to_json(value.*(each.member))), ...); });
  return json;
}

/// Null or the value.
template <typename T>
Json to_json(const std::optional<T>& value) {
  return value ? to_json(*value) : Json(nullptr);
}

/// A list.
template <typename T>
Json to_json(const std::vector<T>& values) {
  Json json = Json::array();
  for (const T& each : values) json.push_back(to_json(each));
  return json;
}

}  // namespace godwit::api
