#pragma once
// The transport phase, which is the same for both ends: records with their keys, what waits to be sent, what is being put
// together. What frames mean is for client_session.cc and home_session.cc.

#include "session/handshake.h"
#include "session/inbox.h"
#include "session/outbox.h"
#include "session/record.h"

namespace godwit::session {

/// One end's records and messages after the handshake.
class Transport {
 public:
  /// `outbox` may hold frames already.
  Transport(HandshakeOutcome& outcome, Outbox outbox, Instant now)
      : sender_(std::move(outcome.send), now), receiver_(std::move(outcome.receive)), outbox_(std::move(outbox)) {}

  /// Opens a record. kBadRecord, kRekeyOverdue: close the session.
  Result<Bytes> open(ByteView record) { return receiver_.open(record); }
  /// The frames of a plaintext that open() gave, without rekey frames: those were done. Errors of parse_frames, and kBadFrame
  /// if a rekey frame is not the last.
  Result<std::vector<Frame>> frames_in(ByteView plaintext);

  /// Records out of what waits, whole ones until `size_max` is reached.
  Bytes take_output(Instant now, size_t size_max);
  /// Sends a credit frame if one is due.
  void give_credit();
  /// What waits to be sent.
  Outbox& outbox() { return outbox_; }
  /// What waits to be sent.
  const Outbox& outbox() const { return outbox_; }
  /// What is being put together.
  Inbox& inbox() { return inbox_; }

 private:
  RecordSender sender_;
  RecordReceiver receiver_;
  Outbox outbox_;
  Inbox inbox_;
};

}  // namespace godwit::session
