#include "engine/routing.h"

#include <algorithm>

#include "routes/errors.h"

namespace godwit::engine {
namespace {

constexpr const char* kAccountRule = "a profile has an account";

void put_added(Machine& m) {
  if (m.added_routes.empty()) return m.journal.erase(record_key(RecordKind::kAddedRoutes));
  m.journal.put(record_key(RecordKind::kAddedRoutes),
                AddedRoutesRecord{kRecordVersion, m.self->record.home.key, m.added_routes});
}

void use_added(Machine& m) { m.links.homes.set_added(m.self->record.home.key, m.added_routes); }

}  // namespace

void list_routes(Machine& m, CommandId id) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, kAccountRule});
  const LinkState state = m.mailbox().state();
  routes::RouteWorld& world = m.links.homes.world();
  Routes answer;
  answer.clear = m.links.homes.policy_of(m.self->record.home).is_clear(m.now);
  for (const routes::KnownRoute& known : m.links.homes.policy_of(m.self->record.home).routes()) {
    RouteInfo info;
    info.route = routes::to_uri(known.route);
    info.source = known.source;
    info.in_use = state.connection == Connection::kConnected && state.way && state.way->uri == info.route;
    Instant worked;
    for (const auto look : {routes::LookKind::kAsGiven, routes::LookKind::kAddress, routes::LookKind::kNameless,
                            routes::LookKind::kOtherName}) {
      worked = std::max(worked, world.memory.way(world.network, info.route, look).succeeded);
    }
    if (worked != Instant{}) info.worked_at = worked - m.shift;
    info.small_only = m.now < world.memory.host(world.network, world.host_key(known.route.host)).curtained_until;
    answer.routes.push_back(std::move(info));
  }
  m.done(id, std::move(answer));
}

void add_route(Machine& m, CommandId id, const AddRoute& command) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, kAccountRule});
  if (command.route.size() > kAddedRouteSizeMax) return m.fail(id, {kTooLong, "a route has at most 2,048 characters"});
  const auto route = routes::parse_route(command.route);
  if (!route) return m.fail(id, route.error());
  const std::string uri = routes::to_uri(*route);
  if (std::ranges::find(m.added_routes, uri) == m.added_routes.end()) {
    if (m.added_routes.size() >= kAddedRoutesMax) return m.fail(id, {kRoutesFull, "8 routes may be added"});
    m.added_routes.push_back(uri);
    put_added(m);
    use_added(m);
  }
  m.done_then(id, Nothing{});
}

void remove_route(Machine& m, CommandId id, const RemoveRoute& command) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, kAccountRule});
  const auto route = routes::parse_route(command.route);
  const std::string uri = route ? routes::to_uri(*route) : command.route;
  if (std::erase(m.added_routes, uri) == 0) return m.fail(id, {kNoSuchRoute, "a route that was added"});
  put_added(m);
  use_added(m);
  m.done_then(id, Nothing{});
}

void on_address_worked(Machine& m, const AddressWorked& event) {
  for (const auto& [key, link] : m.link_of) {
    const auto route = link->route_of(event.pipe);
    if (!route) continue;
    link->pipe_secured(event.pipe);
    return m.links.homes.world().memory.address_worked(route->host, event.address);
  }
}

void on_network_changed(Machine& m, const NetworkChanged& event) {
  for (const auto& [key, link] : m.link_of) link->network_changed();
  m.links.homes.network_changed(event.network);
}

Status restore_added_routes(Machine& m, AddedRoutesRecord record) {
  if (!m.self || m.self->record.home.key != record.home) return {};
  m.added_routes = std::move(record.routes);
  use_added(m);
  return {};
}

void restore_route_memory(Machine& m, const crypto::SecretBuffer& bytes) {
  auto memory = routes::RouteMemory::decode(bytes.reveal(), m.now);
  if (!memory) return;
  m.links.homes.world().memory = std::move(*memory);
  m.kept_routes = m.links.homes.world().memory.version();
}

Instant route_memory_due(const Machine& m) {
  return m.links.homes.world().memory.version() == m.kept_routes ? kNever : m.kept_routes_at + kRouteMemoryPause;
}

void keep_route_memory(Machine& m) {
  const routes::RouteMemory& memory = m.links.homes.world().memory;
  if (memory.version() == m.kept_routes || (!m.journal.can_flush() && m.now < route_memory_due(m))) return;
  m.kept_routes = memory.version();
  m.kept_routes_at = m.now;
  m.journal.put_bytes(record_key(RecordKind::kRouteMemory), crypto::SecretBuffer::adopt(memory.encode()));
}

}  // namespace godwit::engine
