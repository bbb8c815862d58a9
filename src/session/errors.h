#pragma once
// Errors of session/: block 400. Those marked "crosses" are also sent as numbers, in a refusal before the session stands
// or in an error or close frame inside it; they mean the same on both sides, and never change their number.

#include "base/error.h"

namespace godwit::session {

// ---- before a session stands --------------------------------------------------------------------------------------

/// The peer's handshake bytes are garbled, or do not authenticate: another home key, another form, changed on the way.
/// Close the pipe. A home answers nothing to such bytes: whoever sent them does not know its key.
inline constexpr ErrorCode kBadHandshake{400, Action::kCloseSession, "session_bad_handshake"};
/// Crosses. The two sides share no protocol version: one of them has to be upgraded.
inline constexpr ErrorCode kVersionUnsupported{401, Action::kFix, "session_version_unsupported"};
/// The handshake did not finish in time. Close the pipe and try another route.
inline constexpr ErrorCode kHandshakeTimeout{402, Action::kRetryLater, "session_handshake_timeout"};
/// Crosses. Too many handshakes from this source; come back after the time given beside it.
inline constexpr ErrorCode kTooManyHandshakes{403, Action::kRetryLater, "session_too_many_handshakes"};
/// Crosses. The proof of work is wrong, too old or was used before: open another pipe and begin again.
inline constexpr ErrorCode kWorkRefused{404, Action::kRetryLater, "session_work_refused"};
/// The home asks for more work than kWorkBitsMax: come back later.
inline constexpr ErrorCode kTooMuchWork{405, Action::kRetryLater, "session_too_much_work"};
/// Crosses. The ticket is not known, used, expired or of another kind: throw it away. The client goes on by itself with a
/// full handshake on the same pipe.
inline constexpr ErrorCode kUnknownTicket{406, Action::kDrop, "session_unknown_ticket"};

// ---- records ------------------------------------------------------------------------------------------------------

/// Crosses. A record does not open: forged, replayed, out of order or damaged. Close the pipe, resume on another.
inline constexpr ErrorCode kBadRecord{410, Action::kCloseSession, "session_bad_record"};
/// Crosses. The peer did not change its key in time (kRekeyRecords). Close the session.
inline constexpr ErrorCode kRekeyOverdue{411, Action::kCloseSession, "session_rekey_overdue"};
/// 2^64 - 1 messages under one key: unreachable in practice. Close the session (Noise rev 34 §5.1).
inline constexpr ErrorCode kNonceExhausted{412, Action::kCloseSession, "session_nonce_exhausted"};

// ---- frames -------------------------------------------------------------------------------------------------------

/// Crosses. Authenticated bytes are not frames as docs/protocol/session.md has them. Close the session.
inline constexpr ErrorCode kBadFrame{420, Action::kCloseSession, "session_bad_frame"};
/// Crosses. More than kRequestsInFlightMax requests without an answer: send this one when others are answered.
inline constexpr ErrorCode kTooManyRequests{421, Action::kRetryLater, "session_too_many_requests"};
/// Crosses. The message is above kRequestSizeMax, kReplySizeMax or kPushSizeMax: do not send it again.
inline constexpr ErrorCode kMessageTooLarge{422, Action::kDrop, "session_message_too_large"};
/// Crosses. More bytes of a message came than credit was given for: this message was thrown away.
inline constexpr ErrorCode kCreditExceeded{423, Action::kDrop, "session_credit_exceeded"};
/// Crosses. A stream id was used again or out of order. Close the session.
inline constexpr ErrorCode kStreamReused{424, Action::kCloseSession, "session_stream_reused"};
/// Crosses. More than kOutboxSizeMax waits to be sent: ask again when the earlier answers have come.
inline constexpr ErrorCode kOutboxFull{425, Action::kRetryLater, "session_outbox_full"};
/// Ours: there is no such open stream (answered already, or cancelled by the client). Drop the answer.
inline constexpr ErrorCode kNoSuchStream{426, Action::kDrop, "session_no_such_stream"};
/// Crosses. Something that may not stand in a first flight: it can be replayed. Close the session.
inline constexpr ErrorCode kNotInFirstFlight{427, Action::kCloseSession, "session_not_in_first_flight"};
/// Ours: the kind of this session is already settled, for life. Open another session.
inline constexpr ErrorCode kKindSettled{428, Action::kCloseSession, "session_kind_settled"};

// ---- the session as a whole ---------------------------------------------------------------------------------------

/// Crosses. An orderly end; nothing is wrong.
inline constexpr ErrorCode kGoodbye{430, Action::kCloseSession, "session_goodbye"};
/// The home did not answer a keepalive in time: the pipe is dead. Resume on another.
inline constexpr ErrorCode kPeerSilent{431, Action::kCloseSession, "session_peer_silent"};
/// Crosses. Nothing was heard for kIdleMax. Resume when there is something to say.
inline constexpr ErrorCode kIdle{432, Action::kCloseSession, "session_idle"};
/// Ours: the session is over; open another.
inline constexpr ErrorCode kClosed{433, Action::kCloseSession, "session_closed"};
/// The carrier reports that the pipe is gone. Resume on another.
inline constexpr ErrorCode kPipeLost{434, Action::kCloseSession, "session_pipe_lost"};
/// Crosses. The home is going down or is overfull: come back after the time given beside it.
inline constexpr ErrorCode kGoingDown{435, Action::kRetryLater, "session_going_down"};

// ---- tickets and sealed requests ----------------------------------------------------------------------------------

/// A stored ticket does not open or parse: throw it away.
inline constexpr ErrorCode kBadTicket{440, Action::kDrop, "session_bad_ticket"};
/// A sealed request or reply does not open or parse: throw it away, answer nothing.
inline constexpr ErrorCode kBadSealedRequest{441, Action::kDrop, "session_bad_sealed_request"};
/// A sealed request of this id was answered before: throw it away, answer nothing.
inline constexpr ErrorCode kSealedReplay{442, Action::kDrop, "session_sealed_replay"};

}  // namespace godwit::session
