#pragma once
// Coroutines of the home's core: a request is one straight function that waits for the store in the middle.
//
// Everything runs on the thread that calls the core; there is no scheduler. A Task starts when it is awaited (or started
// by Tasks) and goes on inside the call that brings what it waits for. Destroying a Tasks destroys what is under way: what
// was submitted to the store happens or not, and nobody is told, as in a crash.
//
// House rules for these functions: parameters are values or references to what the awaiting function holds; a Result is
// taken apart by CO_TRY or CO_CHECK, since TRY's `return` has no place here.

#include <coroutine>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/result.h"

namespace godwit::home {

// The value of an awaited Result as a new variable, or co_return its Error.
#define CO_TRY(variable, ...)                                              \
  auto variable##_result = (__VA_ARGS__);                                  \
  if (!variable##_result.has_value()) co_return variable##_result.error(); \
  auto variable = std::move(variable##_result).value()
// Goes on if a Status (or Result whose value is not wanted) is a success, else co_return its Error.
#define CO_CHECK(...)                                      \
  do {                                                     \
    auto checked_ = (__VA_ARGS__);                         \
    if (!checked_.has_value()) co_return checked_.error(); \
  } while (false)
// As REQUIRE, in a coroutine.
#define CO_REQUIRE(condition, code, rule)                        \
  do {                                                           \
    if (!(condition)) co_return ::godwit::Error{(code), (rule)}; \
  } while (false)

class Tasks;

/// How many of the tasks started together are not finished; see all().
struct Countdown {
  size_t left = 0;
  std::coroutine_handle<> waiting;
};

namespace detail {
// What every promise has: whom to go on with at the end.
struct PromiseBase {
  std::coroutine_handle<> continuation;
  Countdown* countdown = nullptr;
  Tasks* tasks = nullptr;

  struct Final {
    bool await_ready() const noexcept { return false; }
    template <typename Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> handle) noexcept {
      return handle.promise().next(handle.address());
    }
    void await_resume() const noexcept {}
  };
  std::suspend_always initial_suspend() const noexcept { return {}; }
  Final final_suspend() const noexcept { return {}; }
  void unhandled_exception() const noexcept { ASSERT(false); }  // the core is built without exceptions
  std::coroutine_handle<> next(void* address) noexcept;
};
}  // namespace detail

/// A function under way that will yield a T. Owns its frame; awaited at most once.
template <typename T>
class [[nodiscard]] Task {
 public:
  /// What the compiler keeps in the frame.
  struct promise_type : detail::PromiseBase {
    std::optional<T> value;
    /// The task that owns this frame.
    Task get_return_object() { return Task(Handle::from_promise(*this)); }
    /// Takes what the function yields.
    template <typename Given>
    void return_value(Given&& given) {
      value.emplace(std::forward<Given>(given));
    }
  };
  using Handle = std::coroutine_handle<promise_type>;

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  /// Never: it begins when it is awaited.
  bool await_ready() const noexcept { return false; }
  /// Begins, and goes on with `waiting` at the end.
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) noexcept {
    handle_.promise().continuation = waiting;
    return handle_;
  }
  /// What it yielded.
  T await_resume() { return take(); }

  /// The frame, for those who start it in another way than by awaiting.
  Handle handle() const { return handle_; }
  /// What it yielded; only after it has finished.
  T take() {
    ASSERT(handle_.promise().value.has_value());
    return std::move(*handle_.promise().value);
  }

 private:
  explicit Task(Handle handle) : handle_(handle) {}
  Handle handle_;
};

/// Runs `parts` side by side; awaited, it goes on when the last of them has finished. They yield by take(), in place.
template <typename T>
class [[nodiscard]] All {
 public:
  explicit All(std::vector<Task<T>>& parts) : parts_(parts) {}
  /// True if there is nothing to do.
  bool await_ready() const noexcept { return parts_.empty(); }
  /// Begins all; false if all have finished at once.
  bool await_suspend(std::coroutine_handle<> waiting) {
    countdown_.left = parts_.size() + 1;  // one for this loop, so that nobody goes on before all have begun
    countdown_.waiting = waiting;
    for (Task<T>& part : parts_) {
      part.handle().promise().countdown = &countdown_;
      part.handle().resume();
    }
    return --countdown_.left != 0;
  }
  /// Nothing: see Task::take().
  void await_resume() const noexcept {}

 private:
  std::vector<Task<T>>& parts_;
  Countdown countdown_;
};

/// The tasks that nobody awaits: one for each request under way, and those that the home does by itself.
class Tasks {
 public:
  Tasks() = default;
  Tasks(const Tasks&) = delete;
  Tasks& operator=(const Tasks&) = delete;

  /// Begins `task` now; what it yields is dropped.
  void start(Task<Status> task) {
    const auto handle = task.handle();
    handle.promise().tasks = this;
    running_.emplace(handle.address(), std::move(task));
    handle.resume();
    reap();
  }
  /// Frees what has finished. Called by start(); and by the core at the end of each call, outside of any task.
  void reap() {
    for (void* address : std::exchange(finished_, {})) running_.erase(address);
  }
  /// How many are under way.
  size_t size() const { return running_.size() - finished_.size(); }

 private:
  friend struct detail::PromiseBase;
  std::map<void*, Task<Status>> running_;  // by the address of the frame
  std::vector<void*> finished_;
};

inline std::coroutine_handle<> detail::PromiseBase::next(void* address) noexcept {
  if (continuation) return continuation;
  if (countdown != nullptr && --countdown->left == 0) return countdown->waiting;
  if (tasks != nullptr) tasks->finished_.push_back(address);
  return std::noop_coroutine();
}

}  // namespace godwit::home
