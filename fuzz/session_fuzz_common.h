#pragma once
// What the fuzz targets of session/ share: a home's keys, a reader of instructions, a peer that seals what it is told.

#include <algorithm>
#include <optional>

#include "crypto/random_sources.h"
#include "session/client_session.h"
#include "session/handshake.h"
#include "session/handshake_messages.h"
#include "session/home_session.h"
#include "session/record.h"

namespace godwit::session::fuzzing {

/// Takes an input apart: every call eats from its front and gives zeros when nothing is left.
class Input {
 public:
  Input(const uint8_t* data, size_t size) : rest_(data, size) {}
  bool empty() const { return rest_.empty(); }
  uint8_t byte() {
    const ByteView one = bytes(1);
    return one.empty() ? uint8_t{0} : one[0];
  }
  ByteView bytes(size_t count) {
    const ByteView out = rest_.first(std::min(count, rest_.size()));
    rest_ = rest_.subspan(out.size());
    return out;
  }
  /// Two bytes length, then so many bytes (at most `size_max`).
  ByteView block(size_t size_max) {
    const size_t high = byte();
    return bytes(std::min((high << 8) | byte(), size_max));
  }

 private:
  ByteView rest_;
};

/// A home's secrets, the same in every run.
struct Keys {
  Keys() {
    ASSERT(crypto::initialise());
    identity = crypto::X25519KeyPair::generate(random);
  }
  crypto::SeededRandom random{1};
  crypto::X25519KeyPair identity;
};

/// Seals records for the session under test.
class Sealer {
 public:
  explicit Sealer(CipherState cipher) : sender_(std::move(cipher), {}) {}
  Bytes record(ByteView content) {
    Bytes out;
    ASSERT(sender_.seal(out, to_bytes(content)));
    return out;
  }
  void rekey() { sender_.rekey({}); }

 private:
  RecordSender sender_;
};

}  // namespace godwit::session::fuzzing
