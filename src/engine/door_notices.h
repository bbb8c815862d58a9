#pragma once
// Answers and notices of door_commands.h.

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "engine/ids.h"
#include "wire/ids.h"

namespace godwit::engine {

/// Of MakeGroupLink.
struct GroupLinkMade {
  wire::Alias link;  ///< names it
  std::string text;  ///< to be handed out
};
/// One link of a group.
struct GroupLinkShown {
  wire::Alias link;
  AccountId keeper;
  bool approval = false;
  uint32_t uses = 0;                ///< 0: any number
  uint32_t expires_day = 0;         ///< counted from 1970; 0: never
  bool own = false;                 ///< this device keeps it
  uint32_t used = 0;                ///< of an own one with `uses`: how many have come or are coming
  std::optional<std::string> text;  ///< of an own one
};
/// Of ListGroupLinks.
struct GroupLinks {
  std::vector<GroupLinkShown> links;
};
/// Of JoinGroup.
struct JoinAsked {
  ChatId chat;
  std::string name;  ///< of the group, as the link says
  bool approval = false;
};
/// One who waits for an admin.
struct JoinRequestShown {
  AccountId account;
  std::string name;  ///< as he calls himself
  std::string greeting;
  Instant received;
};
/// Of ListJoinRequests, oldest first.
struct JoinRequests {
  std::vector<JoinRequestShown> requests;
};

/// The number of those who wait for an admin of a group has changed.
struct JoinRequestsChanged {
  ChatId chat;
  uint32_t count = 0;
};
/// One was not let into a group: by an admin, or since the link is not good (any more).
struct JoinRefused {
  ChatId chat;
  std::string name;  ///< of the group
  Error error;       ///< why
};

}  // namespace godwit::engine
