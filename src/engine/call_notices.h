#pragma once
// What the engine tells of calls (docs/protocol/calls.md): answers to call_commands.h, and what happened by itself.

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "engine/ids.h"

namespace godwit::engine {

/// What somebody wants to send in a call. Append only; an unknown one is taken for kVoice.
enum class CallMedia : uint8_t { kVoice = 1, kVideo = 2 };

/// Where a call stands.
enum class CallState : uint8_t {
  kCalling = 1,       ///< Out: nobody rings yet.
  kRingingThere = 2,  ///< Out: a device of theirs rings.
  kRingingHere = 3,   ///< In: this device rings.
  kAnswering = 4,     ///< In: accepted here; the caller has not said who has it.
  kConnecting = 5,    ///< Two devices have it; no media yet.
  kActive = 6,        ///< Media flow.
  kReconnecting = 7,  ///< Media have stopped, or the program has: who answered offers again.
  kOver = 8,
  kTaking = 9,  ///< It goes on at another own device, which is asked for it.
};

/// How it ended. What is kept and shown; append only.
enum class CallOutcome : uint8_t {
  kNone = 0,       ///< It goes on.
  kAnswered = 1,   ///< It was connected, and one of the two hung up.
  kMissed = 2,     ///< In: nobody answered.
  kDeclined = 3,   ///< The called account did not want to.
  kBusy = 4,       ///< The called account was in a call.
  kCancelled = 5,  ///< Out: the caller gave up.
  kNoAnswer = 6,   ///< Out: it rang to the end.
  kElsewhere = 7,  ///< In: another own device has answered or declined it.
  kFailed = 8,     ///< It was taken, and no media came through.
  kLost = 9,       ///< It was connected, and the line did not come back.
  kMerged = 10,    ///< Both called: the other call goes on. Nothing is kept of this one.
  kFull = 11,      ///< Of a group: there was no place. Nothing is kept of it.
  kRemoved = 12,   ///< Of a group: this account is not in the group any more.
  kMoved = 13,     ///< It goes on at another own device.
  kStays = 14,     ///< It was to be taken over here, and goes on where it was. Nothing is kept of that.
};

/// By which way media flow, as the page says.
enum class CallWay : uint8_t {
  kNone = 0,        ///< Not known, or they do not.
  kDirect = 1,      ///< From device to device: each sees the other's address.
  kRelayed = 2,     ///< By a relay of a home, over UDP.
  kRelayedTls = 3,  ///< By a relay of a home, as a web site's connection on port 443.
  kCarried = 4,     ///< As the messages go.
};

/// The call of this device.
struct CallInfo {
  CallId call;
  ChatId chat;
  AccountId peer;         ///< the other account
  std::string peer_name;  ///< as he calls himself
  std::optional<DeviceId> device{};  ///< which device of his; of ringing out none yet. Another one: it has taken over, and this side's page begins with it
  bool outgoing = false;
  CallState state = CallState::kCalling;
  std::optional<CallOutcome> outcome{};       ///< of kOver
  CallMedia media = CallMedia::kVoice;        ///< what is wished here
  CallMedia media_there = CallMedia::kVoice;  ///< what is wished there
  bool offers = false;  ///< this side's page makes the offers, also after a change of network: who answers does
  bool held_here = false;
  bool held_there = false;
  CallWay way = CallWay::kNone;
  Instant begun_at{};                  ///< the first ring
  std::optional<Instant> active_at{};  ///< the first media
  uint64_t duration_ms = 0;            ///< of kOver: how long media flowed
};

/// A call of two that another own device is in.
struct CallElsewhere {
  CallId call;
  ChatId chat;
  AccountId peer;         ///< the other account
  std::string peer_name;  ///< as he calls himself
  DeviceId device;        ///< which own device
  std::string device_name;
  CallMedia media = CallMedia::kVoice;  ///< what is wished there
  Instant begun_at{};                   ///< the first ring
  Instant active_at{};                  ///< the first media
};

/// A call that is over, as the history has it.
struct CallLine {
  CallId call;
  bool outgoing = false;
  CallOutcome outcome = CallOutcome::kAnswered;
  CallMedia media = CallMedia::kVoice;  ///< what the caller wished
  Instant begun_at{};
  uint64_t duration_ms = 0;
};

/// Where a call of a group stands for this device.
enum class GroupCallState : uint8_t {
  kGoing = 1,    ///< Others are in it; this device is not, and may come in.
  kRinging = 2,  ///< The same, and it rings here.
  kHere = 3,     ///< This device is in it.
  kOver =
      4,  ///< Nobody is, or this device has left: `outcome` says how, and whether it goes on without it, a kGoing that follows.
};

/// A device that is in a call of a group.
struct GroupCallPeer {
  AccountId account;
  std::string name;  ///< as its person calls himself
  DeviceId device;
  uint32_t join = 0;  ///< another one each time that it comes in: nothing is left there of what was agreed before
  CallMedia media = CallMedia::kVoice;  ///< what it wished when it came in
  bool offers = false;                  ///< this side's page makes the offers to it: the smaller device id does
};

/// A call of a group.
struct GroupCallInfo {
  CallId call;
  ChatId chat;
  std::string name;     ///< of the group
  AccountId by;         ///< who began it, as is said
  std::string by_name;  ///< as he calls himself
  GroupCallState state = GroupCallState::kGoing;
  std::optional<CallOutcome> outcome{};  ///< of kOver
  CallMedia media = CallMedia::kVoice;   ///< of kHere: what is wished here; else what who began it wishes
  std::vector<GroupCallPeer> peers;      ///< the other devices that are in it, by device id
  bool full = false;                     ///< there is no place for this device
  uint32_t places = 0;                   ///< so many devices may be in it: more than four with a room of a unit
  Instant begun_at{};
  std::optional<Instant> joined_at{};  ///< of kHere
  uint64_t duration_ms = 0;  ///< of kOver: how long this device was in it with others, or knew of others in it
};

/// Of StartGroupCall and JoinGroupCall.
struct GroupCallTaken {
  GroupCallInfo call;
};
/// Of StartCall, AcceptCall and TakeOverCall.
struct CallTaken {
  CallInfo call;
};
/// One call of the past, and where it was.
struct PastCall {
  ChatId chat;
  std::string name;  ///< of the other side, as he calls himself
  CallLine line;
};
/// Of ReadCalls.
struct Calls {
  std::optional<CallInfo> live;         ///< the one of this device, if there is one
  std::vector<PastCall> past;           ///< newest first
  bool more = false;                    ///< there are older ones
  std::vector<GroupCallInfo> groups{};  ///< those of groups that go on, the one of this device first
  std::vector<CallElsewhere> elsewhere{};  ///< those of two that other own devices are in
};
/// A relay as a page's RTCPeerConnection takes it.
struct CallRelay {
  std::vector<std::string> urls;  ///< turns:... and turn:...
  std::string username;
  std::string credential;
  Instant expires_at{};
  bool own = false;  ///< Of the own home. For the host alone.
};
/// Of ReadCallRelays.
struct CallRelays {
  std::vector<CallRelay> relays;    ///< in the order in which they should be tried
  std::vector<CallRelay> udp{};     ///< for once media flow by those: what is said to these is recognised as a call. None unless `clear`
  bool clear = false;  ///< nothing on this network speaks for a censor: UDP, to a relay or directly, may be risked now
};

/// Of OpenCallRoom.
struct CallRoomOpened {
  std::string room;  ///< hexadecimal
};
/// Where a stream stands in an offer of the unit.
struct CallRoomLine {
  uint32_t line = 0;  ///< the "mid" of its section
  uint64_t feed = 0;
  bool picture = false;
};
/// Of AskCallRoom; members that a wish has no use for are empty.
struct CallRoomAnswer {
  std::string text;  ///< a description (SDP)
  uint64_t feed = 0;
  std::vector<CallRoomLine> lines;
  std::vector<CallRelay> relays;
};

// ---- notices ------------------------------------------------------------------------------------------------------

/// The call of this device is new, stands otherwise, or is over (state kOver, once).
struct CallChanged {
  CallInfo call;
};
/// A call of a group is new, stands otherwise, or is over.
struct GroupCallChanged {
  GroupCallInfo call;
};
/// Other own devices are in these calls of two now: all of them, each time.
struct CallsElsewhere {
  std::vector<CallElsewhere> calls;
};
/// For the page: what another device's page has said.
struct CallSignal {
  CallId call;
  std::string data;
  std::optional<DeviceId> from{};  ///< of a call of a group: which device
};

}  // namespace godwit::engine
