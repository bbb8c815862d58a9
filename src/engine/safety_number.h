#pragma once
// What two people compare to know that nobody is between them.

#include "engine/machine.h"

namespace godwit::engine {

/// 60 decimal digits, the same for both: 30 of each account's id, the smaller half first.
std::string safety_digits(const AccountId& one, const AccountId& other);
/// Takes the command ReadSafetyNumber.
void read_safety_number(Machine& m, CommandId id, const ReadSafetyNumber& command);
/// Takes the command MarkVerified.
void mark_verified(Machine& m, CommandId id, const MarkVerified& command);

}  // namespace godwit::engine
