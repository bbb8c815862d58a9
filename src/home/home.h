#pragma once
// A home: a pure machine. Pipes with bytes go in, bytes for pipes come out. Each pipe carries one session (session/);
// what the sessions ask is done on the store (core.h). Whoever hosts it owns the sockets, the clock and the store.
//
// The host's loop:
//
//   Home home(keys, options, store, random); home.start(now);
//   for ever: while (output = home.next_output()) do it;
//             wait for a pipe, the store, or home.next_deadline(); call pipe_* / store_ready / handle_expiry
//
// After a crash at any moment, a new Home on the same store goes on where the store stands: whatever was answered by
// Done is there. Nothing a peer sends can make a home stop; a store that reports damage does (Stop).

#include <memory>
#include <optional>
#include <variant>

#include "base/random.h"
#include "base/result.h"
#include "base/strong_id.h"
#include "base/time.h"
#include "home/bulletin.h"
#include "home/call_relay.h"
#include "home/counters.h"
#include "home/front_link.h"
#include "home/keys.h"
#include "home/options.h"
#include "home/pipe_outputs.h"
#include "home/removal.h"
#include "session/types.h"
#include "store/home_store.h"

namespace godwit::home {

// ---- outputs (SendBytes and ClosePipe: pipe_outputs.h) --------------------------------------------------------------------

/// The store is damaged: end the program and say why. Nothing is answered any more.
struct Stop {
  Error error;
};
/// The store does not do what it is asked (a full disk, an engine that is away): tell the operator. Clients are told to come
/// later; the home goes on trying.
struct StoreTroubleBegan {
  Error error;
};
/// It does again. Between the two and the next there are seconds, so that they cannot flood a log.
struct StoreTroubleEnded {};
/// Of Home::sealed_arrived(), once for each: send the sealed reply back by the way by which the request came. kSealedRefused:
/// there is none and will be none, drop the request. Other errors: nothing was done, give it to the home again later.
struct SealedAnswer {
  SealedArrivalId arrival;
  Result<Bytes> reply;
};
/// Pass a sealed request on to another home (an anonymous session with `home`, a Sealed), and tell Home::forwarded() what
/// came of it; after 20 s nobody waits any more. `home` is a stranger's word: see to it that it leads to a public place.
struct ForwardSealed {
  ForwardId forward;
  wire::HomeAddress home;
  Bytes sealed;
};
/// Tell a browser's push service that something waits for it (main_web_push.h), and tell Home::web_pushed() what came of it; after
/// two minutes nobody waits any more. The endpoint is a stranger's word: see to it that it leads to a public place. Never to be logged.
struct SendWebPush {
  WebPushId push;
  wire::WebPushSubscription subscription;
};
using Output = std::variant<SendBytes, ClosePipe, Stop, StoreTroubleBegan, StoreTroubleEnded, SealedAnswer,
                            ForwardSealed, SendWebPush, SendFrontPacket>;

/// One home.
class Home {
 public:
  /// `store` and `random` must outlive the home. The store may have been used by an earlier home, also by one that died:
  /// what that one submitted and was not told about is ignored.
  Home(Keys keys, Options options, store::HomeStore& store, Random& random);
  ~Home();
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

  /// First call: reads from the store what was under way (self-deliveries). Pipes may be opened at once.
  void start(Instant now);
  /// A new pipe, and in which form its bytes reach the home (part of the handshake, so that a relay cannot change it).
  /// `source`: the peer's address as far as that is real (of IPv6 its network), empty behind bridges and proxies; for limits
  /// on handshakes and pipes in memory, forgotten with them.
  void pipe_opened(PipeId pipe, session::Form form, Bytes source, Instant now);
  /// What came on a pipe, in order, however it was cut. Unknown pipes are ignored.
  void pipe_bytes(PipeId pipe, ByteView bytes, Instant now);
  /// The pipe is gone. What its session asked for is finished all the same. Unknown pipes are ignored.
  void pipe_closed(PipeId pipe, Instant now);
  /// The host could not send the last SendBytes of this pipe yet (it keeps them): no more for it until pipe_drained().
  void pipe_full(PipeId pipe);
  /// They were sent: there is room again.
  void pipe_drained(PipeId pipe, Instant now);
  /// What bulletins say from now on (wire::BulletinGet); before the first call they name no routes. At any time.
  void set_bulletin(BulletinPlan plan);
  /// What those who live here are told when they ask for a relay for calls; none, as at first: there is none.
  void set_call_relay(std::optional<CallRelayPlan> plan);
  /// The rooms of this home's forwarding unit; none, as at first: there is no unit, or it does not run.
  void set_call_unit(std::optional<CallUnitPlan> plan, Instant now);
  /// What came of CallUnitPlan::ask. Unknown and late ones are ignored.
  void unit_answered(UnitAskId ask, Result<wire::CallRoomSaid> said, Instant now);
  /// A sealed request came by mail, in a file, or whatever carries one: answered by a SealedAnswer.
  void sealed_arrived(SealedArrivalId arrival, Bytes sealed, Instant now);
  /// The operator takes a blob or a channel away: nobody reads it once `removal` has its outcome.
  void remove(std::shared_ptr<Removal> removal, Instant now);
  /// What came of a ForwardSealed: the sealed reply, or why there is none (kSealedRefused and kTooManyRequests as the other
  /// home said it; whatever else is kHomeUnreachable to the client). Unknown and late ones are ignored.
  void forwarded(ForwardId forward, Result<Bytes> reply, Instant now);
  /// The public half of the key by which push services know this home, none: it sends no pushes; none before the first call.
  void set_web_push_key(std::optional<wire::WebPushKey> key);
  /// What came of a SendWebPush. Unknown and late ones are ignored.
  void web_pushed(WebPushId push, const WebPushResult& result, Instant now);
  /// From now on other homes of the cluster may be fronts of this one (front.h); `name`: what its operator calls it. Their packets go
  /// between homes by SendFrontPacket and front_packet().
  void open_to_fronts(std::string name);
  /// A packet came for this home's inbox, or for whoever has the store; whatever it is.
  void front_packet(ByteView packet, Instant now);
  /// Ends the links of all fronts in order; next_output() has the last packets. For a host that is about to end, or has lost the store.
  void leave_fronts(Instant now);
  /// Where fronts send their packets; after open_to_fronts().
  const FrontInboxId& front_inbox() const;
  /// Fronts that are linked to this home.
  size_t fronts() const;
  /// Their sessions.
  size_t front_sessions() const;
  /// The store's poll() would find something: calls it. Harmless when it would not.
  void store_ready(Instant now);
  /// The next thing to do, nothing if there is none.
  std::optional<Output> next_output();
  /// When handle_expiry wants to be called; kNever if nothing is waited for.
  Instant next_deadline() const;
  /// Does what is due: self-deliveries, sweeping, idle sessions.
  void handle_expiry(Instant now);
  /// No new session is taken and none is asked for more, so that a program can end: see idle().
  void drain(Instant now);
  /// True if nothing that was asked for is under way (answers may still wait in next_output()).
  bool idle() const;
  /// Bytes of answers and pushes that wait for all clients: at most limits.output_bytes_max.
  size_t output_waiting() const;
  /// What happened so far.
  const Counters& counters() const;
  /// How much there is now. Looks at every session and queue in memory: for whoever asks now and then.
  Gauges gauges() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace godwit::home
