#pragma once
// What devices say to each other about a call: the body of a kCall (docs/protocol/calls.md). Never stored by who hears it.

#include "codec/members.h"
#include "engine/call_notices.h"
#include "engine/content.h"

namespace godwit::engine {

/// Bytes of one signal: a description of Chromium with voice, two videos and candidates is below 16 KiB.
constexpr size_t kCallSignalSizeMax = 32 * 1024;

/// What is said; append only. One that is not known is passed over.
enum class CallStep : uint8_t {
  kRing = 1,      ///< The caller's device: please ring. May be said again.
  kRinging = 2,   ///< A device of the other account rings.
  kAccept = 3,    ///< A device of the other account takes it, if nobody has.
  kTaken = 4,     ///< The caller's device, or the other side's of one that was moved: `device` has it. All others stop.
  kDecline = 5,   ///< The other account does not want to.
  kBusy = 6,      ///< The other account is in a call.
  kCancel = 7,    ///< The caller's device, before kTaken: it is over.
  kEnd = 8,       ///< One of the two devices of a call that was taken: it is over.
  kHold = 9,      ///< One of the two: nothing is sent or shown for now.
  kResume = 10,   ///< One of the two: it goes on.
  kSignal = 11,   ///< One of the two, to the page of the other: `data`, which the engine does not read.
  kSummary = 12,  ///< The caller's device, once it is over, as an ordinary message: `data` is a CallSummary.
  // Of calls of groups, where kSignal is said between two devices that are in it, and kDecline by an own device alone.
  kHere = 13,          ///< A device is in it, or comes in: `data` is a CallHere.
  kGone = 14,          ///< A device has left: `data` is a CallGone.
  kFull = 15,          ///< A device that is in it, to `device`, which wants to come in: there is no place.
  kGroupSummary = 16,  ///< The last one who left, as an ordinary message: `data` is a GroupCallSummary.
  // Of a call of two that another own device takes over.
  kHas = 17,   ///< To the own account: this device is in it. `data` is a CallHas.
  kWant = 18,  ///< To the own account: `device`, which is in it, is asked to let this one go on with it.
  kGive = 19,  ///< Who is in it: `device` of the same account goes on. By that one: `device`, which was, does.
  kMove = 20,  ///< The other side: it goes over to `device`. Once media flow, or none came, kTaken says who has it.
};

/// See above. Members that a step has no use for are empty.
struct CallBody {
  CallId call;
  CallStep step{};
  CallMedia media = CallMedia::kVoice;  ///< Of kRing and kAccept: of who says it.
  DeviceId device{};  ///< Of kTaken, kGive, kMove: which. Of kSignal, kFull, kWant: to which. Else zeros.
  Bytes data{};       ///< Of kSignal: 1 to kCallSignalSizeMax bytes. Else as the step says, or empty.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.call, self.step, self.media, self.device, self.data);
  }
};

/// What came of a call, for those devices of both accounts that have not seen it.
struct CallSummary {
  CallOutcome outcome{};     ///< As the caller has it.
  uint64_t begun_ms = 0;     ///< The first ring, since 1970.
  uint64_t duration_ms = 0;  ///< How long media flowed.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.outcome, self.begun_ms, self.duration_ms);
  }
};
/// The longest call that is believed, and the latest time.
constexpr uint64_t kCallDurationMaxMs = uint64_t{7} * 86'400'000;
constexpr uint64_t kCallTimeMaxMs = uint64_t{253'402'300'799'999};  // the end of the year 9999

/// Devices that are in one call of a group, each connected with each other one.
constexpr size_t kGroupCallMax = 4;  // with a room of a unit: kCallSeatsMax
/// Seats that one kHere may list, and that a call with a room has.
constexpr size_t kCallSeatsMax = 32;

/// A device that is in a call, as another one says. `join` is random, by the device, with each time it comes in.
struct CallSeat {
  AccountId account;
  DeviceId device;
  uint32_t join = 0;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.account, self.device, self.join);
  }
  friend bool operator==(const CallSeat&, const CallSeat&) = default;
};
/// What a device says of itself in a call of a group.
struct CallHere {
  uint32_t join = 0;             ///< As in CallSeat.
  uint32_t number = 0;           ///< Counts what this join says, from 1: what comes behind a later one changes nothing.
  uint8_t wishes = 0;            ///< kHereRings and so on.
  uint64_t begun_ms = 0;         ///< When the call began, since 1970.
  AccountId by;                  ///< Who began it.
  std::vector<CallSeat> others;  ///< Whom it has heard itself: at most kCallSeatsMax.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.join, self.number, self.wishes, self.begun_ms, self.by, self.others);
  }
};
/// Of CallHere: please ring (its `by` alone says so); and please say where you are.
constexpr uint8_t kHereRings = 1;
constexpr uint8_t kHereAsks = 2;
/// And: its page knows rooms of a unit; it has one. Where one has and all know, more than kGroupCallMax may come in.
constexpr uint8_t kHereRooms = 4;
constexpr uint8_t kHereRoom = 8;
/// Who leaves.
struct CallGone {
  uint32_t join = 0;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.join);
  }
};
/// What came of a call of a group.
struct GroupCallSummary {
  CallSummary summary;  ///< kAnswered, or kNoAnswer: nobody came.
  AccountId by;         ///< Who began it.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.summary, self.by);
  }
};

/// What a device says of the call of two that it is in.
struct CallHas {
  AccountId peer;        ///< The other account.
  DeviceId peer_device;  ///< Which device of it.
  bool outgoing = false;
  bool held_there = false;
  CallMedia media_there = CallMedia::kVoice;
  uint64_t begun_ms = 0;   ///< The first ring, since 1970.
  uint64_t active_ms = 0;  ///< The first media, the same.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.peer, self.peer_device, self.outgoing, self.held_there, self.media_there, self.begun_ms,
                          self.active_ms);
  }
  friend bool operator==(const CallHas&, const CallHas&) = default;
};

/// What a kHas says. kBadContent: not well-formed, or outside its bounds.
Result<CallHas> has_of(const CallBody& body);
/// What a kHere says. kBadContent: not well-formed, or outside its bounds.
Result<CallHere> here_of(const CallBody& body);
/// What a kGone says. kBadContent.
Result<CallGone> gone_of(const CallBody& body);
/// What a kGroupSummary says. kBadContent: as summary_of().
Result<GroupCallSummary> group_summary_of(const CallBody& body);
/// The summary of a kSummary. kBadContent: not well-formed, of no call that is over, or outside its bounds.
Result<CallSummary> summary_of(const CallBody& body);
/// Reads the body of a kCall. kBadContent: not well-formed, a signal that is empty or too long, or a step that names
/// no device and should, or `data` that is not what its step says: drop it. A step that is not known passes.
Result<CallBody> call_of(const Content& content);
/// The same checks of a body that is to be sent. kBadContent.
Status check(const CallBody& body);

}  // namespace godwit::engine
