#pragma once
// Addresses to which `godwit-home run` connects because a stranger has named a goal.

#include "base/bytes.h"
#include "routes/dns_message.h"

namespace godwit::home {

/// True for a public address that is none of this machine's: what listens there may be meant for the machine alone.
bool is_strangers_goal(const routes::MappedAddress& address);
/// Under which name an address is counted: of IPv6 its /64, which is one machine's as often as not.
Bytes counted_name(const routes::MappedAddress& address);

}  // namespace godwit::home
