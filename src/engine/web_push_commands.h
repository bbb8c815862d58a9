#pragma once
// Web Push: the command and the notice by which a browser's page has its home wake it (docs/protocol/home.md, "Web Push").

#include <optional>
#include <string>

#include "base/bytes.h"

namespace godwit::engine {

/// What a browser's push service has given out for this device, and the key of the home for which it was.
struct WebPushTarget {
  std::string endpoint;  ///< https://...; whoever has it may try to wake the browser
  Bytes key;             ///< "p256dh": 65 bytes
  Bytes auth;            ///< "auth": 16 bytes
  Bytes home_key;        ///< WebPushInfo::home_key, with which it was asked for
};
/// Has the home wake this device by its browser's push service when something waits and it is not connected, or (none) no more. The
/// home and the push service learn of each other, and the service when something comes: ask people first. Answered by Nothing once the
/// home has it; goes on by itself until then, across restarts, and at another home if that shows the same key. kNoAccount, kBadWebPush,
/// kNoWebPush.
struct SetWebPush {
  std::optional<WebPushTarget> subscription;
};
/// Asks the home. Answered by WebPushInfo. kNoAccount.
struct ReadWebPush {};

/// Of ReadWebPush.
struct WebPushInfo {
  Bytes home_key;  ///< by which the home shows itself to push services, for a subscription; empty: it sends no pushes
  std::string endpoint;  ///< that is set for this device, and that the home has; empty: none
};
/// The home wakes this device no more: its push service does not know the subscription, or the account lives at another home, which
/// shows another key. Whoever still wants it subscribes anew.
struct WebPushEnded {};

}  // namespace godwit::engine
