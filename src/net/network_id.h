#pragma once
// Which network this machine is on, as far as telling one from another goes.

#include "base/bytes.h"

namespace godwit::net {

/// 32 bytes that are the same whenever the machine is on the same network: a hash of the default route's interface and
/// gateway. Two networks with the same private gateway look alike. Empty: there is no default route, or the system does not
/// tell (only Linux does). It is for memory and for sealed records; never sent, never logged.
Bytes network_id();

}  // namespace godwit::net
