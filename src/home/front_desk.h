#pragma once
// The sessions of fronts, at the home that has the store: to its core they are sessions like its own. Pure.
//
// Sessions::push answers at once, so the desk keeps an account of what each session was sent and its client, as the front says, has not
// taken; more than a session of this home may owe is not sent to it either. Bounds: kFrontsMax links, of each as many sessions as a home has
// pipes, and for all together as many bytes as wait for this home's own clients (limits.output_bytes_max).

#include <deque>
#include <map>
#include <string>

#include "base/random.h"
#include "home/core.h"
#include "home/front_link.h"
#include "home/front_messages.h"

namespace godwit::home {

/// Links at once; one more front is not answered.
inline constexpr size_t kFrontsMax = 32;
/// Links at once that were answered and not yet used; the oldest gives way. A Hello that is sent again by somebody makes one.
inline constexpr size_t kFrontsUnconfirmedMax = 8;
/// Hellos that are answered in a second: each costs about as much as a handshake.
inline constexpr uint32_t kFrontWelcomesPerSecond = 64;
/// Sessions of fronts have numbers from here on; pipes count from 1, and what is inside sealed requests from 2^63.
inline constexpr uint64_t kFirstFrontSession = uint64_t{1} << 62;

/// All links of a home that has its store.
class FrontDesk {
 public:
  /// All references must outlive it; `core` is not called from inside.
  FrontDesk(const Keys& keys, const Limits& limits, Random& random, SessionCore& core);

  /// True for a session of a front.
  static bool is_of_front(SessionId session) { return session.value >= kFirstFrontSession && session.value >> 63 == 0; }

  /// From now on Hellos are answered. `name`: what the operator calls this home.
  void open(std::string name);
  /// The time of the next calls; sets no deadline.
  void at(Instant now);
  /// A packet came, whatever it is.
  void packet(ByteView packet);
  /// The next packet to send; nothing: there is none.
  std::optional<SendFrontPacket> next_output();
  /// When handle_expiry wants to be called.
  Instant next_deadline() const { return links_.empty() ? kNever : tick_at_; }
  /// Does what is due: once a second, what keeps links.
  void handle_expiry();
  /// Takes no front and no request any more.
  void drain();
  /// Ends all links in order; what is answered later goes nowhere.
  void end();

  // ---- what the core asks, as of Sessions
  /// Answers a request.
  void reply(SessionId session, session::StreamId stream, Bytes bytes);
  /// False: it owes too much.
  bool push(SessionId session, Bytes items, size_t waiting_max);
  /// The same of what can be asked for as well.
  Sessions::Spare push_spare(SessionId session, const Bytes& entries, size_t waiting_max);
  /// False: it is too late for that, as far as this home knows; the front closes a session for which it is.
  bool bind(SessionId session, Bytes binding);
  /// `code`: one of those that front_refusal() knows.
  void refuse(SessionId session, session::StreamId stream, ErrorCode code, Duration retry_after = {});
  /// `comes_back`: with kGoingDown, so that its client does.
  void close(SessionId session, bool comes_back = false);
  /// Answers take_ticket().
  void provide_ticket(SessionId session, std::optional<session::TicketRecord> record);

  // ---- how it is
  /// Where this home is sent packets.
  const FrontInboxId& inbox() const { return inbox_; }
  /// Fronts that are linked.
  size_t fronts() const;
  /// Their sessions.
  size_t sessions() const { return sessions_.size(); }
  /// Bytes that wait for clients of fronts, as far as this home knows.
  size_t output_waiting() const { return output_waiting_; }

 private:
  struct Link {
    FrontLink link;
    FrontInboxId front;
    std::map<FrontSessionId, SessionId> sessions;
  };
  struct Session {
    FrontLinkId link;
    FrontSessionId number;
    size_t waiting = 0;       // of output_waiting_, this session's
    uint32_t in_flight = 0;   // requests
    bool opened = false;      // the core knows it
    bool fixed = false;       // it can be bound no more: resumed, or its first request was answered
    bool wants_push = false;  // it refused one
    bool closed = false;      // the front was told; until it says so, too
  };
  using Links = std::map<FrontLinkId, Link>;

  void greet(ByteView packet);
  void drop(Links::iterator link);
  Session* find(SessionId session);
  SessionId session_of(Link& link, FrontSessionId number, bool makes);
  void send(const Session& session, const FrontMessage& message);
  void answered(Session& session);
  void add_waiting(Session& session, size_t size);
  bool make_room(size_t size);
  void forget(SessionId id);

  // False: the front says what none says, and its link ends.
  bool take_message(Link& link, FrontMessage message);
  bool take(Link& link, const FrontOpened& opened);
  bool take(Link& link, const FrontRequest& request);
  bool take(Link& link, const FrontClosed& closed);
  bool take(Link& link, const FrontTicketWanted& wanted);
  bool take(Link& link, FrontTicketIssued issued);
  bool take(Link& link, const FrontTaken& taken);

  const FrontClusterKey key_;
  const Limits& limits_;
  Random& random_;
  SessionCore& core_;
  FrontInboxId inbox_;
  std::string name_;
  bool open_ = false;
  bool draining_ = false;
  Instant now_;
  Instant tick_at_ = kNever;
  Links links_;
  std::deque<FrontLinkId> unconfirmed_;  // oldest first; may be confirmed or gone since
  std::map<SessionId, Session> sessions_;
  uint64_t next_session_ = kFirstFrontSession;
  size_t output_waiting_ = 0;
  std::deque<SendFrontPacket> packets_;  // of no link, or the last of one
  uint32_t welcomes_ = 0;                // of this second
  Instant welcomes_since_;
};

}  // namespace godwit::home
