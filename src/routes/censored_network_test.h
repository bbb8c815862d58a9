#pragma once
// A pure model of a censored network for tests of the policy: it says what becomes of a dial, with the modes of the censor lab
// reduced to what a policy can notice. It also watches: two dials to a host at once, dials too close, hellos that change.

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <set>

#include "crypto/random_sources.h"
#include "routes/policy.h"

namespace godwit::routes::testing {

/// What the censor does; everything off is an open network.
struct Censor {
  std::set<std::string> names_gone;     ///< names that resolve to nothing
  std::set<std::string> names_reset;    ///< shown names: reset after the hello
  std::set<std::string> names_dropped;  ///< shown names: silence after the hello
  std::set<std::string> names_cut;      ///< shown names: TLS comes about, then silence
  std::set<std::string> names_late;  ///< shown names: silence 5 to 8 packets after the hello, before or after a session stands
  std::set<std::string> hosts_dropped;  ///< addresses: nothing comes back
  std::set<std::string> hosts_refused;  ///< addresses: a reset for every SYN
  std::set<std::string> hello_known;    ///< hosts: TLS opens, then nothing
  std::set<HelloKind> hellos_listed;    ///< looks of the hello: TLS comes about, then nothing
  std::set<std::string> curtained;      ///< hosts: silence after `curtain_packets`
  uint64_t curtain_packets = 25;
  bool siberian = true;  ///< over 3 handshakes to one name closer than 400 ms within 60 s: 120 s of silence
};

/// Runs racers over a policy until a time; every wait is virtual.
class CensoredNetwork {
 public:
  CensoredNetwork(uint64_t seed, std::vector<KnownRoute> routes, size_t racers)
      : random_(seed), world_(random_), policy_(world_, std::move(routes)) {
    for (size_t i = 0; i < racers; ++i) racers_.push_back(RacerState{RacerId{i + 1}, {}, {}, {}});
  }

  Censor censor;

  RouteWorld& world() { return world_; }
  HomePolicy& policy() { return policy_; }
  Instant now() const { return now_; }
  uint64_t frozen() const { return frozen_; }
  uint64_t dials() const { return dials_; }
  uint64_t small_exchanges() const { return small_; }
  const std::set<HelloKind>& hellos_shown() const { return hellos_shown_; }
  /// When a racer last had an answer to something it had asked.
  Instant answered(size_t racer) const { return racers_[racer].answered; }
  /// The host of the session that stands; empty: none.
  std::string host_of(size_t racer) const {
    for (const auto& [id, dial] : open_) {
      if (dial.racer == racer && dial.established && !dial.dial.small) return dial.key;
    }
    return {};
  }

  /// Goes on for so long, each racer asking something every `every`.
  void run(Duration time, Duration every = seconds(1)) {
    const Instant end = now_ + time;
    every_ = every;
    while (now_ < end) {
      for (size_t i = 0; i < racers_.size(); ++i) dial(i);
      Instant next = end;
      if (!events_.empty()) next = std::min(next, events_.begin()->first);
      for (size_t i = 0; i < racers_.size(); ++i) {
        next = std::min(next, policy_.next_dial_at(racers_[i].id, wants(i), now_));
        if (!wants(i).exchange) next = std::min(next, racers_[i].answered + every_);
      }
      ASSERT_GT(next + milliseconds(1), now_);
      now_ = std::max(next, now_ + milliseconds(next == now_ ? 1 : 0));
      while (!events_.empty() && events_.begin()->first <= now_) {
        auto what = std::move(events_.begin()->second);
        events_.erase(events_.begin());
        what();
      }
    }
  }
  /// Runs until the racer has had an answer after now, at most so long; how long it took.
  Duration time_to_answer(size_t racer, Duration patience) {
    const Instant start = now_;
    while (now_ < start + patience && racers_[racer].answered <= start) run(milliseconds(50));
    return racers_[racer].answered <= start ? patience : racers_[racer].answered - start;
  }

 private:
  struct RacerState {
    RacerId id;
    Instant asked;
    Instant answered;
    std::set<AttemptId> attempts;
  };
  struct Open {
    size_t racer = 0;
    Dial dial;
    std::string key;
    bool opened = false;
    bool established = false;
    bool silent = false;
    uint64_t packets = 0;
    uint64_t exchanges_left = UINT64_MAX;  // of a name in names_late
    Tally tally;
  };

  Wants wants(size_t racer) const { return {true, now_ >= racers_[racer].answered + every_, racer == 0}; }
  void after(Duration delay, std::function<void()> what) { events_.emplace(now_ + delay, std::move(what)); }
  Duration trip() { return milliseconds(60 + static_cast<int64_t>(random_.below(20))); }

  void dial(size_t racer) {
    while (auto dial = policy_.next_dial(racers_[racer].id, wants(racer), now_)) {
      ++dials_;
      const AttemptId id = dial->attempt;
      const std::string key = world_.host_key(dial->route.host);
      watch_dial(key);
      watch_hello(key, dial->hello);
      Open open;
      open.racer = racer;
      open.dial = *dial;
      open.key = key;
      open_.emplace(id, std::move(open));
      EXPECT_LE(policy_.attempts(), racers_.size() * (kRaceMax + 2));
      after(dial->open_by - now_, [this, id] {
        if (open_.contains(id) && !open_.at(id).opened) end(id, End::kTimeout);
      });
      start(id);
    }
  }

  void watch_dial(const std::string& key) {
    for (const auto& [id, open] : open_) EXPECT_FALSE(open.key == key && !open.opened) << "two dials to " << key;
    const auto last = last_dial_.find(key);
    if (last != last_dial_.end()) {
      EXPECT_GE(now_ - last->second, kDialSpacing) << key;
    }
    last_dial_[key] = now_;
  }

  // No host sees another look before its pause is over.
  void watch_hello(const std::string& key, HelloKind kind) {
    const auto last = last_hello_.find(key);
    if (last != last_hello_.end() && last->second.first != kind) {
      EXPECT_GE(now_ - last->second.second, kHelloFamilyPause) << key << ": another hello too soon";
    }
    last_hello_[key] = {kind, now_};
    hellos_shown_.insert(kind);
  }

  void start(AttemptId id) {
    const Route route = open_.at(id).dial.route;
    const std::string key = open_.at(id).key;
    if (!is_address(route.host) && censor.names_gone.contains(route.host)) {
      return after(milliseconds(30), [this, id] { end(id, End::kDns); });
    }
    if (censor.hosts_dropped.contains(key)) return;
    if (censor.hosts_refused.contains(key)) return after(trip(), [this, id] { end(id, End::kRefused); });
    const std::string name = shown_name(route).value_or("");
    after(trip(), [this, id, name, key] {  // the hello leaves
      if (!open_.contains(id)) return;
      if (censor.names_late.contains(name)) open_.at(id).exchanges_left = random_.below(2);
      if (is_frozen(key, name)) return;
      if (censor.names_reset.contains(name)) return after(milliseconds(20), [this, id] { end(id, End::kReset); });
      if (censor.names_dropped.contains(name)) return;
      after(trip(), [this, id] {
        if (!open_.contains(id)) return;
        policy_.on_secured(id);
        const std::string seen = shown_name(open_.at(id).dial.route).value_or("");
        if (!censor.hellos_listed.contains(open_.at(id).dial.hello) && !censor.names_cut.contains(seen)) opened(id);
      });
    });
  }

  // The rule of censor-modes.md, mode 9.
  bool is_frozen(const std::string& key, const std::string& name) {
    auto& hellos = hellos_[{key, name}];
    while (!hellos.empty() && now_ - hellos.front() > seconds(60)) hellos.pop_front();
    size_t close = 0;
    hellos.push_back(now_);
    for (size_t i = 1; i < hellos.size(); ++i) close += hellos[i] - hellos[i - 1] < milliseconds(400) ? 1U : 0U;
    if (censor.siberian && close + 1 > 3) {
      ++frozen_;
      frozen_until_[{key, name}] = now_ + seconds(120);
    }
    return now_ < frozen_until_[{key, name}];
  }

  void opened(AttemptId id) {
    const auto found = open_.find(id);
    if (found == open_.end()) return;
    found->second.opened = true;
    if (!is_address(found->second.dial.route.host)) {
      world_.memory.address_worked(found->second.dial.route.host,
                                   "192.0.2." + std::to_string(found->second.key.size()));
    }
    policy_.on_opened(id, now_);
    if (censor.hello_known.contains(found->second.key)) found->second.silent = true;
    found->second.packets = 10;
    exchange(id, 1700, 1600, [this, id] { established(id); });
  }

  void established(AttemptId id) {
    Open& open = open_.at(id);
    open.established = true;
    policy_.on_established(id, now_);
    if (!open.dial.small) {
      std::vector<AttemptId> losers;
      for (const auto& [other, one] : open_) {
        if (other != id && one.racer == open.racer && !one.dial.small) losers.push_back(other);
      }
      for (const AttemptId loser : losers) end(loser, End::kByUs);
    }
    ask(id);
  }

  void ask(AttemptId id) {
    const auto found = open_.find(id);
    if (found == open_.end()) return;
    racers_[found->second.racer].asked = now_;
    exchange(id, 1100, 300, [this, id] {
      Open& open = open_.at(id);
      racers_[open.racer].answered = now_;
      policy_.on_carried(id, open.tally);
      if (open.dial.small) {
        ++small_;
        policy_.on_exchanged(id);
        return end(id, End::kByUs);
      }
      after(every_, [this, id] { ask(id); });
    });
  }

  // Bytes up and down, if the censor lets the packets pass; else silence, found after 6.5 s.
  void exchange(AttemptId id, size_t up, size_t down, std::function<void()> done) {
    Open& open = open_.at(id);
    open.tally.sent(up);
    open.packets += 2 + up / 1400 + down / 1400 + 1;
    const bool swallowed = censor.hosts_dropped.contains(open.key) || censor.hello_known.contains(open.key) ||
                           censor.hellos_listed.contains(open.dial.hello) ||
                           (censor.curtained.contains(open.key) && open.packets > censor.curtain_packets);
    if (open.silent || swallowed || open.exchanges_left-- == 0) {
      open.silent = true;
      return after(StallTimes{}.dead_after, [this, id] {
        if (open_.contains(id)) end(id, End::kSilent);
      });
    }
    after(trip(), [this, id, down, done = std::move(done)] {
      const auto found = open_.find(id);
      if (found == open_.end()) return;
      found->second.tally.received(down);
      done();
    });
  }

  void end(AttemptId id, End why) {
    const auto node = open_.extract(id);
    if (node.empty()) return;
    policy_.on_ended(id, why, node.mapped().tally, now_);
  }

  crypto::SeededRandom random_;
  RouteWorld world_;
  HomePolicy policy_;
  Instant now_{1'790'000'000'000};
  Duration every_ = seconds(1);
  std::multimap<Instant, std::function<void()>> events_;
  std::vector<RacerState> racers_;
  std::map<AttemptId, Open> open_;
  std::map<std::string, Instant> last_dial_;
  std::map<std::string, std::pair<HelloKind, Instant>> last_hello_;
  std::set<HelloKind> hellos_shown_;
  std::map<std::pair<std::string, std::string>, std::deque<Instant>> hellos_;
  std::map<std::pair<std::string, std::string>, Instant> frozen_until_;
  uint64_t frozen_ = 0;
  uint64_t dials_ = 0;
  uint64_t small_ = 0;
};

}  // namespace godwit::routes::testing
