#pragma once
// Whether what a stranger has said first is the beginning of a call's relay: a TURN client's first message inside TLS. HTTP begins
// with a letter, STUN with two zero bits, so one byte tells them apart; the rest is checked so that nothing else gets through.

#include "base/bytes.h"

namespace godwit::net {

/// What the first bytes of a connection are.
enum class StunStart : uint8_t {
  kNo,    ///< Something else.
  kMore,  ///< It may be one: more bytes are needed.
  kYes,   ///< An Allocate request begins here.
};

/// Bytes after which it is known: the header of a STUN message.
inline constexpr size_t kStunHeaderSize = 20;
/// What the attributes of a first message may have together; they are some 30 bytes.
inline constexpr size_t kStunFirstMax = 1024;

/// Judges by the header (RFC 8489 §5) and the method: only Allocate (RFC 8656 §7.1) is what a client of a relay says first, so that
/// a STUN scanner, which asks for a Binding, finds no STUN here.
StunStart stun_start(ByteView first);

/// Hears what a TURN server says over a stream until it has given somebody a place: an Allocate success response (RFC 8656 §7.3),
/// which nobody gets without credentials. Messages follow one another without anything between them (RFC 8489 §6.2.2).
class AllocateEar {
 public:
  /// The next bytes of the server. False: no more need be heard, since it has given a place, or says what is no STUN.
  bool hear(ByteView bytes);
  /// True once it has given a place.
  bool heard() const { return heard_; }

 private:
  Bytes header_;     ///< Of the message that has begun.
  size_t skip_ = 0;  ///< Of its attributes, that are still to come.
  bool heard_ = false;
  bool over_ = false;
};

}  // namespace godwit::net
