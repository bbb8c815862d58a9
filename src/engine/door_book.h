#pragma once
// What is under way with links of groups. Inside engine/ only.

#include <map>
#include <optional>

#include "engine/attempt.h"
#include "engine/door_records.h"
#include "engine/work.h"

namespace godwit::engine {

/// Those who wait for an admin of one group: above, new ones are dropped.
constexpr size_t kJoinRequestsMax = 256;
/// Links that this device keeps, of all groups; a home has a bound of its own for addresses of this kind.
constexpr size_t kOwnDoorsMax = 8;
/// How long one waits to be let in.
constexpr Duration kJoiningLifetime = days(30);

/// A link that this device keeps.
struct Door {
  DoorRecord record;
  bool stored = false;
  std::optional<CommandId> command;  ///< Of MakeGroupLink.
  Attempt attempt;
  std::optional<Instant> ends;  ///< The home has taken it back; until then those who had asked before are told.
};
/// Somebody who asks.
struct KeptJoinRequest {
  JoinRequestRecord record;
  Attempt attempt;
};
/// One's own asking.
struct Joining {
  JoiningRecord record;
  std::optional<CommandId> command;
  ChatId link;  ///< The chain of tickets: for this request only.
  WorkInHand work;
  Attempt attempt;
};

/// See above.
struct DoorBook {
  std::map<wire::Alias, Door> doors;
  std::map<std::pair<ChatId, AccountId>, KeptJoinRequest> requests;
  std::map<ChatId, Joining> joining;  ///< By group.
};

}  // namespace godwit::engine
