#pragma once
// The one thread that waits for sockets, timers and signals, and calls back. Everything in net/ happens on the thread
// that runs its loop; only post() and Poster may be called elsewhere. Callbacks must not throw and must not block.

#include <functional>
#include <memory>

#include "base/result.h"
#include "base/time.h"

namespace godwit::net {

/// What the system asks a program to do.
enum class Signal : uint8_t {
  kTerminate,  ///< SIGTERM or SIGINT: finish what was acknowledged, then stop().
  kReload,     ///< SIGHUP: read certificates anew.
};

/// Hands work to a loop from any thread. Copyable; outlives the loop, and then does nothing.
class Poster {
 public:
  /// Runs `work` on the loop's thread, later, in the order of the calls. False: the loop is gone, `work` is dropped.
  bool post(std::function<void()> work) const;

 private:
  friend class EventLoop;
  struct Inbox;
  explicit Poster(std::shared_ptr<Inbox> inbox);
  std::shared_ptr<Inbox> inbox_;
};

/// Waits and calls back. Must outlive every Pipe, Listener, Timer and InputReader made with it.
class EventLoop {
 public:
  /// A loop at rest. kSystem: no descriptors left.
  static Result<std::unique_ptr<EventLoop>> create();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// Calls back until stop(), also when there is nothing to wait for. May be called again after it returned.
  void run();
  /// Calls back until `done` is true (asked after each callback), stop() was called or `limit` has passed; gives the
  /// last answer of `done`. For commands that wait for one thing, and for tests. Not from inside a callback.
  bool run_until(const std::function<bool()>& done, Duration limit);
  /// Makes run() or run_until() return after the running callback. From the loop's thread; elsewhere post it.
  void stop();

  /// Runs `work` on the loop's thread, later, in the order of the calls. From any thread.
  void post(std::function<void()> work);
  /// The same as a handle for other threads that may outlive the loop.
  Poster poster() const;

  /// Calls `handler` for SIGTERM, SIGINT and SIGHUP instead of what they do by default; a null handler gives the
  /// default back. One loop per process may do this.
  void on_signal(std::function<void(Signal)> handler);

  /// Milliseconds since 1970 by the system's clock, which may jump: what core code is given as `now`.
  Instant now() const;
  /// Milliseconds since an unspecified start, never jumping: for pacing and stall detection.
  Instant steady_now() const;

  /// asio's part, for the other files of net/ only.
  struct Impl;
  /// The same.
  Impl& impl() { return *impl_; }

 private:
  explicit EventLoop(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Calls back once, after a while. Destroying it cancels it.
class Timer {
 public:
  explicit Timer(EventLoop& loop);
  ~Timer();
  Timer(Timer&&) noexcept;
  Timer& operator=(Timer&&) noexcept;

  /// Calls `work` once, `delay` from now by the steady clock (at once if it is negative), instead of what was set
  /// before. `work` may set or destroy this timer.
  void set(Duration delay, std::function<void()> work);
  /// The same for a deadline of core code, read against loop.now(); kNever cancels.
  void set_at(Instant deadline, std::function<void()> work);
  /// Forgets what was set; it is not called any more, even if its time has come.
  void cancel();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace godwit::net
