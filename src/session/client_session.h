#pragma once
// The client's end of a session (docs/protocol/session.md): a pure machine. It is fed the bytes of a pipe and the time; it
// yields bytes for the pipe, events and the next deadline. It knows nothing of what requests mean, of routes or sockets.
//
// The host's loop:
//
//   auto session = ClientSession::connect(options, random, now);       // or ClientSession::resume(...)
//   for ever: send session.take_output() on the pipe;
//             while (event = session.next_event()) act on it;
//             wait for bytes, for something to ask, or session.next_deadline(); call receive / send_request / handle_expiry
//
// Requests may be sent at once: they wait until the session stands. If a ticket turns out unknown the session does a full
// handshake on the same pipe by itself and sends its requests again under the same stream ids; the host sees
// Established{resumed = false}. A session lives as long as its pipe: when the pipe is gone, make another from a ticket.

#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "crypto/x25519.h"
#include "session/errors.h"
#include "session/ticket.h"
#include "session/types.h"

namespace godwit::session {

/// What a client decides before it connects.
struct ClientOptions {
  crypto::X25519PublicKey home_key{};  ///< from the invite or the bulletin: authenticates the home
  Form form = Form::kStream;
  /// Tickets to ask the home for as soon as the session's kind is settled. For a resumed session 1 replaces the spent
  /// one. 0: none.
  uint8_t tickets_wanted = kTicketsKept;
  Duration handshake_timeout = kHandshakeTimeMax;
  /// Idle keepalives start here: what the policy learned to be safe on this network (see keepalive_interval()).
  Duration keepalive_first = kKeepaliveFirst;
  Duration keepalive_answer_max = kKeepaliveAnswerMax;
};

/// The session stands; the home is who it should be. Sent once.
struct ClientEstablished {
  ChannelBinding channel_binding{};  ///< what a mailbox key signs in the first request; zeros if resumed: nothing signs then
  SessionKind kind{};  ///< of the ticket; kAnonymous after a full handshake, until the home accepts the mailbox proof
  bool resumed{};      ///< false also if a ticket was tried and not known
  uint8_t version{};   ///< the protocol version in use
};
/// The whole reply to a request. Ends its stream.
struct Reply {
  StreamId stream;
  Bytes bytes;
};
/// Something the home sends by itself.
struct Push {
  Bytes bytes;
};
/// A request failed below the level of its meaning. Ends its stream. `code` is one of session/errors.h, or what the home
/// gave to HomeSession::refuse(); it says what to do.
struct StreamError {
  StreamId stream;
  uint16_t code{};
  Duration retry_after{};  ///< for codes that say "later", at most kRetryAfterMax; 0: no wish
};
/// A ticket for a later session; store it before relying on it. Anonymous tickets belong to the chat that this session
/// served, and to no other.
struct TicketGranted {
  Ticket ticket;
};
/// The home does not know the ticket that this session was made from: others of its chain are likely gone as well.
struct TicketRefused {
  TicketId id;
};
/// What a client session tells its host.
using ClientEvent =
    std::variant<ClientEstablished, Reply, Push, StreamError, TicketGranted, TicketRefused, Closed>;

/// One end of one session, for one pipe.
class ClientSession {
 public:
  /// Starts with a full handshake (Noise_NKhfs). `random` must outlive the session.
  static ClientSession connect(const ClientOptions& options, Random& random, Instant now);

  /// Starts from a ticket, with requests that may be repeated (idempotent!) in the first flight: they are not forward
  /// secret until the home has erased the ticket, and they are sent again if it does not know it. The requests get the
  /// streams 1, 2, 3, ... in their order. Those that do not fit into kFirstFlightSizeMax go as soon as the session stands.
  /// The ticket is spent by this, whatever happens: delete the stored copy first. kMessageTooLarge, kTooManyRequests: as
  /// send_request. kBadTicket: the ticket is for another home than options.home_key, or expired; connect() instead.
  static Result<ClientSession> resume(const ClientOptions& options, Ticket ticket, std::vector<Bytes> first_flight,
                                      Random& random, Instant now);

  ClientSession(ClientSession&&) noexcept;
  ClientSession& operator=(ClientSession&&) noexcept;
  ~ClientSession();

  /// What came on the pipe, in order, however it was cut. An error means that the session is over (a Closed event says
  /// the same): send take_output(), then close the pipe.
  Status receive(ByteView bytes, Instant now);
  /// The carrier says that the pipe is gone: Closed{kPipeLost} follows, unless the session was over already.
  void pipe_lost();

  /// Sends a request of at most kRequestSizeMax bytes; its answer is one Reply or StreamError with this id, or Closed.
  /// kMessageTooLarge: do not send it. kTooManyRequests: kRequestsInFlightMax wait for answers, try after one came.
  /// kClosed: open another session.
  Result<StreamId> send_request(Bytes request, Instant now);
  /// Wants no answer to `stream` any more; the home may have done the request or not. Unknown streams are ignored.
  void cancel(StreamId stream);
  /// Asks for `count` more tickets (the home gives at most kTicketsPerSessionMax in one session, of a resumed one at most
  /// kTicketsPerResumptionMax).
  void want_tickets(uint8_t count);
  /// Ends the session in good order; Closed{kGoodbye} follows.
  void close();

  /// The next bytes for the pipe, empty if there are none: at most about `size_max` (whole records; at least one if
  /// anything waits). A host whose pipe is slow takes little at a time, so that small messages overtake large ones.
  Bytes take_output(Instant now, size_t size_max = SIZE_MAX);
  /// The next event, nothing if there is none.
  std::optional<ClientEvent> next_event();
  /// When handle_expiry wants to be called; kNever if nothing is waited for.
  Instant next_deadline() const;
  /// Does what is due: handshake timeout, keepalives, a dead peer.
  void handle_expiry(Instant now);

  /// True between ClientEstablished and Closed.
  bool established() const;
  /// Requests that have no answer yet.
  size_t requests_in_flight() const;
  /// The keepalive interval this pipe has proved to hold (it doubles with each answered keepalive): worth remembering
  /// per network, as the next session's keepalive_first.
  Duration keepalive_interval() const;

 private:
  class State;
  explicit ClientSession(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace godwit::session
