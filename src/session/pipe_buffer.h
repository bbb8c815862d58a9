#pragma once
// Puts together what a pipe cuts: handshake messages {kind, length, body} before a session stands, records {length,
// ciphertext} after (docs/protocol/session.md).

#include <optional>

#include "base/bytes.h"

namespace godwit::session {

/// The bytes of a pipe that were not consumed yet.
class PipeBuffer {
 public:
  /// Adds what came.
  void add(ByteView bytes) { append(bytes_, bytes); }

  /// A handshake message; `body` is valid until the next call.
  struct Message {
    uint8_t kind;
    ByteView body;
  };
  /// The next whole handshake message, nothing if it is not there yet.
  std::optional<Message> next_message();
  /// The next whole record without its length; valid until the next call. Nothing if it is not there yet.
  std::optional<ByteView> next_record();
  /// The length that the next message or record claims, as soon as it can be read: refuse it early.
  std::optional<size_t> claimed_message_size() const;
  /// Bytes that wait.
  size_t size() const { return bytes_.size() - at_; }

 private:
  ByteView waiting() const { return ByteView(bytes_).subspan(at_); }
  void compact();

  Bytes bytes_;
  size_t at_ = 0;
};

}  // namespace godwit::session
