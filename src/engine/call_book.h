#pragma once
// What the engine holds of calls: the machine, those of the past, and what is on its way. Inside engine/ only.

#include <map>
#include <optional>
#include <vector>

#include "codec/members.h"
#include "engine/call_machine.h"
#include "engine/group_call_machine.h"
#include "engine/link.h"
#include "engine/records.h"

namespace godwit::engine {

/// Calls of the past that are known, over all chats, besides the lines in their histories.
constexpr size_t kPastCallsMax = 500;
/// What was said of a call is waited for so long when a program wants to end.
constexpr Duration kCallSaidWait = seconds(15);

/// What the home gave for a call is used again, where it gives no more for a while, if it is good for so long.
constexpr Duration kTurnKeptLeast = minutes(5);

/// A call that is over.
struct PastCallRecord {
  CallId call;
  ChatId chat;
  bool outgoing = false;
  CallOutcome outcome{};
  CallMedia media{};
  uint64_t begun_ms = 0;
  uint64_t duration_ms = 0;
  bool took_part = false;  ///< This device did: what others tell of it changes nothing.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.call, self.chat, self.outgoing, self.outcome, self.media, self.begun_ms,
                          self.duration_ms, self.took_part);
  }
  friend bool operator==(const PastCallRecord&, const PastCallRecord&) = default;
};
/// All of them, in the order in which they were heard of.
struct PastCallsRecord {
  uint8_t version = kRecordVersion;
  std::vector<PastCallRecord> calls;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.calls);
  }
};
/// The call of this device.
struct LiveCallRecord {
  uint8_t version = kRecordVersion;
  LiveCall call;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.call);
  }
};

/// The call of a group that this device is in.
struct LiveGroupCallRecord {
  uint8_t version = kRecordVersion;
  LiveGroupCall call;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.call);
  }
};

/// Something of a call on its way to one home.
struct CallSaid {
  uint64_t number = 0;
  CallId call;
  CallStep step{};
  ChatId chat;
  wire::HomeAddress home;
  RequestId request;
  Instant since{};
};

/// What the own home has given last to pass its relay, in memory alone.
struct TurnKept {
  wire::HomeKey home;
  wire::TurnCredentials given;
  Instant until{};  ///< no call begins with it after that
};

/// What the engine holds of the calls of groups.
struct GroupCallBook {
  std::optional<LiveGroupCall> stored;  ///< As it was when the program began, until it goes on.

  // Under way.
  std::optional<GroupCallMachine> machine;
  DeviceId device;  ///< Of `machine`.
  std::map<ChatId, std::optional<uint64_t>>
      judged;  ///< In which epoch the members were looked at last; none: we are no member.
};

/// See above.
struct CallBook {
  PastCallsRecord past;
  std::optional<LiveCall> stored;  ///< As it was when the program began, until it goes on.

  // Under way.
  std::optional<CallMachine> machine;
  DeviceId device;  ///< Of `machine`.
  CallWay way = CallWay::kNone;
  std::vector<CallSaid> said;
  uint64_t last_said = 0;
  std::optional<TurnKept> turn;
  GroupCallBook groups;
  bool fresh = false;  ///< What is being taken in was pushed just now.
};

}  // namespace godwit::engine
