#pragma once
// The calls of groups as one device knows them: which go on, who is in them, and the one that this device is in (docs/protocol/calls.md).
//
// Pure, as call_machine.h is. Nobody leads a call: each device that is in it says so again and again, and each counts those whom it has heard
// itself. What is lost is said again; who is silent is out. It is NOT the media, and knows no MLS: whoever calls heard() has checked that
// the device is a member of the group now.

#include "codec/members.h"
#include "engine/call_machine.h"

namespace godwit::engine {

/// How often a device says that it is in a call, to those who are in it; and after what silence it is out.
constexpr Duration kGroupHereAgain = seconds(10);
constexpr Duration kGroupSilent = seconds(35);
/// How often one of them, that with the smallest id, says so to the whole group; and after what silence who is not in it knows of none.
constexpr Duration kGroupTellAgain = seconds(30);
constexpr Duration kGroupGoingMax = seconds(80);
/// How long a call that was begun rings, and how often its beginner says so: a device may come into the network meanwhile.
constexpr Duration kGroupRingTime = seconds(45);
/// A page that says nothing for so long is gone, and its device leaves.
constexpr Duration kGroupPageSilent = seconds(60);
/// Who is in a call alone for so long leaves it.
constexpr Duration kGroupAlone = minutes(3);
/// Of two that come in at once for one place the smaller device id has it, if they are heard within this time.
constexpr Duration kGroupRace = seconds(5);
/// Who comes in believes so long that there is no place; and of two calls that were begun within this time the smaller id holds.
constexpr Duration kGroupEntering = seconds(20);
constexpr Duration kGroupGlare = seconds(60);
/// Calls of groups that are known at a time: the one that was heard of longest ago gives way.
constexpr size_t kGoingCallsMax = 64;
/// Those who have left one call and are remembered: what they said before comes late.
constexpr size_t kGoneMax = 64;
/// The largest group with calls: each statement to the whole group is a delivery for each of its members.
constexpr size_t kGroupCallMembersMax = 100;

/// Another device that is in a call.
struct GroupPeer {
  CallSeat seat;
  CallMedia media = CallMedia::kVoice;
  uint32_t number = 0;    ///< Of what it has said last; 0: others say that it is there.
  uint64_t since_ms = 0;  ///< When it came in, if that was heard; 0: it was there before.
  uint64_t heard_ms = 0;  ///< When it was last heard of.
  bool rooms = false;     ///< Its page knows rooms of a unit, and
  bool room = false;      ///< has one. Said again and again, and not stored.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.seat, self.media, self.number, self.since_ms, self.heard_ms);
  }
};

/// A call of a group that goes on.
struct GoingCall {
  CallId call;
  ChatId chat;
  AccountId by;
  CallMedia media = CallMedia::kVoice;  ///< What was wished by who was heard of first.
  uint64_t begun_ms = 0;
  uint64_t since_ms = 0;         ///< When it was first heard of here.
  uint64_t ring_until_ms = 0;    ///< It rings here until then; 0: it does not.
  bool own = false;              ///< An own device is or was in it.
  bool met = false;              ///< Two at once were in it.
  std::vector<GroupPeer> peers;  ///< By device id.
  std::vector<CallSeat> gone;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.call, self.chat, self.by, self.media, self.begun_ms, self.since_ms, self.ring_until_ms,
                          self.own, self.met, self.peers, self.gone);
  }
};

/// The call that this device is in. What of it is stored, so that a restart goes on with it.
struct LiveGroupCall {
  GoingCall going;
  uint32_t join = 0;
  uint32_t number = 0;  ///< Of what was said last.
  CallMedia media = CallMedia::kVoice;
  uint64_t joined_ms = 0;
  uint64_t met_ms = 0;    ///< When somebody else was first in it; 0: nobody yet.
  uint64_t alone_ms = 0;  ///< Since when nobody else is; 0: somebody is.
  uint64_t page_ms = 0;   ///< When the page was last heard.
  uint64_t again_ms = 0;  ///< What is said is said again then.
  uint64_t told_ms = 0;   ///< When the whole group was last told.
  bool rooms = false;     ///< As in GroupPeer, of the own page.
  bool room = false;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.going, self.join, self.number, self.media, self.joined_ms, self.met_ms, self.alone_ms,
                          self.page_ms, self.again_ms, self.told_ms);
  }
};

/// A call of a group stands otherwise for this device, or is over.
struct GroupCallStands {
  GoingCall call;
  GroupCallState state{};
  CallOutcome outcome = CallOutcome::kNone;
  std::optional<LiveGroupCall> live{};  ///< Of kHere, and of a kOver that this device was in.
  uint64_t duration_ms = 0;
};
/// What is to be done, in its order.
using GroupCallEffect = std::variant<SayCall, GroupCallStands, CallSignalled, KeepCall>;
/// The same.
using GroupCallEffects = std::vector<GroupCallEffect>;

/// What a person wants and cannot have; kFull beside those of CallRefusal.
enum class GroupRefusal : uint8_t { kNone = 0, kBusyHere = 1, kUnknown = 2, kNotNow = 3, kFull = 4 };

/// See above. Each method appends what is to be done to `out`.
class GroupCallMachine {
 public:
  /// `account` and `device` are this device's own.
  GroupCallMachine(const AccountId& account, const DeviceId& device) : account_(account), self_(device) {}

  /// Begins a call in `chat`, or comes into the one that goes on there; `call` and `join` are random; `rooms`: the page knows rooms of a unit.
  /// kBusyHere: it is in one; kFull.
  [[nodiscard]] GroupRefusal start(const CallId& call, const ChatId& chat, uint32_t join, CallMedia media, Instant now,
                                   GroupCallEffects& out, bool rooms = false);
  /// Comes into a call that is known. kBusyHere, kUnknown, kFull.
  [[nodiscard]] GroupRefusal join(const CallId& call, uint32_t join, CallMedia media, Instant now,
                                  GroupCallEffects& out, bool rooms = false);
  /// Does not ring any more. kUnknown.
  [[nodiscard]] GroupRefusal ignore(const CallId& call, GroupCallEffects& out);
  /// Leaves the call of this device. kUnknown.
  [[nodiscard]] GroupRefusal leave(const CallId& call, Instant now, GroupCallEffects& out);
  /// Sends bytes of the page to that of another device. kUnknown; kNotNow: it is not in the call, or the size.
  [[nodiscard]] GroupRefusal signal(const CallId& call, const DeviceId& to, Bytes data, GroupCallEffects& out);
  /// The page is there; `room`: it has one of a unit now. kUnknown.
  [[nodiscard]] GroupRefusal page_is_there(const CallId& call, bool room, Instant now, GroupCallEffects& out);

  /// Somebody has said something. Whatever does not fit is passed over. `busy`: this device is in another call, and does not ring.
  void heard(const CallSpeaker& from, const CallBody& body, bool busy, Instant now, GroupCallEffects& out);
  /// The members of a group are others: who is not among these devices is in no call of it. Empty: this account is no member.
  void keep_members(const ChatId& chat, const std::vector<DeviceId>& members, Instant now, GroupCallEffects& out);
  /// Goes on after a restart with what was stored; into a new machine only.
  void restore(const LiveGroupCall& call, Instant now, GroupCallEffects& out);
  /// The history has a line of this call, which may go on all the same.
  void know_line(const CallId& call);
  /// Does what is due.
  void expire(Instant now, GroupCallEffects& out);
  /// When to call expire(); kNever if nothing is due.
  Instant deadline() const;

  /// The call of this device, or null.
  const LiveGroupCall* live() const { return live_ ? &*live_ : nullptr; }
  /// Those that go on without this device.
  const std::deque<GoingCall>& going() const { return going_; }
  /// A call that this device is in or knows of; null: it is over, or never was.
  const GoingCall* find(const CallId& call) const;

 private:
  GoingCall* find_going(const CallId& call);
  GoingCall* find_in(const ChatId& chat);
  void enter(GoingCall call, uint32_t join, CallMedia media, bool rooms, Instant now, GroupCallEffects& out);
  void on_here(const CallSpeaker& from, const CallBody& body, bool busy, Instant now, GroupCallEffects& out);
  void on_here_inside(const CallSpeaker& from, const CallBody& body, const CallHere& here, Instant now,
                      GroupCallEffects& out);
  void on_here_outside(const CallSpeaker& from, const CallBody& body, const CallHere& here, bool busy, Instant now,
                       GroupCallEffects& out);
  bool gives_way(const CallSpeaker& from, const CallBody& body, const CallHere& here, Instant now,
                 GroupCallEffects& out);
  bool has_place(const CallSpeaker& from, const CallHere& here, Instant now, GroupCallEffects& out);
  void on_gone(const CallSpeaker& from, const CallBody& body, Instant now, GroupCallEffects& out);
  void on_summary(const CallSpeaker& from, const CallBody& body, Instant now, GroupCallEffects& out);
  void stop_ringing(const CallSpeaker& from, const CallId& call, GroupCallEffects& out);
  void note_company(Instant now);
  void say_here(uint8_t wishes, bool to_all, Instant now, GroupCallEffects& out, std::vector<AccountId> to = {});
  void finish(CallOutcome outcome, bool says, Instant now, GroupCallEffects& out);
  void end_going(const CallId& call, Instant now, GroupCallEffects& out);
  void expire_live(Instant now, GroupCallEffects& out);
  void expire_going(Instant now, GroupCallEffects& out);
  bool rings_all(Instant now) const;
  bool tells_all() const;
  void remember(const CallId& call);
  bool is_over(const CallId& call) const;
  bool has_line(const CallId& call) const;
  void make_room(GroupCallEffects& out);

  AccountId account_;
  DeviceId self_;
  std::optional<LiveGroupCall> live_;
  std::deque<GoingCall> going_;  ///< The one heard of first in front.
  std::deque<CallId> over_;
  std::deque<CallId> lines_;  ///< Those that the history has, newest last.
  CallRingers ringers_;
  CallRingers tellers_;
};

}  // namespace godwit::engine
