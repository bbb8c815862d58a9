#pragma once
// A client without manners, for tests: it does a true handshake and then sends whatever frames a test likes.

#include "session/handshake.h"
#include "session/handshake_messages.h"
#include "session/pipe_buffer.h"
#include "session/testing/session_pair.h"
#include "session/transport.h"

namespace godwit::session::testing {

/// Does a full handshake with a home session of its own, then seals frames as it is told.
class RawClient {
 public:
  explicit RawClient(TestHome& home, Instant start = {})
      : now(start), server(home.options(), home.random, start), random_(77) {
    auto handshake = *ClientHandshake::full(home.identity.public_key, Form::kStream, random_);
    Bytes hello;
    write_message(hello, MessageKind::kHello, Hello{{}, kVersionHighest, handshake.first_message()}.encode());
    EXPECT_TRUE(server.receive(hello, now));
    pipe_.add(server.take_output(now));
    auto outcome = *handshake.finish(pipe_.next_message()->body);
    sender_.emplace(std::move(outcome.send), now);
    receiver_.emplace(std::move(outcome.receive));
  }

  /// One record with `content`, padded.
  Bytes record(const Bytes& content) {
    Bytes out;
    EXPECT_TRUE(sender_->seal(out, content));
    return out;
  }
  /// Sends one frame in a record of its own.
  Status send(FrameKind kind, uint8_t flags, uint32_t stream, ByteView payload) {
    Bytes content;
    write_frame(content, kind, flags, StreamId{stream}, payload);
    return server.receive(record(content), now);
  }
  /// Sends the first part of a message of `total` bytes.
  Status send_first(uint32_t stream, uint32_t total, size_t part) {
    Bytes payload;
    for (int shift = 24; shift >= 0; shift -= 8) payload.push_back(static_cast<uint8_t>(total >> shift));
    payload.resize(4 + part);
    return send(FrameKind::kRequest, kFlagFirst, stream, payload);
  }
  /// What the home has said since the last call: owned copies of its frames.
  struct Heard {
    FrameKind kind;
    StreamId stream;
    Bytes payload;
  };
  std::vector<Heard> hear() {
    std::vector<Heard> out;
    pipe_.add(server.take_output(now));
    while (const auto sealed = pipe_.next_record()) {
      const Bytes plaintext = *receiver_->open(*sealed);
      for (const Frame& frame : *parse_frames(plaintext)) {
        out.push_back({frame.kind, frame.stream, to_bytes(frame.payload)});
      }
    }
    return out;
  }
  /// The code in the one error or close frame that the home has sent since the last call; 0 if there is none.
  uint16_t heard_code(FrameKind kind) {
    for (const Heard& heard : hear()) {
      if (heard.kind == kind) return static_cast<uint16_t>((heard.payload[0] << 8) | heard.payload[1]);
    }
    return 0;
  }
  RecordSender& sender() { return *sender_; }

  Instant now;
  HomeSession server;

 private:
  crypto::SeededRandom random_;
  PipeBuffer pipe_;
  std::optional<RecordSender> sender_;
  std::optional<RecordReceiver> receiver_;
};

}  // namespace godwit::session::testing
