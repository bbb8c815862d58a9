#pragma once
// Requests about rooms of the forwarding unit: calls of more than the few that connect to each other (docs/protocol/calls.md, "More than
// four"). A room is a key that the home makes; whoever has it takes a seat. Neither says who anybody is.

#include <vector>

#include "wire/fields.h"
#include "wire/ids.h"

namespace godwit::wire {

/// Bounds.
constexpr uint32_t kCallTextMax = 64 * 1024;                ///< of one description (SDP)
constexpr size_t kCallStreamsMax = 64;                      ///< that one seat wants at once
constexpr uint64_t kCallFeedMax = (uint64_t{1} << 53) - 1;  ///< pages count in doubles
constexpr uint8_t kCallLayerMax = 2;

/// What a seat wants of its room. Append only.
enum class CallRoomVerb : uint8_t {
  kEnter = 1,  ///< A relay to the unit, again when its credentials end. `text` and `streams` are empty.
  kPublish =
      2,  ///< `text` is an offer with what this seat sends; again: another offer of the same connection. An answer comes.
  kWatch =
      3,  ///< `streams` is all that it wants to be sent; an offer comes, or an empty text if nothing but layers has changed.
  kAnswer = 4,  ///< `text` is the answer to the newest offer.
  kStay = 5,    ///< It is there.
  kLeave = 6,
};
/// What somebody in the room sends.
struct CallStream {
  uint64_t feed{};    ///< whose: CallRoomSaid::feed of another seat
  bool picture{};     ///< else the voice
  uint8_t layer = 0;  ///< of a picture in several sizes which one at most, 0 the smallest
  GODWIT_WIRE_FIELDS(self.feed, self.picture, self.layer)
  friend bool operator==(const CallStream&, const CallStream&) = default;
};

/// Makes a room (mailbox session); the mailbox's oldest goes if it has too many. Answered by CallRoom. kCallsOff: this home has no unit, or
/// it does not run; kTooManyRequests; kQuotaFull.
struct CallRoomOpen {
  GODWIT_WIRE_FIELDS()
};
/// A seat's wish (anonymous session). `seat` is random, by whoever takes it, and the right to it. `number` counts its wishes from 1: the
/// newest one again has the same answer, so it may be repeated. Answered by CallRoomSaid. kNoSuchCallRoom; kCallsOff; kQuotaFull: all seats are
/// taken; kMalformed: an older number, a description that is none, or a feed that is nobody's; kTooManyRequests; kUnavailable.
struct CallRoomAsk {
  CallRoomKey room;
  CallSeatKey seat;
  uint32_t number{};
  uint8_t verb{};  ///< a CallRoomVerb
  Bytes text;
  std::vector<CallStream> streams;
  GODWIT_WIRE_FIELDS(self.room, self.seat, self.number, self.verb, self.text, self.streams)
};

}  // namespace godwit::wire
