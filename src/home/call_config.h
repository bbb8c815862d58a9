#pragma once
// What the relay for calls is told: coturn's configuration as text, what clients are told of it, and the operator's switch. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "home/config.h"

namespace godwit::home {

/// What is wrong with the keys of calls: as the configuration's own.
struct CallMisfit {
  const char* key = nullptr;  ///< null: all is well
  const char* wanted = "";
};
/// Checks each value beyond its type.
CallMisfit check_calls(const CallsConfig& calls);

/// What coturn is started with.
struct CoturnPlan {
  uint16_t port = 0;                   ///< of 127.0.0.1, TCP, and nothing else
  std::string secret;                  ///< shared with this home: [A-Za-z0-9_-]
  std::string realm;                   ///< what its clients are shown: the home's host
  std::string folder;                  ///< absolute: for what it writes beside
  std::vector<std::string> addresses;  ///< as CallsConfig::addresses, at least one
  std::string unit;  ///< the unit's address of loopback: the only one that calls may lead to; empty: there is no unit
};
/// The text of the configuration file of the one that is open to the world, at the UDP port of `calls` of each of the plan's addresses; its `port` means nothing.
std::string coturn_udp_config(const CoturnPlan& plan, const CallsConfig& calls);
/// The text of its configuration file. It holds the secret: for the owner's eyes only.
std::string coturn_config(const CoturnPlan& plan, const CallsConfig& calls);

/// What clients are told: those of the configuration, else "turns:<host>:<port>?transport=tcp" of the first wss:// route that links name,
/// else of `host` and `port`.
std::vector<std::string> call_urls(const Config& config, uint16_t port);

/// What clients are told of the one that is open to the world, with the condition under which they may go there (routes::kWhenClear): the host of the
/// first of call_urls() that would be told without `calls_urls`.
std::string call_udp_url(const Config& config);
/// The addresses of this machine among `addresses`, without what a router makes of them.
std::vector<std::string> own_parts(const std::vector<std::string>& addresses);

/// `text`, the configuration file, with `key` (`calls`, `calls_unit`, `calls_udp`) switched on or off, and nothing else changed.
std::string with_switch(std::string_view text, std::string_view key, bool on);

}  // namespace godwit::home
