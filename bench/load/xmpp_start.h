#pragma once
// How ejabberd and Prosody are started: as whoever runs one for people would, without what protects them from people who
// come all at once from one address.

#include <string>

#include "bench/child.h"

namespace godwit::bench::load {

/// Starts ejabberd on `port` of 127.0.0.1 with all that is its own in `folder`, where cert.pem and key.pem are. `why` is set
/// if it is not installed.
Child start_ejabberd(const std::string& folder, uint16_t port, int core, std::string& why);
/// The same of Prosody.
Child start_prosody(const std::string& folder, uint16_t port, int core, std::string& why);

}  // namespace godwit::bench::load
