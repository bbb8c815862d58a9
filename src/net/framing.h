#pragma once
// How the bytes of a pipe lie on its connection. Not for other folders.

#include "base/bytes.h"
#include "base/result.h"
#include "net/byte_queue.h"

namespace godwit::net {

/// A machine over bytes, of one connection.
class Framing {
 public:
  virtual ~Framing() = default;

  /// Takes all of `bytes` from the peer and appends what they carry to `data`. An error ends the connection; output() may
  /// have something to say to the peer about it.
  virtual Status feed(ByteView bytes, Bytes& data) = 0;
  /// Puts bytes into output().
  virtual void send(ByteView bytes) = 0;
  /// Puts so many bytes into output() that mean nothing, where that can be done: sizes that are always the same tell who we are.
  virtual void fill(size_t size) = 0;
  /// Asks the peer for a sign of life, where that can be done.
  virtual void ping() = 0;
  /// Says that nothing more comes, where that can be said.
  virtual void close() = 0;
  /// Bytes for the peer; whoever sends them consumes them.
  virtual ByteQueue& output() = 0;
  /// The peer has said that nothing more comes.
  virtual bool is_closed_by_peer() const = 0;
};

/// No framing: the bytes as they are (routes::CarriedForm::kStream). Nothing can be asked or said beside them.
class StreamFraming final : public Framing {
 public:
  Status feed(ByteView bytes, Bytes& data) override {
    append(data, bytes);
    return {};
  }
  void send(ByteView bytes) override { output_.append(bytes); }
  void fill(size_t) override {}
  void ping() override {}
  void close() override {}
  ByteQueue& output() override { return output_; }
  bool is_closed_by_peer() const override { return false; }

 private:
  ByteQueue output_;
};

}  // namespace godwit::net
