#include "routes/policy.h"

#include <algorithm>

#include "base/assert.h"

namespace godwit::routes {
namespace {

// A pluggable transport finds its way in its own time; a TCP and TLS handshake that takes longer than a silence may last
// is dead (pace.h).
Duration open_max(Carrier carrier) {
  switch (carrier) {
    case Carrier::kWss:
    case Carrier::kBridge:
      return StallTimes{}.dead_after;
    case Carrier::kObfs4:
    case Carrier::kWebTunnel:
      return seconds(20);
    case Carrier::kSnowflake:
    case Carrier::kOnion:
      return seconds(60);
  }
  return seconds(20);
}

bool has_tls_hello(Carrier carrier) {
  return carrier == Carrier::kWss || carrier == Carrier::kBridge || carrier == Carrier::kWebTunnel;
}

template <typename Map, typename When>
void bound(Map& map, size_t size_max, const When& when) {
  while (map.size() > size_max) {
    map.erase(std::min_element(map.begin(), map.end(),
                               [&](const auto& a, const auto& b) { return when(a.second) < when(b.second); }));
  }
}

}  // namespace

HomePolicy::HomePolicy(RouteWorld& world, std::vector<KnownRoute> routes) : world_(world), paced_{++world.last_paced} {
  set_routes(std::move(routes));
}

void HomePolicy::set_routes(std::vector<KnownRoute> routes) {
  if (routes.size() > kKnownRoutesMax) routes.resize(kKnownRoutesMax);
  routes_ = std::move(routes);
  uris_.clear();
  orders_ = Orders{};
  for (const KnownRoute& known : routes_) uris_.push_back(to_uri(known.route));
}

// ---- what to dial ---------------------------------------------------------------------------------------------------

const HomePolicy::Attempt* HomePolicy::session_of(RacerId racer) const {
  for (const auto& [id, attempt] : attempts_) {
    if (attempt.racer == racer && attempt.established && !attempt.small) return &attempt;
  }
  return nullptr;
}

bool HomePolicy::somebody_else_races(RacerId racer) const {
  return std::ranges::any_of(attempts_, [&](const auto& entry) {
    const Attempt& attempt = entry.second;
    return attempt.racer != racer && !attempt.established && !attempt.small && !attempt.probe;
  });
}

HomePolicy::Plan HomePolicy::plan_race(RacerId racer, Instant now) const {
  size_t running = 0;
  std::vector<std::string> hosts;
  for (const auto& [id, attempt] : attempts_) {
    if (attempt.racer != racer || attempt.established || attempt.small) continue;
    ++running;
    hosts.push_back(attempt.host);
  }
  if (running >= kRaceMax || (!proven_ && somebody_else_races(racer))) return {};
  const auto state = racers_.find(racer);
  const Instant earliest = state == racers_.end() || running == 0 ? now : std::max(now, state->second.next_host);
  // A worse host is dialled first only if the better one has to wait for longer than a step of the race.
  Plan best;
  Instant best_cost = kNever;
  Duration handicap{};
  for (const Choice& choice : order(now, false)) {
    if (std::ranges::find(hosts, choice.host) != hosts.end()) continue;
    const Instant free_at = dial_at(choice, now);
    const Instant at = free_at == kNever ? kNever : std::max(earliest, free_at);
    const Instant cost = (at == kNever ? earliest + kRaceStep : at) + handicap;
    if (cost < best_cost) {
      best_cost = cost;
      best = Plan{choice, at, false, false};
    }
    handicap = handicap + kRaceStep;
  }
  return best;
}

HomePolicy::Plan HomePolicy::plan_exchange(RacerId racer, Instant now) const {
  const bool busy = std::ranges::any_of(
      attempts_, [&](const auto& entry) { return entry.second.racer == racer && entry.second.small; });
  if (busy) return {};
  Plan best;
  for (const Choice& choice : order(now, true)) {
    const Instant at = dial_at(choice, now);
    if (at < best.at) best = Plan{choice, at, true, false};
  }
  return best;
}

bool HomePolicy::better_exists(uint32_t than) const {
  for (size_t route = 0; route < routes_.size(); ++route) {
    if (preference(route) < than) return true;
  }
  return false;
}

HomePolicy::Plan HomePolicy::plan_probe(RacerId racer, Instant now) const {
  const Attempt* session = session_of(racer);
  const bool probing = std::ranges::any_of(attempts_, [](const auto& entry) { return entry.second.probe; });
  if (session == nullptr || probing || probe_at_ == kNever) return {};
  Plan best;
  if (probe_at_ > now) {  // what it will be then is seen then
    best.at = probe_at_;
    return best;
  }
  Instant best_failed = kNever;
  for (size_t route = 0; route < routes_.size(); ++route) {
    Choice choice = choose(route, now);
    if (choice.preference >= session->preference || choice.host == session->host) continue;
    const Instant free_at = dial_at(choice, now);
    if (free_at == kNever) continue;
    const Instant bare_at = world_.memory.host(world_.network, choice.host).curtained_until;
    if (choice.failed >= best_failed) continue;
    best_failed = choice.failed;
    best = Plan{std::move(choice), std::max({free_at, probe_at_, bare_at}), false, true};
  }
  return best;
}

HomePolicy::Plan HomePolicy::plan(RacerId racer, const Wants& wants, Instant now) const {
  const bool stands = session_of(racer) != nullptr;
  Plan best;
  const auto consider = [&](Plan other) {
    if (other.at < best.at) best = std::move(other);
  };
  if (wants.session && !stands) consider(plan_race(racer, now));
  if (wants.exchange && !stands) consider(plan_exchange(racer, now));
  if (wants.probes && stands) consider(plan_probe(racer, now));
  return best;
}

std::optional<Dial> HomePolicy::next_dial(RacerId racer, const Wants& wants, Instant now) {
  const Plan next = plan(racer, wants, now);
  if (next.at > now) return std::nullopt;
  return begin(racer, next, now);
}

Instant HomePolicy::next_dial_at(RacerId racer, const Wants& wants, Instant now) const {
  const Plan next = plan(racer, wants, now);
  if (next.at != kNever || !(wants.session || wants.exchange)) return next.at;
  // Marks of curtains end by themselves.
  Instant at = kNever;
  for (const KnownRoute& known : routes_) {
    const Instant until = world_.memory.host(world_.network, world_.host_key(known.route.host)).curtained_until;
    if (until > now) at = std::min(at, until);
  }
  return session_of(racer) != nullptr ? kNever : at;
}

Route HomePolicy::dressed(const Choice& choice) {
  const Route& given = routes_[choice.route].route;
  const auto addresses = world_.memory.addresses(given.host);
  std::string name;
  if (choice.look == LookKind::kOtherName) {
    auto& kept = world_.names[choice.host];
    // One host keeps one name, until that fails as well.
    const WayMemory memory = world_.memory.way(world_.network, uris_[choice.route], choice.look);
    if (kept.empty() || memory.failed > memory.succeeded) kept = ordinary_name(world_.random);
    name = kept;
    if (world_.names.size() > kHostsRememberedMax) world_.names.clear();
  }
  const auto address = addresses.empty() ? std::nullopt : std::optional(addresses.front());
  return with_look(given, choice.look, address, name);
}

Dial HomePolicy::begin(RacerId racer, const Plan& plan, Instant now) {
  if (world_.memory.hello_seed() == 0) {
    world_.memory.set_hello_seed(1 + static_cast<uint32_t>(world_.random.below(UINT32_MAX)));
  }
  const Choice& choice = plan.choice;
  const Carrier carrier = routes_[choice.route].route.carrier;
  const AttemptId id{++world_.last_attempt};
  world_.pacer.on_dial(choice.host, now);
  HelloKind kind = HelloKind::kPlain;
  if (has_tls_hello(carrier)) {
    const bool ours = carrier != Carrier::kWebTunnel;
    if (ours) kind = choose_hello(choice.host, now);
    RouteWorld::Hello& hello = world_.hellos[choice.host];
    if (hello.ours != ours || hello.kind != kind) hello = {};
    hello.ours = ours;
    hello.kind = kind;
    hello.at = now;
    bound(world_.hellos, kPacedHostsMax, [](const RouteWorld::Hello& each) { return each.at; });
  }
  Attempt attempt;
  attempt.racer = racer;
  attempt.host = choice.host;
  attempt.way = {uris_[choice.route], choice.look};
  attempt.carrier = carrier;
  attempt.preference = choice.preference;
  attempt.small = plan.small;
  attempt.probe = plan.probe;
  attempt.hello = kind;
  attempt.started = now;
  attempts_.emplace(id, std::move(attempt));
  if (!plan.small && !plan.probe) racers_[racer].next_host = now + kRaceStep;
  return {id, dressed(choice), choice.look, plan.small, plan.probe, kind, now + open_max(carrier)};
}

// ---- what came of it ------------------------------------------------------------------------------------------------

void HomePolicy::on_secured(AttemptId id) {
  const auto found = attempts_.find(id);
  if (found != attempts_.end()) found->second.secured = true;
}

void HomePolicy::on_opened(AttemptId id, Instant now) {
  const auto found = attempts_.find(id);
  if (found == attempts_.end() || found->second.opened) return;
  found->second.opened = true;
  world_.pacer.on_outcome(found->second.host, paced_, DialOutcome::kOpened, now, world_.random);
}

void HomePolicy::on_established(AttemptId id, Instant now) {
  on_opened(id, now);
  const auto found = attempts_.find(id);
  if (found == attempts_.end() || found->second.established) return;
  Attempt& attempt = found->second;
  attempt.established = true;
  attempt.stood = now;
  world_.pacer.on_useful(attempt.host, paced_);
  WayMemory memory = world_.memory.way(world_.network, attempt.way);
  if (!memory.works()) memory.failures = 0;
  // A success is after every failure before it, even in the same millisecond.
  memory.succeeded = std::max(now, memory.failed + milliseconds(1));
  memory.took = now - attempt.started;
  world_.memory.set_way(world_.network, attempt.way, memory);
  proven_ = true;
  note_hello(attempt, false, now);
  if (attempt.small) return;
  const bool found_better = attempt.probe;
  attempt.probe = false;
  if (found_better || !better_exists(attempt.preference)) {
    probe_at_ = kNever;
    probe_pause_ = kProbeFirst;
  }
  if (better_exists(attempt.preference) && probe_at_ == kNever) plan_next_probe(now);
}

void HomePolicy::plan_next_probe(Instant now) {
  const int64_t quarter = probe_pause_.ms / 4;
  const auto jitter = static_cast<int64_t>(world_.random.below(static_cast<uint64_t>(2 * quarter + 1))) - quarter;
  probe_at_ = now + probe_pause_ + milliseconds(jitter);
  probe_pause_ = std::min(probe_pause_ * 2, kProbeLast);
}

void HomePolicy::on_carried(AttemptId id, const Tally& carried) {
  const auto found = attempts_.find(id);
  if (found == attempts_.end() || found->second.wide || !is_wide(carried)) return;
  found->second.wide = true;
  HostMemory host = world_.memory.host(world_.network, found->second.host);
  if (host.curtains == 0 && host.stalled == Instant{}) return;
  world_.memory.set_host(world_.network, found->second.host, HostMemory{});
}

void HomePolicy::on_exchanged(AttemptId id) {
  const auto found = attempts_.find(id);
  if (found != attempts_.end()) found->second.exchanged = true;
}

void HomePolicy::note_failure(const Attempt& attempt, End end, Instant now) {
  WayMemory memory = world_.memory.way(world_.network, attempt.way);
  if (memory.works()) proven_ = false;
  memory.failed = std::max(now, memory.succeeded);
  ++memory.failures;
  memory.why = end;
  world_.memory.set_way(world_.network, attempt.way, memory);
}

// Where TLS came about and no session did, the look of the hello may be why; where not even TLS did, only often enough.
void HomePolicy::note_hello(const Attempt& attempt, bool failed, Instant now) {
  const auto found = world_.hellos.find(attempt.host);
  if (found == world_.hellos.end() || !found->second.ours || found->second.kind != attempt.hello) return;
  RouteWorld::Hello& hello = found->second;
  if (!attempt.opened) hello.at = std::max(hello.at, now);  // it left later than the dial began
  HelloMemory memory = world_.memory.hello(world_.network, attempt.hello);
  if (!failed) {
    hello.failures = 0;
    hello.suspect = false;
    memory.succeeded = std::max(now, memory.failed + milliseconds(1));
    return world_.memory.set_hello(world_.network, attempt.hello, memory);
  }
  ++hello.failures;
  if (!attempt.secured) return;
  hello.suspect = true;
  memory.failed = std::max(now, memory.succeeded);
  world_.memory.set_hello(world_.network, attempt.hello, memory);
}

// True if a connection of this host under another look has come to nothing lately, or there is no other look.
bool HomePolicy::other_look_failed(const Attempt& attempt, Instant now) const {
  const auto known = std::ranges::find(uris_, attempt.way.uri);
  if (known == uris_.end()) return true;
  const Route& route = routes_[static_cast<size_t>(known - uris_.begin())].route;
  bool is_only = true;
  for (const LookKind look : looks_of(route, !world_.memory.addresses(route.host).empty())) {
    if (shows_same(look, attempt.way.look)) continue;
    is_only = false;
    const Instant failed = world_.memory.way(world_.network, attempt.way.uri, look).failed;
    if (failed != Instant{} && now - failed < kCurtainPair) return true;
  }
  return is_only;
}

// A connection that stood, or at least said something, and fell silent. Twice is a curtain, if it was not the same name both
// times: a box that drops a name does so as well.
void HomePolicy::note_silence(const Attempt& attempt, const Tally& carried, Instant now) {
  if (carried.down == 0 || is_wide(carried)) return;
  HostMemory host = world_.memory.host(world_.network, attempt.host);
  const bool again = host.stalled != Instant{} && now - host.stalled < kCurtainPair && other_look_failed(attempt, now);
  if ((attempt.established && is_curtain(carried)) || again) {
    const auto doublings = std::min<uint32_t>(host.curtains, 5);
    host.curtained_until = now + std::min(kCurtainFirst * (int64_t{1} << doublings), kCurtainLast);
    host.curtains = std::min<uint32_t>(host.curtains + 1, 1000);
    host.stalled = Instant{};
    NetworkMemory network = world_.memory.network(world_.network);
    network.hindered_until = now + kHinderedLast;
    world_.memory.set_network(world_.network, network);
  } else {
    host.stalled = now;
  }
  world_.memory.set_host(world_.network, attempt.host, host);
}

void note_spoilt_call(RouteWorld& world, Instant now) {
  NetworkMemory network = world.memory.network(world.network);
  const auto doublings = std::min<uint32_t>(network.spoilt, 8);
  const Instant until = now + std::min(kHinderedFirst * (int64_t{1} << doublings), kHinderedLast);
  network.hindered_until = std::max(network.hindered_until, until);
  network.spoilt = std::min<uint32_t>(network.spoilt + 1, 1000);
  world.memory.set_network(world.network, network);
}

bool HomePolicy::is_clear(Instant now) const {
  if (now < world_.memory.network(world_.network).hindered_until) return false;
  return std::ranges::any_of(attempts_, [this](const auto& entry) {
    const Attempt& attempt = entry.second;
    return attempt.established && !attempt.small && attempt.carrier == Carrier::kWss &&
           attempt.way.look == LookKind::kAsGiven && !better_exists(attempt.preference);
  });
}

// What answers and is not the home is soon said to be another home, if it is asked again at once (engine/link.h).
bool HomePolicy::is_early_garble(const Attempt& attempt) const {
  return world_.memory.way(world_.network, attempt.way).failures < kGarblesQuick;
}

void HomePolicy::on_ended(AttemptId id, End end, const Tally& carried, Instant now) {
  const auto node = attempts_.extract(id);
  if (node.empty()) return;
  const Attempt& attempt = node.mapped();
  const bool stood = attempt.established;
  // One that lost its race after a whole step was on its way to nothing, as far as we can tell.
  const bool overtaken = end == End::kByUs && !stood && now - attempt.started >= kRaceStep;
  const bool failed = stood ? end != End::kByUs && end != End::kLost : end != End::kByUs || overtaken;
  if (!attempt.opened) {
    world_.pacer.on_outcome(attempt.host, paced_, failed ? DialOutcome::kFailed : DialOutcome::kOpened, now,
                            world_.random);
  } else if (failed && !stood && !(end == End::kGarbled && is_early_garble(attempt))) {
    world_.pacer.on_failed(attempt.host, paced_, now, world_.random);
  } else {
    world_.pacer.on_pipe_closed(attempt.host, now, world_.random);
  }
  // Who has answered in HTTP, though as no home does, has let the hello pass.
  const bool hello_passed = end == End::kRefused || end == End::kDns || end == End::kGarbled;
  if (failed && !stood && !hello_passed) note_hello(attempt, true, now);
  if (!attempt.small && !attempt.probe && !stood) racers_[attempt.racer].next_host = now;
  if (attempt.probe) plan_next_probe(now);
  if (attempt.small) {
    if (attempt.exchanged) return;
    if (stood) world_.pacer.on_failed(attempt.host, paced_, now, world_.random);
    if (failed) note_failure(attempt, overtaken ? End::kTimeout : end, now);
    return;
  }
  if (end == End::kSilent) {
    note_silence(attempt, carried, now);
    const auto hello = world_.hellos.find(attempt.host);
    if (hello != world_.hellos.end() && hello->second.kind == attempt.hello) hello->second.fell_silent = now;
  }
  if (failed) return note_failure(attempt, overtaken ? End::kTimeout : end, now);
  if (!stood) return;
  WayMemory memory = world_.memory.way(world_.network, attempt.way);
  const bool young = end == End::kLost && now - attempt.stood < kYoung;
  if (!young && memory.failures == 0) return;
  memory.failures = young ? memory.failures + 1 : 0;
  world_.memory.set_way(world_.network, attempt.way, memory);
  if (memory.failures >= kYoungLossesMax) note_failure(attempt, End::kReset, now);
}

void HomePolicy::on_network_changed() {
  proven_ = false;
  probe_at_ = kNever;
  probe_pause_ = kProbeFirst;
  for (auto& [id, racer] : racers_) racer.next_host = Instant{};
}

// ---- what is shown --------------------------------------------------------------------------------------------------

bool HomePolicy::is_small(Instant now) const {
  const bool stands =
      std::ranges::any_of(attempts_, [](const auto& entry) { return entry.second.established && !entry.second.small; });
  if (stands || order(now, true).empty()) return false;
  return std::ranges::none_of(order(now, false), [](const Choice& choice) { return choice.rank == 0; });
}

std::optional<WayShown> HomePolicy::shown(AttemptId id) const {
  const auto found = attempts_.find(id);
  if (found == attempts_.end()) return std::nullopt;
  const Attempt& attempt = found->second;
  return WayShown{attempt.carrier, attempt.way.look, attempt.small, attempt.way.uri};
}

std::optional<WayShown> HomePolicy::best(Instant now) const {
  const bool small = is_small(now);
  const auto choices = order(now, small);
  if (choices.empty()) return std::nullopt;
  const Choice& first = choices.front();
  return WayShown{routes_[first.route].route.carrier, first.look, small, uris_[first.route]};
}

size_t HomePolicy::trying() const {
  return static_cast<size_t>(
      std::ranges::count_if(attempts_, [](const auto& entry) { return !entry.second.established; }));
}

}  // namespace godwit::routes
