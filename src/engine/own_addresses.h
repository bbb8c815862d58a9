#pragma once
// Chats' addresses that the own home has lost: it was put back from a backup which is older than they are.

#include "engine/machine.h"

namespace godwit::engine {

/// How often the home is asked at most.
constexpr Duration kAddressesLookEvery = hours(6);

/// The home has refused a ticket that it may have given: perhaps it is not what it was. Asks it which addresses there are, and lets
/// pump_setup() make again those of chats which are not. Those of invites, links and names stay lost; who made them makes others.
void look_for_addresses(Machine& m);

}  // namespace godwit::engine
