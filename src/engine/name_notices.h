#pragma once
// Answers and notices of name_commands.h.

#include <string>
#include <vector>

#include "base/time.h"
#include "engine/name_commands.h"

namespace godwit::engine {

/// Of ClaimName.
struct NameClaimed {
  std::string name;  ///< name@host, as people write it
};
/// Of ReadName.
struct NameState {
  std::string name;  ///< empty: none
  bool passcode = false;
};
/// Of ResolveName. Who it is, is the home's word: compare safety numbers.
struct NameResolved {
  std::string link;  ///< for SendContactRequest
  AccountId account;
  std::string name;  ///< as he calls himself
};
/// Of SendContactRequest.
struct RequestSent {};
/// An invite for many.
struct OpenInviteInfo {
  wire::Alias invite;
  uint32_t uses_left = 0;  ///< 0: any number
  Instant expires;
  std::string link;
};
/// Of ListOpenInvites.
struct OpenInvites {
  std::vector<OpenInviteInfo> invites;
};
/// A contact request that nobody has opened.
struct ContactRequestInfo {
  ContactRequestId request;
  Instant received;
};
/// Of ListContactRequests, oldest first.
struct ContactRequests {
  std::vector<ContactRequestInfo> requests;
};
/// Of OpenContactRequest. The account is proved: a device of its list has signed the request.
struct ContactRequestOpened {
  ContactRequestId request;
  AccountId account;
  std::string name;
  std::string greeting;
};
/// Of ListBlocked.
struct BlockedAccounts {
  std::vector<AccountId> accounts;
};
/// The number of contact requests that wait has changed.
struct ContactRequestsChanged {
  uint32_t count = 0;
};

/// An invite for many has led to as many chats as it may, and lets nobody in any more.
struct OpenInviteUsedUp {
  wire::Alias invite;
  uint32_t chats = 0;
};

}  // namespace godwit::engine
