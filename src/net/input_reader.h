#pragma once
// Reads standard input (terminal, pipe or file) without blocking the loop. Not for sockets.

#include <functional>
#include <memory>

#include "base/bytes.h"
#include "net/event_loop.h"

namespace godwit::net {

/// Reads a descriptor until its end. Destroying it ends the calls; the descriptor itself stays open.
class InputReader {
 public:
  /// Calls `on_bytes` with what was read (1 to 65,536 bytes, valid during the call) and `on_end` once at the end of the
  /// input or at an error. Either may destroy this reader. `descriptor` is duplicated. kSystem: it cannot be read.
  static Result<std::unique_ptr<InputReader>> create(EventLoop& loop, int descriptor,
                                                     std::function<void(ByteView)> on_bytes,
                                                     std::function<void()> on_end);
  ~InputReader();

 private:
  struct State;
  explicit InputReader(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace godwit::net
