#include "engine/call_content.h"

namespace godwit::engine {
namespace {

// What the caller's device can say of a call that is over.
bool ends_for_caller(CallOutcome outcome) {
  switch (outcome) {
    case CallOutcome::kAnswered:
    case CallOutcome::kDeclined:
    case CallOutcome::kBusy:
    case CallOutcome::kCancelled:
    case CallOutcome::kNoAnswer:
    case CallOutcome::kFailed:
    case CallOutcome::kLost:
      return true;
    default:
      return false;
  }
}

}  // namespace

Result<CallSummary> summary_of(const CallBody& body) {
  codec::Reader reader(body.data);
  const auto summary = codec::decode<CallSummary>(reader);  // a later version may append members
  REQUIRE(summary.has_value() && ends_for_caller(summary->outcome), kBadContent, "a summary says how a call ended");
  REQUIRE(summary->duration_ms <= kCallDurationMaxMs && summary->begun_ms <= kCallTimeMaxMs, kBadContent,
          "a call has its time");
  return *summary;
}

Status check(const CallBody& body) {
  const bool signal = body.step == CallStep::kSignal;
  const bool names_one = signal || body.step == CallStep::kTaken;
  REQUIRE(!names_one || body.device != DeviceId{}, kBadContent, "a signal and a taking name a device");
  REQUIRE(!signal || !body.data.empty(), kBadContent, "a signal says something");
  REQUIRE(body.data.size() <= kCallSignalSizeMax, kBadContent, "a signal is not too long");
  if (body.step == CallStep::kSummary) TRY(summary_of(body));
  return {};
}

Result<CallBody> call_of(const Content& content) {
  auto body = TRY(body_of<CallBody>(content));
  TRY(check(body));
  return body;
}

}  // namespace godwit::engine
