#pragma once
// Which stream ids a client has used: each once, in nearly ascending order (docs/protocol/session.md, "Streams").

#include <cstdint>

#include "session/types.h"

namespace godwit::session {

/// Remembers used ids in constant space: all below the lowest unused one, and a window of kRequestsInFlightMax above.
class StreamWindow {
 public:
  /// Where an id stands.
  enum class Place : uint8_t {
    kUsed,
    kNew,
    kOutside,  ///< so far ahead that no honest client would use it yet
  };
  /// Looks `stream` up; changes nothing.
  Place place(StreamId stream) const {
    if (stream.value < lowest_) return Place::kUsed;
    const uint32_t offset = stream.value - lowest_;
    if (offset >= kRequestsInFlightMax) return Place::kOutside;
    return (used_ >> offset & 1) != 0 ? Place::kUsed : Place::kNew;
  }
  /// Notes that `stream`, which is kNew, is used.
  void use(StreamId stream) {
    used_ |= uint64_t{1} << (stream.value - lowest_);
    while ((used_ & 1) != 0) {
      used_ >>= 1;
      ++lowest_;
    }
  }

 private:
  static_assert(kRequestsInFlightMax == 64, "the window is one word");
  uint32_t lowest_ = 1;
  uint64_t used_ = 0;
};

}  // namespace godwit::session
