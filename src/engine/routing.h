#pragma once
// The user's say about routes, what the host reports of the network, and what is kept of both.

#include "engine/machine.h"

namespace godwit::engine {

/// Answers with Routes.
void list_routes(Machine& m, CommandId id);
/// Takes a route for the own home. kNoAccount, routes::kBadRoute, routes::kUnknownScheme, kRoutesFull, kTooLong.
void add_route(Machine& m, CommandId id, const AddRoute& command);
/// Forgets a route that was added. kNoAccount, kNoSuchRoute.
void remove_route(Machine& m, CommandId id, const RemoveRoute& command);

/// A name led to an address at which a pipe was opened.
void on_address_worked(Machine& m, const AddressWorked& event);
/// The device is on another network.
void on_network_changed(Machine& m, const NetworkChanged& event);

/// What was stored of the user's routes. An error of codec/: the record is damaged.
Status restore_added_routes(Machine& m, AddedRoutesRecord record);
/// What was stored of outcomes. Damage costs the memory and nothing else.
void restore_route_memory(Machine& m, const crypto::SecretBuffer& bytes);
/// Puts what was learned of routes into the journal, if it is worth a write: with whatever else is written, else after
/// kRouteMemoryPause.
void keep_route_memory(Machine& m);
/// When keep_route_memory() wants to be called for its own sake.
Instant route_memory_due(const Machine& m);

/// How long what was learned may wait for company in a batch.
constexpr Duration kRouteMemoryPause = minutes(1);

}  // namespace godwit::engine
