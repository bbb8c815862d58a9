#pragma once
// One session at a time with one home, for one purpose: this device's mailbox, or what one chat does there anonymously.
//
// Requests are kept until they are answered: a lost pipe means another dial (paced), a resumption by ticket with the
// idempotent ones in its first flight, and the same bytes again. Every request of wire/ may be repeated, so a caller gets
// one answer, sooner or later. Nothing here survives a restart but the tickets; callers ask again for what they need.

#include <deque>
#include <functional>
#include <map>

#include "engine/counters.h"
#include "engine/journal.h"
#include "engine/records.h"
#include "routes/pace.h"
#include "session/client_session.h"
#include "wire/home_link.h"
#include "wire/replies.h"

namespace godwit::engine {

/// What names a link and its chain of tickets: a chat (zeros: the mailbox) and a home.
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
  routes::DialPacer pacer;
  uint64_t last_pipe = 0;
};

/// What a link asks of its owner; any may be empty.
struct LinkHooks {
  /// Called before each session is made: requests that are wanted in its first flight.
  std::function<void()> before_dial;
  /// Makes the link a mailbox's: the request that proves the mailbox to a session that was not resumed.
  std::function<wire::Request(const session::ChannelBinding&)> prove;
  /// The answer to it. Nothing: it is proved, go on. Else give this session up, and dial again after so long.
  std::function<std::optional<Duration>(const wire::Reply&)> proved;
  /// Something that the home sent by itself.
  std::function<void(const wire::Reply&)> push;
  /// Offline, connecting or connected; `why` of offline.
  std::function<void(Connection, std::optional<Error> why)> state;
  /// Whoever answers does not hold the home's key.
  std::function<void()> wrong_home;
};

/// An anonymous session with nothing to do is closed after this long: its ticket brings it back.
constexpr Duration kLinkIdle = seconds(60);
/// After a home spoke nonsense or refused a session the next dial waits this long at least.
constexpr Duration kLinkPenalty = seconds(15);
/// Handshakes in a row that failed on an open pipe: garbled, or the pipe was closed at once without one byte. A home closes
/// on a handshake made for another key, so this many mean that it is another home, or somebody in between. One or two happen
/// when a home restarts.
constexpr uint32_t kBadHandshakesMax = 5;
/// Closed at once: later it is the network's silence, which says nothing about keys.
constexpr Duration kMuteCloseMax = seconds(3);

/// See above.
class Link {
 public:
  /// A link at rest. It dials when there is something to ask, or always if it is a mailbox's (`hooks.prove`).
  Link(LinkWorld& world, LinkKey key, wire::HomeAddress home, LinkHooks hooks);

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
  /// Events of the pipe; those of other pipes are ignored.
  void pipe_opened(PipeId pipe);
  /// Some bytes came on the pipe.
  void pipe_bytes(PipeId pipe, ByteView bytes);
  /// The pipe is gone, or never came.
  void pipe_closed(PipeId pipe, Error error);
  /// When pump() wants to be called again.
  Instant deadline() const;

  /// The pipe of the session under way, if there is one.
  std::optional<PipeId> pipe() const { return pipe_; }
  /// How many requests have no answer yet.
  size_t waiting() const { return requests_.size(); }
  /// The route in use, or to be tried next.
  const std::string& route() const { return home_.routes[route_]; }

 private:
  enum class State : uint8_t { kIdle, kPreparing, kDialling, kOpen };
  enum class Proof : uint8_t { kNotNeeded, kNeeded, kSent };
  struct Request {
    Bytes bytes;
    bool idempotent = false;
    ReplyHandler done;
    std::optional<session::StreamId> stream;  ///< On the session under way.
    Instant not_before{};
  };

  bool is_mailbox() const { return static_cast<bool>(hooks_.prove); }
  session::SessionKind kind() const {
    return is_mailbox() ? session::SessionKind::kMailbox : session::SessionKind::kAnonymous;
  }
  bool wanted() const;
  std::optional<routes::Route> next_route();
  void prepare();
  void dial(const routes::Route& route, std::optional<session::Ticket> ticket);
  void make_session(std::optional<session::Ticket> ticket);
  void send_requests();
  void flush();
  void take_events();
  void on_event(const session::ClientEstablished& event);
  void on_event(session::Reply& event);
  void on_event(session::Push& event);
  void on_event(const session::StreamError& event);
  void on_event(session::TicketGranted& event);
  void on_event(const session::TicketRefused& event);
  void on_event(const session::Closed& event);
  void answer_proof(ByteView bytes);
  void give_up(Error why, Duration pause);
  void lost(Error why);
  bool is_wrong_home();
  void store_tickets();
  std::optional<session::Ticket> take_ticket();
  Bytes tickets_key() const;

  LinkWorld& world_;
  const LinkKey key_;
  const wire::HomeAddress home_;
  const LinkHooks hooks_;

  // What is asked.
  std::map<RequestId, Request> requests_;
  uint64_t last_request_ = 0;

  // The session under way.
  State state_ = State::kIdle;
  std::optional<PipeId> pipe_;
  std::optional<session::ClientSession> session_;
  std::string host_;
  session::Form form_ = session::Form::kWebSocket;  // in which the route being dialled carries the session
  routes::StallWatch stall_;
  Proof proof_ = Proof::kNotNeeded;
  std::optional<session::StreamId> proof_stream_;
  bool by_ticket_ = false;
  bool heard_ = false;  ///< Any byte came on this pipe.
  Instant opened_at_{};
  Instant idle_since_ = kNever;

  // What outlives it.
  std::deque<session::Ticket> tickets_;
  size_t route_ = 0;
  Instant not_before_{};
  uint32_t bad_handshakes_ = 0;  ///< In a row.
};

}  // namespace godwit::engine
