#pragma once
// What the API consists of, for programs and for people; both come from the table in shapes.h.

#include <string>

namespace godwit::api {

/// The version of the API; grows when something is added. Nothing is ever taken out or changes its meaning.
constexpr unsigned kApiVersion = 1;

/// Everything that may be said, as one JSON object: methods, notices, records, enums, scalars, errors. Other languages'
/// types are generated from it.
std::string describe_json();
/// The same as the reference part of docs/protocol/api.md.
std::string describe_markdown();

}  // namespace godwit::api
