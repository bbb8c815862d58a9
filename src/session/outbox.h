#pragma once
// What one end of a session has to say, and in which order it is said: control frames, then small messages, then large ones
// by turns and within their credit (docs/protocol/session.md, "Order and credit").

#include <list>

#include "session/frame.h"

namespace godwit::session {

/// A message up to this size goes in one frame, in one record of 4096, and ahead of the large ones.
constexpr size_t kSmallMessageMax = 4096 - kFrameHeaderSize;

/// Frames that wait to be sent.
class Outbox {
 public:
  /// A frame without a message: goes first.
  void add_control(FrameKind kind, StreamId stream, ByteView payload);
  /// A keepalive frame as an answer; several that would wait are one.
  void answer_keepalive() { keepalive_ = true; }
  /// A request or reply. Pushes go through add_push().
  void add_message(FrameKind kind, StreamId stream, Bytes bytes);
  /// A push; pushes keep their order among themselves.
  void add_push(Bytes bytes);
  /// The peer allows `bytes` more of the message on `stream`; unknown streams are ignored.
  void add_credit(StreamId stream, uint32_t bytes);
  /// What was not sent of the message on `stream` is not sent any more.
  void drop(StreamId stream);
  /// After everything that can go now, a close frame goes, and nothing after it.
  void finish(ByteView close_payload);
  /// Forgets everything.
  void clear();

  /// True if fill() would give something.
  bool ready() const;
  /// Frames for one record, at most `size_max` bytes (at least 64; less is a fault of ours).
  Bytes fill(size_t size_max);
  /// Frames that wait of those without a message.
  size_t control_waiting() const { return control_.size(); }
  /// Bytes of messages that wait.
  size_t waiting() const { return waiting_; }
  /// The lowest stream of a request or reply of which nothing was sent yet; UINT32_MAX if there is none.
  uint32_t lowest_unsent() const;

 private:
  struct Message {
    FrameKind kind;
    StreamId stream;
    Bytes bytes;
    size_t sent = 0;
    size_t credit = kInitialCredit;
  };
  using Queue = std::list<Message>;  // which an idle session pays nothing for, unlike a std::deque
  static bool can_send(const Message& message) { return message.sent < message.credit || message.bytes.empty(); }
  void fill_small(Bytes& out, size_t size_max);
  bool fill_large(Bytes& out, size_t size_max);
  bool send_some(Message& message, Bytes& out, size_t size_max);

  std::list<Bytes> control_;
  bool keepalive_ = false;
  Queue small_;
  Queue large_;
  Queue pushes_;
  uint32_t next_push_ = kPushStreamBit + 1;
  bool push_turn_ = false;
  size_t waiting_ = 0;
  Bytes close_;
};

}  // namespace godwit::session
