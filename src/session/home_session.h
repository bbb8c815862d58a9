#pragma once
// The home's end of a session (docs/protocol/session.md): a pure machine. It is fed the bytes of a pipe and the time; it
// yields bytes for the pipe, events and the next deadline. It knows nothing of what requests mean, of stores or sockets.
//
// The host's loop, for each pipe:
//
//   HomeSession session(options, random, now);
//   for ever: send session.take_output() on the pipe;
//             while (event = session.next_event()) act on it;
//             wait for bytes, for an answer of the store, or session.next_deadline();
//             call receive / reply / refuse / push / provide_ticket / handle_expiry
//
// Tickets live in the home's store, which answers when it likes, so they are events: TicketWanted{id} is answered with
// provide_ticket(), TicketIssued{record} means "keep this". See TicketVault for sealing them.

#include <memory>
#include <optional>
#include <variant>

#include "base/random.h"
#include "base/result.h"
#include "crypto/x25519.h"
#include "session/errors.h"
#include "session/handshake_gate.h"
#include "session/ticket.h"
#include "session/types.h"

namespace godwit::session {

/// What a home decides when a pipe is opened.
struct HomeOptions {
  const crypto::X25519KeyPair* identity = nullptr;  ///< the home's static key; outlives the session
  HandshakeGate* gate = nullptr;                    ///< shared by all sessions of the home; outlives them
  Form form = Form::kStream;              ///< in which form this pipe reached the home
  /// Who is at the other end, as far as that is real (an address without port); empty behind bridges, Tor and NATs, where
  /// a limit per source would hit strangers. Used for limits only, forgotten with them.
  Bytes source = {};
  Duration handshake_timeout = kHandshakeTimeMax;
  Duration idle_max = kIdleMax;
  Duration ticket_lifetime = kTicketLifetime;
};

/// The client holds the session's keys. After a full handshake this comes with the first record, since a first message
/// can be replayed by anybody; after a resumption at once.
struct HomeEstablished {
  ChannelBinding channel_binding{};  ///< what the client's mailbox key signs first; zeros if resumed: nothing signs then
  SessionKind kind{};                ///< of the ticket; kAnonymous after a full handshake, until bind_mailbox()
  Bytes binding;                     ///< of the ticket; else empty
  bool resumed{};
  uint8_t version{};
};
/// A whole request. Answer it with reply() or refuse(), once.
struct Request {
  StreamId stream;
  Bytes bytes;
  bool first_flight{};  ///< came before the ticket was erased everywhere: only idempotent requests may be done
};
/// The client wants no answer any more; one that is given all the same is dropped (kNoSuchStream).
struct Cancelled {
  StreamId stream;
};
/// Take the ticket `id` out of the store (read and delete in one step) and call provide_ticket(). The session waits, at most
/// for its handshake timeout.
struct TicketWanted {
  TicketId id;
};
/// Keep this ticket until it expires. It is on its way to the client: if it cannot be kept, nothing is lost but a round
/// trip, since the client falls back to a full handshake.
struct TicketIssued {
  TicketRecord record;
};
/// What a home session tells its host.
using HomeEvent = std::variant<HomeEstablished, Request, Cancelled, TicketWanted, TicketIssued, Closed>;

/// One end of one session, for one pipe.
class HomeSession {
 public:
  /// `random` must outlive the session.
  HomeSession(const HomeOptions& options, Random& random, Instant now);
  HomeSession(HomeSession&&) noexcept;
  HomeSession& operator=(HomeSession&&) noexcept;
  ~HomeSession();

  /// What came on the pipe, in order, however it was cut. An error means that the session is over (a Closed event says
  /// the same): send take_output() (empty for bytes that were no handshake with this home), then close the pipe, or let
  /// it meet an ordinary web site.
  Status receive(ByteView bytes, Instant now);
  /// The carrier says that the pipe is gone: Closed{kPipeLost} follows, unless the session was over already. Nothing waits any more.
  void pipe_lost();

  /// Answers TicketWanted: the record that was taken out of the store, or nothing if it was not there, expired, or its
  /// mailbox or device is no more. Ignored if nobody waits for it any more (then the ticket is spent all the same).
  void provide_ticket(std::optional<TicketRecord> record, Instant now);

  /// Makes this the session of a mailbox, once its proof over the channel binding has been checked. `binding` (opaque, at
  /// most 255 bytes; more is a fault of ours) names mailbox and device; it comes back with tickets. Only while the first
  /// request of a session that was not resumed waits for its answer, and no other was answered before. kKindSettled:
  /// the session stays what it is; refuse the request.
  Status bind_mailbox(Bytes binding);

  /// Answers a request. kNoSuchStream: cancelled meanwhile, or answered before; drop the answer. kOutboxFull: too much
  /// waits already; the session has told the client to ask again, nothing else is to be done. kMessageTooLarge: above
  /// kReplySizeMax; the client was told so instead. kClosed.
  Status reply(StreamId stream, Bytes bytes, Instant now);
  /// Answers a request with an error that crosses the line, and a wish when to ask again (0: none). Errors as reply.
  Status refuse(StreamId stream, ErrorCode code, Duration retry_after, Instant now);
  /// Sends something by itself. kOutboxFull: the client is slow, push it again later (or let it fetch).
  /// kMessageTooLarge: above kPushSizeMax, it cannot go. kClosed: also before HomeEstablished.
  Status push(Bytes bytes, Instant now);
  /// Ends the session: kGoodbye, or kGoingDown with a wish when to come back; Closed follows.
  void close(ErrorCode code = kGoodbye, Duration retry_after = {});

  /// The next bytes for the pipe, empty if there are none: at most about `size_max` (whole records; at least one if
  /// anything waits). A host whose pipe is slow takes little at a time, so that small messages overtake large ones.
  Bytes take_output(Instant now, size_t size_max = SIZE_MAX);
  /// The next event, nothing if there is none.
  std::optional<HomeEvent> next_event();
  /// When handle_expiry wants to be called; kNever if nothing is waited for.
  Instant next_deadline() const;
  /// Does what is due: handshake timeout, idle timeout, the reply that was held back.
  void handle_expiry(Instant now);

  /// True between HomeEstablished and Closed.
  bool established() const;
  /// What this session is; for life, once its first request is answered.
  SessionKind kind() const;
  /// Bytes of replies and pushes that take_output() has not yet given out: pushing may pause on it.
  size_t output_waiting() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace godwit::session
