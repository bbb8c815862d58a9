#pragma once
// One session at a time with one home, for one purpose: this device's mailbox, or what one chat does there anonymously.
//
// The policy of the home's routes (routes/policy.h) says what to dial. Several candidates may be under way, each a pipe with
// a session of its own; the first session that stands carries on, the others are closed. Where connections do not last, the
// link makes small exchanges instead: one bucket on a fresh connection, then close; what is larger goes and comes in parts.
//
// Requests are kept until they are answered: a lost pipe means another dial, a resumption by ticket with the idempotent ones
// in its first flight, and the same bytes again. Every request of wire/ may be repeated, so a caller gets one answer,
// sooner or later. Nothing here survives a restart but the tickets; callers ask again for what they need.

#include <deque>
#include <functional>
#include <map>
#include <memory>

#include "engine/counters.h"
#include "engine/full_homes.h"
#include "engine/home_routes.h"
#include "engine/journal.h"
#include "engine/records.h"
#include "engine/request_parts.h"
#include "session/client_session.h"
#include "wire/home_link.h"
#include "wire/answers.h"

namespace godwit::engine {

/// What names a link and its chain of tickets: a chat (zeros: the mailbox; nobody() and uploader() are no chats
/// either) and a home.
struct LinkKey {
  ChatId chat;
  wire::HomeKey home;
  friend auto operator<=>(const LinkKey&, const LinkKey&) = default;
};

/// Numbers a request of one link.
using RequestId = StrongNumber<struct RequestIdTag, uint64_t>;
/// Gets the reply to a request; an Error if it failed below the level of its meaning, for good.
using ReplyHandler = std::function<void(Result<wire::Reply>)>;

/// What all links share. Everything outlives them.
struct LinkWorld {
  Random& random;
  Journal& journal;
  std::deque<Effect>& effects;
  Counters& counters;
  const Instant& now;
  HomeRoutes homes;
  uint64_t last_pipe = 0;
  uint64_t last_racer = 0;
  uint64_t last_exchange = 0;  ///< Numbers small exchanges.
  Instant active_at{};         ///< When something was last asked: mailboxes look more often then.
  std::map<wire::HomeKey, uint32_t> bad_handshakes = {};  ///< In a row, of all links to a home.
  FullHomes full_homes = {};
};

/// How a link is connected, for the one line that people see.
struct LinkState {
  Connection connection = Connection::kOffline;
  std::optional<Error> why;             ///< Of kOffline.
  std::optional<routes::WayShown> way;  ///< In use, or tried first.
  uint32_t trying = 0;                  ///< Of kConnecting: ways that are tried at this moment.
};

/// What a link asks of its owner; any may be empty.
struct LinkHooks {
  /// Called for each session, before its first flight is made or when it stands: requests that belong at its beginning.
  std::function<void()> begin_session;
  /// Makes the link a mailbox's: the request that proves the mailbox to a session that was not resumed.
  std::function<wire::Request(const session::ChannelBinding&)> prove;
  /// The answer to it. Nothing: it is proved, go on. Else give this session up, and dial again after so long.
  std::function<std::optional<Duration>(const wire::Reply&)> proved;
  /// Something that the home sent by itself.
  std::function<void(const wire::Reply&)> push;
  /// How it is connected may have changed.
  std::function<void(const LinkState&)> state;
  /// Whoever answers does not hold the home's key.
  std::function<void()> wrong_home;
};

/// An anonymous session with nothing to do is closed after this long: its ticket brings it back.
constexpr Duration kLinkIdle = seconds(60);
/// After a home spoke nonsense or refused a session the next dial waits this long at least.
constexpr Duration kLinkPenalty = seconds(15);
/// Handshakes in a row that failed on an open pipe: garbled, or whoever is at the other end closed it at once without one
/// byte. A home closes on a handshake made for another key, so this many mean that it is another home, or somebody in
/// between. A pipe that the network cut says nothing about keys. While another candidate is on its way none counts: that
/// one may be the home.
constexpr uint32_t kBadHandshakesMax = 5;
/// Closed at once: later it is the network's silence, which says nothing about keys.
constexpr Duration kMuteCloseMax = seconds(3);

/// What a request or reply of one exchange may have, so that it fills one bucket (session/types.h).
constexpr size_t kSmallRequestMax = session::kFirstFlightRequestMax;
constexpr uint32_t kSmallReplyBytes = 3'500;
/// What may go up beside a request whose answer may fill a bucket.
constexpr size_t kSmallBesideReply = 1'000;
/// A part that is not the last one brings at least so much.
constexpr size_t kPartWorthwhile = 950;
/// Bytes that fit half a bucket, and a quarter, with what stands around them.
constexpr uint32_t kHalfBucketBytes = 1'980;
constexpr uint32_t kQuarterBucketBytes = 960;
/// How long a request in parts waits when an answer brought nothing, or the home has forgotten it (then twice as long each
/// time), and when the home has no room for it.
constexpr Duration kPartPause = seconds(1);
constexpr uint32_t kPartPauseDoublings = 6;
constexpr Duration kPartRefusedPause = seconds(15);
/// Where sessions do not last a mailbox asks for news so long after something happened, and then less and less often. Each
/// time a quarter more or less, at random.
constexpr Duration kPollFirst = seconds(2);
constexpr Duration kPollLast = seconds(30);

/// See above.
class Link {
 public:
  /// A link at rest. It dials when there is something to ask, or always if it is a mailbox's (`hooks.prove`).
  Link(LinkWorld& world, LinkKey key, wire::HomeAddress home, LinkHooks hooks);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  /// Asks something; `done` is called once, from pump() or an event, unless the request is cancelled.
  RequestId submit(const wire::Request& request, ReplyHandler done);
  /// Forgets a request, which may have been done or not. Unknown ones are ignored.
  void cancel(RequestId request);
  /// Forgets all of them.
  void cancel_all();
  /// Tickets as they were stored.
  void restore_tickets(TicketsRecord record);

  /// Dials, sends and closes, as far as there is a reason to. To be called whenever something happened.
  void pump();
  /// Events of a pipe; those of other links' pipes are ignored.
  void pipe_opened(PipeId pipe);
  /// Some bytes came on the pipe.
  void pipe_bytes(PipeId pipe, ByteView bytes);
  /// The TLS of the pipe stands; the pipe itself may not yet.
  void pipe_secured(PipeId pipe);
  /// The pipe is gone, or never came.
  void pipe_closed(PipeId pipe, Error error);
  /// The network is another one, or the device was asleep: everything under way is given up and tried anew.
  void network_changed();
  /// When pump() wants to be called again.
  Instant deadline() const;

  /// How it is connected now.
  LinkState state() const;
  /// The way of the session that stands; nothing where there is none, or small exchanges alone.
  std::optional<HomeWay> way() const;
  /// The route of a pipe of this link; nothing if it is not one.
  std::optional<routes::Route> route_of(PipeId pipe) const;
  /// True where the home is reached in small exchanges only: large requests take many of them.
  bool is_small() const { return !main_ && policy_.is_small(world_.now); }
  /// Where the home is, as it was said when the link was made.
  const wire::HomeAddress& home() const { return home_; }
  /// True while requests are answered over pipes: a session stands, or small exchanges do what they are for.
  bool works() const;
  /// When it last worked; when it was made, if never.
  Instant worked_at() const { return worked_at_; }
  /// A request without an answer, for other ways than a pipe (courier.h).
  struct Waiting {
    RequestId id;
    Bytes bytes;  ///< An encoded wire::Request.
    Instant since;
  };
  /// All of them, in the order in which they were asked.
  std::vector<Waiting> waiting_requests() const;
  /// Since when the oldest of them waits; kNever if there is none.
  Instant waiting_since() const;
  /// A request was answered on another way: its handler is called, unless a pipe was faster, or the reply is none to it.
  void answer(RequestId request, wire::Reply reply);
  /// When it last began a small exchange, as LinkWorld counts them: who has waited longest goes first.
  uint64_t last_exchange() const { return last_exchange_; }
  /// How many requests have no answer yet.
  size_t waiting() const { return requests_.size(); }

 private:
  enum class Phase : uint8_t { kPreparing, kDialling, kOpen };
  enum class Proof : uint8_t { kNotNeeded, kNeeded, kSent };
  struct Request {
    Bytes bytes;
    Bytes small;  ///< As it is asked in small exchanges; empty: never.
    bool begins = false;  ///< What hooks.begin_session asks for: it serves the session that carries it.
    bool idempotent = false;
    bool in_parts = false;              ///< There: it, or its answer, may be larger than a bucket.
    bool much_comes = false;            ///< Its answer may fill one.
    wire::ReplyKinds answers = 0;       ///< What may answer it.
    RoomUse room = RoomUse::kNone;
    std::optional<RequestParts> parts;  ///< Once it has begun.
    ReplyHandler done;
    std::optional<std::pair<PipeId, session::StreamId>> sent;
    Instant not_before{};
    Instant asked_at{};
  };
  // A pipe and its session, from the dial on.
  struct Candidate {
    routes::Dial dial;
    Phase phase = Phase::kPreparing;
    std::optional<session::ClientSession> session;
    routes::StallWatch stall;
    routes::Tally carried;
    Proof proof = Proof::kNotNeeded;
    std::optional<session::StreamId> proof_stream;
    RoomUse proof_room = RoomUse::kNone;
    bool by_ticket = false;
    bool begun = false;     ///< What hooks.begin_session asks for was sent on it.
    bool heard = false;     ///< Any byte came.
    bool flight = false;    ///< Requests went with its first flight.
    bool answered = false;  ///< A request was.
    bool active = false;    ///< More happened than that nothing has come.
    Instant opened_at{};
    Instant idle_since = kNever;

    bool ready() const { return session && session->established() && proof == Proof::kNotNeeded; }
  };

  bool is_mailbox() const { return static_cast<bool>(hooks_.prove); }
  session::SessionKind kind() const {
    return is_mailbox() ? session::SessionKind::kMailbox : session::SessionKind::kAnonymous;
  }
  bool wanted() const { return is_mailbox() || !requests_.empty(); }
  routes::Wants wants() const;
  Candidate* find(PipeId pipe);

  // link_dial.cc: from the policy's word to the open pipe.
  void start();
  void prepare(routes::Dial dial);
  void dial(PipeId pipe, std::optional<session::Ticket> ticket);
  HomeWay way_of(const routes::Dial& dial) const;
  void make_session(PipeId pipe, Candidate& candidate, std::optional<session::Ticket> ticket);
  std::vector<RequestId> first_flight() const;
  std::optional<session::Ticket> take_ticket();
  void store_tickets();
  Bytes tickets_key() const;

  // link.cc: what goes on while it lasts, and its end.
  void serve(PipeId pipe);
  void send_requests(PipeId pipe, Candidate& candidate);
  void flush(PipeId pipe, Candidate& candidate);
  void tell_state(std::optional<Error> why = std::nullopt);
  void drop(PipeId pipe, routes::End end, Error why, bool close);
  void give_up(PipeId pipe, routes::End end, Error why, Duration pause);
  bool is_wrong_home();

  // link_small.cc: exchanges where connections do not last.
  bool has_small_work() const;
  std::vector<RequestId> small_order() const;
  RequestParts& parts_of(Request& request);
  std::vector<std::pair<RequestId, Bytes>> small_flight();
  void send_small(PipeId pipe, Candidate& candidate);
  std::optional<Bytes> small_piece(Request& request, uint64_t& packets_left, bool first);
  void take_part(PipeId pipe, RequestId id, const wire::Reply& reply);
  void finish_exchange(PipeId pipe, Candidate& candidate);
  void plan_poll(bool active);

  // link_events.cc: what a session tells.
  void take_events(PipeId pipe);
  void on_event(PipeId pipe, const session::ClientEstablished& event);
  void on_event(PipeId pipe, session::Reply& event);
  void on_event(PipeId pipe, session::Push& event);
  void on_event(PipeId pipe, const session::StreamError& event);
  void on_event(PipeId pipe, session::TicketGranted& event);
  void on_event(PipeId pipe, const session::TicketRefused& event);
  void on_event(PipeId pipe, const session::Closed& event);
  void answer_proof(PipeId pipe, ByteView bytes);
  void ready(PipeId pipe);
  void answer(RequestId id, Result<wire::Reply> reply);
  std::map<RequestId, Request>::iterator find_request(PipeId pipe, session::StreamId stream);

  LinkWorld& world_;
  const LinkKey key_;
  const wire::HomeAddress home_;
  const LinkHooks hooks_;
  routes::HomePolicy& policy_;
  const routes::RacerId racer_;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< For callbacks that may come too late.

  // What is asked.
  std::map<RequestId, Request> requests_;
  uint64_t last_request_ = 0;
  uint64_t last_exchange_ = 0;

  // What is under way.
  std::map<PipeId, Candidate> candidates_;
  std::optional<PipeId> main_;  ///< The candidate whose session carries on.

  // What outlives it.
  std::deque<session::Ticket> tickets_;
  Instant not_before_{};
  bool small_works_ = false;     ///< The last small exchange did what it was for.
  Instant worked_at_{};
  Instant poll_at_{};
  Duration poll_pause_ = kPollFirst;
  Instant polled_at_{};
};

}  // namespace godwit::engine
