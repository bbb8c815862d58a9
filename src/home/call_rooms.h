#pragma once
// The rooms of the forwarding unit (Janus VideoRoom): who has a seat, and what of Janus' many verbs a seat may have done. Pure: text for
// Janus comes out, its text goes in. In memory only: a room is a key, a seat is a key, and neither says whose it is.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "base/random.h"
#include "home/call_relay.h"
#include "home/janus_messages.h"
#include "home/rate.h"
#include "home/task.h"
#include "wire/replies.h"
#include "wire/requests.h"

namespace godwit::home {

/// Seats of one room.
inline constexpr uint32_t kCallSeats = 32;
/// Rooms at once, and of one mailbox; of those the oldest in which nobody sits gives way.
inline constexpr size_t kCallRoomsMax = 1'000;
inline constexpr size_t kCallRoomsOfMailbox = 4;
/// Who says nothing for so long has left; pages say every 10 s that they are there.
inline constexpr Duration kCallSeatSilent = seconds(35);
/// A room in which nobody sits is kept for so long: a call begins with few and may have more than four later.
inline constexpr Duration kCallRoomEmpty = hours(6);
/// What Janus does not answer by then it will not.
inline constexpr Duration kJanusPatience = seconds(10);
/// If it has said nothing at all by then it is asked once more, and has so long for any sign of life: this home may have slept itself.
inline constexpr Duration kJanusLastChance = seconds(2);
/// Wishes of one seat at once, and then one in this time.
inline constexpr uint32_t kCallWishBurst = 40;
inline constexpr Duration kCallWishInterval = milliseconds(500);
/// New seats of one room at once, and then one in this time: each has a relay.
inline constexpr uint32_t kCallSeatBurst = 64;
inline constexpr Duration kCallSeatInterval = seconds(10);
/// Which sizes of pictures a seat wants is said to Janus so often more, so far apart.
inline constexpr int kLayersAgain = 3;
inline constexpr Duration kLayersEvery = seconds(1);

/// What the rooms need to know.
struct CallRoomsOptions {
  std::string secret;                    ///< Janus' api_secret
  std::string admin_key;                 ///< by which it lets rooms be made
  std::string address;                   ///< the only one at which it may be
  uint32_t seats_max = 96;               ///< of all rooms
  uint32_t bits_second_max = 1'500'000;  ///< that one seat may send
  /// By which a seat reaches Janus, for kTurnLife from now; none: it does not run.
  std::function<std::optional<wire::TurnCredentials>()> relay;
};
/// An answer to ask().
struct CallRoomsAnswer {
  UnitAskId ask;
  Result<wire::CallRoomSaid> said;
};
/// How much there is.
struct CallRoomsCounts {
  size_t rooms = 0;
  size_t seats = 0;
};

/// See above. After each call: take what messages() and answers() have.
class CallRooms {
 public:
  /// `random` must outlive it.
  CallRooms(CallRoomsOptions options, Random& random);
  ~CallRooms();
  CallRooms(const CallRooms&) = delete;
  CallRooms& operator=(const CallRooms&) = delete;

  /// Janus listens: begins a session with it. `now` here and below is by a clock that does not jump.
  void connected(Instant now);
  /// Janus has said something.
  void heard(std::string_view text, Instant now);
  /// A room for a mailbox. kQuotaFull: kCallRoomsMax, or people sit in all that it has.
  Result<wire::CallRoomKey> open(const Bytes& mailbox, Instant now);
  /// A seat's wish; its answer is among answers(), later or at once.
  void ask(UnitAskId id, const wire::CallRoomAsk& request, Instant now);
  /// Does what is due.
  void expire(Instant now);
  /// When to call expire().
  Instant deadline() const;

  /// For Janus, in this order; taken.
  std::vector<std::string> messages() { return std::exchange(messages_, {}); }
  /// For those who asked; taken.
  std::vector<CallRoomsAnswer> answers() { return std::exchange(answers_, {}); }
  /// True once the session with Janus stands.
  bool ready() const { return control_ != 0 && !is_broken(); }
  /// True once there is no session any more: of no use, begin anew with another connection.
  bool is_broken() const { return broken_.has_value(); }
  /// Why. Asked where is_broken().
  const Error& broken() const { return *broken_; }
  /// That is since Janus says nothing any more, though it is connected: it hangs.
  bool hangs() const { return hangs_; }
  /// How many there are now.
  CallRoomsCounts counts() const;

 private:
  struct Seat;
  struct Room;
  struct Waiting;
  class Reply;
  using SeatHold = std::shared_ptr<Seat>;
  using RoomHold = std::shared_ptr<Room>;
  using Said = Task<Result<wire::CallRoomSaid>>;

  Task<Status> serve(RoomHold room, SeatHold seat, wire::CallRoomAsk request);
  Said grant(RoomHold room, SeatHold seat);
  Said publish(RoomHold room, SeatHold seat, const wire::CallRoomAsk& request);
  Said watch(RoomHold room, SeatHold seat, const wire::CallRoomAsk& request);
  Said answer(SeatHold seat, const wire::CallRoomAsk& request);
  Task<Status> make_room(RoomHold room);
  Task<Status> take_feed(RoomHold room, SeatHold seat);
  Task<Result<JanusSaid>> change(RoomHold room, SeatHold seat, const std::vector<JanusStream>& more,
                                 const std::vector<JanusStream>& less);
  Task<Result<uint64_t>> attach();
  Task<Status> set_layers(SeatHold seat, const std::vector<wire::CallStream>& streams);
  void say_layers_again(Seat& seat);
  Task<Status> greet();
  Result<SeatHold> seat_for(Room& room, const wire::CallRoomAsk& request);
  Reply say(uint64_t handle, const std::function<std::string(const JanusFrame&)>& made);
  void say_only(uint64_t handle, const std::function<std::string(const JanusFrame&)>& made);
  void look_for_life();
  void leave(Seat& seat);
  void detach(uint64_t& handle);
  void set_flows(uint64_t sender, bool flows);
  Status check_place(const JanusSaid& said);
  void drop_room(const wire::CallRoomKey& key);
  uint64_t number();
  std::vector<wire::CallStream> known_streams(const Room& room, const Seat& self,
                                              const std::vector<wire::CallStream>& wanted) const;

  CallRoomsOptions options_;
  Random& random_;
  Instant now_{};
  uint64_t session_ = 0;
  uint64_t control_ = 0;  // the handle by which rooms are made
  std::optional<Error> broken_;
  Instant keepalive_at_ = kNever;
  Instant sign_of_life_by_ = kNever;  // kNever: nothing was asked since Janus said something
  bool last_chance_ = false;
  bool hangs_ = false;
  uint64_t transaction_ = 0;
  std::map<wire::CallRoomKey, RoomHold> rooms_;
  std::map<uint64_t, std::shared_ptr<Waiting>> waiting_;  // by transaction: all wait equally long
  Rate wishes_{kCallWishBurst, kCallWishInterval};
  Rate seats_{kCallSeatBurst, kCallSeatInterval};
  std::vector<std::string> messages_;
  std::vector<CallRoomsAnswer> answers_;
  Tasks tasks_;
};

}  // namespace godwit::home
