#pragma once
// What starting any other chat server takes.

#include <string>

#include "bench/child.h"
#include "net/event_loop.h"

namespace godwit::bench::load {

/// A port of 127.0.0.1 that was free a moment ago.
uint16_t free_port(net::EventLoop& loop);
/// True as soon as `child` takes connections on this port of 127.0.0.1; false: it ended first, or took too long.
bool listens(net::EventLoop& loop, const Child& child, uint16_t port);
/// Writes cert.pem and key.pem into `folder`: a certificate for these names that it signs itself.
void write_certificate(net::EventLoop& loop, const std::string& folder, const std::string& name);

}  // namespace godwit::bench::load
