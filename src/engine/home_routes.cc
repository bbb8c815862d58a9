#include "engine/home_routes.h"

#include <algorithm>
#include <memory>

namespace godwit::engine {
namespace {

constexpr size_t kGivenRoutesMax = routes::kKnownRoutesMax - kAddedRoutesMax - kBulletinRoutesTaken;

bool has(const std::vector<routes::KnownRoute>& known, const routes::Route& route) {
  return std::ranges::any_of(known, [&](const routes::KnownRoute& one) { return one.route == route; });
}

}  // namespace

HomeRoutes::Home& HomeRoutes::home_of(const wire::HomeKey& key) {
  Home& home = homes_[key];
  if (!home.policy) home.policy = std::make_unique<routes::HomePolicy>(world_, std::vector<routes::KnownRoute>{});
  return home;
}

void HomeRoutes::refresh(Home& home) {
  std::vector<routes::KnownRoute> all = home.given;
  for (const routes::KnownRoute& told : home.told) {
    if (!has(all, told.route)) all.push_back(told);
  }
  for (const routes::KnownRoute& added : home.added) {
    if (!has(all, added.route)) all.push_back(added);
  }
  if (all != home.policy->routes()) home.policy->set_routes(std::move(all));
}

routes::HomePolicy& HomeRoutes::policy_of(const wire::HomeAddress& address) {
  Home& home = home_of(address.key);
  for (const std::string& uri : address.routes) {
    auto route = routes::parse_route(uri);
    // Other people's invites may say what they like about this home: a bound keeps the user's own routes in.
    if (!route || has(home.given, *route) || home.given.size() >= kGivenRoutesMax) continue;
    home.given.push_back({std::move(*route), routes::RouteSource::kInvite});
  }
  refresh(home);
  return *home.policy;
}

void HomeRoutes::network_changed(const routes::NetworkId& network) {
  world_.network = network;
  world_.pacer.on_network_changed();
  for (auto& [key, home] : homes_) home.policy->on_network_changed();
}

void HomeRoutes::set_added(const wire::HomeKey& key, const std::vector<std::string>& uris) {
  Home& home = home_of(key);
  home.added.clear();
  for (const std::string& uri : uris) {
    auto route = routes::parse_route(uri);
    if (route && home.added.size() < kAddedRoutesMax) {
      home.added.push_back({std::move(*route), routes::RouteSource::kAdded});
    }
  }
  refresh(home);
}

void HomeRoutes::set_bulletin(const wire::HomeKey& key, const std::vector<std::string>& uris,
                              const std::optional<wire::CertificatePin>& pin) {
  Home& home = home_of(key);
  home.pin = pin;
  home.told.clear();
  for (const std::string& uri : uris) {
    auto route = routes::parse_route(uri);
    if (!route || has(home.told, *route) || home.told.size() >= kBulletinRoutesTaken) continue;
    home.told.push_back({std::move(*route), routes::RouteSource::kBulletin});
  }
  refresh(home);
}

std::optional<wire::CertificatePin> HomeRoutes::pin_of(const wire::HomeAddress& address) const {
  const auto found = homes_.find(address.key);
  return found != homes_.end() && found->second.pin ? found->second.pin : address.pin;
}

}  // namespace godwit::engine
