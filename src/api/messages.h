#pragma once
// What a person is told when something goes wrong: one plain English sentence per error code that says what happened and
// what to do. Not here: translations, which are made by the name of a code.

#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace godwit::api {

/// One line of the table.
struct CodeMessage {
  uint16_t number;
  std::string_view name;
  Action action;
  std::string_view sentence;
};

/// Every error code that can reach people, by number.
std::span<const CodeMessage> messages();
/// The sentence of a code; for one that cannot reach people, what its action means.
std::string_view message_of(const ErrorCode& code);
/// The sentence, and the name and rule in brackets for a report.
std::string explain(const Error& error);

}  // namespace godwit::api
