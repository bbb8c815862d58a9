#pragma once
// The one table of what can be said in JSON: for each command, notice and record its name, its fields and a sentence
// about each. Reading, writing, describe_json() and docs/protocol/api.md all come from it. This header has the parts that
// the table is made of; command_shapes.h and notice_shapes.h are the table.

#include <optional>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace godwit::api {

#ifdef GODWIT_API_UNDESCRIBED
/// A sentence for describe_json(), which the engine for browsers is built without: nothing is kept of it (25 kB).
struct About {
  constexpr About(const char* /*sentence*/) {}
};
#else
/// A sentence for describe_json().
using About = std::string_view;
#endif

/// One field of a structure: its name in JSON, where it stands, and whether it may be left out when reading.
template <typename Owner, typename Member>
struct Field {
  std::string_view name;
  Member Owner::* member;
  About about;
  bool required;
};

/// True for std::optional.
template <typename T>
struct IsOptional : std::false_type {};
template <typename T>
struct IsOptional<std::optional<T>> : std::true_type {};

/// A field; one that is a std::optional may be left out or null.
template <typename Owner, typename Member>
constexpr Field<Owner, Member> field(std::string_view name, Member Owner::* member, About about) {
  return {name, member, about, !IsOptional<Member>::value};
}
/// A field that may be left out and then keeps the value that the structure gives it.
template <typename Owner, typename Member>
constexpr Field<Owner, Member> field_or_default(std::string_view name, Member Owner::* member, About about) {
  return {name, member, about, false};
}
/// The fields of a structure: what calls a function with all of them, in order, and gives back what that gives. Not a tuple, which is
/// much work for compilers.
template <typename... Fields>
constexpr auto fields_in_order(Fields... fields) {
  return [fields...](auto&& visit) -> decltype(auto) { return visit(fields...); };
}

/// Specialised for each structure: `name`, `about`, `fields`; for a command also `Answer` and `errors`.
template <typename T>
struct Shape;

/// Specialised for each enumeration: `name` and `values`, an array of EnumValue.
template <typename T>
struct EnumShape;

/// One value of an enumeration.
template <typename T>
struct EnumValue {
  T value;
  std::string_view name;
  About about;
};

/// A kind of plain JSON value that has a meaning of its own.
struct Scalar {
  std::string_view name;
  std::string_view json;  ///< "string", "integer" or "boolean"
  About about;
};

}  // namespace godwit::api
