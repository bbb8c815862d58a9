#pragma once
// The policy of routes to one home: what to dial next, when, and what an outcome means. Pure: it is fed times and outcomes,
// holds no timer and opens nothing. Every number comes from what networks were measured to do (docs/protocol/routes.md,
// "Policy").
//
// Who uses it are racers: the links of an engine, each of which wants one session with the home. A racer asks next_dial()
// until it gets nothing, dials what it got, and tells what came of it; next_dial_at() is when to ask again.
//
//  - Hosts are raced, never looks of one host. The best host is dialled first, the next when no session stands after
//    kRaceStep, at most kRaceMax at once; the first session wins and its racer ends the others (End::kByUs).
//  - While nothing is known to work, one racer of a home races and the others wait for what it finds.
//  - A host whose connections fall silent after so many bytes or packets is curtained: for a while only small exchanges are
//    made with it, each on a fresh connection, and every other host is raced meanwhile.
//  - While a session stands on anything but the first choice, better routes are tried now and then by one dial.

#include <map>
#include <optional>
#include <vector>

#include "base/random.h"
#include "base/strong_id.h"
#include "routes/known_route.h"
#include "routes/memory.h"
#include "routes/pace.h"
#include "routes/tally.h"

namespace godwit::routes {

/// 8 of an invite, 8 of the user, 8 of a bulletin; more are ignored.
constexpr size_t kKnownRoutesMax = 24;
/// Hosts of one race: three ways at once are enough to find one, and few enough not to show them all to a watcher.
constexpr size_t kRaceMax = 3;
/// The next host of a race starts so long after the one before.
constexpr Duration kRaceStep = seconds(2);
/// A TLS hello of another family goes to the same host only so long after the last one: sooner, boxes block the host.
constexpr Duration kHelloFamilyPause = seconds(120);
/// After so many failures in a row the look of the hello may be the reason even where TLS never came about.
constexpr uint32_t kHelloFailuresMax = 8;
/// What worked on this network is believed for so long.
constexpr Duration kBelieved = days(1);
/// A look that failed is tried like a new one after this long.
constexpr Duration kLookForgiven = hours(1);
/// Better routes are tried again this long after a session came to stand on another one; doubling up to the second. Each
/// time a quarter more or less, at random.
constexpr Duration kProbeFirst = minutes(1);
constexpr Duration kProbeLast = minutes(10);
/// How long a host is taken for curtained, doubling with each time in a row: boxes fail open, and a tunnel of a railway
/// looks like a curtain as well.
constexpr Duration kCurtainFirst = minutes(5);
constexpr Duration kCurtainLast = hours(1);
/// A session that is cut so soon after it stood proves little, and the third in a row is a failure of its way.
constexpr Duration kYoung = seconds(10);
constexpr uint32_t kYoungLossesMax = 3;
/// After so many answers in a row that were not the home's, pauses grow as after any other failure.
constexpr uint32_t kGarblesQuick = 5;
/// Two fresh connections that fell silent early within this time are a curtain, whatever they carried.
constexpr Duration kCurtainPair = minutes(10);

/// A network that has shown a curtain is thought to spoil what it recognises for the last of these; one on which a call was spoilt for the first, doubling
/// with each time in a row, since a line that is bad, or that somebody leaves, looks like that as well.
constexpr Duration kHinderedFirst = hours(1);
constexpr Duration kHinderedLast = days(7);

/// Names one who wants a session.
using RacerId = StrongNumber<struct RacerIdTag, uint64_t>;
/// Names one dial and what came of it; never used again.
using AttemptId = StrongNumber<struct AttemptIdTag, uint64_t>;

/// What a racer wants at a moment.
struct Wants {
  bool session = false;   ///< A connection that stays.
  bool exchange = false;  ///< It has something that a small exchange can do, for hosts that allow no more.
  bool probes = false;    ///< It may look for a better way while it has a session.
};

/// One dial to make.
struct Dial {
  AttemptId attempt;
  Route route;  ///< With its look.
  LookKind look = LookKind::kAsGiven;
  bool small = false;                   ///< One exchange within tally.h's budget, then close.
  bool probe = false;                   ///< For a better way than the one that stands.
  HelloKind hello = HelloKind::kPlain;  ///< Of our own carriers' TLS.
  Instant open_by;                      ///< End it with kTimeout if it has not opened by then.
};

/// How a route is used, for the one line that people see.
struct WayShown {
  Carrier carrier = Carrier::kWss;
  LookKind look = LookKind::kAsGiven;
  bool small = false;
  std::string uri;  ///< of the route as it was given
};

/// What the policies of all homes share. It outlives them.
struct RouteWorld {
  /// `source` outlives this.
  explicit RouteWorld(Random& source) : random(source) {}

  Random& random;
  DialPacer pacer;
  RouteMemory memory;
  NetworkId network;
  /// Who dials for us cannot show another name than the host's, nor another hello: a page in a browser.
  bool given_look_only = false;

  /// Under which name a host is paced and remembered: the name whose last good address it is, or itself.
  std::string host_key(const std::string& host) const { return memory.name_at(host).value_or(host); }

  // Inside routes/ only.
  struct Hello {
    bool ours = false;
    HelloKind kind{};
    Instant at{};
    uint32_t failures = 0;  ///< In a row, under this look.
    bool suspect = false;   ///< TLS came about under it, and nothing after.
    Instant fell_silent{};  ///< When a session under it last died of silence.
  };
  std::map<std::string, Hello> hellos;       ///< The last one sent to each host; at most kPacedHostsMax.
  std::map<std::string, std::string> names;  ///< What kOtherName shows to each host; at most kHostsRememberedMax.
  uint64_t last_attempt = 0;
  uint64_t last_paced = 0;
};

/// A call that went by what a censor recognises was spoilt on this network.
void note_spoilt_call(RouteWorld& world, Instant now);

/// See above.
class HomePolicy {
 public:
  /// `world` outlives it. Routes beyond kKnownRoutesMax are ignored.
  HomePolicy(RouteWorld& world, std::vector<KnownRoute> routes);

  /// These are the routes from now on. Attempts under way go on.
  void set_routes(std::vector<KnownRoute> routes);
  /// As they were given, in the order of preference among equals.
  const std::vector<KnownRoute>& routes() const { return routes_; }

  /// What `racer` shall dial now, if anything. The dial has then begun: tell what comes of it.
  std::optional<Dial> next_dial(RacerId racer, const Wants& wants, Instant now);
  /// When to ask again; kNever: when something else happens first (an attempt of anybody ends).
  Instant next_dial_at(RacerId racer, const Wants& wants, Instant now) const;

  /// TLS stands, whatever comes of it. Unknown attempts are ignored, here and below.
  void on_secured(AttemptId attempt);
  /// The pipe is open.
  void on_opened(AttemptId attempt, Instant now);
  /// The session stands: the home is who it should be.
  void on_established(AttemptId attempt, Instant now);
  /// How much it has carried. Enough of it takes the mark of a curtain away.
  void on_carried(AttemptId attempt, const Tally& carried);
  /// A small exchange has done what it was for.
  void on_exchanged(AttemptId attempt);
  /// It is over. `carried` decides whether a silence was a curtain.
  void on_ended(AttemptId attempt, End end, const Tally& carried, Instant now);
  /// Nobody wants anything for `racer` any more. Its attempts must have ended.
  void forget(RacerId racer) { racers_.erase(racer); }
  /// Another network, or awake again: pauses are over, and races begin anew.
  void on_network_changed();

  /// True if the only hosts that can be hoped for are curtained: sessions will not last.
  bool is_small(Instant now) const;
  /// True if nothing on this network speaks for a censor: the first choice of routes stands, straight to the home and under its own
  /// name, and nothing was hindered there of late (NetworkMemory). What a censor recognises may be risked then, and only then.
  bool is_clear(Instant now) const;
  /// How an attempt is dialled; nothing if it is unknown.
  std::optional<WayShown> shown(AttemptId attempt) const;
  /// The way that would be tried first now; nothing without a route that this version understands.
  std::optional<WayShown> best(Instant now) const;
  /// Attempts under way that have not led to a session, of all racers.
  size_t trying() const;
  /// The attempts under way of all racers; for checks.
  size_t attempts() const { return attempts_.size(); }

 private:
  // One way at one moment: a route with the look that is its turn.
  struct Choice {
    size_t route = 0;
    LookKind look = LookKind::kAsGiven;
    std::string host;
    uint8_t rank = 0;  // 0 works, 1 new, 2 failed
    Instant failed{};
    uint32_t preference = 0;
  };
  struct Attempt {
    RacerId racer;
    std::string host;
    WayKey way;
    Carrier carrier{};
    uint32_t preference = 0;
    bool small = false;
    bool probe = false;
    HelloKind hello{};
    bool secured = false;
    bool opened = false;
    bool established = false;
    bool exchanged = false;
    bool wide = false;
    Instant started{};
    Instant stood{};  // Since when the session stands.
  };
  struct Racer {
    Instant next_host{};  // When the next host of its race may start.
  };
  struct Plan {
    Choice choice;
    Instant at = kNever;
    bool small = false;
    bool probe = false;
  };

  // policy_order.cc
  Choice choose(size_t route, Instant now) const;
  LookKind choose_look(size_t route, Instant now) const;
  const std::vector<Choice>& order(Instant now, bool curtained) const;
  std::vector<Choice> make_order(Instant now, bool curtained) const;
  bool is_curtained(const std::string& host, Instant now) const;
  uint32_t preference(size_t route) const;
  Instant dial_at(const Choice& choice, Instant now) const;
  HelloKind choose_hello(const std::string& host, Instant now) const;
  uint32_t doubt_of(HelloKind kind, const std::string& host, Instant now) const;
  bool may_be_the_hello(const RouteWorld::Hello& hello, const Choice& choice, Instant now) const;
  // policy.cc
  Plan plan(RacerId racer, const Wants& wants, Instant now) const;
  Plan plan_race(RacerId racer, Instant now) const;
  Plan plan_exchange(RacerId racer, Instant now) const;
  Plan plan_probe(RacerId racer, Instant now) const;
  Dial begin(RacerId racer, const Plan& plan, Instant now);
  Route dressed(const Choice& choice);
  void plan_next_probe(Instant now);
  void note_failure(const Attempt& attempt, End end, Instant now);
  void note_hello(const Attempt& attempt, bool failed, Instant now);
  void note_silence(const Attempt& attempt, const Tally& carried, Instant now);
  bool other_look_failed(const Attempt& attempt, Instant now) const;
  bool is_early_garble(const Attempt& attempt) const;
  bool better_exists(uint32_t preference) const;
  const Attempt* session_of(RacerId racer) const;
  bool somebody_else_races(RacerId racer) const;

  // The orders of one moment: many ask at the same time.
  struct Orders {
    Instant now = kNever;
    uint64_t memory = 0;
    NetworkId network;
    std::optional<std::vector<Choice>> of[2];
  };

  RouteWorld& world_;
  PacedHome paced_;
  mutable Orders orders_;
  std::vector<KnownRoute> routes_;
  std::vector<std::string> uris_;  // of routes_
  std::map<AttemptId, Attempt> attempts_;
  std::map<RacerId, Racer> racers_;
  Instant probe_at_ = kNever;
  Duration probe_pause_ = kProbeFirst;
  bool proven_ = false;  // A session stood, and no way that stood has failed since.
};

}  // namespace godwit::routes
