#pragma once
// What the forwarding unit for calls of many is told: Janus' configuration as text. Pure.

#include <map>
#include <string>

#include "base/random.h"

namespace godwit::home {

/// What Janus is started with. All secrets are made anew at each start.
struct UnitPlan {
  std::string folder;     ///< absolute: its configuration and its socket, of the owner alone
  std::string address;    ///< of 127.0.0.0/8: where media come to, UDP, and nothing else
  std::string secret;     ///< whoever speaks with it has to say it: [A-Za-z0-9_-]
  std::string admin_key;  ///< and this to make rooms
};
/// Its files by their names, to be put into `folder`.
std::map<std::string, std::string> janus_config(const UnitPlan& plan);
/// The first of these files, which names the others.
inline constexpr const char* kJanusConfig = "janus.jcfg";
/// In `folder`: the Unix socket by which it is spoken with (WebSocket, RFC 6455), plugins/ and transports/.
inline constexpr const char* kJanusSocket = "socket";

/// UDP ports of media, both included.
inline constexpr int kUnitPortFirst = 20'000;
inline constexpr int kUnitPortLast = 59'999;

/// An address of loopback that nobody else is likely to listen on: 127.x.y.z, at random.
std::string unit_address(Random& random);

}  // namespace godwit::home
