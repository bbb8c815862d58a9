#include "engine/call_content.h"

namespace godwit::engine {

Status check(const CallBody& body) {
  const bool signal = body.step == CallStep::kSignal;
  const bool names_one = signal || body.step == CallStep::kTaken;
  REQUIRE(!names_one || body.device != DeviceId{}, kBadContent, "a signal and a taking name a device");
  REQUIRE(!signal || !body.data.empty(), kBadContent, "a signal says something");
  REQUIRE(body.data.size() <= kCallSignalSizeMax, kBadContent, "a signal is not too long");
  return {};
}

Result<CallBody> call_of(const Content& content) {
  auto body = TRY(body_of<CallBody>(content));
  TRY(check(body));
  return body;
}

}  // namespace godwit::engine
