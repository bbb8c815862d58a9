#pragma once
// Whom a home lets use its relay for calls: short-lived credentials for those who have a mailbox here. What relays is another program
// (main_calls.h); it knows the credentials by a secret that it shares with the host, and nobody's name.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "home/options.h"
#include "wire/replies.h"
#include "wire/requests.h"

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

/// Credentials for it that are good for kTurnLife from now, another name each time. The relay takes "<seconds>:<anything>" for a name until that
/// second, and counts what it allows by the second half: that is random, so that two calls of one person look like calls of two.
wire::TurnCredentials turn_credentials(const CallRelayPlan& plan, Random& random, Instant now);

/// Rooms that one mailbox gets made at once, and then one in this time.
inline constexpr uint32_t kCallRoomBurst = 6;
inline constexpr Duration kCallRoomInterval = minutes(5);
/// Wishes of one session at once, whatever rooms they name, and then one in this time.
inline constexpr uint32_t kCallAskBurst = 120;
inline constexpr Duration kCallAskInterval = milliseconds(100);
/// Wishes that wait for the unit at once, and of one session.
inline constexpr size_t kCallAsksMax = 1'000;
inline constexpr size_t kCallAsksOfSession = 8;

/// The rooms of the forwarding unit (call_rooms.h), which another part of this program has.
struct CallUnitPlan {
  /// Makes a room for a mailbox. Must not call the home.
  std::function<Result<wire::CallRoomKey>(const Bytes& mailbox)> open;
  /// Takes a seat's wish to it. Answered by Home::unit_answered(), once, and not from inside of this.
  std::function<void(UnitAskId, const wire::CallRoomAsk&)> ask;
};

}  // namespace godwit::home
