#include "net/event_loop.h"

#include <chrono>
#include <csignal>

#include "net/errors.h"
#include "net/event_loop_impl.h"

namespace godwit::net {
namespace {

using std::chrono::duration_cast;

// A longer wait would overflow asio's arithmetic; whoever waits this long may be called early once in 24 days.
constexpr Duration kTimerMax = days(24);

std::chrono::milliseconds to_chrono(Duration d) { return std::chrono::milliseconds(std::min(d, kTimerMax).ms); }

}  // namespace

Poster::Poster(std::shared_ptr<Inbox> inbox) : inbox_(std::move(inbox)) {}

bool Poster::post(std::function<void()> work) const {
  const std::lock_guard lock(inbox_->mutex);
  if (inbox_->io == nullptr) return false;
  asio::post(*inbox_->io, std::move(work));
  return true;
}

Result<std::unique_ptr<EventLoop>> EventLoop::create() {
  try {
    auto impl = std::make_unique<Impl>();
    impl->inbox->io = &impl->io;
    return std::unique_ptr<EventLoop>(new EventLoop(std::move(impl)));
  } catch (const std::system_error&) {
    return Error{kSystem, "net: an event loop needs a few free descriptors"};
  }
}

EventLoop::EventLoop(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

EventLoop::~EventLoop() {
  const std::lock_guard lock(impl_->inbox->mutex);
  impl_->inbox->io = nullptr;
}

void EventLoop::run() {
  impl_->io.restart();
  impl_->io.run();
}

bool EventLoop::run_until(const std::function<bool()>& done, Duration limit) {
  const Instant end = steady_now() + std::min(limit, kTimerMax);
  impl_->io.restart();
  while (!done()) {
    const Duration left = end - steady_now();
    if (left <= Duration{0} || impl_->io.stopped()) return false;
    impl_->io.run_one_for(to_chrono(left));
  }
  return true;
}

void EventLoop::stop() { impl_->io.stop(); }

void EventLoop::post(std::function<void()> work) { asio::post(impl_->io, std::move(work)); }

Poster EventLoop::poster() const { return Poster(impl_->inbox); }

void EventLoop::Impl::wait_for_signal() {
  signals.async_wait([this](const asio::error_code& error, int number) {
    if (error) return;
    wait_for_signal();
    if (on_signal) on_signal(number == SIGHUP ? Signal::kReload : Signal::kTerminate);
  });
}

void EventLoop::on_signal(std::function<void(Signal)> handler) {
  asio::error_code ignored;
  impl_->signals.cancel(ignored);
  impl_->signals.clear(ignored);
  impl_->on_signal = std::move(handler);
  if (!impl_->on_signal) return;
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) impl_->signals.add(number, ignored);
  impl_->wait_for_signal();
}

Instant EventLoop::now() const {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return {duration_cast<std::chrono::milliseconds>(since).count()};
}

Instant EventLoop::steady_now() const {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return {duration_cast<std::chrono::milliseconds>(since).count()};
}

/// Outlives its Timer while asio holds a handler; `round` tells a handler that it was cancelled too late.
struct Timer::State {
  explicit State(EventLoop& owner) : loop(owner), timer(io_of(owner)) {}

  EventLoop& loop;
  asio::steady_timer timer;
  uint64_t round = 0;
};

Timer::Timer(EventLoop& loop) : state_(std::make_shared<State>(loop)) {}
Timer::Timer(Timer&&) noexcept = default;

Timer& Timer::operator=(Timer&& other) noexcept {
  if (this != &other) {
    cancel();
    state_ = std::move(other.state_);
  }
  return *this;
}

Timer::~Timer() { cancel(); }

void Timer::set(Duration delay, std::function<void()> work) {
  const uint64_t round = ++state_->round;
  state_->timer.expires_after(to_chrono(std::max(delay, Duration{0})));
  // asio owns the work, not the state: work may own this timer.
  state_->timer.async_wait([state = state_, round, work = std::move(work)](const asio::error_code& error) {
    if (error || state->round != round) return;
    ++state->round;
    work();
  });
}

void Timer::set_at(Instant deadline, std::function<void()> work) {
  if (deadline == kNever) {
    cancel();
    return;
  }
  set(deadline - state_->loop.now(), std::move(work));
}

void Timer::cancel() {
  if (!state_) return;
  ++state_->round;
  state_->timer.cancel();
}

}  // namespace godwit::net
