#pragma once
// When the direct route dials again, and when it is dead. Pure: fed with times and outcomes, gives the next deadline.
// Measured facts behind the numbers: architecture, "Routes" (silence kills, not reset; hosts that are dialled twice at
// once or too quickly get curtained).

#include <map>
#include <string>

#include "base/random.h"
#include "base/time.h"
#include "routes/route.h"

namespace godwit::routes {

/// Two dials to one host are at least this far apart: quicker ones are what curtains react to.
inline constexpr Duration kDialSpacing = milliseconds(400);
/// The longest pause between dials to a host that does not answer.
inline constexpr Duration kDialPauseMax = seconds(60);
/// Hosts remembered; beyond it the one dialled longest ago is forgotten.
inline constexpr size_t kPacedHostsMax = 256;

/// How a dial ended.
enum class DialOutcome : uint8_t {
  kOpened,  ///< The pipe is there. That alone proves nothing: boxes let handshakes pass and kill what follows.
  kFailed,  ///< No pipe.
};

/// Homes that one host is paced for; those beyond it share one pause.
inline constexpr size_t kPacedHomesMax = 64;

/// A home that is dialled, by a number of this run, from 1. Several may be at one host: behind one front, or on two ports.
struct PacedHome {
  uint64_t value = 0;
  friend auto operator<=>(const PacedHome&, const PacedHome&) = default;
};

/// Spaces the dials to each host: never two at once, never two within kDialSpacing, and for each home there exponential pauses
/// with jitter after its failures. A home that is gone holds up no other one at its host. It holds no timer; the caller dials
/// when next_dial() has come.
class DialPacer {
 public:
  /// The earliest time for a dial to `home` at `host`: Instant{} if the host was not dialled yet, kNever while a dial to it is
  /// under way.
  Instant next_dial(const std::string& host, PacedHome home) const;
  /// A dial to `host` begins, for a home with next_dial(host, home) <= now.
  void on_dial(const std::string& host, Instant now);
  /// The dial under way has ended; does nothing if there is none. The next is kDialSpacing away at least, counted from
  /// here, since the hello left later than the dial began. After kFailed also a pause, as for on_failed.
  void on_outcome(const std::string& host, PacedHome home, DialOutcome outcome, Instant now, Random& random);
  /// A pipe that had opened led to nothing. After the n-th failure in a row the pause is drawn between half and all of
  /// kDialSpacing * 2^n, at most kDialPauseMax and at least kDialSpacing. Unknown hosts are ignored.
  void on_failed(const std::string& host, PacedHome home, Instant now, Random& random);
  /// A session stood on a pipe to this home: the pauses start anew from the shortest.
  void on_useful(const std::string& host, PacedHome home);
  /// A pipe that had opened has ended: the next dial is kDialSpacing to twice that away, plus what is left of a pause.
  void on_pipe_closed(const std::string& host, Instant now, Random& random);
  /// The network has changed (another Wi-Fi, awake again): pauses are forgotten, the spacing is not.
  void on_network_changed();

 private:
  struct Pause {
    uint32_t failures = 0;
    Instant until{};
  };
  struct Host {
    bool dialling = false;
    Instant dialled{};       ///< When the last dial began.
    Instant spaced_until{};  ///< When the next may begin, by spacing alone.
    std::map<PacedHome, Pause> pauses;
  };
  void forget_oldest();
  std::map<std::string, Host> hosts_;
};

/// When silence is probed, and when it is death.
struct StallTimes {
  /// With data outstanding and no byte from the peer for this long: send something that the peer must answer.
  Duration probe_after = milliseconds(2500);
  /// With data outstanding and no byte from the peer for this long: the route is dead. Between 5 and 8 s.
  Duration dead_after = milliseconds(6500);
};

/// When silence is death on this carrier: those that go round half the world through volunteers are slower.
StallTimes stall_times_of(Carrier carrier);

/// Tells a dead route from a quiet one. Data is outstanding while the owner waits for an answer, or while bytes we sent
/// were not followed by any from the peer. Progress is any byte from the peer.
class StallWatch {
 public:
  explicit StallWatch(StallTimes times = {}) : times_(times) {}

  /// What to do when deadline() has come.
  enum class Verdict : uint8_t {
    kAlive,  ///< Nothing; ask for the next deadline.
    kProbe,  ///< Send a ping (and tell on_sent); it is asked for once per silence.
    kDead,   ///< Close the route and dial anew.
  };

  /// Bytes were given to the route.
  void on_sent(Instant now);
  /// Any bytes came from the peer.
  void on_received(Instant now);
  /// The owner begins or ceases to wait for an answer.
  void on_awaiting(bool awaiting, Instant now);
  /// When to call on_expiry(); kNever when nothing is outstanding.
  Instant deadline() const;
  /// At or after deadline(); earlier calls are harmless.
  Verdict on_expiry(Instant now);

 private:
  bool is_outstanding() const { return unanswered_ || awaiting_; }

  StallTimes times_;
  bool unanswered_ = false;  ///< Bytes were sent after the last byte came.
  bool awaiting_ = false;
  bool probed_ = false;
  Instant silent_since_{};  ///< Since when data is outstanding without progress.
};

}  // namespace godwit::routes
