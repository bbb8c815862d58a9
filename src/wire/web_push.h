#pragma once
// Web Push of a mailbox's devices: requests about it, and what a browser gives out to be woken by. Part of requests.h.

#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/fields.h"
#include "wire/ids.h"

namespace godwit::wire {

/// Characters of an endpoint; those of today's push services have some 200 to 500.
constexpr size_t kWebPushEndpointMax = 1'024;

/// Where, and for whom, a push service takes what a browser has asked for (RFC 8030 §4, RFC 8291 §2).
struct WebPushSubscription {
  std::string endpoint;  ///< https://host[:port]/..., printable ASCII; whoever has it may try to wake the browser
  WebPushKey key;        ///< the browser's: what is sent is encrypted for it
  WebPushAuth auth;      ///< the browser's, shared with whoever may send
  GODWIT_WIRE_FIELDS(self.endpoint, self.key, self.auth)
  friend bool operator==(const WebPushSubscription&, const WebPushSubscription&) = default;
};
/// kTooLarge: kWebPushEndpointMax; kMalformed: an endpoint that is no https:// address, or with user or fragment in it; a key that
/// is no uncompressed point. Whether the point lies on the curve shows when something is encrypted for it.
Status check_web_push(const WebPushSubscription& subscription);

/// Asks how this home sends pushes, and whether it has a subscription of this device (mailbox session). Answered by WebPushState.
/// Idempotent.
struct WebPushLook {
  GODWIT_WIRE_FIELDS()
};
/// Has this device woken by way of its browser's push service when something waits for it and it is not connected, in place of what
/// was said before (mailbox session). Idempotent. kWebPushOff.
struct WebPushSet {
  WebPushSubscription subscription;
  GODWIT_WIRE_FIELDS(self.subscription)
};
/// Takes that back (mailbox session). Idempotent.
struct WebPushDrop {
  GODWIT_WIRE_FIELDS()
};

}  // namespace godwit::wire
