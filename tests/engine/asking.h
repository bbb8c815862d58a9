#pragma once
// A command whose answer is known beforehand.

#include <gtest/gtest.h>

#include "tests/engine/world.h"

namespace godwit::testworld {

/// Gives a command that has to be answered by a T; if it is not, the test fails and goes on with an empty one.
template <typename T>
T must(Person& person, engine::Command command) {
  auto answer = person.ask(std::move(command));
  EXPECT_TRUE(answer.has_value()) << (answer ? "" : answer.error().code.name);
  return answer ? std::get<T>(*answer) : T{};
}

/// Why a command is refused; an empty code if it is not.
inline ErrorCode refusal(Person& person, engine::Command command) {
  const auto answer = person.ask(std::move(command));
  return answer ? ErrorCode{} : answer.error().code;
}

}  // namespace godwit::testworld
