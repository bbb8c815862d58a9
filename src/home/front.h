#pragma once
// A front: a home that does not have the store, and serves all the same. Pipes end here, with their handshakes, sessions and encryption;
// what they ask goes to the home that has the store, over a link (front_link.h), and its answers and pushes come back. Pure; the host's
// loop is as of Home (home.h).
//
// While no link stands there is nothing to serve with, so pipes are for a host that listens between FrontLinked and FrontLost only.
// With a link all of its sessions end; clients come again by themselves, to whichever home accepts. What was asked and not answered
// then may have been done, as with any connection that is lost.

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "base/random.h"
#include "home/front_link.h"
#include "home/pipes.h"

namespace godwit::home {

/// A link stands: pipes may be opened.
struct FrontLinked {
  std::string home;  ///< what its operator calls it; of another machine, so to be shown with care
};
/// It stands no more, or its home is about to end: no new pipes. Those that are there are closed by ClosePipe.
struct FrontLost {};
/// What a front wants done.
using FrontOutput = std::variant<SendBytes, ClosePipe, SendFrontPacket, FrontLinked, FrontLost>;

/// One front.
class Front {
 public:
  /// Requests that wait for room in the link, in bytes; above, clients are told to ask again.
  static constexpr size_t kWaitingMax = size_t{32} << 20;
  /// What a client has taken is told at once from so many bytes on, and else once a second.
  static constexpr size_t kTookStep = 16 * 1024;

  /// `random` must outlive it. `name`: what the operator calls this home.
  Front(Keys keys, const Limits& limits, Random& random, std::string name);
  ~Front();
  Front(const Front&) = delete;
  Front& operator=(const Front&) = delete;

  /// Looks for the home that has the store, from now on and again whenever a link is lost.
  void start(Instant now);
  /// A packet came, whatever it is.
  void packet(ByteView packet, Instant now);
  /// As of Home.
  void pipe_opened(PipeId pipe, session::Form form, Bytes source, Instant now);
  /// As of Home.
  void pipe_bytes(PipeId pipe, ByteView bytes, Instant now);
  /// As of Home.
  void pipe_closed(PipeId pipe, Instant now);
  /// As of Home.
  void pipe_full(PipeId pipe);
  /// As of Home.
  void pipe_drained(PipeId pipe, Instant now);
  /// The next thing to do, nothing if there is none.
  std::optional<FrontOutput> next_output();
  /// When handle_expiry wants to be called.
  Instant next_deadline() const;
  /// Does what is due.
  void handle_expiry(Instant now);
  /// Takes nobody in any more, and ends each session once its requests are answered, so that a program can end: see idle().
  void drain(Instant now);
  /// True if no request waits for its answer.
  bool idle() const;
  /// The last packets of the link, in which it ends in order; then next_output() has them.
  void end(Instant now);

  // ---- how it is
  /// Where this home is sent packets.
  const FrontInboxId& inbox() const;
  /// The name of the home that it is a front of; nothing: of none.
  std::optional<std::string> home() const;
  /// True if a home was heard of that speaks another version of links, and no link stands.
  bool hears_other_version() const;
  /// Bytes that wait for all clients.
  size_t output_waiting() const;
  /// Pipes, in whatever state.
  size_t pipes() const;
  /// What happened so far; what the core counts is not here.
  const Counters& counters() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace godwit::home
