#pragma once
// What can be asked of the engine about invite links of groups (docs/protocol/chat.md, "Links of a group").

#include <string>

#include "engine/ids.h"
#include "wire/ids.h"

namespace godwit::engine {

/// Makes a link by which others come into a group. Only admins; this device has to be there for somebody to come in by it, or, with
/// `approval`, any admin's. Answered by GroupLinkMade once all members see that it exists. kNoSuchChat, kNotGroup, kNotMember,
/// kNotAllowed, kGroupLinksFull, kBadLinkTerms, kRefusedByHome, kOvertaken.
struct MakeGroupLink {
  ChatId chat;
  bool approval = false;  ///< An admin looks at each who comes.
  uint32_t uses = 0;      ///< How many may come; 0: any number; at most 1,000.
  uint32_t days = 0;      ///< For how long; 0: until it is revoked; at most 365.
};
/// Answered by GroupLinks. kNoSuchChat, kNotGroup.
struct ListGroupLinks {
  ChatId chat;
};
/// Closes a link, of whichever admin it is. Answered by Nothing once the group's log has it: nobody comes in by it from then on.
/// kNoSuchChat, kNotGroup, kNotMember, kNotAllowed, kNoSuchGroupLink, kOvertaken.
struct RevokeGroupLink {
  ChatId chat;
  wire::Alias link;
};
/// Asks to be let into a group by its link. Answered by JoinAsked once the keeper's home has the request; ChatChanged says that
/// one is in, JoinRefused that not. Goes on across restarts. kNoAccount, kLinkNotGodwit, kLinkDamaged, kLinkNewer, kTooLong,
/// kNotText, kAlreadyInGroup, kGroupLinkExpired, kGroupLinkGone, kRefusedByHome, kTooMuchWork.
struct JoinGroup {
  std::string link;
  std::string greeting;  ///< At most 200 characters, for the admin who decides.
};
/// Answered by JoinRequests: those who wait for an admin. kNoSuchChat, kNotGroup.
struct ListJoinRequests {
  ChatId chat;
};
/// Lets in one who waits. Answered by Nothing once the group's log has it. kNoSuchChat, kNotGroup, kNotMember, kNotAllowed,
/// kNoSuchJoinRequest, kGroupFull, kOvertaken.
struct ApproveJoin {
  ChatId chat;
  AccountId account;
};
/// Does not let him in; he is told. Answered by Nothing. kNoSuchChat, kNotGroup, kNotMember, kNotAllowed, kNoSuchJoinRequest.
struct RefuseJoin {
  ChatId chat;
  AccountId account;
};

}  // namespace godwit::engine
