#pragma once
// Words and bounds that both ends of a session share. Each bound has its reason beside it.

#include <variant>

#include "base/bytes.h"
#include "base/error.h"
#include "base/strong_id.h"
#include "base/time.h"

namespace godwit::session {

/// The protocol versions that this code speaks; see docs/protocol/session.md, "Versions".
constexpr uint8_t kVersionLowest = 1;
constexpr uint8_t kVersionHighest = 1;

/// In which form the session's bytes reach the home. It is in the handshake hash, so that a relay cannot move a
/// handshake from one form to another.
enum class Form : uint8_t {
  kStream = 1,     ///< a byte stream as it is
  kWebSocket = 2,  ///< the payloads of binary WebSocket messages, one after another
  kSealed = 3,     ///< sealed requests (sealed_request.h): no session stands, the number only separates the domains
};

/// What a session is for, for life: so are its tickets.
enum class SessionKind : uint8_t {
  kAnonymous = 1,  ///< the home knows nothing of the client: deliver, take key packages, group logs, channels
  kMailbox = 2,    ///< the client has proved a mailbox key over the channel binding in its first request
};

/// A request and everything that answers it; counts up from 1 within one session, chosen by the client.
using StreamId = StrongNumber<struct StreamIdTag, uint32_t>;

/// The handshake hash h (Noise rev 34 §11.2): the same on both sides, different for every session. What a mailbox key
/// signs.
using ChannelBinding = ByteArray<32>;

/// Names a ticket; random, used once.
using TicketId = OpaqueId<struct TicketIdTag, 16>;

// ---- bounds -------------------------------------------------------------------------------------------------------

/// Requests of one session without an answer: enough to fill a pipe, few enough for a home to hold.
constexpr uint32_t kRequestsInFlightMax = 64;
/// One assembled request. The largest, a delivery or a log entry, is 128 KiB and its envelope.
constexpr uint32_t kRequestSizeMax = 256 * 1024;
/// One assembled reply: a page of items or a range of a blob.
constexpr uint32_t kReplySizeMax = 1024 * 1024;
/// One assembled push: a page of items.
constexpr uint32_t kPushSizeMax = 1024 * 1024;
/// Replies and pushes that wait in a session to be sent: what a slow client may cost the home.
constexpr uint32_t kOutboxSizeMax = 4 * 1024 * 1024;
/// Bytes of a message that may be sent before any credit: what 64 streams can make a home hold is then 1 MiB.
constexpr uint32_t kInitialCredit = 16 * 1024;
/// Credit beyond what has arrived, for the one large message that is being assembled.
constexpr uint32_t kCreditWindow = 64 * 1024;
/// Records under one key, and the time with one key, before it is changed (docs/protocol/session.md, "Rekey").
constexpr uint64_t kRekeyRecords = uint64_t{1} << 20;
constexpr Duration kRekeyInterval = hours(1);
/// From the first byte to the established session.
constexpr Duration kHandshakeTimeMax = seconds(30);
/// A home forgets a session of which it heard nothing for so long: more than two of the longest keepalive intervals.
constexpr Duration kIdleMax = minutes(25);
/// The same for an anonymous session, which is for one errand: a client leaves it after a minute, and a machine that holds
/// many shall not hold them for nothing.
constexpr Duration kIdleAnonymousMax = minutes(5);
/// The longest wish "come back later" that a client follows.
constexpr Duration kRetryAfterMax = minutes(5);
/// The client's idle keepalives: first interval, largest interval (it doubles while the pipe holds), jitter in percent.
constexpr Duration kKeepaliveFirst = seconds(30);
constexpr Duration kKeepaliveLast = minutes(10);
constexpr uint32_t kKeepaliveJitterPercent = 20;
/// How long an answer to a keepalive may take.
constexpr Duration kKeepaliveAnswerMax = seconds(20);
/// How long a ticket lives, and how many of them a home gives at most: after a full handshake as many as a client keeps;
/// after a resumption one for the spent one and one more, so that a chain that lost some grows again.
constexpr Duration kTicketLifetime = hours(24);
constexpr uint32_t kTicketsPerSessionMax = 8;
constexpr uint32_t kTicketsPerResumptionMax = 2;
/// How many a client keeps of one chain, so that a lost reply costs one and not the chain.
constexpr uint32_t kTicketsKept = 8;
/// How long a home holds back the second message of a resumption to let the first replies travel in it.
constexpr Duration kReplyHold = milliseconds(200);
/// The plaintext of a first flight and of its answer: one bucket. What does not fit goes into records.
constexpr size_t kFirstFlightSizeMax = 4096;
/// The largest request that goes into a first flight beside a wish for tickets, and the largest reply that goes into its
/// answer beside a grant of tickets. A send or a fetch within these is one exchange of one bucket each.
constexpr size_t kFirstFlightRequestMax = kFirstFlightSizeMax - 8 - 9;
constexpr size_t kFirstFlightReplyMax = kFirstFlightSizeMax - 1 - 8 - 14;
/// Random padding of handshake messages, at most.
constexpr size_t kHandshakePaddingMax = 512;
/// The hardest proof of work a client does: about half a second.
constexpr uint8_t kWorkBitsMax = 20;

// ---- events that both sides know ----------------------------------------------------------------------------------

/// The session is over, whatever the reason; it is the last event. The host sends what take_output() still has, then
/// closes the pipe.
struct Closed {
  uint16_t code{};      ///< a number of session/errors.h (or one that a newer peer knows)
  bool by_peer{};       ///< the peer said so; else this side found it
  Duration retry_after{};  ///< for the codes that say "later", at a client at most kRetryAfterMax; 0: no wish
};

}  // namespace godwit::session
