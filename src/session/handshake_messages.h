#pragma once
// The messages of the handshake around Noise's own: what stands on the pipe before the session does
// (docs/protocol/session.md, "Handshake"). One byte kind, two bytes length, body.

#include "base/result.h"
#include "session/handshake_gate.h"
#include "session/types.h"

namespace godwit::session {

/// The first byte of a handshake message.
enum class MessageKind : uint8_t {
  kHello = 1,          ///< client: version, Noise message 1 of NKhfs
  kHelloWithWork = 2,  ///< client: proof of work, then as kHello
  kWelcome = 3,        ///< home: Noise message 2 of NKhfs
  kCookie = 4,         ///< home: do this work and come back with the same message 1
  kResume = 5,         ///< client: version, ticket id, Noise message 1 of NNpsk0
  kResumed = 6,        ///< home: Noise message 2 of NNpsk0
  kRefused = 7,        ///< home: an error that crosses, and when to come back
};

/// Appends one handshake message to `out`; `body` has at most 65535 bytes (more is a fault of ours).
void write_message(Bytes& out, MessageKind kind, ByteView body);

/// kHello, kHelloWithWork.
struct Hello {
  std::optional<WorkProof> work;
  uint8_t version_highest = 0;
  Bytes noise;  ///< message 1

  /// The body; the message's kind tells whether a proof stands in front.
  Bytes encode() const;
  /// kBadHandshake: too short, too long.
  static Result<Hello> parse(ByteView body, bool with_work);
};

/// kResume.
struct Resume {
  uint8_t version_highest = 0;
  TicketId id;
  Bytes noise;  ///< message 1

  /// The body.
  Bytes encode() const;
  /// kBadHandshake: too short, too long.
  static Result<Resume> parse(ByteView body);
};

/// kRefused.
struct Refused {
  uint16_t code = 0;
  Duration retry_after;

  /// The body.
  Bytes encode() const;
  /// kBadHandshake: not six bytes.
  static Result<Refused> parse(ByteView body);
};

/// 2 bytes code and 4 bytes milliseconds: the body of refusals, error frames and close frames. Times outside what 4
/// bytes hold are cut to fit.
Bytes encode_refusal(uint16_t code, Duration retry_after);

/// The prologue of a full handshake (Noise rev 34 §6).
Bytes hello_prologue(uint8_t version_highest, Form form);
/// The prologue of a resumption.
Bytes resume_prologue(uint8_t version_highest, Form form, SessionKind kind, const TicketId& id);

}  // namespace godwit::session
