#include "home/call_rooms.h"

#include <algorithm>

#include "home/call_sdp.h"
#include "wire/errors.h"

namespace godwit::home {
namespace {

constexpr Duration kKeepalive = seconds(10);  // Janus ends a session that is silent for a minute
constexpr uint64_t kNumberMax = wire::kCallFeedMax;

constexpr uint64_t kNoSession = 458;  // of Janus: JANUS_ERROR_SESSION_NOT_FOUND
constexpr size_t kAskersMax = 4;      // of one wish: it is repeated by links that were cut

constexpr uint64_t kNoSuchFeed = 428;  // of its VideoRoom: JANUS_VIDEOROOM_ERROR_NO_SUCH_FEED

constexpr Error kGone{wire::kUnavailable, "home: the unit does not answer"};
constexpr Error kSilent{wire::kUnavailable, "home: Janus says nothing any more"};
constexpr Error kStranger{wire::kUnavailable, "home: Janus does not know this home's session any more"};

bool same_stream(const wire::CallStream& one, const wire::CallStream& other) {
  return one.feed == other.feed && one.picture == other.picture;
}

bool fits(const JanusSaid& said) { return !said.description || said.description->sdp.size() <= wire::kCallTextMax; }

// Those of `one` that `other` has not.
std::vector<JanusStream> without(const std::vector<wire::CallStream>& one, const std::vector<wire::CallStream>& other) {
  std::vector<JanusStream> out;
  for (const wire::CallStream& each : one) {
    const bool there = std::ranges::any_of(other, [&](const auto& held) { return same_stream(each, held); });
    if (!there) out.push_back({each.feed, each.picture});
  }
  return out;
}

}  // namespace

struct CallRooms::Seat {
  Instant heard{};
  uint32_t number = 0;                             // of the newest wish
  std::vector<UnitAskId> waiting;                  // for its answer; none: nothing is under way
  std::optional<Result<wire::CallRoomSaid>> said;  // to it
  std::vector<wire::TurnCredentials> relays;       // one
  Instant relays_until{};
  bool gone = false;
  uint64_t sender = 0;    // Janus' handle for what it sends; 0: none yet
  uint64_t feed = 0;      // 0: it sends nothing yet
  bool flows = false;     // what it sends: till then Janus refuses it to who wants it
  bool pictures = false;  // it sends them too
  uint64_t watcher = 0;
  bool offered = false;  // an offer of Janus waits for its answer
  std::vector<wire::CallStream> streams;
  std::vector<JanusLine> lines;
  std::map<uint16_t, uint8_t> layers;  // of pictures, by line
  int layers_again = 0;                // so often they are still said to Janus, next at layers_at
  Instant layers_at = kNever;
};

struct CallRooms::Room {
  uint64_t id = 0;
  bool made = false;  // Janus has it
  Bytes mailbox;
  Instant opened{};
  Instant used{};
  std::map<wire::CallSeatKey, SeatHold> seats;
};

struct CallRooms::Waiting {
  Instant until{};
  std::optional<Result<JanusSaid>> said;
  std::coroutine_handle<> waiting;
};

// co_await: Janus' answer to one message. A refusal of Janus is kMalformed: what the seat wished does not fit.
class CallRooms::Reply {
 public:
  explicit Reply(std::shared_ptr<Waiting> waits) : waits_(std::move(waits)) {}
  bool await_ready() const noexcept { return waits_->said.has_value(); }
  void await_suspend(std::coroutine_handle<> waiting) noexcept { waits_->waiting = waiting; }
  Result<JanusSaid> await_resume() {
    Result<JanusSaid> said = std::move(*waits_->said);
    if (said && said->refused && said->refusal == kNoSuchFeed)
      return Error{wire::kUnavailable, "home: what was asked for has just gone"};
    if (said && said->refused) return Error{wire::kMalformed, "home: the unit refuses it"};
    return said;
  }

 private:
  std::shared_ptr<Waiting> waits_;
};

CallRooms::CallRooms(CallRoomsOptions options, Random& random) : options_(std::move(options)), random_(random) {}
CallRooms::~CallRooms() = default;

uint64_t CallRooms::number() { return 1 + random_.below(kNumberMax); }

CallRooms::Reply CallRooms::say(uint64_t handle, const std::function<std::string(const JanusFrame&)>& made) {
  auto waits = std::make_shared<Waiting>();
  waits->until = now_ + kJanusPatience;
  waiting_[transaction_ + 1] = waits;
  say_only(handle, made);
  return Reply(std::move(waits));
}

void CallRooms::say_only(uint64_t handle, const std::function<std::string(const JanusFrame&)>& made) {
  messages_.push_back(made({++transaction_, session_, handle, options_.secret}));
  if (sign_of_life_by_ == kNever) sign_of_life_by_ = now_ + kJanusPatience;  // it answers everything
}

// --- Janus.

void CallRooms::connected(Instant now) {
  now_ = now;
  tasks_.start(greet());
}

Task<Status> CallRooms::greet() {
  const auto created = co_await say(0, janus_create);
  if (!created || created->id == 0) broken_ = kStranger;
  if (broken_) co_return kGone;
  session_ = created->id;
  keepalive_at_ = now_ + kKeepalive;
  const auto handle = co_await attach();
  if (!handle) broken_ = kStranger;
  if (handle) control_ = *handle;
  co_return Status{};
}

Task<Result<uint64_t>> CallRooms::attach() {
  CO_TRY(attached, co_await say(0, janus_attach));
  CO_REQUIRE(attached.id != 0, wire::kUnavailable, "home: the unit names what it attaches");
  co_return attached.id;
}

void CallRooms::heard(std::string_view text, Instant now) {
  now_ = now;
  sign_of_life_by_ = kNever;
  last_chance_ = false;
  const auto said = read_janus(text);
  if (!said || said->kind == JanusSaid::Kind::kAck) return;
  if (said->kind == JanusSaid::Kind::kTimeout || (said->refused && said->refusal == kNoSession)) broken_ = kStranger;
  using Kind = JanusSaid::Kind;
  if (said->kind == Kind::kUp || said->kind == Kind::kDown) return set_flows(said->sender, said->kind == Kind::kUp);
  if (said->transaction == 0) return;
  const auto found = waiting_.find(said->transaction);
  if (found == waiting_.end()) return;
  const auto waits = found->second;
  waiting_.erase(found);
  waits->said.emplace(*said);
  if (const auto waiting = std::exchange(waits->waiting, nullptr)) waiting.resume();
  tasks_.reap();
}

void CallRooms::set_flows(uint64_t sender, bool flows) {
  if (sender == 0) return;
  for (const auto& [key, room] : rooms_) {
    for (const auto& [seat_key, seat] : room->seats) {
      if (seat->sender == sender) seat->flows = flows;
    }
  }
}

// --- Rooms and seats.

Result<wire::CallRoomKey> CallRooms::open(const Bytes& mailbox, Instant now) {
  now_ = now;
  size_t count = 0;
  std::vector<std::pair<Instant, wire::CallRoomKey>> empty;
  for (const auto& [key, room] : rooms_) {
    if (room->mailbox != mailbox) continue;
    ++count;
    if (room->seats.empty()) empty.emplace_back(room->opened, key);
  }
  if (count >= kCallRoomsOfMailbox) {
    REQUIRE(!empty.empty(), wire::kQuotaFull, "home: kCallRoomsOfMailbox");
    drop_room(std::ranges::min(empty).second);
  }
  REQUIRE(rooms_.size() < kCallRoomsMax, wire::kQuotaFull, "home: kCallRoomsMax");
  wire::CallRoomKey key;
  random_.fill(key.value);
  auto room = std::make_shared<Room>();
  room->id = number();
  room->mailbox = mailbox;
  room->opened = room->used = now;
  rooms_.emplace(key, std::move(room));
  return key;
}

void CallRooms::ask(UnitAskId id, const wire::CallRoomAsk& request, Instant now) {
  now_ = now;
  const auto refuse = [&](Error error) { answers_.push_back({id, error}); };
  const auto found = rooms_.find(request.room);
  if (found == rooms_.end()) return refuse({wire::kNoSuchCallRoom, "home: no such room of the unit"});
  if (!ready()) return refuse(kGone);
  const bool leaves = request.verb == static_cast<uint8_t>(wire::CallRoomVerb::kLeave);
  if (leaves && !found->second->seats.contains(request.seat)) return answers_.push_back({id, wire::CallRoomSaid{}});
  const auto held = seat_for(*found->second, request);
  if (!held) return refuse(held.error());
  const SeatHold& seat = *held;
  found->second->used = seat->heard = now;
  if (request.number == seat->number && seat->said) return answers_.push_back({id, *seat->said});
  if (request.number == seat->number && seat->waiting.size() < kAskersMax) return seat->waiting.push_back(id);
  if (!seat->waiting.empty() || wishes_.take(codec::encoded(request.seat), now) > Duration{}) {
    return refuse({wire::kTooManyRequests, "home: the wishes of a seat"});
  }
  if (request.number <= seat->number) return refuse({wire::kMalformed, "home: a wish of before"});
  seat->number = request.number;
  seat->said.reset();
  seat->waiting = {id};
  tasks_.start(serve(found->second, seat, request));
}

Result<CallRooms::SeatHold> CallRooms::seat_for(Room& room, const wire::CallRoomAsk& request) {
  const auto found = room.seats.find(request.seat);
  if (found != room.seats.end()) return found->second;
  REQUIRE(request.verb == static_cast<uint8_t>(wire::CallRoomVerb::kEnter), wire::kNoSuchCallRoom,
          "home: no such seat");
  REQUIRE(room.seats.size() < kCallSeats && counts().seats < options_.seats_max, wire::kQuotaFull,
          "home: all seats are taken");
  REQUIRE(seats_.take(codec::encoded(request.room), now_) == Duration{}, wire::kTooManyRequests,
          "home: new seats of a room");
  return room.seats.emplace(request.seat, std::make_shared<Seat>()).first->second;
}

Task<Status> CallRooms::serve(RoomHold room, SeatHold seat, wire::CallRoomAsk request) {
  using Verb = wire::CallRoomVerb;
  std::optional<Result<wire::CallRoomSaid>> said;
  switch (static_cast<Verb>(request.verb)) {
    case Verb::kEnter:
      said = co_await grant(room, seat);
      break;
    case Verb::kPublish:
      said = co_await publish(room, seat, request);
      break;
    case Verb::kWatch:
      said = co_await watch(room, seat, request);
      break;
    case Verb::kAnswer:
      said = co_await answer(seat, request);
      break;
    case Verb::kLeave:
      room->seats.erase(request.seat);
      leave(*seat);
      said = Result<wire::CallRoomSaid>(wire::CallRoomSaid{});
      break;
    case Verb::kStay:
      said = Result<wire::CallRoomSaid>(wire::CallRoomSaid{});
      break;
  }
  seat->said = *said;
  // What only came at a bad time may be asked for again by the same number.
  if (!*said && said->error().code == wire::kUnavailable) {
    seat->said.reset();
    --seat->number;
  }
  // It has left, or was silent, while Janus worked: what was attached meanwhile goes as well.
  if (seat->gone) leave(*seat);
  for (const UnitAskId id : std::exchange(seat->waiting, {})) answers_.push_back({id, *said});
  co_return Status{};
}

// One relay for each seat until half of its time is over: whoever asks often has no more of them.
CallRooms::Said CallRooms::grant(RoomHold room, SeatHold seat) {
  if (!room->made) CO_CHECK(co_await make_room(room));
  if (seat->relays_until - now_ < Duration{kTurnLife.ms / 2}) {
    const auto relay = options_.relay();
    CO_REQUIRE(relay.has_value(), wire::kUnavailable, "home: the relay does not run");
    seat->relays = {*relay};
    seat->relays_until = now_ + kTurnLife;
  }
  seat->relays.front().ttl_seconds = static_cast<uint32_t>((seat->relays_until - now_).ms / 1000);
  wire::CallRoomSaid out;
  out.relays = seat->relays;
  co_return out;
}

Task<Status> CallRooms::make_room(RoomHold room) {
  const auto made = co_await say(control_, [&](const JanusFrame& frame) {
    return janus_make_room(frame, room->id, options_.admin_key, kCallSeats, options_.bits_second_max);
  });
  // Two who enter at once: the second one finds it there.
  if (!made && !room->made) co_return made.error();
  room->made = true;
  co_return Status{};
}

CallRooms::Said CallRooms::publish(RoomHold room, SeatHold seat, const wire::CallRoomAsk& request) {
  CO_TRY(sdp, checked_description(request.text));
  CO_TRY(pictures, sends_picture(sdp));
  const bool again = seat->feed != 0;
  if (!again) CO_CHECK(co_await take_feed(room, seat));
  auto said_result =
      co_await say(seat->sender, [&](const JanusFrame& frame) { return janus_publish(frame, {true, sdp}, again); });
  // Seen with 1.1.2: a handle whose first offer was refused has half a connection, and takes no second one.
  if (!said_result && !again) {
    detach(seat->sender);
    seat->feed = 0;
    seat->flows = false;
  }
  CO_CHECK(said_result);
  const JanusSaid& said = *said_result;
  const bool answered = said.description && !said.description->offer && fits(said);
  CO_REQUIRE(answered, wire::kUnavailable, "home: the unit answers an offer");
  CO_CHECK(check_place(said));
  seat->pictures = pictures;
  co_return wire::CallRoomSaid{to_bytes(as_bytes(said.description->sdp)), seat->feed, {}, {}};
}

// Janus listens at one address of loopback by a library in front of it; without that it takes all others, and says nothing.
Status CallRooms::check_place(const JanusSaid& said) {
  if (!said.description || is_only_at(said.description->sdp, options_.address)) return {};
  broken_ =
      Error{wire::kUnavailable, "home: Janus listens at other addresses than its own of loopback, so it is not used"};
  return kGone;
}

Task<Status> CallRooms::take_feed(RoomHold room, SeatHold seat) {
  CO_TRY(handle, co_await attach());
  seat->sender = handle;
  const uint64_t feed = number();
  const auto joined = co_await say(handle, [&](const JanusFrame& frame) { return janus_join(frame, room->id, feed); });
  if (!joined) detach(seat->sender);
  CO_CHECK(joined);
  seat->feed = feed;
  co_return Status{};
}

// Who has left, or sends nothing yet, is passed over: whoever asks hears by the lines what comes.
std::vector<wire::CallStream> CallRooms::known_streams(const Room& room, const Seat& self,
                                                       const std::vector<wire::CallStream>& wanted) const {
  std::vector<wire::CallStream> out;
  for (const wire::CallStream& each : wanted) {
    const bool there = std::ranges::any_of(room.seats, [&](const auto& seat) {
      return seat.second->feed == each.feed && seat.second->flows && (seat.second->pictures || !each.picture);
    });
    const bool twice = std::ranges::any_of(out, [&](const auto& other) { return same_stream(each, other); });
    if (there && !twice && each.feed != self.feed) out.push_back(each);
  }
  return out;
}

CallRooms::Said CallRooms::watch(RoomHold room, SeatHold seat, const wire::CallRoomAsk& request) {
  CO_REQUIRE(!seat->offered, wire::kMalformed, "home: the offer before is not answered");
  const auto wanted = known_streams(*room, *seat, request.streams);
  const auto more = without(wanted, seat->streams);
  const auto less = without(seat->streams, wanted);
  wire::CallRoomSaid out;
  if (!more.empty() || !less.empty()) {
    CO_TRY(said, co_await change(room, seat, more, less));
    CO_REQUIRE(fits(said), wire::kUnavailable, "wire: kCallTextMax");
    CO_CHECK(check_place(said));
    if (!said.lines.empty()) seat->lines = said.lines;
    if (said.description && said.description->offer) {
      seat->offered = true;
      out.text = to_bytes(as_bytes(said.description->sdp));
    }
  }
  seat->streams = wanted;
  static_cast<void>(co_await set_layers(seat, wanted));  // said again
  for (const JanusLine& each : seat->lines) {
    const auto is_it = [&](const auto& one) { return one.feed == each.feed && one.picture == each.picture; };
    const bool comes = each.active && std::ranges::any_of(wanted, is_it);
    if (comes && out.lines.size() < wire::kCallStreamsMax) out.lines.push_back({each.line, each.feed, each.picture});
  }
  co_return out;
}

Task<Result<JanusSaid>> CallRooms::change(RoomHold room, SeatHold seat, const std::vector<JanusStream>& more,
                                          const std::vector<JanusStream>& less) {
  if (seat->watcher != 0) {
    co_return co_await say(seat->watcher,
                           [&](const JanusFrame& frame) { return janus_watch_others(frame, more, less); });
  }
  CO_TRY(handle, co_await attach());
  seat->watcher = handle;
  auto said = co_await say(handle, [&](const JanusFrame& frame) { return janus_watch(frame, room->id, more); });
  if (!said || !said->description) detach(seat->watcher);
  if (said && !said->description) said = Error{wire::kUnavailable, "home: the unit offers what it sends"};
  co_return said;
}

Task<Status> CallRooms::set_layers(SeatHold seat, const std::vector<wire::CallStream>& streams) {
  std::map<uint16_t, uint8_t> layers;
  for (const JanusLine& line : seat->lines) {
    const auto found = std::ranges::find_if(
        streams, [&](const auto& each) { return each.picture && line.picture && each.feed == line.feed; });
    if (line.active && found != streams.end()) layers[line.line] = found->layer;
  }
  seat->layers = layers;
  seat->layers_again = kLayersAgain;
  seat->layers_at = layers.empty() ? kNever : now_ + kLayersEvery;
  if (layers.empty() || seat->watcher == 0) co_return Status{};
  CO_CHECK(co_await say(seat->watcher, [&](const JanusFrame& frame) { return janus_layers(frame, layers); }));
  co_return Status{};
}

// Janus goes over to another size with its next key frame, for which it asks once, when it is told which one, and then each 10 s. A browser makes
// none within 0.3 s of the last, as when several change what they show. Told again, Janus asks again where it has not gone over yet.
void CallRooms::say_layers_again(Seat& seat) {
  if (seat.layers_at > now_) return;
  seat.layers_at = --seat.layers_again > 0 ? now_ + kLayersEvery : kNever;
  if (seat.watcher == 0) return;
  say_only(seat.watcher, [&](const JanusFrame& frame) { return janus_layers(frame, seat.layers); });
}

CallRooms::Said CallRooms::answer(SeatHold seat, const wire::CallRoomAsk& request) {
  CO_REQUIRE(seat->offered, wire::kMalformed, "home: nothing was offered");
  CO_TRY(sdp, checked_description(request.text));
  CO_CHECK(co_await say(seat->watcher, [&](const JanusFrame& frame) { return janus_start(frame, {false, sdp}); }));
  seat->offered = false;
  co_return wire::CallRoomSaid{};
}

// Again: what has come since.
void CallRooms::leave(Seat& seat) {
  seat.gone = true;
  detach(seat.sender);
  detach(seat.watcher);
  seat.feed = 0;
}

void CallRooms::detach(uint64_t& handle) {
  if (handle != 0) say_only(handle, janus_detach);
  handle = 0;
}

void CallRooms::drop_room(const wire::CallRoomKey& key) {
  const auto found = rooms_.find(key);
  if (found == rooms_.end()) return;
  const RoomHold room = found->second;
  rooms_.erase(found);
  for (const auto& [seat_key, seat] : room->seats) leave(*seat);
  if (room->made) say_only(control_, [&](const JanusFrame& frame) { return janus_destroy_room(frame, room->id); });
}

CallRoomsCounts CallRooms::counts() const {
  CallRoomsCounts out{rooms_.size(), 0};
  for (const auto& [key, room] : rooms_) out.seats += room->seats.size();
  return out;
}

// --- Time.

void CallRooms::expire(Instant now) {
  now_ = now;
  while (!waiting_.empty() && waiting_.begin()->second->until <= now) {
    const auto waits = waiting_.begin()->second;
    waiting_.erase(waiting_.begin());
    waits->said.emplace(kGone);
    if (const auto waiting = std::exchange(waits->waiting, nullptr)) waiting.resume();
  }
  tasks_.reap();
  if (keepalive_at_ <= now) {
    say_only(0, janus_keepalive);
    keepalive_at_ = now + kKeepalive;
  }
  look_for_life();
  std::vector<wire::CallRoomKey> empty;
  for (const auto& [key, room] : rooms_) {
    for (const auto& [seat_key, seat] : room->seats) say_layers_again(*seat);
    std::erase_if(room->seats, [&](const auto& each) {
      const bool silent = each.second->heard + kCallSeatSilent <= now;
      if (silent) leave(*each.second);
      return silent;
    });
    if (room->seats.empty() && room->used + kCallRoomEmpty <= now) empty.push_back(key);
  }
  for (const auto& each : empty) drop_room(each);
}

void CallRooms::look_for_life() {
  if (sign_of_life_by_ > now_ || hangs_) return;
  hangs_ = last_chance_;
  if (hangs_) broken_ = kSilent;
  last_chance_ = true;
  sign_of_life_by_ = hangs_ ? kNever : now_ + kJanusLastChance;
  if (!hangs_) say_only(0, janus_keepalive);
}

Instant CallRooms::deadline() const {
  Instant next = std::min(keepalive_at_, sign_of_life_by_);
  if (!waiting_.empty()) next = std::min(next, waiting_.begin()->second->until);
  for (const auto& [key, room] : rooms_) {
    for (const auto& [seat_key, seat] : room->seats)
      next = std::min({next, seat->heard + kCallSeatSilent, seat->layers_at});
    if (room->seats.empty()) next = std::min(next, room->used + kCallRoomEmpty);
  }
  return next;
}

}  // namespace godwit::home
