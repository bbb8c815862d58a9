#pragma once
// Two pipes whose bytes go to each other as they come, with little in between: media of a call that go on by another pipe.

#include <array>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/time.h"
#include "net/event_loop.h"
#include "net/pipe.h"

namespace godwit::net {

/// The join. Where one side does not take what comes, the other one is not read. Destroying it closes both.
class JoinedPipes {
 public:
  /// Which pipe.
  enum class Side : uint8_t { kNear, kFar };

  /// `on_end` is called once, from an event of a pipe or from the loop, when one of them has ended or nothing has come from either
  /// for `idle`; it may destroy this.
  JoinedPipes(EventLoop& loop, Duration idle, std::function<void()> on_end);
  ~JoinedPipes();
  JoinedPipes(const JoinedPipes&) = delete;
  JoinedPipes& operator=(const JoinedPipes&) = delete;

  /// The events of a side's pipe; they do nothing any more once this is destroyed.
  PipeEvents events(Side side);
  /// The pipe of a side. Both are there before anything comes.
  void set(Side side, std::unique_ptr<Pipe> pipe);
  /// Hears what the far side says, as it is passed on, until it returns false. It must not destroy this.
  void hear_far(std::function<bool(ByteView)> ear) { ear_ = std::move(ear); }

  /// What the events say, for an owner who has them himself: bytes have come from a side,
  void bytes_came(Side side, ByteView bytes);
  /// it has room again,
  void drained(Side side);
  /// or it has ended.
  void closed(Side side);

 private:
  struct End {
    std::unique_ptr<Pipe> pipe;
    Bytes kept;  // what it did not take
  };
  static Side other(Side side) { return side == Side::kNear ? Side::kFar : Side::kNear; }
  End& at(Side side) { return ends_[static_cast<size_t>(side)]; }
  void end();
  void watch(Duration time);

  EventLoop& loop_;
  Duration idle_;
  std::function<void()> on_end_;
  std::function<bool(ByteView)> ear_;
  std::array<End, 2> ends_;
  Timer timer_;
  Instant moved_{};  // when something last came
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace godwit::net
