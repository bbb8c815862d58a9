#pragma once
// What can be asked about calls (docs/protocol/calls.md). Media are the page's: it is told by CallChanged what stands, and says what flows.

#include <optional>
#include <string>
#include <vector>

#include "engine/call_notices.h"
#include "engine/ids.h"

namespace godwit::engine {

/// Calls in one answer of ReadCalls.
constexpr uint32_t kCallsPageMax = 100;

/// Calls the other account of a chat of two: all its devices ring, for a minute. Answered by CallTaken at once; CallChanged notices
/// follow. kNoAccount, kNoSuchChat, kChatOnlyKept, kNotDirect, kChatNotReady, kCallBlocked, kInCall, kNotConnected,
/// kNewDevices, kNoCallWay.
struct StartCall {
  ChatId chat;
  CallMedia media = CallMedia::kVoice;
};
/// Takes the call that rings here. Answered by CallTaken; the page offers at once by SendCallSignal. kNoSuchCall, kCallNotNow,
/// kNewDevices.
struct AcceptCall {
  CallId call;
  CallMedia media = CallMedia::kVoice;
};
/// Takes a call over that another own device is in; the other side's person does nothing for it. Answered by CallTaken at once: state kTaking, and
/// CallChanged says whether it comes here (kConnecting) or kStays. kNoSuchCall: no other own device is known to be in it; as StartCall for the rest.
struct TakeOverCall {
  CallId call;
  CallMedia media = CallMedia::kVoice;
};
/// Does not take the call that rings here, for all own devices. Answered by Nothing. kNoSuchCall, kCallNotNow.
struct DeclineCall {
  CallId call;
};
/// Ends the call of this device wherever it stands; of a group: leaves it. Answered by Nothing. kNoSuchCall.
struct EndCall {
  CallId call;
};
/// Holds a call, or goes on. The pages stop sending and playing. Answered by Nothing. kNoSuchCall, kCallNotNow.
struct HoldCall {
  CallId call;
  bool held = true;
};
/// Begins a call in a group: all devices of all members ring for a while. Answered by GroupCallTaken; GroupCallChanged notices follow. If one
/// goes on there, joins that one. kNoAccount, kNoSuchChat, kChatOnlyKept, kNotAGroup, kNotAllowed: only admins write there; kChatNotReady,
/// kGroupCallTooLarge, kInCall, kNotConnected, kNewDevices, kNoCallWay, kCallFull.
struct StartGroupCall {
  ChatId chat;
  CallMedia media = CallMedia::kVoice;
  bool rooms = false;  ///< the page knows rooms of a unit: where all in a call do, more than four may be in it
};
/// Comes into a call of a group. Answered by GroupCallTaken. kNoAccount, kNoSuchCall, kInCall, kNotConnected, kNewDevices, kNoCallWay,
/// kCallFull.
struct JoinGroupCall {
  CallId call;
  CallMedia media = CallMedia::kVoice;
  bool rooms = false;  ///< as in StartGroupCall
};
/// Does not ring any more for this call, on any own device; it can be joined all the same. Answered by Nothing. kNoSuchCall.
struct IgnoreGroupCall {
  CallId call;
};
/// Says something to the page of the other device of the call: descriptions, candidates, keys of frames. It is end-to-end encrypted and may
/// be lost: say it again if no answer comes. Answered by Nothing. kNoSuchCall, kCallNotNow: nobody has taken it; kTooLong: above
/// kCallSignalSizeMax, or empty; kNotText.
struct SendCallSignal {
  CallId call;
  std::string data;
  std::optional<DeviceId> to{};  ///< of a call of a group: which device; it is in it, or kCallNotNow
};
/// The page says whether media flow, and by which way; also when only the way has changed. While they do not, the call ends by itself after
/// half a minute, or 45 s if they did before. In a call of a group it says that the page is there: a minute without, and this device leaves. Answered by Nothing. kNoSuchCall, kCallNotNow: nobody has taken it.
struct SayCallMedia {
  CallId call;
  bool flowing = false;
  CallWay way = CallWay::kNone;
  bool room = false;  ///< of a call of a group: the page has a room of a unit now
  std::optional<DeviceId> device{};  ///< of a call of two: with which device of the other side (CallInfo::device); none: with the one that has it
  bool spoilt = false;  ///< what went by UDP was spoilt, and goes on by TLS: nothing is risked on this network for a while
};
/// Asks for the call of this device and those of the past, of all chats or of one. Answered by Calls. kNoAccount.
struct ReadCalls {
  std::optional<ChatId> chat{};
  uint32_t skip = 0;
  uint32_t count = 20;  ///< at most kCallsPageMax
};
/// What a page wants of a room of the unit (wire::CallRoomVerb).
enum class CallRoomWish : uint8_t { kEnter = 1, kPublish = 2, kWatch = 3, kAnswer = 4, kStay = 5, kLeave = 6 };
/// What somebody in a room sends.
struct CallRoomStream {
  uint64_t feed = 0;
  bool picture = false;
  uint32_t layer = 0;
};
/// Asks the own home for a room of its unit, for the call of a group that this device is in and that is to have more than a few. Answered by
/// CallRoomOpened. kNoSuchCall, kNotConnected; what the home refuses, as wire::kCallsOff: it has no unit.
struct OpenCallRoom {
  CallId call;
};
/// Asks a room for something: whoever has its key and is in the call. Answered by CallRoomAnswer. kNoSuchCall; kCallNotNow: `home` is nobody's in the
/// group; kTooLong, kBadCallRoom; what the home refuses, as wire::kNoSuchCallRoom.
struct AskCallRoom {
  CallId call;
  AccountId home;       ///< whose home has the room: who has opened it
  std::string room;     ///< CallRoomOpened::room
  std::string seat;     ///< 32 hexadecimal digits, random, by the page
  uint32_t number = 0;  ///< counts the wishes of the seat from 1; the newest one again has the same answer
  CallRoomWish wish = CallRoomWish::kStay;
  std::string text{};
  std::vector<CallRoomStream> streams{};
};
/// Asks the own home for relays that a call may use, now and on this network. Answered by CallRelays; none: it has none. kNoAccount, kNotConnected.
struct ReadCallRelays {};

}  // namespace godwit::engine
