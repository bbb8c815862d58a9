// Which way comes first at a moment.

#include <algorithm>

#include "routes/policy.h"

namespace godwit::routes {
namespace {

// Our own TLS hello, somebody else's (a pluggable transport brings its own), or none at that host.
enum class Family : uint8_t { kOurs, kTheirs, kNone };

Family family_of(Carrier carrier) {
  switch (carrier) {
    case Carrier::kWss:
    case Carrier::kBridge:
      return Family::kOurs;
    case Carrier::kWebTunnel:
      return Family::kTheirs;
    default:
      return Family::kNone;
  }
}

bool can_be_small(Carrier carrier) { return carrier == Carrier::kWss || carrier == Carrier::kBridge; }

// The direct way shows least, then what looks like a web site, then what looks like nothing, then what takes long to open.
uint32_t carrier_preference(Carrier carrier) {
  switch (carrier) {
    case Carrier::kWss:
      return 0;
    case Carrier::kBridge:
      return 1;
    case Carrier::kWebTunnel:
      return 2;
    case Carrier::kObfs4:
      return 3;
    case Carrier::kSnowflake:
      return 4;
    case Carrier::kOnion:
      return 5;
  }
  return 6;
}

// A look under which a session stood so lately is not why nothing stands now.
constexpr Duration kHelloProven = minutes(2);

bool is_recent(Instant at, Duration within, Instant now) { return at != Instant{} && now - at < within; }

}  // namespace

uint32_t HomePolicy::preference(size_t route) const {
  return carrier_preference(routes_[route].route.carrier) * static_cast<uint32_t>(kKnownRoutesMax) +
         static_cast<uint32_t>(route);
}

// A look that worked last; else the first that was not tried lately; else the one that failed longest ago.
LookKind HomePolicy::choose_look(size_t route, Instant now) const {
  if (world_.given_look_only) return LookKind::kAsGiven;
  const Route& given = routes_[route].route;
  const auto memory_of = [&](LookKind look) { return world_.memory.way(world_.network, uris_[route], look); };
  const bool address_known = !world_.memory.addresses(given.host).empty();
  std::vector<LookKind> looks = looks_of(given, address_known);
  const auto working = std::ranges::find_if(looks, [&](LookKind look) {
    const WayMemory memory = memory_of(look);
    return memory.works() && is_recent(memory.succeeded, kBelieved, now);
  });
  if (working != looks.end()) return *working;
  const WayMemory as_given = memory_of(LookKind::kAsGiven);
  if (!is_recent(as_given.failed, kLookForgiven, now)) return LookKind::kAsGiven;
  // Whoever says no to a connection has not looked at a name, what answers as another than the home does so under any name,
  // and without an address no look gets any further.
  if (as_given.why == End::kRefused || as_given.why == End::kGarbled) return LookKind::kAsGiven;
  if (as_given.why == End::kDns && !address_known) return LookKind::kAsGiven;
  // Where the name was found and nothing came of it, the name itself may be why: what shows another comes first.
  // The looks that show the own name are the first of them.
  if (as_given.why != End::kDns) {
    std::ranges::rotate(
        looks, std::ranges::find_if(looks, [](LookKind look) { return !shows_same(look, LookKind::kAsGiven); }));
  }
  return *std::ranges::min_element(looks, {}, [&](LookKind look) {
    const WayMemory memory = memory_of(look);
    return is_recent(memory.failed, kLookForgiven, now) ? memory.failed : Instant{};
  });
}

HomePolicy::Choice HomePolicy::choose(size_t route, Instant now) const {
  Choice choice;
  choice.route = route;
  choice.look = choose_look(route, now);
  choice.host = world_.host_key(routes_[route].route.host);
  choice.preference = preference(route);
  const WayMemory memory = world_.memory.way(world_.network, uris_[route], choice.look);
  for (const LookKind look : {LookKind::kAsGiven, LookKind::kAddress, LookKind::kNameless, LookKind::kOtherName}) {
    choice.failed = std::max(choice.failed, world_.memory.way(world_.network, uris_[route], look).failed);
  }
  if (memory.works() && is_recent(memory.succeeded, kBelieved, now)) {
    choice.rank = 0;
  } else {
    choice.rank = is_recent(choice.failed, kLookForgiven, now) ? 2 : 1;
  }
  return choice;
}

// One choice per host, the best first. `curtained`: those that take small exchanges only, or the others.
std::vector<HomePolicy::Choice> HomePolicy::make_order(Instant now, bool curtained) const {
  const auto before = [](const Choice& a, const Choice& b) {
    if (a.rank != b.rank) return a.rank < b.rank;
    if (a.rank == 2 && a.failed != b.failed) return a.failed < b.failed;
    return a.preference < b.preference;
  };
  std::map<std::string, Choice> of_host;
  for (size_t route = 0; route < routes_.size(); ++route) {
    const Choice choice = choose(route, now);
    if (is_curtained(choice.host, now) != curtained) continue;
    if (curtained && !can_be_small(routes_[route].route.carrier)) continue;
    const auto [found, is_new] = of_host.try_emplace(choice.host, choice);
    if (!is_new && before(choice, found->second)) found->second = choice;
  }
  std::vector<Choice> out;
  for (auto& [host, choice] : of_host) out.push_back(std::move(choice));
  std::ranges::sort(out, before);
  return out;
}

const std::vector<HomePolicy::Choice>& HomePolicy::order(Instant now, bool curtained) const {
  const uint64_t memory = world_.memory.version();
  if (orders_.now != now || orders_.memory != memory || orders_.network != world_.network) {
    orders_ = Orders{now, memory, world_.network, {}};
  }
  auto& kept = orders_.of[curtained ? 1 : 0];
  if (!kept) kept = make_order(now, curtained);
  return *kept;
}

bool HomePolicy::is_curtained(const std::string& host, Instant now) const {
  return now < world_.memory.host(world_.network, host).curtained_until;
}

// When the host may be dialled in this way; kNever while it is being dialled.
Instant HomePolicy::dial_at(const Choice& choice, Instant now) const {
  const Instant paced = world_.pacer.next_dial(choice.host, paced_);
  if (paced == kNever) return kNever;
  Instant at = std::max(now, paced);
  const Family family = family_of(routes_[choice.route].route.carrier);
  const auto hello = world_.hellos.find(choice.host);
  if (family == Family::kNone || hello == world_.hellos.end()) return at;
  const bool other_family = hello->second.ours != (family == Family::kOurs);
  if (other_family || may_be_the_hello(hello->second, choice, now)) {
    at = std::max(at, hello->second.at + kHelloFamilyPause);
  }
  return at;
}

// How little is to be hoped of a look at a host: it works on this network, nothing is known of it, it is being tried at
// another host with nothing to show for it yet or a session has just died under it there, it failed.
uint32_t HomePolicy::doubt_of(HelloKind kind, const std::string& host, Instant now) const {
  const HelloMemory memory = world_.memory.hello(world_.network, kind);
  if (memory.failed > memory.succeeded && is_recent(memory.failed, kLookForgiven, now)) return 4;
  const bool fell_silent = std::ranges::any_of(world_.hellos, [&](const auto& entry) {
    const RouteWorld::Hello& hello = entry.second;
    return entry.first != host && hello.ours && hello.kind == kind &&
           is_recent(hello.fell_silent, kHelloFamilyPause, now);
  });
  const bool tried = fell_silent || std::ranges::any_of(attempts_, [&](const auto& entry) {
                       const Attempt& attempt = entry.second;
                       return attempt.hello == kind && attempt.host != host && !attempt.established &&
                              family_of(attempt.carrier) == Family::kOurs;
                     });
  const bool works = memory.succeeded > memory.failed && is_recent(memory.succeeded, kBelieved, now);
  return (tried ? 2u : 0u) + (works ? 0u : 1u);
}

// True if the host should rest, so that it can be shown another look.
bool HomePolicy::may_be_the_hello(const RouteWorld::Hello& hello, const Choice& choice, Instant now) const {
  // Ways to show the name come first: the one whose turn it is has failed only when all of them have.
  const WayMemory way = world_.memory.way(world_.network, uris_[choice.route], choice.look);
  const bool all_failed = is_recent(way.failed, kLookForgiven, now) && !way.works();
  if (!hello.ours || (hello.failures < kHelloFailuresMax && !(hello.suspect && all_failed))) return false;
  if (is_recent(world_.memory.hello(world_.network, hello.kind).succeeded, kHelloProven, now)) return false;
  const auto order = hello_order(world_.memory.hello_seed());
  return std::ranges::any_of(order, [&](HelloKind kind) {
    const HelloMemory memory = world_.memory.hello(world_.network, kind);
    return kind != hello.kind && !(memory.failed > memory.succeeded && is_recent(memory.failed, kLookForgiven, now));
  });
}

// The one that the host has seen, as long as it works or the pause is not over; else the first that is least in doubt.
HelloKind HomePolicy::choose_hello(const std::string& host, Instant now) const {
  const auto seen = world_.hellos.find(host);
  const bool known = seen != world_.hellos.end() && seen->second.ours;
  if (known && (seen->second.failures == 0 || now < seen->second.at + kHelloFamilyPause)) return seen->second.kind;
  const auto order = hello_order(world_.memory.hello_seed());
  HelloKind best = order[0];
  uint32_t best_doubt = UINT32_MAX;
  for (const HelloKind kind : order) {
    const uint32_t doubt = doubt_of(kind, host, now) + (known && kind == seen->second.kind ? 4 : 0);
    if (doubt < best_doubt) {
      best = kind;
      best_doubt = doubt;
    }
  }
  return best;
}

}  // namespace godwit::routes
