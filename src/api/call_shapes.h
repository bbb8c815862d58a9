#pragma once
// The table's part about calls: values, records, commands, answers and notices.

#include <array>

#include "api/shapes.h"
#include "engine/commands.h"
#include "engine/errors.h"
#include "engine/notices.h"

namespace godwit::api {

inline constexpr Scalar kCallIdScalar{"call_id", "string",
                                      "a call, the same on all devices that take part in it: 32 hexadecimal digits"};

template <>
struct EnumShape<engine::CallMedia> {
  using Value = EnumValue<engine::CallMedia>;
  static constexpr std::string_view name = "call_media";
  static constexpr std::string_view about = "What somebody wants to send in a call.";
  static constexpr std::array values{Value{engine::CallMedia::kVoice, "voice", "voice"},
                                     Value{engine::CallMedia::kVideo, "video", "voice and video"}};
};

template <>
struct EnumShape<engine::CallState> {
  using Value = EnumValue<engine::CallState>;
  static constexpr std::string_view name = "call_state";
  static constexpr std::string_view about = "Where a call stands.";
  static constexpr std::array values{
      Value{engine::CallState::kCalling, "calling", "this side calls, and nothing rings yet"},
      Value{engine::CallState::kRingingThere, "ringing_there", "this side calls, and a device of theirs rings"},
      Value{engine::CallState::kRingingHere, "ringing_here", "it rings here: accept_call or decline_call"},
      Value{engine::CallState::kAnswering, "answering",
            "accepted here, and the caller's device has not heard of it; this page offers already"},
      Value{engine::CallState::kConnecting, "connecting", "two devices have it, and no media flow yet"},
      Value{engine::CallState::kActive, "active", "media flow"},
      Value{engine::CallState::kReconnecting, "reconnecting",
            "media have stopped, or a program has begun anew: the page that offers offers again"},
      Value{engine::CallState::kTaking, "taking",
            "it goes on at another own device, which is asked for it: connecting follows, or over with stays"},
      Value{engine::CallState::kOver, "over", "it is over: `outcome` says how"}};
};

template <>
struct EnumShape<engine::CallOutcome> {
  using Value = EnumValue<engine::CallOutcome>;
  static constexpr std::string_view name = "call_outcome";
  static constexpr std::string_view about = "How a call ended.";
  static constexpr std::array values{
      Value{engine::CallOutcome::kAnswered, "answered", "they talked, and one of the two hung up"},
      Value{engine::CallOutcome::kMissed, "missed", "it came in, and nobody answered"},
      Value{engine::CallOutcome::kDeclined, "declined", "whoever was called did not want to"},
      Value{engine::CallOutcome::kBusy, "busy", "whoever was called was in another call"},
      Value{engine::CallOutcome::kCancelled, "cancelled", "this side called and gave up"},
      Value{engine::CallOutcome::kNoAnswer, "no_answer", "this side called, and it rang to the end"},
      Value{engine::CallOutcome::kElsewhere, "elsewhere", "another own device has answered or declined it"},
      Value{engine::CallOutcome::kFailed, "failed", "it was answered, and no media came through"},
      Value{engine::CallOutcome::kLost, "lost", "they talked, and the line did not come back"},
      Value{engine::CallOutcome::kMerged, "merged",
            "both called at once: the other one's call goes on, and has been answered by itself"},
      Value{engine::CallOutcome::kFull, "full", "of a group: there was no place in it"},
      Value{engine::CallOutcome::kRemoved, "removed", "of a group: this account is not in the group any more"},
      Value{engine::CallOutcome::kMoved, "moved", "it goes on at another own device"},
      Value{engine::CallOutcome::kStays, "stays",
            "it was to be taken over here, and goes on where it was: one of the other two devices did not answer, or "
            "has an earlier version"}};
};

template <>
struct EnumShape<engine::CallWay> {
  using Value = EnumValue<engine::CallWay>;
  static constexpr std::string_view name = "call_way";
  static constexpr std::string_view about = "By which way the media of a call flow.";
  static constexpr std::array values{
      Value{engine::CallWay::kNone, "none", "not known, or they do not"},
      Value{engine::CallWay::kDirect, "direct", "from device to device: each sees the other's address"},
      Value{engine::CallWay::kRelayed, "relayed", "by a relay of a home, over UDP"},
      Value{engine::CallWay::kRelayedTls, "relayed_tls", "by a relay of a home, as a web site's connection"},
      Value{engine::CallWay::kCarried, "carried", "as the messages go"}};
};

template <>
struct Shape<engine::CallInfo> {
  static constexpr std::string_view name = "call";
  static constexpr std::string_view about = "The call of this device.";
  static constexpr auto fields = fields_in_order(
      field("call", &engine::CallInfo::call, "which"), field("chat", &engine::CallInfo::chat, "where: a chat of two"),
      field("peer", &engine::CallInfo::peer, "the other account"),
      field("peer_name", &engine::CallInfo::peer_name, "as he calls himself"),
      field("device", &engine::CallInfo::device,
            "which device of his; null: none has it yet. When it is another one than before, his call has gone over to "
            "it: this side's page begins with that one anew, says so by say_call_media once media flow with it, and "
            "lets those of before flow until then"),
      field("outgoing", &engine::CallInfo::outgoing, "this side has called"),
      field("state", &engine::CallInfo::state, "where it stands"),
      field("outcome", &engine::CallInfo::outcome, "of over: how it ended; else null"),
      field("media", &engine::CallInfo::media, "what is wished here"),
      field("media_there", &engine::CallInfo::media_there, "what is wished there"),
      field(
          "offers", &engine::CallInfo::offers,
          "this side's page makes the offers, the first one and those after a change of network; else it answers them"),
      field("held_here", &engine::CallInfo::held_here, "held by this side: nothing is sent or played"),
      field("held_there", &engine::CallInfo::held_there, "held by the other side: nothing is sent or played"),
      field("way", &engine::CallInfo::way, "how media flow, as this side's page has said"),
      field("begun_at", &engine::CallInfo::begun_at, "the first ring"),
      field("active_at", &engine::CallInfo::active_at, "when media first flowed; null: not yet"),
      field("duration_ms", &engine::CallInfo::duration_ms, "of over: how long they flowed; else 0"));
};

template <>
struct EnumShape<engine::GroupCallState> {
  using Value = EnumValue<engine::GroupCallState>;
  static constexpr std::string_view name = "group_call_state";
  static constexpr std::string_view about = "Where a call of a group stands for this device.";
  static constexpr std::array values{
      Value{engine::GroupCallState::kGoing, "going", "others are in it, this device is not: join_group_call"},
      Value{engine::GroupCallState::kRinging, "ringing",
            "the same, and it rings here: join_group_call or ignore_group_call"},
      Value{engine::GroupCallState::kHere, "here", "this device is in it"},
      Value{engine::GroupCallState::kOver, "over",
            "nobody is in it, or this device has left it: `outcome` says how. If it goes on without this device, that "
            "is told next"}};
};

template <>
struct Shape<engine::GroupCallPeer> {
  static constexpr std::string_view name = "group_call_peer";
  static constexpr std::string_view about = "Another device that is in a call of a group.";
  static constexpr auto fields = fields_in_order(
      field("account", &engine::GroupCallPeer::account, "whose"),
      field("name", &engine::GroupCallPeer::name, "as he calls himself"),
      field("device", &engine::GroupCallPeer::device, "which: signals are said to it"),
      field("join", &engine::GroupCallPeer::join,
            "another number each time that it comes in: nothing is left there of what was agreed before"),
      field("media", &engine::GroupCallPeer::media, "what it wished when it came in"),
      field("offers", &engine::GroupCallPeer::offers,
            "of a call that this device is in: this side's page makes the offers to it; else it answers them"));
};

template <>
struct Shape<engine::GroupCallInfo> {
  static constexpr std::string_view name = "group_call";
  static constexpr std::string_view about = "A call of a group.";
  static constexpr auto fields = fields_in_order(
      field("call", &engine::GroupCallInfo::call, "which"),
      field("chat", &engine::GroupCallInfo::chat, "where: a group"),
      field("name", &engine::GroupCallInfo::name, "of the group"),
      field("by", &engine::GroupCallInfo::by, "who began it, as is said"),
      field("by_name", &engine::GroupCallInfo::by_name, "as he calls himself; empty: he is not in the group"),
      field("state", &engine::GroupCallInfo::state, "where it stands"),
      field("outcome", &engine::GroupCallInfo::outcome, "of over: how it ended; else null"),
      field("media", &engine::GroupCallInfo::media,
            "of here: what is wished here; else what was wished by whoever was heard of first"),
      field("peers", &engine::GroupCallInfo::peers, "the other devices that are in it, by their ids; of over: none"),
      field("full", &engine::GroupCallInfo::full, "there is no place for this device"),
      field("places", &engine::GroupCallInfo::places, "so many devices may be in it: four, or 32 where a page in it has a room of a unit and all know what that is"),
      field("begun_at", &engine::GroupCallInfo::begun_at, "when it began"),
      field("joined_at", &engine::GroupCallInfo::joined_at, "of here: since when; else null"),
      field("duration_ms", &engine::GroupCallInfo::duration_ms,
            "of over: how long this device was in it with others, or knew of others who were; else 0"));
};

template <>
struct Shape<engine::CallElsewhere> {
  static constexpr std::string_view name = "call_elsewhere";
  static constexpr std::string_view about = "A call of two that another own device is in: take_over_call.";
  static constexpr auto fields =
      fields_in_order(field("call", &engine::CallElsewhere::call, "which"),
                      field("chat", &engine::CallElsewhere::chat, "where: a chat of two"),
                      field("peer", &engine::CallElsewhere::peer, "the other account"),
                      field("peer_name", &engine::CallElsewhere::peer_name, "as he calls himself"),
                      field("device", &engine::CallElsewhere::device, "which own device"),
                      field("device_name", &engine::CallElsewhere::device_name, "as it is called among the own devices"),
                      field("media", &engine::CallElsewhere::media, "what is wished there"),
                      field("begun_at", &engine::CallElsewhere::begun_at, "the first ring"),
                      field("active_at", &engine::CallElsewhere::active_at, "when media first flowed"));
};

template <>
struct Shape<engine::CallLine> {
  static constexpr std::string_view name = "call_line";
  static constexpr std::string_view about = "A call that is over, as the history has it.";
  static constexpr auto fields =
      fields_in_order(field("call", &engine::CallLine::call, "which"),
                      field("outgoing", &engine::CallLine::outgoing, "this account has called, by any of its devices"),
                      field("outcome", &engine::CallLine::outcome, "how it ended"),
                      field("media", &engine::CallLine::media, "what the caller wished"),
                      field("begun_at", &engine::CallLine::begun_at, "the first ring"),
                      field("duration_ms", &engine::CallLine::duration_ms, "how long media flowed"));
};

template <>
struct Shape<engine::PastCall> {
  static constexpr std::string_view name = "past_call";
  static constexpr std::string_view about = "One call of the past, and where it was.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::PastCall::chat, "where"),
                                                 field("name", &engine::PastCall::name, "of the other side"),
                                                 field("line", &engine::PastCall::line, "the call"));
};

template <>
struct Shape<engine::CallRelay> {
  static constexpr std::string_view name = "call_relay";
  static constexpr std::string_view about = "A relay, as a page's RTCPeerConnection takes it among its iceServers.";
  static constexpr auto fields =
      fields_in_order(field("urls", &engine::CallRelay::urls, "turns:... and turn:..., in the order of preference"),
                      field("username", &engine::CallRelay::username, "for that relay alone"),
                      field("credential", &engine::CallRelay::credential, "the same"),
                      field("expires_at", &engine::CallRelay::expires_at, "until when both are good"));
};

// ---- commands -----------------------------------------------------------------------------------------------------

template <>
struct Shape<engine::StartCall> {
  using Answer = engine::CallTaken;
  static constexpr std::string_view name = "start_call";
  static constexpr std::string_view about =
      "Calls the other account of a chat of two: all its devices ring, for a minute. call_changed says how it goes on.";
  static constexpr auto fields = fields_in_order(
      field("chat", &engine::StartCall::chat, "which chat"),
      field_or_default("media", &engine::StartCall::media, "what this side wants to send; voice if left out"));
  static constexpr std::array errors{
      engine::kNoAccount,   engine::kNoSuchChat, engine::kChatOnlyKept, engine::kNotDirect,  engine::kChatNotReady,
      engine::kCallBlocked, engine::kInCall,     engine::kNotConnected, engine::kNewDevices, engine::kNoCallWay};
};

template <>
struct Shape<engine::AcceptCall> {
  using Answer = engine::CallTaken;
  static constexpr std::string_view name = "accept_call";
  static constexpr std::string_view about =
      "Takes the call that rings here: all other devices stop. This side's page offers at once, by send_call_signal.";
  static constexpr auto fields = fields_in_order(
      field("call", &engine::AcceptCall::call, "which"),
      field_or_default("media", &engine::AcceptCall::media, "what this side wants to send; voice if left out"));
  static constexpr std::array errors{engine::kNoSuchCall, engine::kCallNotNow, engine::kNewDevices};
};

template <>
struct Shape<engine::TakeOverCall> {
  using Answer = engine::CallTaken;
  static constexpr std::string_view name = "take_over_call";
  static constexpr std::string_view about =
      "Takes a call of two over that another own device is in (`elsewhere` of read_calls). The other side's person does "
      "nothing for it, and hears the other device until media flow here. It is answered at once, in state taking; "
      "call_changed says whether it comes here (connecting) or stays where it was.";
  static constexpr auto fields = fields_in_order(
      field("call", &engine::TakeOverCall::call, "which"),
      field_or_default("media", &engine::TakeOverCall::media, "what this side wants to send; voice if left out"));
  static constexpr std::array errors{
      engine::kNoAccount,   engine::kNoSuchCall, engine::kNoSuchChat,   engine::kChatOnlyKept, engine::kNotDirect, engine::kChatNotReady,
      engine::kCallBlocked, engine::kInCall,     engine::kNotConnected, engine::kNewDevices,   engine::kNoCallWay};
};

template <>
struct Shape<engine::DeclineCall> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "decline_call";
  static constexpr std::string_view about = "Does not take the call that rings here, for all own devices.";
  static constexpr auto fields = fields_in_order(field("call", &engine::DeclineCall::call, "which"));
  static constexpr std::array errors{engine::kNoSuchCall, engine::kCallNotNow};
};

template <>
struct Shape<engine::EndCall> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "end_call";
  static constexpr std::string_view about =
      "Ends the call of this device wherever it stands; leaves it if it is a group's.";
  static constexpr auto fields = fields_in_order(field("call", &engine::EndCall::call, "which"));
  static constexpr std::array errors{engine::kNoSuchCall};
};

template <>
struct Shape<engine::HoldCall> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "hold_call";
  static constexpr std::string_view about =
      "Holds a call, or goes on: both pages stop sending and playing, or begin again.";
  static constexpr auto fields =
      fields_in_order(field("call", &engine::HoldCall::call, "which"),
                      field_or_default("held", &engine::HoldCall::held, "false: it goes on; true if left out"));
  static constexpr std::array errors{engine::kNoSuchCall, engine::kCallNotNow};
};

template <>
struct Shape<engine::StartGroupCall> {
  using Answer = engine::GroupCallTaken;
  static constexpr std::string_view name = "start_group_call";
  static constexpr std::string_view about =
      "Begins a call in a group of up to a hundred: all devices of all members ring for a while, and see after that "
      "that it goes on. If one goes " "on there already, comes into that one. group_call_changed says who is in it.";
  static constexpr auto fields = fields_in_order(
      field("chat", &engine::StartGroupCall::chat, "which group"),
      field_or_default("media", &engine::StartGroupCall::media, "what this side wants to send; voice if left out"),
      field_or_default("rooms", &engine::StartGroupCall::rooms,
                       "this page knows rooms of a unit (open_call_room): where all in a call do, and one has a room, more than four may be in it; false if left out"));
  static constexpr std::array errors{engine::kNoAccount, engine::kNoSuchChat,   engine::kChatOnlyKept,
                                     engine::kNotGroup,  engine::kNotAllowed,   engine::kChatNotReady,
                                     engine::kInCall,    engine::kNotConnected, engine::kNewDevices,
                                     engine::kNoCallWay, engine::kCallFull,     engine::kGroupCallTooLarge};
};

template <>
struct Shape<engine::JoinGroupCall> {
  using Answer = engine::GroupCallTaken;
  static constexpr std::string_view name = "join_group_call";
  static constexpr std::string_view about =
      "Comes into a call of a group. Of each two devices in it, the page of one offers (`offers` of group_call_peer), "
      "as soon as " "group_call_changed tells of the other.";
  static constexpr auto fields = fields_in_order(
      field("call", &engine::JoinGroupCall::call, "which"),
      field_or_default("media", &engine::JoinGroupCall::media, "what this side wants to send; voice if left out"),
      field_or_default("rooms", &engine::JoinGroupCall::rooms, "as in start_group_call; false if left out"));
  static constexpr std::array errors{engine::kNoAccount, engine::kNoSuchCall,   engine::kChatNotReady,
                                     engine::kInCall,    engine::kNotConnected, engine::kNewDevices,
                                     engine::kNoCallWay, engine::kCallFull,     engine::kGroupCallTooLarge};
};

template <>
struct Shape<engine::IgnoreGroupCall> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "ignore_group_call";
  static constexpr std::string_view about =
      "Lets a call of a group not ring any more, on all own devices. It can be joined all the same.";
  static constexpr auto fields = fields_in_order(field("call", &engine::IgnoreGroupCall::call, "which"));
  static constexpr std::array errors{engine::kNoSuchCall};
};

template <>
struct Shape<engine::SendCallSignal> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "send_call_signal";
  static constexpr std::string_view about =
      "Says something to the page of the other device of the call, end-to-end encrypted: descriptions, candidates, "
      "keys of frames. It may be " "lost: say it again if no answer comes.";
  static constexpr auto fields = fields_in_order(
      field("call", &engine::SendCallSignal::call, "which"),
      field("data", &engine::SendCallSignal::data, "1 to 32,768 bytes of UTF-8, which Godwit does not read"),
      field("to", &engine::SendCallSignal::to, "of a call of a group: to which device in it; else null or left out"));
  static constexpr std::array errors{engine::kNoSuchCall, engine::kCallNotNow, engine::kTooLong, engine::kNotText};
};

template <>
struct Shape<engine::SayCallMedia> {
  using Answer = engine::Nothing;
  static constexpr std::string_view name = "say_call_media";
  static constexpr std::string_view about =
      "The page says whether media flow, whenever that or the way changes, and every 10 seconds or so while they do. A call "
      "without media ends by itself: after 30 seconds, or after 45 if they flowed before. In a call of a group this says that the "
      "page is there: a minute without, and this device leaves.";
  static constexpr auto fields =
      fields_in_order(field("call", &engine::SayCallMedia::call, "which"),
                      field("flowing", &engine::SayCallMedia::flowing, "they do; false: not yet, or not any more"),
                      field_or_default("way", &engine::SayCallMedia::way, "by which way; none if left out"),
                      field_or_default("room", &engine::SayCallMedia::room,
                                       "of a call of a group: this page has a room of a unit now, so that more than four may come in; said each time, false if left out"),
                      field_or_default("device", &engine::SayCallMedia::device,
                                       "of a call of two: with which device of the other side, as `device` of the call; null or left "
                                       "out: with the one that has it. While that changes, only what names one counts"),
                      field_or_default("spoilt", &engine::SayCallMedia::spoilt,
                                       "what went by UDP before was spoilt on the way, and media go on by TLS: `clear` of read_call_relays is false on this "
                                       "network for an hour, and longer each time; said once, false if left out"));
  static constexpr std::array errors{engine::kNoSuchCall, engine::kCallNotNow};
};

template <>
struct Shape<engine::ReadCalls> {
  using Answer = engine::Calls;
  static constexpr std::string_view name = "read_calls";
  static constexpr std::string_view about = "Tells the call of this device, and those of the past that it knows of.";
  static constexpr auto fields = fields_in_order(
      field("chat", &engine::ReadCalls::chat, "only past ones of this chat; null or left out: of all"),
      field_or_default("skip", &engine::ReadCalls::skip, "so many are passed over; 0 if left out"),
      field_or_default("count", &engine::ReadCalls::count, "how many at most, up to 100; 20 if left out"));
  static constexpr std::array errors{engine::kNoAccount};
};

template <>
struct Shape<engine::ReadCallRelays> {
  using Answer = engine::CallRelays;
  static constexpr std::string_view name = "read_call_relays";
  static constexpr std::string_view about =
      "Asks the own home for relays that a call may use, with names and words that are good for some hours. None: the "
      "home has none.";
  static constexpr auto fields = fields_in_order();
  static constexpr std::array errors{engine::kNoAccount, engine::kNotConnected};
};

template <>
struct EnumShape<engine::CallRoomWish> {
  using Value = EnumValue<engine::CallRoomWish>;
  static constexpr std::string_view name = "call_room_wish";
  static constexpr std::string_view about = "What a page wants of a room of a unit.";
  static constexpr std::array values{
      Value{engine::CallRoomWish::kEnter, "enter", "a relay to the unit, also when its credentials end"},
      Value{engine::CallRoomWish::kPublish, "publish", "`text` is an offer with what this page sends; an answer comes"},
      Value{engine::CallRoomWish::kWatch, "watch",
            "`streams` is all that it wants to be sent; an offer comes, or an empty text if nothing but layers has changed"},
      Value{engine::CallRoomWish::kAnswer, "answer", "`text` is the answer to the newest offer"},
      Value{engine::CallRoomWish::kStay, "stay", "it is there: half a minute without, and its seat is free"},
      Value{engine::CallRoomWish::kLeave, "leave", "its seat is free"}};
};

template <>
struct Shape<engine::CallRoomStream> {
  static constexpr std::string_view name = "call_room_stream";
  static constexpr std::string_view about = "What somebody in a room sends.";
  static constexpr auto fields = fields_in_order(
      field("feed", &engine::CallRoomStream::feed, "whose: `feed` of the answer to his publish"),
      field("picture", &engine::CallRoomStream::picture, "the picture, else the voice"),
      field_or_default("layer", &engine::CallRoomStream::layer, "of a picture in several sizes which one at most, 0 to 2; 0 if left out"));
};

template <>
struct Shape<engine::CallRoomLine> {
  static constexpr std::string_view name = "call_room_line";
  static constexpr std::string_view about = "Where a stream stands in an offer of the unit.";
  static constexpr auto fields = fields_in_order(
      field("line", &engine::CallRoomLine::line, "the mid of its section"),
      field("feed", &engine::CallRoomLine::feed, "whose"),
      field("picture", &engine::CallRoomLine::picture, "the picture, else the voice"));
};

template <>
struct Shape<engine::OpenCallRoom> {
  using Answer = engine::CallRoomOpened;
  static constexpr std::string_view name = "open_call_room";
  static constexpr std::string_view about =
      "Asks the own home for a room of its forwarding unit, for the call of a group that this device is in: with one more than four can "
      "be in it. Its key is said to the others' pages by send_call_signal.";
  static constexpr auto fields = fields_in_order(field("call", &engine::OpenCallRoom::call, "which"));
  static constexpr std::array errors{engine::kNoSuchCall, engine::kNotConnected};
};

template <>
struct Shape<engine::AskCallRoom> {
  using Answer = engine::CallRoomAnswer;
  static constexpr std::string_view name = "ask_call_room";
  static constexpr std::string_view about = "Asks a room of a forwarding unit for something: whoever has its key and is in the call.";
  static constexpr auto fields = fields_in_order(
      field("call", &engine::AskCallRoom::call, "which"),
      field("home", &engine::AskCallRoom::home, "the account that has opened it, whose home has it"),
      field("room", &engine::AskCallRoom::room, "its key, as open_call_room gave it"),
      field("seat", &engine::AskCallRoom::seat, "32 hexadecimal digits, random, made by the page"),
      field("number", &engine::AskCallRoom::number, "counts the wishes of this seat, from 1; the newest one again has the same answer"),
      field("wish", &engine::AskCallRoom::wish, "what"),
      field_or_default("text", &engine::AskCallRoom::text, "a description (SDP) of at most 65,536 bytes; empty if left out"),
      field_or_default("streams", &engine::AskCallRoom::streams, "of watch: at most 64; none if left out"));
  static constexpr std::array errors{engine::kNoSuchCall, engine::kCallNotNow, engine::kTooLong, engine::kBadCallRoom};
};

// ---- answers and notices ------------------------------------------------------------------------------------------

template <>
struct Shape<engine::CallTaken> {
  static constexpr std::string_view name = "call_taken";
  static constexpr std::string_view about = "This device has it.";
  static constexpr auto fields = fields_in_order(field("call", &engine::CallTaken::call, "as it stands"));
};

template <>
struct Shape<engine::Calls> {
  static constexpr std::string_view name = "calls";
  static constexpr std::string_view about = "The call of this device, and those of the past.";
  static constexpr auto fields = fields_in_order(
      field("live", &engine::Calls::live, "the call of this device; null: it is in none, and rings for none"),
      field("past", &engine::Calls::past, "those of the past, newest first"),
      field("more", &engine::Calls::more, "there are older ones"),
      field("groups", &engine::Calls::groups, "calls of groups that go on, the one that this device is in first"),
      field("elsewhere", &engine::Calls::elsewhere, "calls of two that other own devices are in"));
};

template <>
struct Shape<engine::CallRelays> {
  static constexpr std::string_view name = "call_relays";
  static constexpr std::string_view about = "Relays that a call may use.";
  static constexpr auto fields =
      fields_in_order(field("relays", &engine::CallRelays::relays, "in the order in which they should be tried"),
                      field("udp", &engine::CallRelays::udp,
                            "relays by UDP, which a watcher recognises: to be tried once media flow by `relays`, and left when it is "
                            "spoilt. None where `clear` is false, or the home has none"),
                      field("clear", &engine::CallRelays::clear,
                            "nothing on this network speaks for a censor, as it stands now: only then UDP is risked, to a relay or directly"));
};

template <>
struct Shape<engine::CallRoomOpened> {
  static constexpr std::string_view name = "call_room_opened";
  static constexpr std::string_view about = "A room of the own home's unit.";
  static constexpr auto fields = fields_in_order(
      field("room", &engine::CallRoomOpened::room, "its key, 64 hexadecimal digits: whoever has it can take a seat, and nobody else"));
};

template <>
struct Shape<engine::CallRoomAnswer> {
  static constexpr std::string_view name = "call_room_answer";
  static constexpr std::string_view about = "What a room says to a wish; what the wish has no use for is empty.";
  static constexpr auto fields = fields_in_order(
      field("text", &engine::CallRoomAnswer::text, "a description (SDP)"),
      field("feed", &engine::CallRoomAnswer::feed, "of publish: by which the others ask for what this page sends; else 0"),
      field("lines", &engine::CallRoomAnswer::lines, "of watch: what stands where in the offer"),
      field("relays", &engine::CallRoomAnswer::relays, "of enter: by what the unit is reached"));
};

template <>
struct Shape<engine::CallChanged> {
  static constexpr std::string_view name = "call_changed";
  static constexpr std::string_view about =
      "The call of this device is new (state ringing_here: ring), stands otherwise, or is over (state over, told "
      "once).";
  static constexpr auto fields = fields_in_order(field("call", &engine::CallChanged::call, "as it stands"));
};

template <>
struct Shape<engine::GroupCallTaken> {
  static constexpr std::string_view name = "group_call_taken";
  static constexpr std::string_view about = "This device is in it.";
  static constexpr auto fields = fields_in_order(field("call", &engine::GroupCallTaken::call, "as it stands"));
};

template <>
struct Shape<engine::GroupCallChanged> {
  static constexpr std::string_view name = "group_call_changed";
  static constexpr std::string_view about =
      "A call of a group is new (state ringing: ring), somebody has come into it or left, or it is over for this "
      "device (state over).";
  static constexpr auto fields = fields_in_order(field("call", &engine::GroupCallChanged::call, "as it stands"));
};

template <>
struct Shape<engine::CallsElsewhere> {
  static constexpr std::string_view name = "calls_elsewhere";
  static constexpr std::string_view about =
      "Other own devices are in other calls of two than before. They say so every 20 seconds, so who comes back knows of it soon.";
  static constexpr auto fields =
      fields_in_order(field("calls", &engine::CallsElsewhere::calls, "all of them; of before none is left"));
};

template <>
struct Shape<engine::CallSignal> {
  static constexpr std::string_view name = "call_signal";
  static constexpr std::string_view about = "The page of another device in the call has said something to this side's.";
  static constexpr auto fields = fields_in_order(
      field("call", &engine::CallSignal::call, "which"), field("data", &engine::CallSignal::data, "what"),
      field("from", &engine::CallSignal::from, "of a call of a group: which device; else null"));
};

}  // namespace godwit::api
