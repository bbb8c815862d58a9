#pragma once
// Names to addresses by the system's resolver. Not for other folders.

#include <asio.hpp>
#include <functional>
#include <string>
#include <vector>

#include "net/event_loop.h"

namespace godwit::net {

/// Where to connect, in the order of preference (RFC 6724).
using Endpoints = std::vector<asio::ip::tcp::endpoint>;

/// Addresses of one name that are tried at most: a host with more is served well enough by these.
inline constexpr size_t kEndpointsMax = 6;

/// Resolves `host` on a thread of its own (an address without), and calls `done` on the loop, never from inside this call:
/// with 1 to kEndpointsMax endpoints, or kDnsNxdomain, kDnsTemporaryFailure, kDnsNoAnswer, kSystem. A loop that goes
/// before the answer is there never hears of it.
void resolve(EventLoop& loop, const std::string& host, uint16_t port, std::function<void(Result<Endpoints>)> done);

/// What getaddrinfo's `code` (not 0) means.
Error error_of_resolver(int code);

}  // namespace godwit::net
