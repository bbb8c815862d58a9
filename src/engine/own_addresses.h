#pragma once
// What of us the own home has lost, since it was put back from a backup: addresses of chats, their tokens, what was revoked.

#include "engine/machine.h"

namespace godwit::engine {

/// The home is asked for its addresses at most so often.
constexpr Duration kAddressesLookEvery = seconds(15);
/// How far a number of an item is above the last one where the home was put back (docs/operations.md, "Backup and restore").
constexpr uint64_t kPutBackLeap = uint64_t{1} << 32;

/// The home has taken our proof: it may be another than it was.
void home_proved(Machine& m);
/// An item has come whose number is `number`, after the one of `before`.
void note_item_number(Machine& m, uint64_t before, uint64_t number);
/// Once everything that waited is read, does what the two above have found: asks the home which addresses it has, and with which tokens.
/// It is told again the tokens that are others there, and is given the addresses of chats that it has not; and if it has lost any, which
/// ones are revoked. Invites, links of groups and names that it has lost stay lost; who made them makes others. `wake`: as pump_chat's.
void pump_own_addresses(Machine& m, Instant& wake);

}  // namespace godwit::engine
