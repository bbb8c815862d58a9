#pragma once
// How this folder's tests talk to a home's store.

#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "base/bytes.h"
#include "store/errors.h"
#include "store/home_store.h"

namespace godwit::store {

/// Polls until `done` says so. The store must get there by itself; a test that hangs is ended by ctest.
template <typename Done>
void poll_until(HomeStore& store, Done done) {
  while (!done()) {
    if (store.poll() == 0) std::this_thread::yield();
  }
}

/// Submits `operation` and polls until its outcome is there.
inline Result<Outcome> outcome_of(HomeStore& store, Operation operation) {
  std::optional<Result<Outcome>> out;
  store.submit(std::move(operation), [&](Result<Outcome> outcome) { out.emplace(std::move(outcome)); });
  poll_until(store, [&] { return out.has_value(); });
  return std::move(*out);
}

/// The outcome of `operation`, which must succeed with a T.
template <typename T>
T run_as(HomeStore& store, Operation operation) {
  Result<Outcome> outcome = outcome_of(store, std::move(operation));
  EXPECT_TRUE(outcome.has_value()) << (outcome.has_value() ? "" : outcome.error().code.name);
  T* value = outcome.has_value() ? std::get_if<T>(&*outcome) : nullptr;
  EXPECT_NE(value, nullptr);
  return value != nullptr ? std::move(*value) : T{};
}

/// The bytes of a literal.
inline Bytes b(std::string_view text) { return to_bytes(as_bytes(text)); }

/// An id that differs for each number.
inline AppendId append_id(uint64_t number) {
  AppendId id;
  for (size_t i = 0; i < 8; ++i) id.value[i] = static_cast<uint8_t>(number >> (8 * i));
  return id;
}

constexpr Instant kTestNow{1'700'000'000'000};

/// When the day of `time` ends.
constexpr Instant end_of_day(Instant time) { return Instant{(time.ms / days(1).ms + 1) * days(1).ms}; }

/// An append that expires in 30 days and is remembered until the end of the day after that, as a home's are.
inline Append append_of(std::string_view queue, uint64_t id, std::string_view item, Instant now = kTestNow) {
  return {b(queue), append_id(id), b(item), now + days(30), end_of_day(now + days(31)), now};
}

}  // namespace godwit::store
