#pragma once
// What devices say to each other about a call: the body of a kCall (docs/protocol/calls.md). Never stored by who hears it.

#include "engine/call_notices.h"
#include "engine/content.h"

namespace godwit::engine {

/// Bytes of one signal: a description of Chromium with voice, two videos and candidates is below 16 KiB.
constexpr size_t kCallSignalSizeMax = 32 * 1024;

/// What is said; append only. One that is not known is passed over.
enum class CallStep : uint8_t {
  kRing = 1,     ///< The caller's device: please ring. May be said again.
  kRinging = 2,  ///< A device of the other account rings.
  kAccept = 3,   ///< A device of the other account takes it, if nobody has.
  kTaken = 4,    ///< The caller's device: `device` has it. All others stop.
  kDecline = 5,  ///< The other account does not want to.
  kBusy = 6,     ///< The other account is in a call.
  kCancel = 7,   ///< The caller's device, before kTaken: it is over.
  kEnd = 8,      ///< One of the two devices of a call that was taken: it is over.
  kHold = 9,     ///< One of the two: nothing is sent or shown for now.
  kResume = 10,  ///< One of the two: it goes on.
  kSignal = 11,  ///< One of the two, to the page of the other: `data`, which the engine does not read.
  kSummary = 12,  ///< The caller's device, once it is over, as an ordinary message: `data` is a CallSummary.
};

/// See above. Members that a step has no use for are empty.
struct CallBody {
  CallId call;
  CallStep step{};
  CallMedia media = CallMedia::kVoice;  ///< Of kRing and kAccept: of who says it.
  DeviceId device{};                    ///< Of kTaken: which one. Of kSignal: to which one. Else zeros.
  Bytes data{};                         ///< Of kSignal: 1 to kCallSignalSizeMax bytes. Of kSummary: a CallSummary. Else empty.
  template <typename Self>
  static auto fields(Self& self) {
    return std::tie(self.call, self.step, self.media, self.device, self.data);
  }
};

/// What came of a call, for those devices of both accounts that have not seen it.
struct CallSummary {
  CallOutcome outcome{};     ///< As the caller has it.
  uint64_t begun_ms = 0;     ///< The first ring, since 1970.
  uint64_t duration_ms = 0;  ///< How long media flowed.
  template <typename Self>
  static auto fields(Self& self) {
    return std::tie(self.outcome, self.begun_ms, self.duration_ms);
  }
};
/// The longest call that is believed, and the latest time.
constexpr uint64_t kCallDurationMaxMs = uint64_t{7} * 86'400'000;
constexpr uint64_t kCallTimeMaxMs = uint64_t{253'402'300'799'999};  // the end of the year 9999

/// The summary of a kSummary. kBadContent: not well-formed, of no call that is over, or outside its bounds.
Result<CallSummary> summary_of(const CallBody& body);
/// Reads the body of a kCall. kBadContent: not well-formed, a signal that is empty or too long, or a kTaken or kSignal that names
/// no device, or a summary that summary_of() refuses: drop it. A step that is not known passes.
Result<CallBody> call_of(const Content& content);
/// The same checks of a body that is to be sent. kBadContent.
Status check(const CallBody& body);

}  // namespace godwit::engine
