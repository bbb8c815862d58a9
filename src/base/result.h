#pragma once
// Result<T>: a value or an Error, with std::expected's names (which g++ 12 lacks in C++20), and TRY.

#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "base/assert.h"
#include "base/error.h"

namespace godwit {

/// Either a T or the Error that prevented it. Asking for the wrong one is a fault of ours and ends the program.
template <typename T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : ok_(true) { std::construct_at(&value_, std::move(value)); }  // NOLINT: implicit on purpose
  Result(Error error) : ok_(false) { std::construct_at(&error_, error); }        // NOLINT: implicit on purpose
  Result(Result&& other) noexcept : ok_(other.ok_) { take(std::move(other)); }
  Result(const Result& other)
    requires std::is_copy_constructible_v<T>
      : ok_(other.ok_) {
    if (ok_) {
      std::construct_at(&value_, other.value_);
    } else {
      std::construct_at(&error_, other.error_);
    }
  }
  Result& operator=(Result&& other) noexcept {
    if (this != &other) {
      destroy();
      ok_ = other.ok_;
      take(std::move(other));
    }
    return *this;
  }
  Result& operator=(const Result&) = delete;
  ~Result() { destroy(); }

  /// True if there is a value.
  bool has_value() const { return ok_; }
  explicit operator bool() const { return ok_; }

  /// The value; only if has_value().
  T& value() & {
    ASSERT(ok_);
    return value_;
  }
  /// The value; only if has_value().
  const T& value() const& {
    ASSERT(ok_);
    return value_;
  }
  /// Moves the value out; only if has_value().
  T value() && {
    ASSERT(ok_);
    return std::move(value_);
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  /// The value, or `other` if there is none.
  T value_or(T other) && { return ok_ ? std::move(value_) : std::move(other); }

  /// The error; only if not has_value().
  const Error& error() const {
    ASSERT(!ok_);
    return error_;
  }

 private:
  void take(Result&& other) {
    if (ok_) {
      std::construct_at(&value_, std::move(other.value_));
    } else {
      std::construct_at(&error_, other.error_);
    }
  }
  void destroy() {
    if (ok_) std::destroy_at(&value_);
  }

  bool ok_;
  union {
    T value_;
    Error error_;
  };
};

/// Success without a value, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : ok_(false), error_(error) {}  // NOLINT: implicit on purpose

  /// True if it succeeded.
  bool has_value() const { return ok_; }
  explicit operator bool() const { return ok_; }
  /// Nothing; only if has_value().
  void value() const { ASSERT(ok_); }
  /// The error; only if not has_value().
  const Error& error() const {
    ASSERT(!ok_);
    return error_;
  }

 private:
  bool ok_ = true;
  Error error_{};
};

/// The result of something that yields nothing but may fail.
using Status = Result<void>;

namespace detail {
template <typename R>
auto take_value(R&& result) {
  using Plain = std::remove_cvref_t<R>;
  static_assert(!std::is_reference_v<typename Plain::value_type>, "TRY gives values, never references");
  if constexpr (!std::is_void_v<typename Plain::value_type>) return std::forward<R>(result).value();
}
}  // namespace detail

// TRY(expression) is the value of a Result, or returns its Error from the enclosing function.
#define GODWIT_JOIN_INNER(a, b) a##b
#define GODWIT_JOIN(a, b) GODWIT_JOIN_INNER(a, b)
#define GODWIT_TRY(expression, name)              \
  __extension__({                                 \
    auto name = (expression);                     \
    if (!name.has_value()) return name.error();   \
    ::godwit::detail::take_value(std::move(name)); \
  })
#define TRY(...) GODWIT_TRY((__VA_ARGS__), GODWIT_JOIN(try_result_, __COUNTER__))

// REQUIRE(condition, code, rule) returns the Error unless the condition holds. For bytes from outside.
#define REQUIRE(condition, code, rule)                                  \
  do {                                                                  \
    if (!(condition)) return ::godwit::Error{(code), (rule)};           \
  } while (false)

}  // namespace godwit
