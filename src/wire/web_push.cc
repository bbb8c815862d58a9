#include "wire/web_push.h"

#include "wire/errors.h"
#include "wire/web_address.h"

namespace godwit::wire {
namespace {

// How an uncompressed point begins (SEC 1 §2.3.3).
constexpr uint8_t kUncompressed = 4;

}  // namespace

Status check_web_push(const WebPushSubscription& subscription) {
  TRY(check_web_address(subscription.endpoint, kWebPushEndpointMax));
  REQUIRE(subscription.key.value.front() == kUncompressed, kMalformed,
          "wire: a browser's key is an uncompressed point");
  return {};
}

}  // namespace godwit::wire
