#pragma once
// Whom a home lets use its relay for calls: short-lived credentials for those who have a mailbox here. What relays is another program
// (main_calls.h); it knows the credentials by a secret that it shares with the host, and nobody's name.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace godwit::home {

/// For how long a call may begin with credentials: a conversation with its changes of network. One that runs goes on.
inline constexpr Duration kTurnLife = hours(1);
/// Credentials that one mailbox gets at once, and then one in this time: clients ask for each call, so that no name joins two.
/// In an hour these are 28, so with 12 places each (CallsConfig::user_max) one mailbox cannot take all 500 of a home.
inline constexpr uint32_t kTurnBurst = 8;
inline constexpr Duration kTurnInterval = minutes(3);

/// How to get to the relay.
struct CallRelayPlan {
  std::vector<std::string> urls;  ///< "turns:home.example:443?transport=tcp"
  /// The password that the relay knows `username` by; nobody comes with it after `until`. Must not call the home.
  std::function<std::string(std::string_view username, Instant until)> password_of;
};

}  // namespace godwit::home
