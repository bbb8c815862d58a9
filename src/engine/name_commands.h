#pragma once
// Commands about names, requests of strangers, invites for many, and blocking (docs/protocol/chat.md, "Names" and on).

#include <string>

#include "engine/ids.h"
#include "wire/ids.h"

namespace godwit::engine {

/// Names a contact request on this device.
using ContactRequestId = OpaqueId<struct ContactRequestIdTag, 16>;

/// Bytes of UTF-8 in what somebody writes beside a contact request: 200 characters.
constexpr size_t kGreetingCharactersMax = 200;

/// Characters of a passcode at least: a home answers about three guesses a minute, whoever asks, for as long as they are paid for.
constexpr size_t kPasscodeMin = 6;
/// Chats that an invite for any number leads to at most.
constexpr uint32_t kOpenInviteChatsMax = 200;

/// Claims a name at the own home: 3 to 32 letters of one script (Latin or Cyrillic), digits, and . _ - between them; capitals
/// do not count. With a passcode only those who know both find it. Again: another passcode. Answered by NameClaimed.
/// The link behind the name is new then, so who had the old one asks in vain. kNoAccount, kBadName, kNameTaken, kHasName,
/// kPasscodeShort, kTooManyClaims, kRefusedByHome.
struct ClaimName {
  std::string name;
  std::string passcode;  ///< Empty: none; else at least kPasscodeMin characters. Not kept.
};
/// Gives the own name back; who asks for it finds nobody. Answered by Nothing. kNoAccount.
struct ReleaseName {};
/// Answered by NameState. kNoAccount.
struct ReadName {};
/// Asks who has a name. `name` is name@host with the host of the own home, or a name and `home_link` (godwit-home:..., a code in
/// it is not used): which key answers for another host nobody but that link says. Answered by NameResolved. kNoAccount, kBadName,
/// kUnknownNameHome, kNoSuchName, kLinkDamaged, kTooMuchWork, kRefusedByHome.
struct ResolveName {
  std::string name;
  std::string passcode;
  std::string home_link;
};
/// Sends a contact request to whoever a request link is of, as ResolveName and MakeOpenInvite give it. Answered by RequestSent
/// once his home has it; the chat comes when he accepts. kNoAccount, kLinkDamaged, kLinkNotGodwit, kLinkNewer, kLinkOwn,
/// kTooLong, kNotText, kInviteRefused, kTooMuchWork, kRefusedByHome.
struct SendContactRequest {
  std::string link;
  std::string greeting;
};
/// Makes an invite for many: whoever takes it comes in by himself, until `uses` have (0: any number, up to kOpenInviteChatsMax)
/// or `days` are over. A contact does not come in again. Answered by InviteMade. kNoAccount, kRefusedByHome.
struct MakeOpenInvite {
  uint32_t uses = 0;
  uint32_t days = 30;  ///< 1 to 365
};
/// Answered by OpenInvites: those for many. kNoAccount.
struct ListOpenInvites {};
/// Ends an invite for many. Answered by Nothing. kNoSuchInvite.
struct RevokeOpenInvite {
  wire::Alias invite;
};
/// Answered by ContactRequests: how many wait. Nothing of what they say.
struct ListContactRequests {};
/// Opens one. Answered by ContactRequestOpened. kNoSuchRequest.
struct OpenContactRequest {
  ContactRequestId request;
};
/// Makes the chat with whoever sent it, as AddContact does with an invite. Answered by ChatMade. kNoSuchRequest, and as AddContact.
struct AcceptContactRequest {
  ContactRequestId request;
};
/// Removes it; its sender is told nothing. Answered by Nothing. kNoSuchRequest.
struct DeclineContactRequest {
  ContactRequestId request;
};
/// Removes all that wait. Answered by Nothing.
struct DeclineContactRequests {};
/// Cuts a contact off: his address here is revoked, so his home gets nothing into this mailbox any more, and what is on its way
/// is passed over. Contact requests of his are dropped, and invites that he takes let him not in. He is told nothing. Answered by Nothing.
struct BlockAccount {
  AccountId account;
};
/// Takes that back. Answered by Nothing. kNotBlocked.
struct UnblockAccount {
  AccountId account;
};
/// Answered by BlockedAccounts.
struct ListBlocked {};

}  // namespace godwit::engine
