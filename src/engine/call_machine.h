#pragma once
// The call of one device, from the ring to the end: who rings, who has it, when it is over (docs/protocol/calls.md).
//
// Pure: it is given what the person does, what other devices say and the time, and gives back what is to be said, told and kept.
// It is NOT the media: what the pages agree on passes it unread. It does not know MLS either: whoever calls heard() has checked
// that the message was said in that chat by that device.
//
// A device is in one call at most, with one other device. Which device of the called account that is, the caller's device
// decides by the first kAccept that it hears; so two that answer at once need no rule of their own.
//
// Another own device may take a call over that has had media: it asks the one that has it, that one gives it, and the other side's device goes
// over to it, and back if no media come. Until then media flow as before. What that needs is call_moving.cc.

#include <deque>
#include <optional>
#include <variant>
#include <vector>

#include "base/time.h"
#include "codec/members.h"
#include "engine/call_content.h"
#include "engine/call_ringers.h"

namespace godwit::engine {

/// How long the caller rings, and how often he says so again: a device may come into the network meanwhile.
constexpr Duration kCallRingTime = seconds(60);
constexpr Duration kCallRingAgain = seconds(10);
/// Who is called stops by himself after this: the caller's word may be lost.
constexpr Duration kCallRingHeardMax = seconds(75);
/// Between kAccept and kTaken, and how often kAccept is said again.
constexpr Duration kCallAnswerTime = seconds(20);
constexpr Duration kCallAnswerAgain = seconds(5);
/// Until media flow for the first time, and until they flow again.
constexpr Duration kCallConnectTime = seconds(30);
constexpr Duration kCallReconnectTime = seconds(45);
/// Calls that are over and whose ids are known: what is said of one comes late by seconds, not by hundreds of calls.
constexpr size_t kCallsOverMax = 64;
/// Calls that a device learns of when they are over are counted as rings are, by the time that their caller claims, at most so far back.
constexpr Duration kCallToldBack = days(30);
/// A ring that may have lain somewhere for longer than this is none: who still calls rings again.
constexpr Duration kCallRingFresh = seconds(90);

/// Who has a call says so to the other own devices so often, and after what silence they know of none.
constexpr Duration kCallHasAgain = seconds(20);
constexpr Duration kCallElsewhereMax = seconds(50);
/// Calls of other own devices that are known at a time.
constexpr size_t kCallsElsewhereMax = 8;
/// Who wants one asks so often, and so long; and so long the other side waits for media of who was given it.
constexpr Duration kCallWantAgain = seconds(1);
constexpr Duration kCallWantTime = seconds(8);
constexpr Duration kCallMoveTime = seconds(15);
/// The other side's call goes to another of its devices so often in this time: each time costs this side's page a connection.
constexpr size_t kCallMovesMax = 6;
constexpr Duration kCallMovesTime = seconds(60);

/// Of a call that goes from one own device of a side to another one; zeros: nothing of that kind.
struct CallMove {
  DeviceId given_to;      ///< Of who has it: to which own device it was given last.
  DeviceId taken_from;    ///< Of who takes it over, or has: which own device had it.
  DeviceId there_before;  ///< Of the other side, until media of the new device flow: which one had it.
  uint64_t until_ms = 0;  ///< Of the giving, or of the waiting for media.
  /// As the last of a record; one of an earlier version ends before it.
  void encode_to(codec::Writer& writer) const {
    codec::encode(writer, given_to);
    codec::encode(writer, taken_from);
    codec::encode(writer, there_before);
    codec::encode(writer, until_ms);
  }
  /// The same; at the end of the bytes: zeros.
  static Result<CallMove> decode_from(codec::Reader& reader) {
    CallMove out;
    if (reader.at_end()) return out;
    out.given_to = TRY(codec::decode<DeviceId>(reader));
    out.taken_from = TRY(codec::decode<DeviceId>(reader));
    out.there_before = TRY(codec::decode<DeviceId>(reader));
    out.until_ms = TRY(codec::decode<uint64_t>(reader));
    return out;
  }
};

/// The call of this device. What of it is stored, so that a restart goes on with it.
struct LiveCall {
  CallId call;
  ChatId chat;
  AccountId peer;        ///< The other account.
  DeviceId peer_device;  ///< Which device of it: zeros until it is known. Of a call that came in: the caller's.
  CallState state{};
  CallMedia media = CallMedia::kVoice;        ///< What is wished here.
  CallMedia media_there = CallMedia::kVoice;  ///< What is wished there.
  bool outgoing = false;
  bool held_here = false;
  bool held_there = false;
  uint64_t begun_ms = 0;   ///< The first ring, since 1970.
  uint64_t active_ms = 0;  ///< The first media; 0: none yet.
  uint64_t seen_ms = 0;    ///< When the page last said whether media flow: a call that was lost counts up to there.
  uint64_t until_ms = 0;   ///< The state ends by itself then; 0: it does not.
  uint64_t again_ms = 0;   ///< What was said is said again then; 0: it is not.
  CallMove move;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.call, self.chat, self.peer, self.peer_device, self.state, self.media, self.media_there,
                          self.outgoing, self.held_here, self.held_there, self.begun_ms, self.active_ms, self.seen_ms,
                          self.until_ms, self.again_ms, self.move);
  }
};

/// A call of two that another own device is in, as that one says.
struct ElsewhereCall {
  CallId call;
  ChatId chat;
  DeviceId device;
  CallMedia media = CallMedia::kVoice;
  CallHas has;
  uint64_t until_ms = 0;  ///< Nothing was heard of it until then: it is forgotten.
};

/// Who said something about a call. MLS has proved it.
struct CallSpeaker {
  ChatId chat;
  AccountId account;
  DeviceId device;
  bool own = false;   ///< The account is the own one.
  bool late = false;  ///< It may have been said long ago: no ring.
  /// By its clock, since 1970: of what one device says of moves, the earlier does not undo the later.
  uint64_t sent_ms = 0;
};

/// To be said to all devices of both accounts in the chat, for as long as kCallRingTime.
struct SayCall {
  ChatId chat;
  CallBody body;
  bool lasting = false;         ///< As any message instead, until all have it.
  std::vector<AccountId> to{};  ///< Only to the devices of these; empty: of all who are in the chat.
};
/// A call came in: ring.
struct CallRings {
  LiveCall call;
};
/// A call stands otherwise, or is over.
struct CallStands {
  LiveCall call;
  CallOutcome outcome = CallOutcome::kNone;
};
/// For the page.
struct CallSignalled {
  CallId call;
  Bytes data;
  std::optional<DeviceId> from{};  ///< Of a call of a group.
};
/// Other own devices are in other calls than before: elsewhere() tells.
struct CallsMoved {};
/// To be kept in the history of its chat.
struct KeepCall {
  CallId call;
  ChatId chat;
  bool outgoing = false;
  CallOutcome outcome{};
  CallMedia media{};
  uint64_t begun_ms = 0;
  uint64_t duration_ms = 0;
  bool took_part = false;  ///< Of one call what such a device keeps holds against the others' of the same account.
  AccountId by{};          ///< Of a call of a group: who began it.
};
/// What is to be done, in its order.
using CallEffect = std::variant<SayCall, CallRings, CallStands, CallSignalled, CallsMoved, KeepCall>;
/// The same.
using CallEffects = std::vector<CallEffect>;

/// What the person, or the page, wants and cannot have.
enum class CallRefusal : uint8_t {
  kNone = 0,
  kBusyHere = 1,  ///< This device is in a call, or rings: end that one first.
  kUnknown = 2,   ///< It is over, or never was.
  kNotNow = 3,    ///< The call does not stand so: a second answer, a signal before it is taken.
};

/// See above. Each method appends what is to be done to `out`.
class CallMachine {
 public:
  /// `account` and `self` are this device's own.
  CallMachine(const AccountId& account, const DeviceId& self) : account_(account), self_(self) {}

  /// Calls `peer` in `chat`; `call` is random. kBusyHere.
  [[nodiscard]] CallRefusal start(const CallId& call, const ChatId& chat, const AccountId& peer, CallMedia media,
                                  Instant now, CallEffects& out);
  /// Takes the call that rings. kUnknown, kNotNow.
  [[nodiscard]] CallRefusal accept(const CallId& call, CallMedia media, Instant now, CallEffects& out);
  /// Takes a call over that another own device is in. kBusyHere; kUnknown: none is known to be.
  [[nodiscard]] CallRefusal take_over(const CallId& call, CallMedia media, Instant now, CallEffects& out);
  /// Does not take it. kUnknown, kNotNow.
  [[nodiscard]] CallRefusal decline(const CallId& call, Instant now, CallEffects& out);
  /// Ends it wherever it stands; one that rings here is declined, one that is asked for stays where it is. kUnknown.
  [[nodiscard]] CallRefusal end(const CallId& call, Instant now, CallEffects& out);
  /// Holds it, or goes on. kUnknown; kNotNow before it is connected.
  [[nodiscard]] CallRefusal hold(const CallId& call, bool held, CallEffects& out);
  /// Sends bytes of the page to that of the other device: 1 to kCallSignalSizeMax of them. kUnknown; kNotNow: not taken yet, or
  /// the size.
  [[nodiscard]] CallRefusal signal(const CallId& call, Bytes data, CallEffects& out);
  /// The page says whether media flow, with which device there; none: with the one that has it. kUnknown; kNotNow before it is taken.
  [[nodiscard]] CallRefusal media(const CallId& call, bool flows, Instant now, CallEffects& out,
                                  const std::optional<DeviceId>& device = {});

  /// Somebody has said something. Whatever does not fit is passed over.
  void heard(const CallSpeaker& from, const CallBody& body, Instant now, CallEffects& out);
  /// Goes on after a restart with what was stored; into a new machine only.
  void restore(const LiveCall& call, Instant now, CallEffects& out);
  /// This device is in a call of another kind, or not any more: who calls meanwhile hears kBusy.
  void set_busy(bool busy) { busy_ = busy; }
  /// This call is over, as the history says.
  void know_over(const CallId& call) {
    remember(call);
    remember_ended(call);
  }
  /// Does what is due.
  void expire(Instant now, CallEffects& out);
  /// When to call expire(); kNever if nothing is due.
  Instant deadline() const;
  /// The call of this device, or null.
  const LiveCall* live() const { return live_ ? &*live_ : nullptr; }
  /// The calls of other own devices, that heard of first in front.
  const std::deque<ElsewhereCall>& elsewhere() const { return elsewhere_; }

 private:
  // Another own device calls: what that one and this one hear of both sides' rings is judged alike.
  struct OwnRing {
    CallId call;
    ChatId chat;
    Instant until{};
  };
  LiveCall* find(const CallId& call) { return live_ && live_->call == call ? &*live_ : nullptr; }
  void on_ring(const CallSpeaker& from, const CallBody& body, Instant now, CallEffects& out);
  void refuse_busy(const CallSpeaker& from, const CallBody& body, Instant now, CallEffects& out);
  void on_glare(const CallSpeaker& from, const CallBody& body, Instant now, CallEffects& out);
  void on_accept(LiveCall& call, const CallSpeaker& from, const CallBody& body, Instant now, CallEffects& out);
  void on_taken(LiveCall& call, const CallSpeaker& from, const CallBody& body, Instant now, CallEffects& out);
  void on_refused(LiveCall& call, const CallSpeaker& from, CallStep step, Instant now, CallEffects& out);
  void on_over(LiveCall& call, const CallSpeaker& from, const CallBody& body, Instant now, CallEffects& out);
  void on_pair(LiveCall& call, const CallSpeaker& from, const CallBody& body, CallEffects& out);
  void on_summary(const CallSpeaker& from, const CallBody& body, Instant now, CallEffects& out);
  void on_own_step(const CallSpeaker& from, const CallBody& body, Instant now, CallEffects& out);
  void run_out(Instant now, CallEffects& out);
  void say_again(Instant now, CallEffects& out);
  void ring_here(const CallSpeaker& from, const CallBody& body, Instant now);
  void finish(CallOutcome outcome, Instant now, CallEffects& out);
  void hear_move(const CallSpeaker& from, const CallBody& body, Instant now, CallEffects& out);
  void on_has(const CallSpeaker& from, const CallBody& body, Instant now, CallEffects& out);
  void on_want(const CallSpeaker& from, const CallBody& body, Instant now, CallEffects& out);
  void on_given_here(const CallSpeaker& from, const CallBody& body, Instant now, CallEffects& out);
  void on_given_there(LiveCall& call, const CallSpeaker& from, const CallBody& body, Instant now, CallEffects& out);
  void on_move(const CallSpeaker& from, const CallBody& body, Instant now, CallEffects& out);
  void on_decided(LiveCall& call, const DeviceId& device, Instant now, CallEffects& out);
  void note_end(const CallSpeaker& from, const CallBody& body, CallEffects& out);
  bool waits_for_media(const std::optional<DeviceId>& device, bool flows, Instant now, CallEffects& out);
  void go_back(CallEffects& out);
  bool may_move(Instant now);
  bool is_in_order(const CallSpeaker& from, const CallBody& body);
  void go_elsewhere(const DeviceId& device, CallOutcome outcome, Instant now, CallEffects& out);
  void stay_there(Instant now, CallEffects& out);
  void say_has(LiveCall& call, Instant now, CallEffects& out) const;
  void say_want(LiveCall& call, Instant now, CallEffects& out) const;
  void expire_elsewhere(Instant now, CallEffects& out);
  ElsewhereCall* find_elsewhere(const CallId& call);
  void remember_ended(const CallId& call);
  void remember(const CallId& call);
  bool is_over(const CallId& call) const;
  bool may_tell(const AccountId& account, Instant begun, Instant now);
  bool may_ring(const CallSpeaker& from, const CallBody& body, Instant now);

  AccountId account_;
  DeviceId self_;
  std::optional<LiveCall> live_;
  std::optional<OwnRing> own_ring_;
  std::deque<ElsewhereCall> elsewhere_;
  std::deque<CallId> over_;   ///< For this device,
  std::deque<CallId> ended_;  ///< and for all.
  std::deque<CallId> quiet_;  ///< That were not heard, since their caller rang too often.
  bool busy_ = false;
  std::deque<Instant> moves_;  ///< When the other side's calls went to another device, at most kCallMovesMax.
  CallId told_call_;           ///< The other side's last word of a move: of which call,
  DeviceId told_by_;           ///< of which device,
  uint64_t told_ms_ = 0;       ///< and when it was said.
  CallRingers ringers_;
  CallRingers tellers_;  ///< The same of calls that this device learns of when they are over.
};

}  // namespace godwit::engine
