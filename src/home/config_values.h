#pragma once
// The values of the configuration file as TOML has them: read() takes one out of the file and says what it should have been if it is
// not that; print() writes it. Inside config.cc only.

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
// The parser asserts what a file may not keep to ("[[", "a=,"), and says an error after that.
#define TOML_ASSERT(expr) static_cast<void>(0)
#include <toml++/toml.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "home/options.h"

namespace godwit::home {

/// What a value should have been; empty: it is that.
using Complaint = std::string;

/// Takes a value out of the file.
template <typename Number>
  requires std::is_unsigned_v<Number> && (!std::is_same_v<Number, bool>)
Complaint read(const toml::node& node, Number& out) {
  const auto value = node.value_exact<int64_t>();
  const uint64_t most = std::min<uint64_t>(std::numeric_limits<Number>::max(), INT64_MAX);
  if (!value || *value < 0 || static_cast<uint64_t>(*value) > most) {
    return "a whole number from 0 to " + std::to_string(most);
  }
  out = static_cast<Number>(*value);
  return {};
}

/// Takes a value out of the file.
inline Complaint read(const toml::node& node, bool& out) {
  const auto value = node.value_exact<bool>();
  if (!value) return "true or false";
  out = *value;
  return {};
}

/// Takes a value out of the file.
inline Complaint read(const toml::node& node, std::string& out) {
  const auto value = node.value_exact<std::string>();
  if (!value || value->find('\0') != std::string::npos) return "text in quotes";
  out = *value;
  return {};
}

/// Takes a value out of the file.
inline Complaint read(const toml::node& node, std::vector<std::string>& out) {
  const toml::array* array = node.as_array();
  if (array == nullptr) return "a list of texts: [\"...\", \"...\"]";
  out.clear();
  for (const toml::node& item : *array) {
    if (!read(item, out.emplace_back()).empty()) return "a list of texts: [\"...\", \"...\"]";
  }
  return {};
}

/// Takes a value out of the file.
inline Complaint read(const toml::node& node, Duration& out) {
  uint32_t value = 0;
  const Complaint complaint = read(node, value);
  if (complaint.empty()) out = seconds(value);
  return complaint;
}

/// How the values of Admission are written, in their order.
inline constexpr const char* kAdmissionNames[] = {"code", "work", "code or work"};

/// Takes a value out of the file.
inline Complaint read(const toml::node& node, Admission& out) {
  const auto value = node.value_exact<std::string>();
  for (size_t i = 0; i < std::size(kAdmissionNames); ++i) {
    if (value == kAdmissionNames[i]) {
      out = static_cast<Admission>(i + 1);
      return {};
    }
  }
  return "\"code\", \"work\" or \"code or work\"";
}

/// Writes one into it.
template <typename Number>
  requires std::is_unsigned_v<Number> && (!std::is_same_v<Number, bool>)
std::string print(Number value) {
  return std::to_string(value);
}
/// Writes one into it.
inline std::string print(bool value) { return value ? "true" : "false"; }
/// Writes one into it.
inline std::string print(Duration value) { return std::to_string(value.ms / 1000); }
/// Writes one into it.
inline std::string print(Admission value) {
  return '"' + std::string(kAdmissionNames[static_cast<size_t>(value) - 1]) + '"';
}

/// Writes one into it.
inline std::string print(const std::string& value) {
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

/// Writes one into it.
inline std::string print(const std::vector<std::string>& values) {
  std::string out = "[";
  for (const std::string& value : values) {
    if (out.size() > 1) out += ", ";
    out += print(value);
  }
  return out + ']';
}

}  // namespace godwit::home
