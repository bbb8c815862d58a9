#pragma once
// Which homes have no room left, as far as they say so: the person is told, since nobody but who runs the home can do something about it. Not
// here: what waits for a home is tried again by whoever has asked (attempt.h), and nothing is taken back because its home is full.

#include <map>
#include <optional>

#include "base/time.h"
#include "wire/home_link.h"
#include "wire/replies.h"
#include "wire/requests.h"

namespace godwit::engine {

/// What a request means for the room that a home has.
enum class RoomUse : uint8_t {
  kNone,   ///< It is answered without writing, or by somebody else than who is asked.
  kFrees,  ///< It takes something away, for which a home on a full disk may have no room either.
  kTakes,
};
/// The same of `request`.
RoomUse room_use(const wire::Request& request);

/// Homes without room, by the answers of all links.
class FullHomes {
 public:
  /// What waits for a home is tried again within half of this (kAttemptPauseMax): who has not refused for so long is not asked any more, and
  /// nobody knows.
  static constexpr Duration kStillSo = minutes(15);

  /// `home` has answered `reply` to a request of this kind.
  void note(const wire::HomeKey& home, RoomUse use, const wire::Reply& reply, Instant now);
  /// True if it has no room.
  bool has(const wire::HomeKey& home) const { return homes_.contains(home); }
  /// True if another than `home` has none.
  bool has_other(const wire::HomeKey& home) const { return homes_.size() > (has(home) ? 1U : 0U); }
  /// Forgets those that were not asked for long. Gives when to call it again.
  Instant expire(Instant now);

 private:
  struct Refusals {
    bool takes = false;  ///< What takes room was refused; else only what frees some.
    Instant last;
  };
  std::map<wire::HomeKey, Refusals> homes_;
};

}  // namespace godwit::engine
