#pragma once
// Pipes, each with its session, above a core: the half of a home that costs handshakes and encryption. Pure. A home that has a store
// puts its own Core below (home.h), a front the core of another home (front.h).

#include <map>
#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "base/random.h"
#include "home/keys.h"
#include "home/options.h"
#include "home/pipe_outputs.h"
#include "home/session_core.h"
#include "session/handshake_gate.h"
#include "session/home_session.h"

namespace godwit::home {

/// When a client should come back to a home that is going down.
inline constexpr Duration kComeBackAfter = seconds(5);
/// When to ask again if there was no room for an answer.
inline constexpr Duration kOutputRetry = seconds(1);
/// A session for which no more than this waits is not cut off to make room.
inline constexpr size_t kOutputShare = 64 * 1024;
/// A session that refused a push gets the next one when no more than this waits.
inline constexpr size_t kPushAgainBelow = 64 * 1024;

/// The pipes. Sessions have the numbers of their pipes.
class Pipes {
 public:
  /// What the host does next.
  using Output = std::variant<SendBytes, ClosePipe>;

  /// All references must outlive it; `core` is not called from inside.
  Pipes(const Keys& keys, const Limits& limits, Random& random, SessionCore& core);

  /// Before every call from outside.
  void at(Instant now) { now_ = now; }
  /// At the end of every call from outside: reads what the sessions have to tell.
  void settle();

  // ---- the host's calls, as of Home
  /// A new one; `source`: as of Home.
  void opened(PipeId pipe, session::Form form, Bytes source);
  /// What came on it, however it was cut.
  void bytes(PipeId pipe, ByteView bytes);
  /// It is gone.
  void closed(PipeId pipe);
  /// No more SendBytes for it until drained().
  void full(PipeId pipe);
  /// There is room again.
  void drained(PipeId pipe);
  /// Does what is due.
  void handle_expiry();
  /// When handle_expiry() wants to be called.
  Instant next_deadline() const;
  /// The next thing to do; nothing: there is none.
  std::optional<Output> next_output();

  // ---- ending
  /// While `draining`: nobody is taken in, nothing more is asked, and each session ends once its requests are answered.
  void drain(bool draining);
  /// Ends every session with kGoingDown; whose handshake is not over is cut off.
  void end_all();
  /// True if no request of any session waits for its answer.
  bool answered_all() const { return in_flight_ == 0; }

  // ---- what a core asks, as of Sessions
  /// Answers a request.
  void reply(SessionId session, session::StreamId stream, Bytes bytes);
  /// False: nothing was taken.
  bool push(SessionId session, Bytes items, size_t waiting_max);
  /// The same of what can be asked for as well.
  Sessions::Spare push_spare(SessionId session, const Bytes& entries, size_t waiting_max);
  /// False: too late for that.
  bool bind(SessionId session, Bytes binding);
  /// Refuses a request below the level of wire/.
  void refuse(SessionId session, session::StreamId stream, ErrorCode code, Duration retry_after = {});
  /// Ends the session after what was handed over.
  void close(SessionId session, ErrorCode code = session::kGoodbye, Duration retry_after = {});
  /// Answers take_ticket().
  void provide_ticket(SessionId session, std::optional<session::TicketRecord> record);

  // ---- how it is
  /// How many there are.
  size_t size() const { return lines_.size(); }
  /// Bytes that wait for the client of a session; 0 for unknown ones.
  size_t waiting_of(SessionId session) const;
  /// Bytes that wait for all clients: at most limits.output_bytes_max.
  size_t output_waiting() const { return output_waiting_; }
  /// Of the limit of handshakes.
  size_t sources_remembered() const { return gate_.sources_remembered(); }

 private:
  struct Line {
    session::HomeSession session;
    Bytes source;
    uint32_t in_flight = 0;
    size_t waiting = 0;       // of output_waiting_, this session's
    bool wants_push = false;  // it refused one
    bool full = false;        // the host takes no bytes for now
    bool established = false;
    bool closed = false;  // the session is over: its last bytes go, then the pipe is closed
    Instant deadline = kNever;
  };
  Line* find(SessionId session);
  void touch(PipeId pipe) { touched_.insert(pipe); }
  void take_events(PipeId pipe, Line& line);
  void take_event(PipeId pipe, Line& line, session::HomeEvent event);
  void take_request(PipeId pipe, Line& line, const session::Request& request);
  void answered(Line& line);
  void note_deadline(PipeId pipe, Line& line);
  void watch_load();
  void count_output(Line& line);
  bool make_room(size_t size);

  const Keys& keys_;
  const Limits& limits_;
  Random& random_;
  SessionCore& core_;
  session::HandshakeGate gate_;
  Instant now_;
  bool draining_ = false;
  std::map<PipeId, Line> lines_;
  std::map<Bytes, uint32_t> pipes_of_;              // by source, where that is real
  size_t output_waiting_ = 0;                       // of all sessions
  size_t in_flight_ = 0;                            // requests of all sessions
  std::set<PipeId> touched_;                        // their events are to be read
  std::set<PipeId> talking_;                        // they may have bytes to send
  std::set<std::pair<Instant, PipeId>> deadlines_;  // of the sessions
  std::vector<PipeId> turned_away_;
  uint64_t opened_this_second_ = 0;
  Instant second_began_;
};

}  // namespace godwit::home
