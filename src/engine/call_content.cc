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

Status check(const CallSummary& summary) {
  REQUIRE(ends_for_caller(summary.outcome), kBadContent, "a summary says how a call ended");
  REQUIRE(summary.duration_ms <= kCallDurationMaxMs && summary.begun_ms <= kCallTimeMaxMs, kBadContent,
          "a call has its time");
  return {};
}

// A later version may append members.
template <typename T>
Result<T> data_of(const CallBody& body) {
  codec::Reader reader(body.data);
  auto out = codec::decode<T>(reader);
  REQUIRE(out.has_value(), kBadContent, "a step says what it has to");
  return std::move(*out);
}

}  // namespace

Result<CallSummary> summary_of(const CallBody& body) {
  auto summary = TRY(data_of<CallSummary>(body));
  TRY(check(summary));
  return summary;
}

Result<GroupCallSummary> group_summary_of(const CallBody& body) {
  auto out = TRY(data_of<GroupCallSummary>(body));
  TRY(check(out.summary));
  const bool known = out.summary.outcome == CallOutcome::kAnswered || out.summary.outcome == CallOutcome::kNoAnswer;
  REQUIRE(known, kBadContent, "people came into a call of a group, or nobody did");
  return out;
}

Result<CallHas> has_of(const CallBody& body) {
  auto has = TRY(data_of<CallHas>(body));
  REQUIRE(has.peer_device != DeviceId{}, kBadContent, "two devices are in a call");
  REQUIRE(has.begun_ms <= kCallTimeMaxMs && has.active_ms <= kCallTimeMaxMs, kBadContent, "a call has its time");
  return has;
}

Result<CallHere> here_of(const CallBody& body) {
  auto here = TRY(data_of<CallHere>(body));
  REQUIRE(here.others.size() <= kCallSeatsMax, kBadContent, "a call has so many seats");
  REQUIRE(here.begun_ms <= kCallTimeMaxMs, kBadContent, "a call has its time");
  return here;
}

Result<CallGone> gone_of(const CallBody& body) { return data_of<CallGone>(body); }

Status check(const CallBody& body) {
  const bool signal = body.step == CallStep::kSignal;
  const bool moves = body.step == CallStep::kWant || body.step == CallStep::kGive || body.step == CallStep::kMove;
  const bool names_one = signal || moves || body.step == CallStep::kTaken || body.step == CallStep::kFull;
  REQUIRE(!names_one || body.device != DeviceId{}, kBadContent, "what is for one device names it");
  REQUIRE(!signal || !body.data.empty(), kBadContent, "a signal says something");
  REQUIRE(body.data.size() <= kCallSignalSizeMax, kBadContent, "a signal is not too long");
  if (body.step == CallStep::kSummary) TRY(summary_of(body));
  if (body.step == CallStep::kHas) TRY(has_of(body));
  if (body.step == CallStep::kHere) TRY(here_of(body));
  if (body.step == CallStep::kGone) TRY(gone_of(body));
  if (body.step == CallStep::kGroupSummary) TRY(group_summary_of(body));
  return {};
}

Result<CallBody> call_of(const Content& content) {
  auto body = TRY(body_of<CallBody>(content));
  TRY(check(body));
  return body;
}

}  // namespace godwit::engine
