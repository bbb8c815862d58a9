#pragma once
// The store as the core's coroutines see it: co_await storing.get(key). Not what keys and values mean (records.h).
//
// An operation is submitted when the function is called, not when its result is awaited, so several can be under way:
//
//   auto first = storing.append(...); auto second = storing.append(...);
//   const auto a = co_await first; const auto b = co_await second;
//
// Of what the store refuses for want of room a client is told so (wire::kHomeFull), since somebody can do something about that. Every
// other error of it becomes wire::kUnavailable; damage() and last_failure() keep what it was for the operator.

#include <coroutine>
#include <memory>
#include <optional>

#include "home/errors.h"
#include "store/errors.h"
#include "store/home_store.h"
#include "wire/errors.h"

namespace godwit::home {

namespace detail {
// Shared by whoever waits and by the store, either of which may be gone first.
struct Pending {
  std::optional<Result<store::Outcome>> result;
  std::coroutine_handle<> waiting;
};
// What went wrong so far.
struct Health {
  std::optional<Error> damage;
  std::optional<Error> last_failure;
  uint64_t failures = 0;
};
}  // namespace detail

/// One submitted operation; awaited at most once. `Out` is the outcome that this kind of operation has.
template <typename Out>
class [[nodiscard]] Submitted {
 public:
  explicit Submitted(std::shared_ptr<detail::Pending> pending) : pending_(std::move(pending)) {}
  Submitted(Submitted&&) noexcept = default;
  Submitted& operator=(Submitted&&) = delete;
  ~Submitted() {
    if (pending_) pending_->waiting = nullptr;  // this frame is going; the store may still answer
  }

  /// True if the store has answered already.
  bool await_ready() const noexcept { return pending_->result.has_value(); }
  /// Goes on when it answers.
  void await_suspend(std::coroutine_handle<> waiting) noexcept { pending_->waiting = waiting; }
  /// The outcome. kHomeFull: nothing was changed, there is no room. kUnavailable: whatever else went wrong.
  Result<Out> await_resume() {
    Result<store::Outcome>& result = *pending_->result;
    if (!result) return told(result.error());
    Out* out = std::get_if<Out>(&*result);
    ASSERT(out != nullptr);  // the store's contract, not the disk's bytes
    return std::move(*out);
  }

 private:
  static Error told(const Error& error) {
    if (error.code == store::kDiskFull) return {wire::kHomeFull, "the store has room"};
    return {wire::kUnavailable, "the store could not"};
  }

  std::shared_ptr<detail::Pending> pending_;
};

/// Submits operations and hands out their results.
class Storing {
 public:
  /// `store` must outlive every operation, but this object need not.
  explicit Storing(store::HomeStore& store) : store_(store), health_(std::make_shared<detail::Health>()) {}

  /// The value of a record, nothing if absent.
  Submitted<store::Found> get(Bytes key) {
    store::Get operation{std::move(key)};
    if (auto known = store_.known(operation)) {
      auto pending = std::make_shared<detail::Pending>();
      pending->result.emplace(store::Outcome{std::move(*known)});
      return Submitted<store::Found>(std::move(pending));
    }
    return submit<store::Found>(std::move(operation));
  }
  /// Writes a record.
  Submitted<store::Stored> put(Bytes key, Bytes value) {
    return submit<store::Stored>(store::Put{std::move(key), std::move(value)});
  }
  /// Removes a record.
  Submitted<store::Stored> erase(Bytes key) { return submit<store::Stored>(store::Erase{std::move(key)}); }
  /// Writes a record if it stands as expected.
  Submitted<store::Swapped> swap(Bytes key, std::optional<Bytes> expected, std::optional<Bytes> value) {
    return submit<store::Swapped>(store::CompareAndSwap{std::move(key), std::move(expected), std::move(value)});
  }
  /// Records that start with `prefix`.
  Submitted<store::Scanned> scan(Bytes prefix, Bytes after, uint32_t count_max) {
    return submit<store::Scanned>(store::Scan{std::move(prefix), std::move(after), count_max});
  }
  /// A piece of everything.
  Submitted<store::Surveyed> survey(Bytes after, uint32_t bytes_max, bool whole) {
    return submit<store::Surveyed>(store::Survey{std::move(after), bytes_max, whole});
  }
  /// Adds to a queue.
  Submitted<store::Appended> append(store::Append operation) { return submit<store::Appended>(std::move(operation)); }
  /// Items of a queue.
  Submitted<store::QueueItems> read(Bytes queue, uint64_t after, uint32_t bytes_max, Instant now) {
    return submit<store::QueueItems>(store::ReadQueue{std::move(queue), after, bytes_max, now});
  }
  /// Forgets items of a queue; again while there is more.
  Submitted<store::Stored> trim(Bytes queue, uint64_t through) {
    return submit<store::Stored>(store::TrimQueue{std::move(queue), through});
  }
  /// Forgets a queue; again while there is more.
  Submitted<store::Stored> drop(Bytes queue) { return submit<store::Stored>(store::DropQueue{std::move(queue)}); }

  /// The first error that means stop (store::kCorrupted), nothing while the store is sound.
  const std::optional<Error>& damage() const { return health_->damage; }
  /// The last error that may pass by itself (store::kDiskFull, store::kUnavailable), nothing if there was none.
  const std::optional<Error>& last_failure() const { return health_->last_failure; }
  /// How many there were.
  uint64_t failures() const { return health_->failures; }

 private:
  template <typename Out>
  Submitted<Out> submit(store::Operation operation) {
    auto pending = std::make_shared<detail::Pending>();
    store_.submit(std::move(operation), [pending, health = health_](Result<store::Outcome> result) {
      if (!result) note(*health, result.error());
      pending->result.emplace(std::move(result));
      if (const auto waiting = std::exchange(pending->waiting, nullptr)) waiting.resume();
    });
    return Submitted<Out>(std::move(pending));
  }

  static void note(detail::Health& health, const Error& error) {
    if (error.code.action != Action::kStop) {
      ++health.failures;
      health.last_failure = error;
    } else if (!health.damage) {
      health.damage = error;
    }
  }

  store::HomeStore& store_;
  std::shared_ptr<detail::Health> health_;
};

}  // namespace godwit::home
