#pragma once
// What whoever has sockets does for pipes: outputs of a Home (home.h) and of a Front (front.h).

#include "base/bytes.h"
#include "base/strong_id.h"

namespace godwit::home {

/// Numbers a pipe; chosen by the host, never reused within a run.
using PipeId = StrongNumber<struct HomePipeIdTag, uint64_t>;

/// Send bytes on a pipe, in order.
struct SendBytes {
  PipeId pipe;
  Bytes bytes;
};
/// Send what was handed over, then close the pipe. No call with this id is wanted any more, but one is harmless.
struct ClosePipe {
  PipeId pipe;
};

}  // namespace godwit::home
