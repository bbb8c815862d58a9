#pragma once
// What of us the own home has lost, since it was put back from a backup: addresses of chats, their tokens, what was revoked.

#include "engine/machine.h"

namespace godwit::engine {

/// The home is asked for its addresses at most so often.
constexpr Duration kAddressesLookEvery = hours(6);
/// How far a number of an item is above the last one where the home was put back (docs/operations.md, "Backup and restore").
constexpr uint64_t kPutBackLeap = uint64_t{1} << 32;

/// The home has taken our proof: it may be another than it was.
void home_proved(Machine& m);
/// An item has come whose number is `number`, after the one of `before`.
void note_item_number(Machine& m, uint64_t before, uint64_t number);
/// Everything that waited is read, also what other own devices have said: does what the two above have found. A home that was put back
/// is told again the tokens of all chats, and which addresses are revoked; what it does not know is made again. Invites, links of groups
/// and names that it has lost stay lost; who made them makes others.
void look_after_addresses(Machine& m);

}  // namespace godwit::engine
