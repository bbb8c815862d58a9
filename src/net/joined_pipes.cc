#include "net/joined_pipes.h"

#include <utility>

#include "net/errors.h"

namespace godwit::net {
namespace {

// A side that is not read says no more than what was on its way already: a socket's worth.
constexpr size_t kKeptMax = 512 * 1024;

}  // namespace

JoinedPipes::JoinedPipes(EventLoop& loop, Duration idle, std::function<void()> on_end)
    : loop_(loop), idle_(idle), on_end_(std::move(on_end)), timer_(loop), moved_(loop.steady_now()) {
  watch(idle_);
}

JoinedPipes::~JoinedPipes() = default;

PipeEvents JoinedPipes::events(Side side) {
  const std::weak_ptr<bool> alive = alive_;
  PipeEvents out;
  out.on_bytes = [this, alive, side](ByteView bytes) {
    if (!alive.expired()) bytes_came(side, bytes);
  };
  out.on_drained = [this, alive, side] {
    if (!alive.expired()) drained(side);
  };
  out.on_closed = [this, alive, side](Error) {
    if (!alive.expired()) closed(side);
  };
  return out;
}

void JoinedPipes::set(Side side, std::unique_ptr<Pipe> pipe) {
  pipe->hold_little();
  at(side).pipe = std::move(pipe);
}

void JoinedPipes::bytes_came(Side side, ByteView bytes) {
  moved_ = loop_.steady_now();
  if (side == Side::kFar && ear_ && !ear_(bytes)) ear_ = nullptr;
  End& to = at(other(side));
  if (!to.pipe) return;
  const Status sent = to.kept.empty() ? to.pipe->send(bytes) : Status(Error{kPipeFull, "net: more waits already"});
  if (sent) return;
  if (sent.error().code != kPipeFull) return;  // it has ended, and says so
  append(to.kept, bytes);
  if (to.kept.size() > kKeptMax) return end();
  if (at(side).pipe) at(side).pipe->set_reading(false);
}

void JoinedPipes::drained(Side side) {
  End& to = at(side);
  if (!to.pipe) return;
  if (!to.kept.empty()) {
    if (!to.pipe->send(to.kept)) return;  // full again, or about to be closed
    to.kept.clear();
  }
  if (Pipe* from = at(other(side)).pipe.get()) from->set_reading(true);
}

void JoinedPipes::closed(Side side) {
  at(side).pipe.reset();
  end();
}

void JoinedPipes::end() {
  timer_.cancel();
  if (const auto told = std::exchange(on_end_, nullptr)) told();
}

void JoinedPipes::watch(Duration time) {
  timer_.set(time, [this] {
    const Instant until = moved_ + idle_;
    const Instant now = loop_.steady_now();
    if (now >= until) return end();
    watch(until - now);
  });
}

}  // namespace godwit::net
