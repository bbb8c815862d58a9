#pragma once
// Puts messages together again out of their frames, within a bound for each, and says when the peer gets credit for more.

#include <optional>
#include <variant>
#include <vector>

#include "session/frame.h"

namespace godwit::session {

/// Messages of which a part has come.
class Inbox {
 public:
  /// Nothing to do yet, or the frame belonged to a message that was thrown away.
  struct Nothing {};
  /// A whole message.
  struct Whole {
    Bytes bytes;
  };
  /// The message was thrown away: kMessageTooLarge, kCreditExceeded.
  struct Failed {
    ErrorCode code;
  };
  using Outcome = std::variant<Nothing, Whole, Failed>;

  /// Takes one frame of a message that may have at most `size_max` bytes. Whether the stream may begin a message is for
  /// the caller to know. kStreamReused, kBadFrame: close the session.
  Result<Outcome> take(const Frame& frame, uint32_t size_max);
  /// Throws away what has come of the message on `stream`.
  void drop(StreamId stream);
  /// True if a part of the message on `stream` has come.
  bool assembling(StreamId stream) const;

  /// A credit frame to be sent.
  struct Credit {
    StreamId stream;
    uint32_t bytes;
  };
  /// Credit that is due now, nothing if none is. Only the oldest message gets any beyond kInitialCredit, which bounds
  /// what a session can be made to hold.
  std::optional<Credit> credit_due();

 private:
  struct Assembly {
    StreamId stream;
    uint32_t total = 0;
    uint32_t granted = kInitialCredit;
    Bytes bytes;
  };
  Result<Outcome> begin(const Frame& frame, uint32_t size_max);
  Result<Outcome> add(Assembly& assembly, ByteView part, bool last);

  std::vector<Assembly> assemblies_;  // the oldest first
};

}  // namespace godwit::session
